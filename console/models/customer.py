"""The customer: one person known by three ids, and what each system says of the link."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from console.models.address import Address
from console.models.record import Record, Sentence


class LinkState(StrEnum):
    """Whether the facts about the three ids agree."""

    LINKED = "linked"
    PARTIAL = "partial"
    CONFLICT = "conflict"


class PortalUser(Record):
    """A login of the Portal."""

    id: str
    email: str
    name: str
    state: str


class Link(Record):
    """The Portal database's link row; each id is unique."""

    portal_user_id: str
    whmcs_client_id: int
    salesforce_account_id: str


class Account(Record):
    """A Salesforce account with its first contact."""

    id: str
    name: str
    reading: str
    phone: str
    email: str
    customer_number: str
    whmcs_client_id: int | None
    portal_user_id: str | None
    internet_eligibility: str | None
    billing: Address
    changed_at: datetime
    contact_id: str | None = None

    def client_id_by(self, links: Iterable[Link]) -> int | None:
        """The WHMCS client that the account names, or else its link row."""
        linked = (row.whmcs_client_id for row in links if row.salesforce_account_id == self.id)
        return self.whmcs_client_id or next(linked, None)


class LinkFacts(Record):
    """Everything that the three systems say about one customer's link, gathered live.

    `rows` are all link rows that name any of the ids; `other_client_customer_numbers` are those of the WHMCS clients
    that only the rows name.
    """

    account_id: str | None
    account_customer_number: str
    account_whmcs_client_id: int | None
    account_portal_user_id: str | None
    accounts_with_customer_number: int
    client_id: int | None
    client_exists: bool
    client_open: bool
    client_customer_number: str
    other_client_customer_numbers: tuple[str, ...] = ()
    portal_user_exists: bool
    rows: tuple[Link, ...]


class LinkHealth(Record):
    """The verdict on a link: the state, the failure code where it breaks, and the facts in words."""

    state: LinkState
    code: str | None
    evidence: Sentence


class Person(Record):
    """A hit of the lookup: one customer with everything that staff recognise them by.

    `link` is what the systems' lists tell; `link_checked_at` is when the WHMCS client itself was read and compared,
    None where it was not yet.
    """

    portal_user_id: str | None
    whmcs_client_id: int | None
    salesforce_account_id: str | None
    customer_number: str
    name: str
    reading: str
    company: str
    email: str
    phone: str
    link: LinkState
    link_checked_at: datetime | None = None
    matched_on: str = ""
