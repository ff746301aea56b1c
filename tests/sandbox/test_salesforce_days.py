"""The spans that words for days mean, in Japan's time."""

from datetime import UTC, datetime

import pytest

from console.sandbox.salesforce_days import days_of

# Sunday evening in London is Monday morning, 23 November, in Japan.
NOW = datetime(2026, 11, 22, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("word", "first", "after"),
    [
        ("TODAY", "2026-11-23", "2026-11-24"),
        ("YESTERDAY", "2026-11-22", "2026-11-23"),
        ("TOMORROW", "2026-11-24", "2026-11-25"),
        ("LAST_N_DAYS:2", "2026-11-21", "2026-11-24"),
        ("NEXT_N_DAYS:2", "2026-11-24", "2026-11-26"),
        ("N_DAYS_AGO:2", "2026-11-21", "2026-11-22"),
        ("LAST_90_DAYS", "2026-08-25", "2026-11-24"),
        ("THIS_WEEK", "2026-11-22", "2026-11-29"),
        ("LAST_WEEK", "2026-11-15", "2026-11-22"),
        ("THIS_MONTH", "2026-11-01", "2026-12-01"),
        ("NEXT_MONTH", "2026-12-01", "2027-01-01"),
        ("THIS_QUARTER", "2026-10-01", "2027-01-01"),
        ("LAST_YEAR", "2025-01-01", "2026-01-01"),
    ],
)
def test_a_word_is_a_span_of_days(word: str, first: str, after: str) -> None:
    found = days_of(word, False, NOW)
    assert (found.start, found.end) == (first, after)


def test_a_day_begins_at_midnight_in_japan() -> None:
    found = days_of("TODAY", True, NOW)
    assert (found.start, found.end) == ("2026-11-22T15:00:00.000+0000", "2026-11-23T15:00:00.000+0000")
