"""What a text in the search box can mean: the conditions it puts on the directory, and why a person was found."""

import re
from collections.abc import Callable

from sqlalchemy import ColumnElement, and_, or_, select

from console.integrations.portal.folding import fold, half_width, phone_digits
from console.integrations.portal.tables import directory, order_summaries
from console.models.customer import Person
from console.models.ids import ACCOUNT_PREFIX, portal_user_id, salesforce_id, whmcs_id
from console.models.record import Record

# Fewer digits than the tail of a phone number would match half of all customers.
_MIN_PHONE_DIGITS = 4
# Japanese keyboards type a long mark or a typographic dash where a hyphen is meant.
_PHONE_SHAPE = re.compile(r"[\d\s()+\-./ー‐‑‒–—―−]+")
_ESCAPE = "\\"

_FIELDS: dict[str, Callable[[Person], str]] = {
    "customer_number": lambda person: person.customer_number,
    "email": lambda person: person.email,
    "name": lambda person: person.name,
    "reading": lambda person: person.reading,
    "company": lambda person: person.company,
}


class SearchText(Record):
    """A text as it was typed (half-width), folded, and as phone digits ("" where it cannot be a phone number)."""

    typed: str
    folded: str
    digits: str

    @classmethod
    def of(cls, text: str) -> "SearchText":
        """Read what was typed."""
        folded = fold(text)
        digits = phone_digits(text) if _PHONE_SHAPE.fullmatch(folded) else ""
        long_enough = digits if len(digits) >= _MIN_PHONE_DIGITS else ""
        return cls(typed=half_width(text), folded=folded, digits=long_enough)

    def ways(self) -> list[ColumnElement[bool]]:
        """Every way in which the text can name a person, the surest first."""
        closed_up = self.folded.replace(" ", "")
        whole = or_(_contains(f"\n{self.folded}\n"), _contains(f"\n{closed_up}\n"))
        beginning = or_(_contains(f"\n{self.folded}"), _contains(f"\n{closed_up}"))
        parts = and_(*[_contains(word) for word in self.folded.split()])
        return [
            or_(*exact_ids(self.typed), _has_order(self.typed)),
            or_(whole, directory.c.phone_digits == self.digits) if self.digits else whole,
            or_(beginning, _like(directory.c.portal_user_id, f"{_escaped(self.folded)}%")),
            or_(parts, _like(directory.c.phone_digits, f"%{self.digits}%")) if self.digits else parts,
        ]

    def reason(self, person: Person) -> str:
        """Which of the person's fields the text was found in, for the screen to mark."""
        by_id = {
            "portal_user_id": person.portal_user_id == portal_user_id(self.typed) is not None,
            "whmcs_client_id": person.whmcs_client_id == whmcs_id(self.typed) is not None,
            "salesforce_account_id": person.salesforce_account_id == salesforce_id(self.typed) is not None,
        }
        ids = [name for name, matches in by_id.items() if matches]
        phone = ["phone"] if self.digits and self.digits in phone_digits(person.phone) else []
        words = self.folded.split()
        fields = [name for name, of in _FIELDS.items() if all(word in fold(of(person)) for word in words)]
        prefix = ["portal_user_id"] if (person.portal_user_id or "").startswith(self.folded) else []
        closed_up = ["name"] if self.folded in fold(person.name).replace(" ", "") else []
        return (ids + fields + phone + prefix + closed_up + ["order_number" if self.typed.isdigit() else "text"])[0]


def folded_fields(person: Person) -> str:
    """The text that is searched: every field on a line of its own, names also without their space."""
    fields = [fold(of(person)) for of in _FIELDS.values()]
    closed_up = [fold(name).replace(" ", "") for name in (person.name, person.reading)]
    return "\n" + "\n".join(dict.fromkeys(fields + closed_up)) + "\n"


def exact_ids(text: str) -> list[ColumnElement[bool]]:
    """The conditions under which a text is one of the three ids or the customer number."""
    conditions = [directory.c.customer_number == text.upper()]
    if user_id := portal_user_id(text):
        conditions.append(directory.c.portal_user_id == user_id)
    if account_id := salesforce_id(text, ACCOUNT_PREFIX):
        conditions.append(directory.c.salesforce_account_id == account_id)
    if client_id := whmcs_id(text):
        conditions.append(directory.c.whmcs_client_id == client_id)
    return conditions


def _has_order(text: str) -> ColumnElement[bool]:
    owners = select(order_summaries.c.account_id).where(order_summaries.c.order_number == text)
    return directory.c.salesforce_account_id.in_(owners)


def _contains(folded: str) -> ColumnElement[bool]:
    return _like(directory.c.folded, f"%{_escaped(folded)}%")


def _like(column: ColumnElement[str], pattern: str) -> ColumnElement[bool]:
    return column.like(pattern, escape=_ESCAPE)


def _escaped(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text)
