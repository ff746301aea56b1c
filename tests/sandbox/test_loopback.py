"""Serving on loopback: ports, threads, the clock's date, and an end by signal."""

import os
import signal
import socket
import subprocess
import sys
import threading

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from console.sandbox.clock import Clock
from console.sandbox.loopback import LOOPBACK, serving


def _says(word: str) -> Starlette:
    async def say(_request: Request) -> Response:
        return PlainTextResponse(word)

    return Starlette(routes=[Route("/", say)])


def test_each_application_answers_on_a_port_of_its_own() -> None:
    with serving([(_says("one"), 0), (_says("two"), 0)], Clock()) as ports:
        answers = [httpx.get(f"http://{LOOPBACK}:{port}/").text for port in ports]
    assert answers == ["one", "two"]


def test_the_date_follows_the_sandbox_clock() -> None:
    clock = Clock()
    clock.advance(400 * 86400)
    with serving([(_says("one"), 0)], clock) as (port,):
        answer = httpx.get(f"http://{LOOPBACK}:{port}/")
    assert answer.headers.get_list("date") == [answer.headers["date"]]
    assert f" {clock.now().year} " in answer.headers["date"]


@pytest.mark.parametrize(("host", "status"), [("localhost", 200), ("127.0.0.1", 200), ("sandbox.example.com", 400)])
def test_only_loopback_names_are_answered(host: str, status: int) -> None:
    with serving([(_says("one"), 0)], Clock()) as (port,):
        answer = httpx.get(f"http://{LOOPBACK}:{port}/", headers={"host": f"{host}:{port}"})
    assert answer.status_code == status


def test_a_port_in_use_is_an_error_and_leaves_no_thread() -> None:
    before = threading.active_count()
    with socket.create_server((LOOPBACK, 0)) as taken, pytest.raises(OSError, match=r"."):
        serving([(_says("one"), taken.getsockname()[1])], Clock()).__enter__()
    assert threading.active_count() == before


def test_a_port_is_free_again_at_once() -> None:
    for _ in range(2):
        with serving([(_says("one"), 0)], Clock()) as (port,):
            httpx.get(f"http://{LOOPBACK}:{port}/")
    with serving([(_says("two"), port)], Clock()) as (again,):
        assert httpx.get(f"http://{LOOPBACK}:{again}/").text == "two"


_FOREGROUND = """
from starlette.applications import Starlette
from console.sandbox.clock import Clock
from console.sandbox.loopback import serve_until_signal
serve_until_signal([(Starlette(), 0)], Clock(), lambda ports: print(ports[0], flush=True))
print("ended", flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="signals to another process are sent this way on POSIX only")
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_in_the_foreground_a_signal_ends_it_in_good_order(stop: signal.Signals) -> None:
    process = subprocess.Popen([sys.executable, "-c", _FOREGROUND], stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        assert httpx.get(f"http://{LOOPBACK}:{port}/").status_code == 404
        process.send_signal(stop)
        assert process.stdout.read() == "ended\n"
    assert process.returncode == 0
