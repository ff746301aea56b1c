"""The identifiers of the three systems: how they are recognised and brought into one form."""

import re
import uuid

_STEM_LENGTH = 15
_CASE_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_ORDER_NUMBER_LENGTH = 8
_UUID = re.compile(r"[0-9A-Fa-f]{32}|[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_SALESFORCE_ID = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?")

ACCOUNT_PREFIX = "001"
ORDER_PREFIX = "801"


def padded_order_number(text: str) -> str:
    """An order number whose leading zeros were left out as Salesforce has it."""
    return text.zfill(_ORDER_NUMBER_LENGTH)


def salesforce_id(text: str, prefix: str = "") -> str | None:
    """Return `text` as an 18-character Salesforce id, or None where it is not one.

    A 15-character id is completed; an 18-character one must carry the right suffix in either case of letters.
    `prefix` is the three-character key of the wanted object. Source: salesforce-api.md 3.1.
    """
    if not _SALESFORCE_ID.fullmatch(text) or not text.startswith(prefix):
        return None
    stem = text[:_STEM_LENGTH]
    full = stem + _suffix(stem)
    return full if len(text) == _STEM_LENGTH or text.upper().endswith(full[_STEM_LENGTH:]) else None


def _suffix(stem: str) -> str:
    chunks = (stem[start : start + 5] for start in (0, 5, 10))
    return "".join(
        _CASE_SUFFIX[sum(1 << bit for bit, char in enumerate(chunk) if "A" <= char <= "Z")] for chunk in chunks
    )


def portal_user_id(text: str) -> str | None:
    """Return `text` as the canonical lower-case UUID of a Portal user, or None where it is not a UUID."""
    return str(uuid.UUID(text)) if _UUID.fullmatch(text) else None


def whmcs_id(text: str) -> int | None:
    """Return `text` as a positive WHMCS id, or None where it is not one (WHMCS ids fit a signed 32-bit column)."""
    return int(text) if re.fullmatch(r"[0-9]{1,10}", text) and 0 < int(text) < 2**31 else None
