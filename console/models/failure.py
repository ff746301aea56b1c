"""Failure codes as the catalogue describes them, and what a system reported. No rule decides here."""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

from pydantic import Field

from console.errors import Outcome, System
from console.models.order import CustomerStatus
from console.models.record import Record, Words

UNCLASSIFIED = "UNK-00"
# These speak of orders that are Activated; being Activated does not settle them.
ABOUT_ACTIVE_ORDERS = frozenset({"PRV-07", "SYN-04"})
# What a person settles where the machine may not decide alone. Source: architecture.md, "Safety and liveness".
SETTLED_BY_PEOPLE = frozenset({"PRV-01", "PRV-08"})


class Retry(StrEnum):
    """How a failure is tried again. Source: failure-codes.md."""

    SOON = "A"
    SPACED = "B"
    ON_EVENT = "W"
    SETTLE_FIRST = "C"
    PERSON = "H"
    NONE = "none"


class Fixer(StrEnum):
    """Who can remove the cause of a failure."""

    CUSTOMER = "customer"
    BANK = "bank"
    SUPPORT = "support"
    BACK_OFFICE = "back_office"
    SUPERVISOR = "supervisor"
    OTHER_SUPERVISOR = "other_supervisor"
    REVIEWER = "reviewer"
    STAFF = "staff"
    CATALOGUE_ADMIN = "catalogue_admin"
    PROVISIONING = "provisioning"
    IT = "it"
    ON_CALL = "on_call"
    SYSTEM = "system"
    NOBODY = "nobody"


class FailureCode(Record):
    """One code of the catalogue.

    meaning      for staff; `customer` is what the customer sees, None where the last status stays
    retry_note   plain words on when or how often, where the letter alone does not say it
    max_tries    how often the machine tries again; 0 where it never does
    next_action  the words of the one next button
    carries_on   whether the order goes on by itself once the cause is gone
    """

    code: str = Field(pattern=r"^[A-Z]{3}-[0-9]{2}$")
    slug: str = Field(pattern=r"^[a-z0-9]+(_[a-z0-9]+)*$")
    title: Words
    meaning: Words
    customer: CustomerStatus | None
    who_fixes: tuple[Fixer, ...] = Field(min_length=1)
    retry: Retry
    retry_note: str
    max_tries: int = Field(ge=0)
    next_action: Words
    carries_on: bool


class FailureCatalogue(Mapping[str, FailureCode]):
    """Every failure code by its code, in the catalogue's order."""

    def __init__(self, codes: Iterable[FailureCode]) -> None:
        """Raises ValueError where a code or a slug stands twice."""
        listed = tuple(codes)
        self._codes = {entry.code: entry for entry in listed}
        if len(self._codes) < len(listed) or len({entry.slug for entry in listed}) < len(listed):
            raise ValueError("a failure code or slug stands twice in the catalogue")

    def __getitem__(self, code: str) -> FailureCode:
        """The entry of `code`. Raises KeyError where there is none."""
        return self._codes[code]

    def __iter__(self) -> Iterator[str]:
        """The codes in order."""
        return iter(self._codes)

    def __len__(self) -> int:
        """How many codes there are."""
        return len(self._codes)


class Failure(Record):
    """One thing that went wrong: its code, the detail in plain words for staff, the vendor's own text."""

    code: str
    detail: str
    raw: str | None = None


class SystemReport(Record):
    """What a system said when it did not do as asked, as far as a code can be told from it.

    action      the WHMCS action, or the Salesforce call such as `query` or `update:Order`
    status      HTTP status, None where no answer came
    error_code  Salesforce's errorCode
    message     the vendor's text
    """

    system: System
    outcome: Outcome
    status: int | None = None
    error_code: str | None = None
    message: str = ""
    action: str | None = None
    mutating: bool = False


class FailureRule(Record):
    """One row of the mapping. Every condition that is given has to hold; within a list, any entry will do."""

    code: str
    system: System
    outcome: tuple[Outcome, ...] = ()
    status: tuple[int, ...] = ()
    error_code: tuple[str, ...] = ()
    action: tuple[str, ...] = ()
    mutating: bool | None = None
    starts: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()


class FailureRules(Record):
    """The whole mapping; the first rule that matches decides."""

    rules: tuple[FailureRule, ...]
