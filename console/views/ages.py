"""Times, amounts and counts as people read them."""

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from console.views.words import tr

if TYPE_CHECKING:
    from console.models.money import Money

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_TWO_DAYS_H = 48
_SIGNS = {"JPY": "¥", "EUR": "€", "USD": "$", "GBP": "£"}


def age_words(age: timedelta) -> str:
    """How long ago, in the shortest words that still tell: `20 s`, `3 m`, `3 h 12 m`, `5 d`."""
    seconds = max(0, int(age.total_seconds()))
    if seconds < _MINUTE:
        return tr("{n} s", n=seconds)
    if seconds < _HOUR:
        return tr("{n} m", n=seconds // _MINUTE)
    hours, minutes = seconds // _HOUR, seconds % _HOUR // _MINUTE
    if hours < _DAY // _HOUR and minutes:
        return tr("{h} h {m} m", h=hours, m=minutes)
    if hours < _TWO_DAYS_H:
        return tr("{n} h", n=hours)
    return tr("{n} d", n=seconds // _DAY)


def since_words(moment: datetime) -> str:
    """How long ago a moment was."""
    return age_words(datetime.now(UTC) - moment)


def moment_words(moment: datetime) -> str:
    """The moment itself in the time zone of the desk."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"


def clock_words(moment: datetime) -> str:
    """The time of day, with the date where it was not today."""
    local = moment.astimezone()
    today = datetime.now(UTC).astimezone().date()
    return f"{local:%H:%M:%S}" if local.date() == today else f"{local:%Y-%m-%d %H:%M}"


def day_words(day: date | None) -> str:
    """A day, or a dash where there is none."""
    return f"{day:%Y-%m-%d}" if day else "–"


def money_words(amount: "Money") -> str:
    """An amount with its sign and grouped figures: `¥12,980`."""
    number, currency = str(amount).split(" ")
    minus = "-" if number.startswith("-") else ""
    whole, _, rest = number.removeprefix("-").partition(".")
    figures = f"{int(whole):,}{'.' if rest else ''}{rest}"
    return f"{minus}{_SIGNS[currency]}{figures}" if currency in _SIGNS else f"{minus}{figures} {currency}"
