"""The one request that ends the wait for the browser, and everything else that comes to the port."""

import asyncio
import string
from collections.abc import Awaitable, Callable
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.errors import AccessRefused
from console.integrations.salesforce import redirect
from console.integrations.salesforce.redirect import (
    PATH,
    Answered,
    Expected,
    RedirectListener,
    listening,
    read_redirect,
)
from console.sandbox.salesforce_oauth import REDIRECT_URIS
from console.settings import SalesforceSettings
from tests.integrations.salesforce.person import free_ports

_EXPECTED = Expected(47431, "the-state", "https://shop.my.salesforce.com")


def head(target: str, method: str = "GET", host: str = "localhost:47431", version: str = "HTTP/1.1") -> bytes:
    return f"{method} {target} {version}\r\nHost: {host}\r\nAccept: */*".encode()


def back(**words: str) -> str:
    return f"{PATH}?{urlencode(words)}"


def test_the_code_is_read_and_does_not_show() -> None:
    answered = read_redirect(head(back(code="aPrx==", state="the-state")), _EXPECTED)
    assert answered.code and answered.code.get_secret_value() == "aPrx=="
    assert answered.status == "200 OK"
    assert "aPrx" not in repr(answered) + answered.page


def test_an_error_is_read_as_plain_text() -> None:
    words = {"error": "access_denied", "error_description": "no <b>way</b>\r\n", "state": "the-state"}
    answered = read_redirect(head(back(**words)), _EXPECTED)
    assert answered.error == ("access_denied", "no  b way /b   ")
    assert "way" not in answered.page


@pytest.mark.parametrize(
    ("request_head", "status"),
    [
        (head(back(code="a", state="other")), "400"),
        (head(back(code="a")), "400"),
        (head(back(state="the-state")), "400"),
        (head(back(code="a", error="b", state="the-state")), "400"),
        (head(f"{back(code='a', state='the-state')}&code=b"), "400"),
        (head(f"{back(code='a', state='the-state')}&state=the-state"), "400"),
        (head(back(code="a b", state="the-state")), "400"),
        (head(back(code="", state="the-state")), "400"),
        (head(f"/elsewhere?{urlencode({'code': 'a', 'state': 'the-state'})}"), "404"),
        (head("/favicon.ico"), "404"),
        (head("//evil.example.com/"), "404"),
        (head(back(code="a", state="the-state"), host="localhost:1"), "400"),
        (head(back(code="a", state="the-state"), host="evil.example.com"), "400"),
        (head(back(code="a", state="the-state"), host="127.0.0.1:47431"), "400"),
        (head(back(code="a", state="the-state")) + b"\r\nHost: localhost:47431", "400"),
        (head(back(code="a", state="the-state"), method="POST"), "405"),
        (head(back(code="a", state="the-state"), version="HTTP/2"), "400"),
        (b"", "400"),
        (b"\x16\x03\x01\x02\x00\x01", "400"),
    ],
)
def test_what_is_not_the_one_request_brings_nothing(request_head: bytes, status: str) -> None:
    answered = read_redirect(request_head, _EXPECTED)
    assert answered.status.startswith(status)
    assert answered.code is None and answered.error is None


def test_chrome_is_told_that_the_page_may_come_here() -> None:
    answered = read_redirect(head(back(), method="OPTIONS"), _EXPECTED)
    assert answered.status.startswith("204")
    assert "Allow-Private-Network: true" in answered.headers
    assert "https://shop.my.salesforce.com" in answered.headers


def is_nothing(answered: Answered) -> bool:
    return answered.code is None and answered.error is None and not answered.status.startswith("200")


@given(st.binary(max_size=400))
def test_no_bytes_at_all_break_the_reader(content: bytes) -> None:
    assert is_nothing(read_redirect(content, _EXPECTED))


@given(
    st.lists(st.tuples(st.sampled_from(["code", "state", "error", "error_description", "x"]), st.text()), max_size=6),
    st.text(alphabet=string.printable, max_size=30),
)
def test_without_the_state_nothing_is_brought(words: list[tuple[str, str]], tail: str) -> None:
    safe = [(name, value) for name, value in words if value != "the-state"]
    target = f"{PATH}?{urlencode(safe, errors='replace')}{tail}"
    assert is_nothing(read_redirect(head(target), _EXPECTED))


@given(st.text(alphabet=[chr(n) for n in range(0x21, 0x7F)], min_size=1, max_size=300))
def test_every_code_of_salesforce_is_read_as_it_is(code: str) -> None:
    found = read_redirect(head(back(code=code, state="the-state")), _EXPECTED).code
    assert found and found.get_secret_value() == code


def listen(work: Callable[[RedirectListener, int], Awaitable[None]]) -> None:
    async def attempt() -> None:
        ports = free_ports()
        async with listening(ports, "the-state", "https://shop.my.salesforce.com") as listener:
            await work(listener, ports[0])

    asyncio.run(attempt())


async def send(port: int, content: bytes, host: str = "127.0.0.1") -> bytes:
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(content)
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


async def finish(port: int) -> None:
    target = back(error="access_denied", state="the-state")
    assert b"200 OK" in await send(port, head(target, host=f"localhost:{port}") + b"\r\n\r\n")


def test_silent_and_endless_connections_do_not_keep_the_browser_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redirect, "_PATIENCE_S", 0.2)

    async def work(listener: RedirectListener, port: int) -> None:
        _, silent = await asyncio.open_connection("127.0.0.1", port)
        assert await send(port, b"GET /" + b"a" * 40_000) == b""
        assert await send(port, b"") == b""
        await finish(port)
        with pytest.raises(AccessRefused) as caught:
            await listener.code(1)
        assert caught.value.error_code == "access_denied"
        silent.close()

    listen(work)


def test_the_second_answer_changes_nothing() -> None:
    async def work(listener: RedirectListener, port: int) -> None:
        await finish(port)
        target = back(code="late", state="the-state")
        await send(port, head(target, host=f"localhost:{port}") + b"\r\n\r\n")
        with pytest.raises(AccessRefused):
            await listener.code(1)

    listen(work)


def test_the_page_cannot_be_kept_framed_or_made_to_run_anything() -> None:
    async def work(_: RedirectListener, port: int) -> None:
        target = back(code="a", state="the-state")
        answer = await send(port, head(target, host=f"localhost:{port}") + b"\r\n\r\n")
        for wanted in (b"no-store", b"no-referrer", b"default-src 'none'", b"nosniff", b"Connection: close"):
            assert wanted in answer

    listen(work)


def test_the_usual_addresses_are_those_that_the_practice_org_registers() -> None:
    ports = SalesforceSettings(instance_url="https://shop.my.salesforce.com").redirect_ports
    assert tuple(f"http://localhost:{port}{PATH}" for port in ports) == REDIRECT_URIS
