"""Comparing addresses as people do: width, case, block notation and script alone make no difference."""

import re
import unicodedata

from console.models.address import Address
from console.models.catalogue import ProductKind
from console.models.check import Check, Source
from console.rules.evidence import Evidence
from console.rules.items import kinds

_NAME, _COVERAGE = "address", "eligibility"
_DASHES = re.compile(r"[‐‑‒–—―−ーｰ-]+")
_BLOCK_WORDS = re.compile(r"丁目|番地の?|番(?!号)|番号|号室?|(?:(?<=\d)|\b)(?:chome|banchi|ban|go)\b")
_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_REQUIRED = ("street", "city", "postal_code")
_SPEEDS = {"none": 0, "1g": 1, "10g": 10}


def address(evidence: Evidence) -> Check:
    """The installation address is complete and confirmed; one that differs from billing is worth a look.

    A difference in script alone is no alarm. Source: product.md, "The words of the business"; ADR-01, ADR-02.
    """
    order = evidence.order
    if ProductKind.INTERNET not in kinds(order):
        return evidence.not_applicable(_NAME, "Nothing is installed at an address.")
    missing = [part.replace("_", " ") for part in _REQUIRED if not getattr(order.installation, part).strip()]
    if missing or not re.search(r"\d", fold_address(order.installation.street)):
        return evidence.stops(_NAME, "ADR-02", f"Missing: {', '.join(missing) or 'house number'}.", Source.SALESFORCE)
    changed = order.address_changed or not same_place(order.billing_snapshot, order.installation)
    if not changed:
        return evidence.passes(_NAME, "Installation at the billing address.", Source.SALESFORCE)
    words = f"Billing {order.billing_snapshot.one_line()} → installation {order.installation.one_line()}"
    if not order.address_confirmed:
        return evidence.stops(_NAME, "ADR-01", f"{words}; not confirmed.", Source.SALESFORCE)
    return evidence.looks(_NAME, "ADR-01", f"{words}; confirmed by the customer.", Source.SALESFORCE)


def eligibility(evidence: Evidence) -> Check:
    """The plan is available at the address: the account's eligibility covers what the plan needs. ADR-03."""
    wanted = [item.product.required_eligibility for item in evidence.order.items if item.product]
    needed = max((_SPEEDS[one] for one in wanted if one), default=0)
    if not needed:
        return evidence.not_applicable(_COVERAGE, "No plan that depends on the address.")
    if evidence.account is None:
        return evidence.unread(_COVERAGE, Source.SALESFORCE)
    known = evidence.account.internet_eligibility
    if known is None:
        return evidence.looks(_COVERAGE, "ADR-03", "Eligibility of the address is not known yet.", Source.SALESFORCE)
    if _SPEEDS[known] < needed:
        return evidence.stops(
            _COVERAGE, "ADR-03", f"The address offers {known}, the plan needs {needed}g.", Source.SALESFORCE
        )
    return evidence.passes(_COVERAGE, f"The address offers {known}.", Source.SALESFORCE)


def same_place(one: Address, other: Address) -> bool:
    """Whether two addresses mean the same place as far as can be told.

    Addresses in different scripts are compared by postcode and by the numbers in them.
    """
    if one.is_empty or other.is_empty:
        return one.is_empty and other.is_empty
    if fold_postcode(one.postal_code) != fold_postcode(other.postal_code):
        return False
    if _is_japanese(one) == _is_japanese(other):
        return _words(one) == _words(other)
    return _numbers(one) == _numbers(other)


def fold_address(text: str) -> str:
    """One form for many: half-width, lower case, `2丁目1番3号` as `2-1-3`, no spaces or commas."""
    half_width = unicodedata.normalize("NFKC", text).casefold()
    blocks = _BLOCK_WORDS.sub("-", half_width)
    dashed = _DASHES.sub("-", re.sub(r"[\s、,.#]+", "", blocks))
    return re.sub(r"-(?!\d)", "", dashed)


def fold_postcode(text: str) -> str:
    """The digits and letters of a postcode."""
    return re.sub(r"[^0-9a-z]", "", unicodedata.normalize("NFKC", text).casefold())


def _is_japanese(place: Address) -> bool:
    return bool(_JAPANESE.search(place.street + place.city))


def _words(place: Address) -> str:
    return fold_address(place.state + place.city + place.street)


def _numbers(place: Address) -> list[str]:
    return re.findall(r"\d+", unicodedata.normalize("NFKC", place.street))
