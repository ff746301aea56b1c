"""Two hundred reads at once stay within the limits, and an outage or a refusal ends them at once."""

import asyncio
import json
from asyncio import timeout
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from console.errors import AccessRefused, SystemFault, Unavailable
from console.integrations.whmcs.actions import Whmcs
from console.integrations.whmcs.pace import Pacing
from tests.integrations.whmcs.office import open_office
from tests.integrations.whmcs.wire import client, connected, error, http

_BODY = json.dumps({"result": "success", "currencies": {"currency": []}}).encode()
_READS = 200


class Counter:
    """A server that takes a little while for each request and counts how many it has at a time."""

    def __init__(self) -> None:
        self.at_once = self.most = self.served = 0
        self.started: list[float] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(int(line[15:]) for line in head.splitlines() if line.lower().startswith("content-length:"))
        await reader.readexactly(length)
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        self.started.append(asyncio.get_running_loop().time())
        await asyncio.sleep(0.005)
        self.at_once -= 1
        self.served += 1
        writer.write(http(_BODY))
        await writer.drain()
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def counted(pacing: Pacing, max_connections: int) -> AsyncIterator[tuple[Whmcs, Counter]]:
    counter = Counter()
    server = await asyncio.start_server(counter.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    whmcs = client(f"http://127.0.0.1:{port}", pacing=pacing, max_connections=max_connections, timeout_s=30)
    try:
        yield whmcs, counter
    finally:
        await whmcs.aclose()
        server.close()
        await server.wait_closed()


def test_no_more_reads_are_under_way_than_are_allowed() -> None:
    async def read() -> Counter:
        async with counted(Pacing(), 6) as (whmcs, counter):
            await asyncio.gather(*(whmcs.get_currencies() for _ in range(_READS)))
            return counter

    counter = asyncio.run(read())

    assert (counter.served, counter.most) == (_READS, 6)


def test_reads_keep_the_pace_in_every_window() -> None:
    async def read() -> list[float]:
        async with counted(Pacing(calls_per_s=200, burst=10), 8) as (whmcs, counter):
            await asyncio.gather(*(whmcs.get_currencies() for _ in range(_READS)))
            return counter.started

    started = asyncio.run(read())

    assert len(started) == _READS
    # The burst, then 200 a second; the machine may be slow but never fast.
    assert started[-1] - started[0] >= (_READS - 10) / 200 * 0.95


def test_given_up_reads_leave_every_place_free() -> None:
    async def read() -> int:
        async with counted(Pacing(), 3) as (whmcs, counter):
            given_up = [asyncio.create_task(whmcs.get_currencies()) for _ in range(60)]
            await asyncio.sleep(0.02)
            for task in given_up:
                task.cancel()
            await asyncio.gather(*given_up, return_exceptions=True)
            await asyncio.gather(*(whmcs.get_currencies() for _ in range(30)))
            return counter.most

    assert asyncio.run(read()) <= 6


def test_an_outage_is_not_asked_again_and_again() -> None:
    async def read() -> tuple[list[object], int, Whmcs]:
        async with connected(lambda _: http(b"", 503), pacing=Pacing(read_again_after_s=(0, 0))) as (whmcs, wire):
            ends = await asyncio.gather(*(whmcs.get_currencies() for _ in range(_READS)), return_exceptions=True)
            return list(ends), len(wire.forms), whmcs

    ends, sent, whmcs = asyncio.run(read())

    assert {type(end) for end in ends} == {Unavailable}
    assert sent <= 10
    assert whmcs.contact.seen.held_since
    assert whmcs.contact.seen.down_since


def test_a_refusal_stops_all_that_wait() -> None:
    # At this pace two hundred turns would take more than half a minute.
    pacing = Pacing(calls_per_s=5)

    async def read() -> tuple[list[object], int, Whmcs]:
        async with connected(lambda _: error("Invalid IP 192.0.2.7", 403), pacing=pacing) as (whmcs, wire), timeout(5):
            ends = await asyncio.gather(*(whmcs.get_currencies() for _ in range(_READS)), return_exceptions=True)
            return list(ends), len(wire.forms), whmcs

    ends, sent, whmcs = asyncio.run(read())

    assert {type(end) for end in ends} == {AccessRefused}
    assert {str(end) for end in ends} == {"whmcs GetCurrencies: Invalid IP 192.0.2.7"}
    assert sent <= 4
    assert whmcs.contact.seen.held_since
    assert whmcs.contact.seen.down_since is None


def test_a_sandbox_that_comes_back_is_asked_again_by_one_read() -> None:
    async def outage(whmcs: Whmcs) -> None:
        ends = await asyncio.gather(*(whmcs.get_currencies() for _ in range(6)), return_exceptions=True)
        assert all(isinstance(end, SystemFault) for end in ends)
        assert whmcs.contact.seen.held_since
        office.board.remove()
        async with timeout(10):
            while whmcs.contact.seen.held_since:
                await asyncio.gather(whmcs.get_currencies(), return_exceptions=True)
        await whmcs.log_activity("back")

    with open_office() as office:
        office.break_next("*", "status", status=503, count=1000)
        office.run(outage)
    assert office.server.books.activity_log[-1].description == "back"
