"""Salesforce record ids: 15 case-sensitive characters, or 18 with a suffix that saves the case. No state."""

import re
from functools import lru_cache

KEY_PREFIXES = {
    "Account": "001",
    "Contact": "003",
    "User": "005",
    "Organization": "00D",
    "Profile": "00e",
    "Task": "00T",
    "Product2": "01t",
    "Pricebook2": "01s",
    "PricebookEntry": "01u",
    "OrderHistory": "017",
    "OrderStatus": "0sT",
    "PermissionSet": "0PS",
    "PermissionSetAssignment": "0Pa",
    "CustomPermission": "0CP",
    "SetupEntityAccess": "0J0",
    "UserRecordAccess": "0UA",
    "FeedItem": "0D5",
    "EmailMessage": "02s",
    "Order": "801",
    "OrderItem": "802",
    "ProcessDefinition": "04a",
    "ProcessInstance": "04g",
    "ProcessInstanceStep": "04h",
    "ProcessInstanceWorkitem": "04i",
    "Order_Claim__c": "a0X",
}

_OBJECTS = {prefix: name for name, prefix in KEY_PREFIXES.items()}
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_SHORT = re.compile(r"[0-9A-Za-z]{15}")
_SHORT_LENGTH, _LONG_LENGTH = 15, 18
_INSTANCE = "5g00"


def new_id(sobject: str, number: int) -> str:
    """The 18-character id of the `number`-th record of an object; ids sort like their numbers."""
    digits = ""
    for _ in range(8):
        number, rest = divmod(number, len(_DIGITS))
        digits = _DIGITS[rest] + digits
    if number:
        raise ValueError("the number does not fit into an id")
    return _with_suffix(KEY_PREFIXES[sobject] + _INSTANCE + digits)


def long_id(text: str) -> str | None:
    """The 18-character form of an id of 15 or 18, or None for no id. Source: salesforce-api.md 3.1."""
    short = text[:_SHORT_LENGTH]
    if len(text) not in (_SHORT_LENGTH, _LONG_LENGTH) or not _SHORT.fullmatch(short):
        return None
    full = _with_suffix(short)
    return full if len(text) == _SHORT_LENGTH or text == full else None


def object_of(record_id: str) -> str | None:
    """The object whose records have ids that begin like this one."""
    return _OBJECTS.get(record_id[:3])


def _with_suffix(short: str) -> str:
    return short + _mark(short[:5]) + _mark(short[5:10]) + _mark(short[10:])


@lru_cache(maxsize=4096)
def _mark(chunk: str) -> str:
    """The suffix character that saves the case of five; ids in a row share most of theirs."""
    return _SUFFIX[sum(char.isupper() << bit for bit, char in enumerate(chunk))]
