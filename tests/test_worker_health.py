"""The health endpoint tells this machine how the worker is doing, and nobody anything else."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest

from console import worker_health
from console.errors import Unavailable
from console.worker_health import Executor, HealthServer, WorkerHealth, read_health

T = TypeVar("T")

_HEALTH = WorkerHealth(
    state="executing",
    holder=Executor(name="worker", machine="tokyo-1", pid=7),
    pid=7,
    protocol=1,
    version="0.1.0",
    waiting=3,
    running=1,
    done=40,
    failed=2,
    last_sync_age_s=1.5,
    not_answering=("whmcs",),
)


def served(work: Callable[[HealthServer], Awaitable[T]]) -> T:
    """Do something while the health is served."""

    async def run() -> T:
        async with HealthServer(lambda: _HEALTH).listening(0) as server:
            return await work(server)

    return asyncio.run(run())


async def sent(port: int, request: str) -> str:
    """What comes back for these characters."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request.replace("PORT", str(port)).encode("latin-1"))
        return (await reader.read()).decode()
    except ConnectionError:
        return ""
    finally:
        writer.transport.abort()


def test_the_health_arrives_as_it_was_told() -> None:
    assert served(lambda server: read_health(server.port)) == _HEALTH


def test_it_is_json_that_nobody_keeps() -> None:
    answer = served(lambda server: sent(server.port, "GET /health HTTP/1.1\r\nHost: localhost:PORT\r\n\r\n"))
    head, _, body = answer.partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 200 OK\r\nContent-Type: application/json")
    assert "Cache-Control: no-store" in head
    assert WorkerHealth.model_validate_json(body) == _HEALTH


@pytest.mark.parametrize(
    "question",
    [
        "GET / HTTP/1.1",
        "GET /health/ HTTP/1.1",
        "GET /health?x HTTP/1.1",
        "GET http://127.0.0.1/health HTTP/1.1",
        "POST /health HTTP/1.1",
        "get /health http/1.1",
        "GET /health",
        "\xff\xfe",
        "",
    ],
)
def test_anything_else_is_not_there(question: str) -> None:
    answer = served(lambda server: sent(server.port, f"{question}\r\nHost: 127.0.0.1:PORT\r\n\r\n"))
    assert answer.startswith("HTTP/1.1 404 Not Found\r\n")
    assert answer.endswith("\r\n\r\n{}")


@pytest.mark.parametrize(
    "hosts",
    [
        "Host: evil.example.com\r\n",
        "Host: evil.example.com:PORT\r\n",
        "Host: 127.0.0.1\r\n",
        "Host: 127.0.0.1:1\r\n",
        "Host: 127.0.0.1:PORT\r\nHost: evil.example.com\r\n",
        "Host: 127.0.0.1:PORT.evil.example.com\r\n",
        "X-Host: 127.0.0.1:PORT\r\n",
        "",
    ],
)
def test_a_page_that_gives_this_machine_another_name_is_refused(hosts: str) -> None:
    answer = served(lambda server: sent(server.port, f"GET /health HTTP/1.1\r\n{hosts}\r\n"))
    assert answer.startswith("HTTP/1.1 403 Forbidden\r\n")
    assert "executing" not in answer


def test_a_request_that_is_too_long_or_too_slow_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_health, "_PATIENCE_S", 0.2)

    async def work(server: HealthServer) -> list[str]:
        port = server.port
        long = "GET /health HTTP/1.1\r\n" + "X: " + 20_000 * "x"
        return list(await asyncio.gather(sent(port, long), sent(port, "GET /hea"), sent(port, "")))

    assert served(work) == ["", "", ""]


def test_however_many_connections_stand_open_the_next_good_request_is_answered_soon(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(worker_health, "_PATIENCE_S", 0.5)

    async def work(server: HealthServer) -> tuple[list[str], WorkerHealth]:
        idle = await asyncio.gather(*[sent(server.port, "GET /") for _ in range(40)])
        return idle, await read_health(server.port)

    idle, health = served(work)
    assert (set(idle), health) == ({""}, _HEALTH)


def test_two_workers_that_want_the_same_port_both_tell_how_they_are_doing() -> None:
    async def work(server: HealthServer) -> tuple[WorkerHealth, bool]:
        async with HealthServer(lambda: _HEALTH).listening(server.port) as second:
            return await read_health(second.port), second.port != server.port

    assert served(work) == (_HEALTH, True)


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\n\r\n{}", b"HTTP/1.1 404 Not Found\r\n\r\n", b"\xff" * 99])
def test_another_program_behind_the_port_is_no_worker(answer: bytes) -> None:
    def answering(_reader: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        writer.close()

    async def asked() -> None:
        async with await asyncio.start_server(answering, "127.0.0.1", 0) as server:
            await read_health(server.sockets[0].getsockname()[1])

    with pytest.raises(Unavailable):
        asyncio.run(asked())


def test_nobody_behind_the_port_is_said_so() -> None:
    async def left() -> int:
        async with HealthServer(lambda: _HEALTH).listening(0) as server:
            return server.port

    port = asyncio.run(left())
    with pytest.raises(Unavailable):
        asyncio.run(read_health(port))
