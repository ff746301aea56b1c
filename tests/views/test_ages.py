"""Times and amounts in the shortest words that still tell."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from console.models.money import Money
from console.views.ages import age_words, clock_words, day_words, moment_words, money_words, since_words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 s"), (0, "0 s"), (59.9, "59 s"), (60, "1 m"), (3599, "59 m"), (3600, "1 h"), (3660, "1 h 1 m"),
        (11_520, "3 h 12 m"), (86_399, "23 h 59 m"), (86_400, "24 h"), (2 * 86_400 - 1, "47 h"), (2 * 86_400, "2 d"),
    ],
)  # fmt: skip
def test_an_age_is_as_exact_as_people_ask_for(seconds: float, words: str) -> None:
    assert age_words(timedelta(seconds=seconds)) == words


def test_an_age_counts_from_now() -> None:
    assert since_words(datetime.now(UTC) - timedelta(minutes=5, seconds=1)) == "5 m"


def test_a_moment_is_in_the_time_zone_of_the_desk() -> None:
    moment = datetime(2026, 3, 1, 23, 30, 5, tzinfo=UTC)
    assert moment_words(moment) == f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"
    assert clock_words(moment) == f"{moment.astimezone():%Y-%m-%d %H:%M}"
    now = datetime.now(UTC)
    assert clock_words(now) == f"{now.astimezone():%H:%M:%S}"


def test_no_day_is_a_dash() -> None:
    assert day_words(date(2026, 3, 1)) == "2026-03-01"
    assert day_words(None) == "–"


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        ("12980", "JPY", "¥12,980"), ("0", "JPY", "¥0"), ("1234.5", "EUR", "€1,234.50"), ("7", "CHF", "7.00 CHF"),
        ("1000000", "KRW", "1,000,000 KRW"),
    ],
)  # fmt: skip
def test_an_amount_has_its_sign_and_grouped_figures(amount: str, currency: str, words: str) -> None:
    assert money_words(Money(amount=Decimal(amount), currency=currency)) == words


def test_less_than_nothing_has_its_minus() -> None:
    assert money_words(Money(amount=Decimal("-1200"), currency="JPY")) == "-¥1,200"
    assert money_words(Money(amount=Decimal("-0.50"), currency="EUR")) == "-€0.50"
