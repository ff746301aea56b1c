"""The words of SOQL for spans of days, such as LAST_MONTH. Source: salesforce-api.md 2.2."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone

from console.sandbox.salesforce_times import wire_datetime

# The user's zone decides what TODAY is; everyone in this org lives in Japan, which has no summer time.
_ZONE = timezone(timedelta(hours=9))
_PERIODS = {"LAST": -1, "THIS": 0, "NEXT": 1}
_MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}


@dataclass(frozen=True)
class Days:
    """A span of days, as the store writes its first moment and the one after its last."""

    start: str
    end: str


def days_of(word: str, is_datetime: bool, now: datetime) -> Days:
    """The span that a word in upper case means; the last n days include today, the next n do not."""
    edges = _edges(word, now.astimezone(_ZONE).date())
    if not is_datetime:
        return Days(*(edge.isoformat() for edge in edges))
    return Days(*(wire_datetime(datetime.combine(edge, time(), _ZONE).astimezone(UTC)) for edge in edges))


def _edges(word: str, today: date) -> tuple[date, date]:
    """The first day and the one after the last."""
    period, _, unit = word.partition("_")
    if unit == "WEEK":
        # Weeks begin on Sunday in Japan as in the United States.
        sunday = today - timedelta(days=today.isoweekday() % 7) + timedelta(weeks=_PERIODS[period])
        return sunday, sunday + timedelta(weeks=1)
    if unit in _MONTHS:
        months = _MONTHS[unit]
        place = (today.year * 12 + today.month - 1) // months + _PERIODS[period]
        return _month(place * months), _month((place + 1) * months)
    first, after = _offsets(word)
    return today + timedelta(days=first), today + timedelta(days=after)


def _offsets(word: str) -> tuple[int, int]:
    name, _, number = word.replace("_90_DAYS", "_N_DAYS:90").partition(":")
    n = int(number or 0)
    return {
        "TODAY": (0, 1),
        "YESTERDAY": (-1, 0),
        "TOMORROW": (1, 2),
        "LAST_N_DAYS": (-n, 1),
        "NEXT_N_DAYS": (1, n + 1),
        "N_DAYS_AGO": (-n, 1 - n),
    }[name]


def _month(place: int) -> date:
    """The first of a month, counted from the year 0."""
    return date(place // 12, place % 12 + 1, 1)
