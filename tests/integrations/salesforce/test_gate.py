"""Work waits at the gate while nobody is signed in, and only where somebody can be asked."""

import asyncio
import threading

import pytest

from console.errors import AccessRefused
from console.integrations.salesforce.gate import SignInGate


def refused() -> AccessRefused:
    return AccessRefused("salesforce", "oauth_token", "expired", error_code="invalid_grant")


def test_where_nobody_can_sign_in_nothing_waits() -> None:
    gate = SignInGate()
    with pytest.raises(AccessRefused):
        asyncio.run(gate.passed(refused()))
    assert gate.needed is None


def test_everything_that_waits_goes_on_at_once_and_is_told_once() -> None:
    async def work() -> None:
        gate, told = SignInGate(), []
        gate.attended, gate.on_change = True, lambda: told.append(gate.needed is None)
        waiting = [asyncio.ensure_future(gate.passed(refused())) for _ in range(3)]
        await asyncio.sleep(0)
        assert told == [False]
        opener = threading.Thread(target=gate.open)
        opener.start()
        await asyncio.gather(*waiting)
        opener.join()
        assert told == [False, True]
        gate.open()
        assert told == [False, True]

    asyncio.run(work())


def test_giving_up_ends_what_waits_and_the_next_waits_anew() -> None:
    async def work() -> None:
        gate = SignInGate()
        gate.attended = True
        first = asyncio.ensure_future(gate.passed(refused()))
        await asyncio.sleep(0)
        gate.give_up()
        with pytest.raises(AccessRefused):
            await first
        again = asyncio.ensure_future(gate.passed(refused()))
        await asyncio.sleep(0)
        assert gate.needed
        gate.open()
        await again

    asyncio.run(work())


def test_one_that_stops_waiting_does_not_stop_the_others() -> None:
    async def work() -> None:
        gate = SignInGate()
        gate.attended = True
        one, other = (asyncio.ensure_future(gate.passed(refused())) for _ in range(2))
        await asyncio.sleep(0)
        one.cancel()
        with pytest.raises(asyncio.CancelledError):
            await one
        assert gate.needed
        gate.open()
        await other

    asyncio.run(work())
