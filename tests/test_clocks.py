"""A server's clock seen through its answers, whatever the desk's own clock says."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from console.clocks import ServerClock, elapsed_s, sleepless_clock


class Elapsed:
    """An interval clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_time_goes_on_from_the_last_answer() -> None:
    elapsed = Elapsed()
    clock = ServerClock(elapsed)
    clock.note("Mon, 23 Nov 2026 01:12:38 GMT")
    elapsed.seconds += 90
    assert clock.now() == datetime(2026, 11, 23, 1, 14, 8, tzinfo=UTC)


def test_the_newest_answer_counts() -> None:
    elapsed = Elapsed()
    clock = ServerClock(elapsed)
    clock.note("Mon, 23 Nov 2026 01:00:00 GMT")
    elapsed.seconds += 5
    clock.note("Mon, 23 Nov 2026 02:00:00 GMT")
    assert clock.now() == datetime(2026, 11, 23, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "header", ["", "yesterday", "23/11/2026", "\x00", "Mon, 23 Nov 99999999999999999999 01:00:00 GMT"]
)
def test_an_unreadable_header_changes_nothing(header: str) -> None:
    elapsed = Elapsed()
    clock = ServerClock(elapsed)
    clock.note("Mon, 23 Nov 2026 01:00:00 GMT")
    clock.note(header)
    assert clock.now() == datetime(2026, 11, 23, 1, tzinfo=UTC)


def test_before_any_answer_the_desk_stands_in() -> None:
    assert abs(ServerClock().now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_each_platform_has_a_clock_that_counts_sleep() -> None:
    assert sleepless_clock("linux") == time.CLOCK_BOOTTIME
    assert sleepless_clock("darwin") == time.CLOCK_MONOTONIC
    assert sleepless_clock("win32") is None


def test_elapsed_time_never_goes_back() -> None:
    times = [elapsed_s() for _ in range(100)]
    assert times == sorted(times)
