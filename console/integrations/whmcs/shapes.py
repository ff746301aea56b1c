"""Tolerant readers for the shapes in which WHMCS answers: lists, numbers, money, dates, text.

A value that cannot be what it should be raises `ShapeError`. Source: whmcs-api.md 4.1 to 4.4.
"""

import calendar
import html
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

Row = dict[str, Any]

_FLAGS = {
    **dict.fromkeys(("1", "on", "true", "yes"), True),
    **dict.fromkeys(("", "0", "off", "false", "no"), False),
}
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,9})?")
_WRITTEN_NUMBER = re.compile(r"(?P<before>[^0-9]{0,12})(?P<number>[0-9][0-9.,]{0,23})(?P<after>[^0-9]{0,12})")
_CENTS = re.compile(r"(?P<whole>.*)[.,](?P<cents>[0-9]{1,2})")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EXPIRY = re.compile(r"(?P<month>[0-9]{1,2})\s*/?\s*(?:20)?(?P<year>[0-9]{2})")
_BRACKETED = re.compile(r"[^\[\]]+(?:\[[^\[\]]+\])+")


class ShapeError(ValueError):
    """The answer says success, but what it carries cannot be read."""


class Page(NamedTuple):
    """One page of a paged action: its rows, and how many rows there are in all."""

    rows: list[Row]
    total: int


def unflatten(answer: Row) -> Row:
    """Bracketed keys (`"currencies[currency][0][id]"`) as nested objects. Source: whmcs-api.md 4.2."""
    nested: Row = {}
    for key, value in answer.items():
        if _BRACKETED.fullmatch(key):
            _put(nested, re.findall(r"[^\[\]]+", key), value)
        else:
            nested[key] = value
    return nested


def _put(target: Row, path: list[str], value: Any) -> None:
    for name in path[:-1]:
        below = target.get(name)
        if not isinstance(below, dict):
            below = target[name] = {}
        target = below
    target[path[-1]] = value


def rows(answer: Mapping[str, Any], plural: str, singular: str | None = None) -> list[Row]:
    """The list at `plural`, wrapped in `singular` or not, in all its forms. Source: whmcs-api.md 4.2."""
    found = answer.get(plural)
    if singular and isinstance(found, dict) and singular in found:
        found = found[singular]
    listed = _listed(found)
    if not all(isinstance(row, dict) for row in listed):
        raise ShapeError(f"{plural} is not a list of records")
    return listed


def _listed(found: Any) -> list[Any]:
    if found is None or found == "":
        return []
    if isinstance(found, list):
        return found
    if not isinstance(found, dict):
        raise ShapeError("a list was expected")
    if all(key.isdecimal() for key in found):
        return [found[key] for key in sorted(found, key=int)]
    return [found]


def page(answer: Row, plural: str, singular: str) -> Page:
    """The rows of a paged answer and the total. Rows that were promised and are not there are an error."""
    listed = rows(answer, plural, singular)
    if not listed and integer(answer.get("numreturned", 0)) > 0:
        raise ShapeError(f"{plural} is empty although rows were returned")
    return Page(listed, integer(answer.get("totalresults")))


def whole_list(
    answer: Mapping[str, Any], plural: str, singular: str | None = None, count: str = "totalresults"
) -> list[Row]:
    """The rows of an action without pages. Fewer than it counts are an error: half a list is none."""
    listed = rows(answer, plural, singular)
    counted = answer.get(count)
    if counted not in (None, "") and integer(counted) > len(listed):
        raise ShapeError(f"only {len(listed)} of {integer(counted)} rows came in {plural}")
    return listed


def section(answer: Mapping[str, Any], name: str) -> Row:
    """The object at `name`; empty where PHP wrote an empty one as `[]`, `""` or null, or left it out."""
    found = answer.get(name)
    if not found:
        return {}
    if not isinstance(found, dict):
        raise ShapeError(f"{name} is not a record")
    return found


def _written(value: Any) -> str:
    """A number or a text as text. Anything nested, or a boolean, is neither."""
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise ShapeError(f"a {type(value).__name__} instead of a number or text")
    return str(value).strip()


def integer(value: Any) -> int:
    """An id or a count, written as a number or as text."""
    written = _written(value)
    if not _INTEGER.fullmatch(written):
        raise ShapeError(f"not an integer: {written[:40]!r}")
    return int(written)


def optional_id(value: Any) -> int | None:
    """An id that may be absent: null, `""`, 0 and a missing key all mean none."""
    return None if value is None or value == "" else integer(value) or None


def flag(value: Any) -> bool:
    """A yes or no in any of its forms: `true`, `1`, `"1"`, `"on"`, `"true"`; `""`, `"0"`, `"false"`."""
    if isinstance(value, bool):
        return value
    known = _FLAGS.get(_written(value).lower())
    if known is None:
        raise ShapeError("neither yes nor no")
    return known


def id_list(value: Any) -> tuple[int, ...]:
    """Ids as AddOrder lists them: `"1,2"`, `""` for none; a single number and an array are accepted too."""
    if value is None or value == "":
        return ()
    parts = value if isinstance(value, list) else _written(value).split(",")
    return tuple(integer(part) for part in parts)


def decimal(value: Any) -> Decimal:
    """An amount, plain (`"8.00"`) or written for people (`"$8.00 USD"`, `"$-8.67 USD"`, `"¥12,980"`)."""
    written = _written(value)
    if _PLAIN_NUMBER.fullmatch(written):
        return Decimal(written)
    match = _WRITTEN_NUMBER.fullmatch(written)
    if not match:
        raise ShapeError(f"not an amount: {written[:40]!r}")
    amount = _ungrouped(match["number"])
    return -amount if "-" in match["before"] else amount


def _ungrouped(number: str) -> Decimal:
    """Read a number with either grouping: one or two digits after the last separator are the fraction."""
    cents = _CENTS.fullmatch(number)
    whole = re.sub(r"[.,]", "", cents["whole"] if cents else number)
    return Decimal(f"{whole or '0'}.{cents['cents']}" if cents else whole)


def day(value: Any) -> date | None:
    """A date of the server's calendar; None for the zero sentinel, nothing, or a localised form."""
    stamp = moment(value)
    return stamp.date() if stamp else None


def moment(value: Any) -> datetime | None:
    """A time without zone: the server's wall clock; None as for `day`. Source: whmcs-api.md 4.4."""
    if not isinstance(value, str) or not _DATE.match(value):
        return None
    try:
        return datetime.fromisoformat(value).replace(tzinfo=None)
    except ValueError:
        return None


def card_expiry(value: Any) -> date | None:
    """`MM/YY` as the last day of that month; None where it cannot be read."""
    match = _EXPIRY.fullmatch(value.strip()) if isinstance(value, str) else None
    if not match or not 1 <= int(match["month"]) <= 12:  # noqa: PLR2004 - months
        return None
    year, month = 2000 + int(match["year"]), int(match["month"])
    return date(year, month, calendar.monthrange(year, month)[1])


def text(row: Mapping[str, Any], name: str) -> str:
    """The text at `name` for display and comparison, its entities decoded once; empty where there is none.

    Never written back to WHMCS. Source: whmcs-api.md 4.3.
    """
    value = row.get(name)
    if value is None:
        return ""
    if isinstance(value, (dict, list)):
        raise ShapeError(f"{name} is not text")
    return html.unescape(str(value))


def nothing(_answer: Row) -> None:
    """For actions whose answer carries nothing but success."""
