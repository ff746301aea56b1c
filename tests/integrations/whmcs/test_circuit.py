"""When a server is spared, who may try again, and how that ends."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from console.errors import AccessRefused, OutcomeUnknown, Rejected, SystemFault, Unavailable
from console.integrations.whmcs.circuit import Circuit
from console.integrations.whmcs.outcome import Call
from console.integrations.whmcs.pace import Pacing

READ = Call("GetClients", mutating=False)
CHANGE = Call("AddOrder", mutating=True)
LOST = Unavailable("whmcs", "GetClients", "HTTP 503, an empty answer", status=503)
SHUT = AccessRefused("whmcs", "GetClients", "Invalid IP 192.0.2.7", status=403)
NOT_ALLOWED = AccessRefused(
    "whmcs", "GetClients", 'Invalid Permissions: API action "getclients" is not allowed', status=403
)


class Server:
    """A circuit with a clock of its own: to sleep makes it go on. Counts what goes out."""

    def __init__(self) -> None:
        self.now = 100.0
        self.sent = 0
        self.circuit = Circuit(Pacing(lost_in_a_row=3, held_s=(2.0, 5.0)), lambda: self.now, self.sleep)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        self.now += seconds

    async def call(self, what: Call = READ, answer: SystemFault | None = None) -> SystemFault | None:
        """What a call becomes to which the server answers so."""
        try:
            async with self.circuit.admitted(what) as trying:
                self.circuit.check(what, trying)
                with self.circuit.learning(trying):
                    self.sent += 1
                    await asyncio.sleep(0)
                    if answer:
                        raise answer
        except SystemFault as fault:
            return fault
        return None

    async def lose(self, times: int) -> None:
        for _ in range(times):
            await self.call(answer=LOST)


def on(act: Callable[[Server], Awaitable[None]]) -> None:
    """Act on a server, in a loop."""

    async def attempt() -> None:
        await act(Server())

    asyncio.run(attempt())


def test_it_opens_after_so_many_lost_answers_in_a_row() -> None:
    async def act(server: Server) -> None:
        await server.lose(2)
        assert server.circuit.open_since is None
        await server.call()
        await server.lose(1)
        for _ in range(2):
            assert server.circuit.open_since is None
            await server.call(answer=OutcomeUnknown("whmcs", "AddOrder", "no answer", mutating=True))
        assert server.circuit.open_since

    on(act)


@pytest.mark.parametrize("answer", [Rejected("whmcs", "GetClients", "no"), NOT_ALLOWED])
def test_a_no_is_an_answer(answer: SystemFault) -> None:
    async def act(server: Server) -> None:
        await server.lose(2)
        await server.call(answer=answer)
        await server.lose(2)
        assert server.circuit.open_since is None

    on(act)


def test_while_it_is_open_no_change_goes_out_and_repeating_it_is_safe() -> None:
    async def act(server: Server) -> None:
        await server.lose(3)
        server.now += 60
        fault = await server.call(CHANGE)
        assert type(fault) is Unavailable
        assert (fault.action, fault.mutating, server.sent) == ("AddOrder", True, 3)
        assert "HTTP 503" in fault.message

    on(act)


def test_a_read_waits_until_a_try_is_due_and_its_answer_opens_the_way() -> None:
    async def act(server: Server) -> None:
        await server.lose(3)
        before = server.now
        assert await server.call() is None
        assert server.now == before + 2
        assert server.circuit.open_since is None
        assert await server.call(CHANGE) is None

    on(act)


def test_all_reads_share_the_one_try_and_what_becomes_of_it() -> None:
    async def act(server: Server) -> None:
        await server.lose(3)
        ends = await asyncio.gather(*(server.call(answer=LOST) for _ in range(50)))
        assert {type(end) for end in ends} == {Unavailable}
        assert server.sent == 4
        ends = await asyncio.gather(*(server.call() for _ in range(50)))
        assert set(ends) == {None}
        assert server.sent == 54

    on(act)


def test_a_try_that_fails_makes_the_pause_longer_up_to_a_limit() -> None:
    async def act(server: Server) -> None:
        await server.lose(3)
        since = server.circuit.open_since
        waited = []
        for _ in range(4):
            before = server.now
            await server.lose(1)
            waited.append(server.now - before)
        assert waited == [2, 4, 5, 5]
        assert server.circuit.open_since == since

    on(act)


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_a_try_that_is_given_up_is_made_by_the_next(steps: int) -> None:
    async def act(server: Server) -> None:
        await server.lose(3)
        first, *others = [asyncio.create_task(server.call()) for _ in range(5)]
        for _ in range(steps):
            await asyncio.sleep(0)
        first.cancel()
        ends = await asyncio.gather(*others)
        assert set(ends) == {None}
        assert server.circuit.open_since is None

    on(act)


def test_a_call_that_waited_for_its_turn_while_it_opened_does_not_go_out() -> None:
    async def act(server: Server) -> None:
        async with server.circuit.admitted(READ) as trying:
            await server.lose(3)
            with pytest.raises(Unavailable):
                server.circuit.check(READ, trying)

    on(act)


def test_late_failures_of_calls_under_way_do_not_make_the_pause_longer() -> None:
    async def act(server: Server) -> None:
        with pytest.raises(Unavailable), server.circuit.learning(trying=False):
            await server.lose(3)
            raise Unavailable("whmcs", "GetClients", "late")
        before = server.now
        await server.call()
        assert server.now == before + 2

    on(act)


@pytest.mark.parametrize(
    "refusal", [SHUT, AccessRefused("whmcs", "GetClients", "HTTP 301: the address redirects", status=301)]
)
def test_a_refusal_of_the_caller_stops_everything_at_once_and_says_the_same(refusal: AccessRefused) -> None:
    async def act(server: Server) -> None:
        await server.call(answer=refusal)
        for what in (READ, CHANGE):
            fault = await server.call(what)
            assert type(fault) is AccessRefused
            assert (fault.action, fault.message, fault.status) == (what.action, refusal.message, refusal.status)
        assert server.sent == 1
        server.now += 2
        assert await server.call() is None

    on(act)


def test_a_refusal_of_one_action_stops_no_other() -> None:
    async def act(server: Server) -> None:
        await server.call(answer=NOT_ALLOWED)
        assert await server.call() is None

    on(act)


def test_a_defect_of_ours_says_nothing_of_the_server_and_lets_the_next_try() -> None:
    async def act(server: Server) -> None:
        await server.lose(3)
        with pytest.raises(KeyError):
            async with server.circuit.admitted(READ) as trying:
                with server.circuit.learning(trying):
                    raise KeyError
        assert server.circuit.open_since
        assert await server.call() is None

    on(act)
