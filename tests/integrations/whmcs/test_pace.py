"""Turns come no faster than the pacing allows, and one that is given up is not lost."""

import asyncio
import contextlib

from console.integrations.whmcs.pace import Pacing, Turns


async def _took(turns: Turns, number: int) -> float:
    loop = asyncio.get_running_loop()
    started = loop.time()
    await asyncio.gather(*(turns.take() for _ in range(number)))
    return loop.time() - started


def test_without_a_limit_nobody_waits() -> None:
    async def take() -> float:
        return await _took(Turns(Pacing()), 500)

    assert asyncio.run(take()) < 0.5


def test_saved_turns_go_at_once_and_the_rest_at_the_rate() -> None:
    async def take() -> tuple[float, float]:
        turns = Turns(Pacing(calls_per_s=50, burst=5))
        return await _took(turns, 5), await _took(turns, 10)

    saved, rest = asyncio.run(take())

    assert saved < 0.05
    assert 0.15 <= rest < 1


def test_a_bucket_holds_no_more_than_its_burst() -> None:
    async def take() -> float:
        turns = Turns(Pacing(calls_per_s=100, burst=2))
        await asyncio.sleep(0.1)
        return await _took(turns, 6)

    assert asyncio.run(take()) >= 0.035


def test_a_turn_that_is_given_up_goes_to_the_next() -> None:
    async def take() -> float:
        turns = Turns(Pacing(calls_per_s=5, burst=1))
        await turns.take()
        given_up = [asyncio.create_task(turns.take()) for _ in range(20)]
        await asyncio.sleep(0)
        for task in given_up:
            task.cancel()
        for task in given_up:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        return await _took(turns, 1)

    assert asyncio.run(take()) < 0.5
