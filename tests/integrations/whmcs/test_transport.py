"""What travels over the wire, what is repeated and what is never repeated."""

import asyncio
import contextlib
import json
import logging
import socket
from collections.abc import Awaitable, Callable

import pytest
from pydantic import SecretStr

from console.clocks import elapsed_s
from console.errors import (
    AccessRefused,
    Missing,
    OutcomeUnknown,
    Rejected,
    SettingsError,
    SystemFault,
    Unavailable,
)
from console.integrations.contact import Seen
from console.integrations.whmcs.actions import Whmcs
from console.integrations.whmcs.pace import Pacing
from tests.integrations.whmcs.wire import DROP, HANG, Form, Wire, client, connected, error, http, success

_CURRENCIES = success(currencies={"currency": [{"id": 1, "code": "JPY", "rate": "1.00000"}]})


def read(whmcs: Whmcs) -> Awaitable[object]:
    return whmcs.get_currencies()


def change(whmcs: Whmcs) -> Awaitable[object]:
    return whmcs.log_activity("checked")


def run(
    act: Callable[[Whmcs], Awaitable[object]], answer: Callable[[Form], bytes], timeout_s: float = 5
) -> tuple[SystemFault | None, Wire]:
    """Act against an address that answers so; the error that came of it, and what was sent."""

    async def attempt() -> tuple[SystemFault | None, Wire]:
        async with connected(answer, timeout_s=timeout_s) as (whmcs, wire):
            try:
                await act(whmcs)
            except SystemFault as fault:
                return fault, wire
            return None, wire

    return asyncio.run(attempt())


def test_a_call_is_one_post_below_the_system_url_with_everything_in_the_body() -> None:
    _, wire = run(change, lambda _: success())

    assert wire.heads[0].startswith("POST /billing/includes/api.php HTTP/1.1\r\n")
    assert "example-secret" not in wire.heads[0]
    assert wire.forms == [
        {
            "action": "LogActivity",
            "description": "checked",
            "identifier": "example-identifier",
            "secret": "example-secret",
            "responsetype": "json",
        }
    ]


def test_the_access_key_is_sent_where_there_is_one() -> None:
    async def attempt() -> Form:
        async with connected(lambda _: success(), access_key=SecretStr("example-key")) as (whmcs, wire):
            await change(whmcs)
            return wire.forms[0]

    assert asyncio.run(attempt())["accesskey"] == "example-key"


def test_no_parameter_can_take_the_place_of_a_credential() -> None:
    _, wire = run(lambda whmcs: whmcs.log_activity("action=DeleteOrder&secret=x"), lambda _: success())

    assert wire.forms[0]["secret"] == "example-secret"
    assert wire.forms[0]["action"] == "LogActivity"


def test_no_session_is_kept_between_calls() -> None:
    async def attempt() -> list[str]:
        body = b'{"result":"success"}'
        async with connected(lambda _: http(body, 200, "Set-Cookie: WHMCSsession=abc; path=/")) as (
            whmcs,
            wire,
        ):
            await change(whmcs)
            await change(whmcs)
            return wire.heads

    assert not [head for head in asyncio.run(attempt()) if "cookie:" in head.lower()]


def test_nothing_secret_is_logged_or_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    fault, _ = run(change, lambda _: DROP)

    assert "example-secret" not in caplog.text + repr(fault)
    assert fault is not None
    assert fault.__cause__ is fault.__context__ is None


_LOST = {
    "dropped": lambda _: DROP,
    "cut short": lambda _: http(b'{"result":"suc', length=400),
    "cut at the end of the text": lambda _: http(b'{"result":"suc'),
    "empty": lambda _: http(b""),
    "not HTTP": lambda _: b"SMTP ready\r\n\r\n",
    "badly compressed": lambda _: http(b"xx", 200, "Content-Encoding: gzip"),
    "a page": lambda _: http(b"<html><title>Maintenance</title></html>"),
    "a page after 500": lambda _: http(b"<html>EmitterException</html>", 500),
    "a busy proxy": lambda _: http(b"<html></html>", 429),
    "an outage": lambda _: http(b"<html></html>", 503),
    "a warning only": lambda _: http(b'{"warning":"not supported"}'),
    "a notice first": lambda _: http(b'Notice: x\n{"result":"success"}'),
}


@pytest.mark.parametrize("how", _LOST)
def test_a_lost_answer_leaves_a_change_unknown_and_it_is_never_repeated(how: str) -> None:
    fault, wire = run(change, _LOST[how])

    assert type(fault) is OutcomeUnknown
    assert fault.mutating
    assert len(wire.forms) == 1


@pytest.mark.parametrize("how", _LOST)
def test_a_lost_answer_makes_a_read_unavailable_after_three_tries(how: str) -> None:
    fault, wire = run(read, _LOST[how])

    assert type(fault) is Unavailable
    assert not fault.mutating
    assert len(wire.forms) == 3


@pytest.mark.parametrize(("act", "kind"), [(read, Unavailable), (change, OutcomeUnknown)])
def test_no_answer_in_time_is_a_lost_answer(act: Callable[[Whmcs], Awaitable[object]], kind: type[SystemFault]) -> None:
    fault, _ = run(act, lambda _: HANG, timeout_s=0.2)

    assert type(fault) is kind
    assert "no answer within 0.2 s" in str(fault)


def test_a_read_goes_on_after_a_failure_that_passes() -> None:
    answers = iter([DROP, http(b"", 503), _CURRENCIES])

    fault, wire = run(read, lambda _: next(answers))

    assert fault is None
    assert len(wire.forms) == 3


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (error("Client Not Found"), Missing),
        (error("Email or Password Invalid"), Rejected),
        (error("Invalid IP 192.0.2.7", 403), AccessRefused),
        (http(b"", 301, "Location: https://billing.example.com/"), AccessRefused),
    ],
)
def test_a_refused_read_is_not_repeated(answer: bytes, kind: type[SystemFault]) -> None:
    fault, wire = run(read, lambda _: answer)

    assert type(fault) is kind
    assert len(wire.forms) == 1


def test_a_redirect_is_not_followed() -> None:
    fault, wire = run(change, lambda _: http(b"", 308, "Location: /billing/includes/api.php"))

    assert type(fault) is OutcomeUnknown
    assert len(wire.forms) == 1


def test_a_success_that_cannot_be_read_is_a_lost_answer() -> None:
    def order(whmcs: Whmcs) -> Awaitable[object]:
        return whmcs.add_order(4, "banktransfer", [], price_override=False)

    assert type(run(order, lambda _: success(serviceids="1"))[0]) is OutcomeUnknown
    assert type(run(read, lambda _: success(currencies={"currency": [{"id": "one"}]}))[0]) is Unavailable


@pytest.mark.parametrize("act", [read, change])
def test_an_address_that_nobody_listens_on_is_unavailable_for_a_change_too(
    act: Callable[[Whmcs], Awaitable[object]],
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"

        async def attempt() -> SystemFault:
            whmcs = client(url)
            with pytest.raises(SystemFault) as caught:
                await act(whmcs)
            await whmcs.aclose()
            return caught.value

        assert type(asyncio.run(attempt())) is Unavailable


def test_a_failed_tls_handshake_is_unavailable_for_a_change_too() -> None:
    async def attempt() -> SystemFault:
        async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.close()

        server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
        whmcs = client(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        with pytest.raises(SystemFault) as caught:
            await change(whmcs)
        await whmcs.aclose()
        server.close()
        await server.wait_closed()
        return caught.value

    assert type(asyncio.run(attempt())) is Unavailable


def test_every_call_that_was_sent_is_counted_repeats_too() -> None:
    async def attempt() -> dict[str, int]:
        answers = iter([DROP, _CURRENCIES, success()])
        async with connected(lambda _: next(answers)) as (whmcs, _wire):
            await read(whmcs)
            await change(whmcs)
            return dict(whmcs.calls)

    assert asyncio.run(attempt()) == {"GetCurrencies": 2, "LogActivity": 1}


def test_no_more_calls_are_under_way_than_connections_are_allowed() -> None:
    async def attempt() -> tuple[int, int]:
        second_came = asyncio.Event()
        came: list[Form] = []

        def hang(form: Form) -> bytes:
            came.append(form)
            if len(came) == 2:
                second_came.set()
            return HANG

        async with connected(hang, max_connections=2, timeout_s=0.3) as (whmcs, _wire):
            async with asyncio.TaskGroup() as group:
                for _ in range(4):
                    group.create_task(_expect_unknown(whmcs))
                await second_came.wait()
                under_way = len(came)
            return under_way, len(came)

    assert asyncio.run(attempt()) == (2, 4)


async def _expect_unknown(whmcs: Whmcs) -> None:
    with pytest.raises(OutcomeUnknown):
        await change(whmcs)


def test_calls_are_spread_by_the_pace() -> None:
    async def attempt() -> float:
        async with connected(lambda _: success(), pacing=Pacing(calls_per_s=10, burst=1)) as (whmcs, _wire):
            started = asyncio.get_running_loop().time()
            await asyncio.gather(*(change(whmcs) for _ in range(3)))
            return asyncio.get_running_loop().time() - started

    assert asyncio.run(attempt()) >= 0.19


@pytest.mark.parametrize(
    "url", ["", "billing.example.com", "ftp://billing.example.com", "https://", "http://[::1", "http://a:b:c"]
)
def test_what_is_no_address_is_a_setting_to_correct(url: str) -> None:
    with pytest.raises(SettingsError):
        client(url)


def test_a_warning_beside_a_success_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    fault, _ = run(change, lambda _: http(json.dumps({"result": "success", "warning": "deprecated"}).encode()))

    assert fault is None
    assert "deprecated" in caplog.text


@pytest.mark.parametrize("answer", [success(), error("Client Not Found"), error("no reason")])
def test_every_answer_is_noted_also_a_no(answer: bytes) -> None:
    async def attempt() -> Seen:
        async with connected(lambda _: answer) as (whmcs, _wire):
            with contextlib.suppress(Rejected):
                await change(whmcs)
            return whmcs.contact.seen

    seen = asyncio.run(attempt())
    assert seen.answered_at
    assert seen.took_ms is not None
    assert (seen.down_since, seen.fault) == (None, None)


def test_a_server_that_refuses_us_did_answer() -> None:
    async def attempt() -> Seen:
        async with connected(lambda _: error("Authentication Failed", 403)) as (whmcs, _wire):
            with pytest.raises(AccessRefused):
                await read(whmcs)
            return whmcs.contact.seen

    seen = asyncio.run(attempt())
    assert seen.answered_at
    assert seen.down_since is None
    assert isinstance(seen.fault, AccessRefused)


@pytest.mark.parametrize("act", [read, change])
@pytest.mark.parametrize("answer", [DROP, http(b"<html></html>", 503), http(b"")])
def test_a_lost_answer_is_noted_as_down(act: Callable[[Whmcs], Awaitable[object]], answer: bytes) -> None:
    async def attempt() -> Seen:
        async with connected(lambda _: answer) as (whmcs, _wire):
            with pytest.raises(SystemFault):
                await act(whmcs)
            return whmcs.contact.seen

    seen = asyncio.run(attempt())
    assert seen.down_since
    assert seen.answered_at is None


def test_a_call_that_waited_too_long_here_says_nothing_of_the_server() -> None:
    async def attempt() -> Seen:
        async with connected(lambda _: success()) as (whmcs, _wire):
            with pytest.raises(Unavailable):
                await whmcs.module_create(1, send_before=elapsed_s() - 1)
            return whmcs.contact.seen

    assert asyncio.run(attempt()) == Seen()
