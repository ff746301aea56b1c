"""Turns one value of a JSON body into what the store keeps, or refuses it. Looks at no other field.

Source: salesforce-api.md 2.4 and 2.8.
"""

import re
from collections.abc import Callable
from typing import Any

from console.sandbox.salesforce_errors import SalesforceError
from console.sandbox.salesforce_fields import FieldType
from console.sandbox.salesforce_ids import KEY_PREFIXES, long_id
from console.sandbox.salesforce_times import parse_date, parse_datetime, wire_datetime

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_SHOWN = 60


def stored(field: FieldType, value: Any) -> Any:
    """The value as the store keeps it; an empty text is null. Raises SalesforceError."""
    if value is None or value == "":
        if field.type == "boolean":
            message = f"{field.label}: value not of required type: null"
            raise SalesforceError("INVALID_TYPE_ON_FIELD_IN_RECORD", message, [field.name])
        return None
    read: Callable[[FieldType, Any], Any] = _READERS.get(field.type, _text)
    return read(field, value)


def _text(field: FieldType, value: Any) -> str:
    if not isinstance(value, str):
        raise _not_readable("string", value)
    if field.length and len(value) > field.length:
        raise SalesforceError(
            "STRING_TOO_LONG",
            f"{field.label}: data value too large: {value[:_SHOWN]} (max length={field.length})",
            [field.name],
        )
    return value


def _picklist(field: FieldType, value: Any) -> str:
    chosen = _text(field, value)
    if field.restricted and chosen not in {one.name for one in field.values}:
        raise SalesforceError(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"{field.label}: bad value for restricted picklist field: {chosen}",
            [field.name],
        )
    return chosen


def _email(field: FieldType, value: Any) -> str:
    given = _text(field, value)
    if not _EMAIL.fullmatch(given):
        raise SalesforceError("INVALID_EMAIL_ADDRESS", f"{field.label}: invalid email address: {given}", [field.name])
    return given


def _reference(field: FieldType, value: Any) -> str:
    found = long_id(value) if isinstance(value, str) else None
    if found is None or found[:3] not in {KEY_PREFIXES[one] for one in field.reference_to}:
        raise SalesforceError("MALFORMED_ID", f"{field.label} ID: id value of incorrect type: {value}", [field.name])
    return found


def _boolean(field: FieldType, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _not_readable("boolean", value)
    return value


def _number(field: FieldType, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _not_readable("double", value)
    try:
        number = round(float(value), field.scale)
    except (ValueError, OverflowError) as error:
        raise _not_readable("double", value) from error
    # not (…<…) rather than >= , so that a number that is none is refused too
    if not abs(number) < 10 ** (field.precision - field.scale):
        raise SalesforceError(
            "NUMBER_OUTSIDE_VALID_RANGE",
            f"{field.label}: value outside of valid range on numeric field: {value}",
            [field.name],
        )
    return number


def _date(_: FieldType, value: Any) -> str:
    try:
        return parse_date(value).isoformat()
    except (ValueError, TypeError) as error:
        raise _not_readable("date", value) from error


def _datetime(_: FieldType, value: Any) -> str:
    try:
        return wire_datetime(parse_datetime(value))
    except (ValueError, TypeError) as error:
        raise _not_readable("datetime", value) from error


def _not_readable(kind: str, value: Any) -> SalesforceError:
    return SalesforceError(
        "JSON_PARSER_ERROR",
        f"Cannot deserialize instance of {kind} from {str(value)[:_SHOWN]} or request may be missing a required field",
    )


_READERS: dict[str, Callable[[FieldType, Any], Any]] = {
    "picklist": _picklist,
    "email": _email,
    "reference": _reference,
    "boolean": _boolean,
    "double": _number,
    "currency": _number,
    "date": _date,
    "datetime": _datetime,
}
