"""Dates and times as Salesforce writes and reads them on the wire. No clock of its own."""

import re
from datetime import UTC, date, datetime
from email.utils import format_datetime, parsedate_to_datetime

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DATETIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:?\d\d)", re.ASCII)


def wire_datetime(moment: datetime) -> str:
    """A moment with a resolution of one second, in UTC. Source: salesforce-api.md 3.1."""
    return moment.astimezone(UTC).isoformat()[:19] + ".000+0000"


def parse_datetime(text: str) -> datetime:
    """A moment with its offset. Raises ValueError where the offset is missing or a part is out of range."""
    if not _DATETIME.fullmatch(text):
        raise ValueError(f"not a date and time with an offset: {text}")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"out of range: {text}") from error


def parse_date(text: str) -> date:
    """A date. Raises ValueError."""
    if not _DATE.fullmatch(text):
        raise ValueError(f"not a date: {text}")
    return date.fromisoformat(text)


def http_date(moment: datetime) -> str:
    """A moment as HTTP headers write it, in GMT."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def parse_http_date(text: str) -> datetime:
    """A moment from an HTTP header. Raises ValueError."""
    moment = parsedate_to_datetime(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
