"""What a text in the search box can mean, and why a person was found."""

import re

from console.integrations.portal.folding import fold, half_width, phone_digits
from console.integrations.portal.search_terms import closed_up, fields
from console.models.customer import Person
from console.models.ids import ACCOUNT_PREFIX, portal_user_id, salesforce_id, whmcs_id
from console.models.record import Record

# Fewer digits than the tail of a phone number would match half of all customers.
_MIN_PHONE_DIGITS = 4
# Japanese keyboards type a long mark or a typographic dash where a hyphen is meant.
_WHOLE_PHONE = 9
# A customer number, as "C-0040001".
_HYPHENED = re.compile(r"[A-Za-z]+-[0-9]+\Z")
_PHONE_SHAPE = re.compile(r"[\d\s()+\-./ー‐‑‒–—―−]+")


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

    @property
    def is_whole(self) -> bool:
        """Whether it is what one customer alone can have: whoever has it is meant, and nobody else is looked for."""
        ids = exact_ids(self.typed)
        named = {"portal_user_id", "salesforce_account_id"} & ids.keys()
        return bool(named) or "@" in self.typed or len(self.digits) >= _WHOLE_PHONE or bool(_HYPHENED.match(self.typed))

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
        named = [name for name, text in fields(person).items() if all(word in text for word in words)]
        prefix = ["portal_user_id"] if (person.portal_user_id or "").startswith(self.folded) else []
        together = ["name"] if self.folded in closed_up(fold(person.name)) else []
        return (ids + named + phone + prefix + together + ["order_number" if self.typed.isdigit() else "text"])[0]


def folded_fields(person: Person) -> str:
    """The text that parts are looked for in: every field on a line of its own, names also without their space."""
    found = fields(person)
    closed = [closed_up(found[name]) for name in ("name", "reading")]
    return "\n" + "\n".join(dict.fromkeys([*found.values(), *closed])) + "\n"


def exact_ids(text: str) -> dict[str, object]:
    """The columns that a text can be the whole of, and their values: the three ids and the customer number."""
    can_be = {
        "customer_number": text.upper(),
        "portal_user_id": portal_user_id(text),
        "salesforce_account_id": salesforce_id(text, ACCOUNT_PREFIX),
        "whmcs_client_id": whmcs_id(text),
    }
    return {name: value for name, value in can_be.items() if value is not None}
