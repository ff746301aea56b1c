"""Each letter of the catalogue is retried as failure-codes.md says, and what a person has to do never is."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.failure_catalogue import load_catalogue
from console.models.failure import FailureCode, Retry
from console.rules.retry import BY_MACHINE, RECHECK, next_try

_OPENED = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
_CATALOGUE = load_catalogue()
_LIMITED = (Retry.SOON, Retry.SETTLE_FIRST, Retry.SPACED)

codes = st.sampled_from(list(_CATALOGUE.values()))
jitters = st.floats(0, 1)


def tries_of(code: FailureCode, jitter: float, most: int = 30) -> list[datetime]:
    """When the machine tries, if every try ends at once in the same code."""
    found: list[datetime] = []
    while len(found) < most and (
        at := next_try(code, len(found), _OPENED, found[-1] if found else None, jitter)
    ):  # fmt: skip
        found.append(at)
    return found


@pytest.mark.parametrize("code", ["PAY-04", "LNK-03", "CAT-02", "PRV-05", "PRV-06", "PRV-07", "PRV-08", "UNK-00"])
def test_what_a_person_has_to_do_is_never_tried(code: str) -> None:
    assert tries_of(_CATALOGUE[code], 0.5) == []


@pytest.mark.parametrize("code", ["SYN-01", "SYN-06", "PRV-01", "PRV-04"])
def test_soon_is_five_tries_within_about_a_quarter_of_an_hour(code: str) -> None:
    tries = tries_of(_CATALOGUE[code], 0.5)
    assert len(tries) == 5
    assert tries[0] - _OPENED <= timedelta(minutes=1)
    assert tries[-1] - _OPENED == timedelta(minutes=15)


@pytest.mark.parametrize("code", ["SYN-03", "PRV-03"])
def test_once_is_one_try(code: str) -> None:
    assert len(tries_of(_CATALOGUE[code], 0.5)) == 1


@pytest.mark.parametrize("code", ["PRV-02", "SYN-02", "SYN-05"])
def test_an_outage_is_tried_further_and_further_apart_for_hours(code: str) -> None:
    tries = tries_of(_CATALOGUE[code], 0.5)
    assert len(tries) == _CATALOGUE[code].max_tries
    assert tries[-1] - _OPENED >= timedelta(hours=4)


@pytest.mark.parametrize("code", ["PAY-01", "PAY-02", "PAY-03", "PAY-05", "CAT-03"])
def test_what_waits_for_an_event_is_looked_at_again_for_as_long_as_it_takes(code: str) -> None:
    tries = tries_of(_CATALOGUE[code], 0.5)
    assert len(tries) == 30
    assert tries[0] - _OPENED == RECHECK


@pytest.mark.parametrize("code", ["SYN-04", "APR-03"])
def test_what_does_not_carry_on_by_itself_is_not_provisioned_when_the_event_has_come(code: str) -> None:
    assert tries_of(_CATALOGUE[code], 0.5) == []


def test_what_has_waited_long_is_looked_at_less_often_and_at_least_every_other_day() -> None:
    code = _CATALOGUE["PAY-01"]
    for days, pause in ((1, timedelta(hours=2.4)), (5, timedelta(hours=12)), (60, timedelta(days=1))):
        last = _OPENED + timedelta(days=days)
        assert next_try(code, 100, _OPENED, last, 0.5) == last + pause


@given(codes, st.integers(0, 50), st.integers(0, 10**6), jitters, jitters)
def test_a_try_is_always_after_the_last_one_and_jitter_moves_it_by_a_quarter_at_most(
    code: FailureCode, tries: int, seconds: int, one: float, other: float
) -> None:
    last = _OPENED + timedelta(seconds=seconds)
    first, second = (next_try(code, tries, _OPENED, last, jitter) for jitter in (one, other))
    if first is None or second is None:
        assert first is second
        return
    assert first > last
    longer = max(first - last, second - last)
    assert longer <= min(first - last, second - last) * (1.25 / 0.75) + timedelta(microseconds=2)


@given(codes, jitters)
def test_the_machine_tries_as_often_as_the_catalogue_says(code: FailureCode, jitter: float) -> None:
    tries = tries_of(code, jitter)
    assert tries == sorted(set(tries))
    if code.retry in _LIMITED:
        assert len(tries) == code.max_tries
    if code.retry not in BY_MACHINE:
        assert not tries


@given(codes, st.integers(0, 50), jitters)
def test_more_tries_never_bring_the_next_one_nearer(code: FailureCode, tries: int, jitter: float) -> None:
    now, later = (next_try(code, count, _OPENED, _OPENED, jitter) for count in (tries, tries + 1))
    assert later is None or (now is not None and later >= now)


@given(codes, st.integers(0, 50), jitters)
def test_a_last_try_from_before_the_case_was_opened_brings_nothing_forward(
    code: FailureCode, tries: int, jitter: float
) -> None:
    earlier = _OPENED - timedelta(hours=3)
    assert next_try(code, tries, _OPENED, earlier, jitter) == next_try(code, tries, _OPENED, None, jitter)
