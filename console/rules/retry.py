"""When the machine tries again what is stuck, from the letter that the catalogue gives each failure code."""

from datetime import datetime, timedelta
from itertools import chain, islice, repeat

from console.models.failure import FailureCode, Retry

RECHECK = timedelta(minutes=15)
# Together about 15 minutes.
_SOON = tuple(timedelta(seconds=seconds) for seconds in (30, 60, 150, 270, 390))
# Together about four hours: an outage, or a daily limit that is given free bit by bit.
_SPACED = tuple(timedelta(minutes=minutes) for minutes in (2, 5, 10, 20, 30, 60))
_PAUSES = {Retry.SOON: _SOON, Retry.SETTLE_FIRST: _SOON, Retry.SPACED: _SPACED}
BY_MACHINE = frozenset({*_PAUSES, Retry.ON_EVENT})
"""The letters of what is tried again without a person."""

# What has waited for weeks is not looked at as often as what got stuck today: each look costs calls.
_OF_ITS_AGE = 10
_LONGEST_RECHECK = timedelta(days=1)
# The pauses are spread by a quarter either way, so that what got stuck together is not tried again together.
_LEAST_OF_PAUSE, _SPREAD = 0.75, 0.5


def next_try(
    code: FailureCode,
    tries: int,
    opened_at: datetime,
    last_try: datetime | None,
    jitter: float,
    recheck: timedelta = RECHECK,
) -> datetime | None:
    """When the machine may try again an order that got stuck with `code`, or None where only a person may.

    tries     how often it was tried again since it got stuck at `opened_at`; the last time ended at `last_try`
    jitter    from 0 to 1, another one for each order
    recheck   the shortest pause between two looks for an event such as a payment

    Provisioning reads before it acts, so a code whose outcome has to be settled first (C) is tried like one that is
    tried soon (A). What waits for an event (W) is tried only where the order goes on by itself once that has happened.
    Source: failure-codes.md, "Retry"; architecture.md, "only PAY-* and CAT-03 carry on by themselves".
    """
    before = max(opened_at, last_try or opened_at)
    if code.retry is Retry.ON_EVENT:
        pause = _until_recheck(before - opened_at, recheck) if code.carries_on else None
    else:
        pause = _pause(code, tries)
    return None if pause is None else before + pause * (_LEAST_OF_PAUSE + _SPREAD * jitter)


def _pause(code: FailureCode, tries: int) -> timedelta | None:
    """The pause before the next of a limited number of tries; None where they are used up or there are none."""
    pauses = _PAUSES.get(code.retry)
    if pauses is None or tries >= code.max_tries:
        return None
    return next(islice(chain(pauses, repeat(pauses[-1])), tries, None))


def _until_recheck(age: timedelta, recheck: timedelta) -> timedelta:
    return max(recheck, min(age / _OF_ITS_AGE, _LONGEST_RECHECK))
