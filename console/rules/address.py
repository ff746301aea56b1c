"""Comparing addresses as people do: width, case, block notation and script alone make no difference."""

import re
import unicodedata

from console.models.address import Address
from console.models.catalogue import ProductKind
from console.models.check import Check, Source
from console.models.record import Sentence
from console.rules.evidence import Evidence
from console.rules.items import kinds

_NAME, _COVERAGE = "address", "eligibility"
_DASHES = re.compile(r"[‐‑‒–—―−ー-]+")
_KANJI_BLOCK = re.compile(r"[一二三四五六七八九十]+(?=丁目)")
_BLOCK_WORDS = re.compile(r"(?<=\d)(?:\s*(?:丁目|番地の?|番号?|号室?)|[\s-]*(?:chome|banchi|ban|go)(?![a-z]))")
_BETWEEN_NUMBERS = re.compile(r"(?<=\d)[\s、,.#-]+(?=\d)")
_MEANINGLESS = re.compile(r"[\s、,.#]+|(?<!\d)-|-(?!\d)")
_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_KANJI_DIGITS = {kanji: number for number, kanji in enumerate("一二三四五六七八九", start=1)}
_REQUIRED = {"street": "番地", "city": "市区町村", "postal_code": "郵便番号"}
_SPEEDS = {"none": 0, "1g": 1, "10g": 10}
_NOTHING_INSTALLED = Sentence(en="Nothing is installed at an address.", ja="設置工事のない注文です。")
_AT_BILLING = Sentence(en="Installation at the billing address.", ja="請求先住所に設置します。")
_ANYWHERE = Sentence(en="No plan that depends on the address.", ja="住所によって提供可否が変わるプランはありません。")
_NOT_KNOWN = Sentence(
    en="Eligibility of the address is not known yet.", ja="この住所の提供可否はまだ分かっていません。"
)


def address(evidence: Evidence) -> Check:
    """The installation address is complete and confirmed; one that differs from billing is worth a look.

    A difference in script alone is no alarm. Source: product.md, "The words of the business"; ADR-01, ADR-02.
    """
    order = evidence.order
    if ProductKind.INTERNET not in kinds(order):
        return evidence.not_applicable(_NAME, _NOTHING_INSTALLED)
    if lacking := _lacking(order.installation):
        return evidence.stops(_NAME, "ADR-02", lacking, Source.SALESFORCE)
    changed = order.address_changed or not same_place(order.billing_snapshot, order.installation)
    if not changed:
        return evidence.passes(_NAME, _AT_BILLING, Source.SALESFORCE)
    billing, installation = order.billing_snapshot.one_line(), order.installation.one_line()
    confirmed = order.address_confirmed
    said = Sentence(
        en=f"Billing {billing} → installation {installation}; "
        + ("confirmed by the customer." if confirmed else "not confirmed."),
        ja=f"請求先 {billing} → 設置先 {installation}（{'お客様に確認済み' if confirmed else '未確認'}）",
    )
    answer = evidence.looks if confirmed else evidence.stops
    return answer(_NAME, "ADR-01", said, Source.SALESFORCE)


def eligibility(evidence: Evidence) -> Check:
    """The plan is available at the address: the account's eligibility covers what the plan needs. ADR-03."""
    wanted = [item.product.required_eligibility for item in evidence.order.items if item.product]
    needed = max((_SPEEDS.get(one, 0) for one in wanted if one), default=0)
    if not needed:
        return evidence.not_applicable(_COVERAGE, _ANYWHERE)
    if evidence.account is None:
        return evidence.unread(_COVERAGE, Source.SALESFORCE)
    known = evidence.account.internet_eligibility
    if known not in _SPEEDS:
        return evidence.looks(_COVERAGE, "ADR-03", _NOT_KNOWN, Source.SALESFORCE)
    if _SPEEDS[known] < needed:
        too_slow = Sentence(
            en=f"The address offers {known}, the plan needs {needed}g.",
            ja=f"この住所で提供できるのは{known}までですが、プランには{needed}gが必要です。",
        )
        return evidence.stops(_COVERAGE, "ADR-03", too_slow, Source.SALESFORCE)
    offered = Sentence(en=f"The address offers {known}.", ja=f"この住所では{known}を提供できます。")
    return evidence.passes(_COVERAGE, offered, Source.SALESFORCE)


def same_place(one: Address, other: Address) -> bool:
    """Whether two addresses mean the same place as far as can be told.

    Addresses in different scripts are compared by postcode and by the numbers in them. The prefecture is left out: the
    postcode decides it, and one system may hold it in the other script.
    """
    if one.is_empty or other.is_empty:
        return one.is_empty and other.is_empty
    if fold_postcode(one.postal_code) != fold_postcode(other.postal_code):
        return False
    if _is_japanese(one) == _is_japanese(other):
        return _words(one) == _words(other)
    return _numbers(one) == _numbers(other)


def fold_address(text: str) -> str:
    """One form for many: half-width, lower case, `二丁目1番3号 402号室` as `2-1-3-402`, no spaces or commas.

    Numbers that stand apart stay apart, else `1-23 4` and `1-2 34` would be one address.
    """
    half_width = unicodedata.normalize("NFKC", text).casefold()
    dashed = _DASHES.sub("-", _KANJI_BLOCK.sub(_in_digits, half_width))
    blocks = _BETWEEN_NUMBERS.sub("-", _BLOCK_WORDS.sub("-", dashed))
    return _MEANINGLESS.sub("", blocks)


def fold_postcode(text: str) -> str:
    """The digits and letters of a postcode."""
    return re.sub(r"[^0-9a-z]", "", unicodedata.normalize("NFKC", text).casefold())


def _lacking(installation: Address) -> Sentence | None:
    """What an address lacks, None where it is complete."""
    missing = [part for part in _REQUIRED if not getattr(installation, part).strip()]
    if missing:
        en = ", ".join(part.replace("_", " ") for part in missing)
        return Sentence(en=f"Missing: {en}.", ja=f"不足：{'、'.join(_REQUIRED[part] for part in missing)}")
    if not re.search(r"\d", fold_address(installation.street)):
        return Sentence(en="Missing: house number.", ja="不足：番地の数字")
    return None


def _is_japanese(place: Address) -> bool:
    return bool(_JAPANESE.search(place.street + place.city))


def _words(place: Address) -> str:
    return fold_address(place.city + place.street)


def _numbers(place: Address) -> list[str]:
    return re.findall(r"\d+", fold_address(place.street))


def _in_digits(found: re.Match[str]) -> str:
    tens, ten, ones = found[0].rpartition("十")
    value = 10 * _KANJI_DIGITS.get(tens, 1) if ten else 0
    return str(value + _KANJI_DIGITS.get(ones, 0))
