"""Each fault, over real connections: what is done, and what the caller sees of it."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from console.sandbox.clock import Clock
from console.sandbox.faults import Fault, FaultBoard, FaultMiddleware
from console.sandbox.loopback import LOOPBACK, serving
from console.sandbox.whmcs import action_of, whmcs_app
from console.sandbox.whmcs_call import WhmcsServer
from tests.sandbox.whmcs_bench import CREDENTIALS, HANAKO, SIM, WhmcsBench, small_books

_ORDER = {"clientid": HANAKO, "paymentmethod": "stripe", "pid[0]": SIM, "billingcycle[0]": "monthly"}


def _orders(whmcs: WhmcsBench) -> int:
    return len(whmcs.books.orders)


@pytest.mark.parametrize(("kind", "done"), [("drop", 0), ("commit_then_drop", 1), ("truncated", 1)])
def test_a_cut_connection_says_nothing_about_what_was_done(whmcs: WhmcsBench, kind: str, done: int) -> None:
    whmcs.break_with(kind)
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        whmcs.post("AddOrder", **_ORDER)
    assert _orders(whmcs) == done
    whmcs.order()
    assert _orders(whmcs) == done + 1


def test_commit_later_with_a_status_answers_before_the_order_exists(whmcs: WhmcsBench) -> None:
    whmcs.break_with("commit_later", status=504, delay_ms=200)
    answer = whmcs.post("AddOrder", **_ORDER)
    assert (answer.status_code, answer.headers["content-type"]) == (504, "text/html; charset=utf-8")
    assert _orders(whmcs) == 0
    _until_one_order(whmcs)


def test_commit_later_without_a_status_cuts_the_connection(whmcs: WhmcsBench) -> None:
    whmcs.break_with("commit_later", delay_ms=200)
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        whmcs.post("AddOrder", **_ORDER)
    assert _orders(whmcs) == 0
    _until_one_order(whmcs)


def _until_one_order(whmcs: WhmcsBench) -> None:
    """Ask until the late order shows; a test that waits in vain is ended by the number of reads."""
    for _ in range(100_000):
        if whmcs.call("GetOrders")["totalresults"] == 1:
            return
    raise AssertionError("the order never came")


def test_answer_late_is_longer_than_the_caller_waits(whmcs: WhmcsBench) -> None:
    whmcs.break_with("answer_late", delay_ms=2000)
    with pytest.raises(httpx.ReadTimeout):
        whmcs.http.post(
            f"{whmcs.url}/includes/api.php",
            data={**whmcs.signed_in, "responsetype": "json", "action": "AddOrder", **_ORDER},
            timeout=0.2,
        )
    assert _orders(whmcs) == 1


@pytest.mark.parametrize("kind", ["answer_late", "drip"])
def test_a_slow_answer_is_whole(whmcs: WhmcsBench, kind: str) -> None:
    whmcs.break_with(kind, delay_ms=50)
    answer = whmcs.post("AddOrder", **_ORDER)
    assert answer.json()["orderid"] == "1"
    assert answer.elapsed.total_seconds() >= 0.05


def test_refuse_is_a_business_error_before_anything_is_done(whmcs: WhmcsBench) -> None:
    whmcs.break_with("refuse", message="Client ID Not Found")
    assert whmcs.refusal("AddOrder", **_ORDER) == "Client ID Not Found"
    assert _orders(whmcs) == 0


@pytest.mark.parametrize(
    ("kind", "options", "status"),
    [
        ("html", {}, 500),
        ("html", {"status": 502}, 502),
        ("html_200", {}, 200),
        ("status", {}, 503),
        ("status", {"status": 429}, 429),
        ("empty", {}, 200),
    ],
)
@pytest.mark.parametrize("committed", [True, False])
def test_an_answer_that_is_no_json_may_stand_for_something_done(
    whmcs: WhmcsBench, kind: str, options: dict[str, Any], status: int, committed: bool
) -> None:
    whmcs.break_with(kind, committed=committed, **options)
    answer = whmcs.post("AddOrder", **_ORDER)
    assert answer.status_code == status
    assert not answer.text or answer.text.startswith("<html>")
    assert _orders(whmcs) == int(committed)


def test_a_page_may_have_words_of_its_own(whmcs: WhmcsBench) -> None:
    whmcs.break_with("html_200", body="<p>Down for maintenance</p>")
    assert whmcs.post("AddOrder", **_ORDER).text == "<p>Down for maintenance</p>"


def test_a_php_notice_stands_before_the_json_of_what_was_done(whmcs: WhmcsBench) -> None:
    whmcs.break_with("php_notice")
    text = whmcs.post("AddOrder", **_ORDER).text
    assert text.startswith("<br />\n<b>Notice</b>")
    assert text.endswith('"invoiceid":"1"}')
    assert _orders(whmcs) == 1


def test_no_result_leaves_the_rest_of_the_answer(whmcs: WhmcsBench) -> None:
    whmcs.break_with("no_result")
    answer = whmcs.ask("AddOrder", **_ORDER)
    assert "result" not in answer
    assert answer["orderid"] == "1"


def test_a_warning_alone_stands_for_nothing_done(whmcs: WhmcsBench) -> None:
    whmcs.break_with("warning_only", message="No payment method")
    assert whmcs.ask("AddOrder", **_ORDER) == {"warning": "No payment method"}
    assert _orders(whmcs) == 0


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("access_ip", "Invalid IP 127.0.0.1"),
        ("access_credentials", "Invalid or missing credentials"),
        ("access_role", 'Invalid Permissions: API action "addorder" is not allowed'),
    ],
)
def test_access_is_refused_in_the_documented_words(whmcs: WhmcsBench, kind: str, message: str) -> None:
    whmcs.break_with(kind)
    answer = whmcs.post("AddOrder", **_ORDER)
    assert (answer.status_code, answer.json()["message"]) == (403, message)
    assert _orders(whmcs) == 0


def test_a_redirect_leads_away(whmcs: WhmcsBench) -> None:
    whmcs.break_with("redirect")
    answer = whmcs.post("AddOrder", **_ORDER)
    assert (answer.status_code, _orders(whmcs)) == (301, 0)
    assert answer.headers["location"].startswith("https://www.example.com/")


def test_a_fault_hits_the_call_it_names_and_as_many_as_it_says(whmcs: WhmcsBench) -> None:
    whmcs.order()
    whmcs.break_with("refuse", action="add*", call=2, count=2)
    whmcs.call("GetOrders")
    results = [whmcs.ask("AddOrder", **_ORDER)["result"] for _ in range(4)]
    assert results == ["success", "error", "error", "success"]


def test_every_call_is_counted_by_its_documented_name_the_broken_ones_too(whmcs: WhmcsBench) -> None:
    whmcs.break_with("drop")
    with pytest.raises(httpx.HTTPError):
        whmcs.post("addorder", **_ORDER)
    whmcs.call("getorders")
    whmcs.post("NoSuchAction")
    made = whmcs.board.calls_made()
    assert made == {"salesforce": {}, "whmcs": {"AddOrder": 1, "GetOrders": 1, "NoSuchAction": 1}}


def test_latency_holds_up_every_call(whmcs: WhmcsBench) -> None:
    whmcs.board.latency_ms["whmcs"] = 60
    try:
        assert whmcs.post("GetOrders").elapsed.total_seconds() >= 0.06
    finally:
        whmcs.board.latency_ms["whmcs"] = 0


def test_calls_made_at_once_each_get_an_order_of_their_own(whmcs: WhmcsBench) -> None:
    async def order_together() -> list[httpx.Response]:
        async with httpx.AsyncClient(trust_env=False) as http:
            sent = {**whmcs.signed_in, "responsetype": "json", "action": "AddOrder", **_ORDER}
            calls = [http.post(f"{whmcs.url}/includes/api.php", data=sent) for _ in range(10)]
            return list(await asyncio.gather(*calls))

    answers = asyncio.run(order_together())
    assert sorted(int(answer.json()["orderid"]) for answer in answers) == list(range(1, 11))


@pytest.mark.parametrize(
    "wrong", [{"kind": "explode"}, {"system": "portal"}, {"call": 0}, {"colour": "red"}, {"count": 0}]
)
def test_a_fault_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Fault.model_validate({"system": "whmcs", "kind": "drop", **wrong})


def test_taking_away_a_fault_that_is_not_there_is_an_error() -> None:
    board = FaultBoard([Fault(system="whmcs", kind="drop")])
    board.remove(1)
    with pytest.raises(KeyError):
        board.remove(1)


def test_without_a_real_connection_there_is_nothing_to_cut() -> None:
    server = WhmcsServer(small_books(), Clock(), CREDENTIALS)
    board = FaultBoard([Fault(system="whmcs", kind="drop")])
    app = FaultMiddleware(whmcs_app(server), board, "whmcs", action_of)

    async def call() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as http:
            await http.post("/includes/api.php")

    with pytest.raises(RuntimeError, match="use the real loopback server"):
        asyncio.run(call())


@pytest.fixture(scope="module")
def salesforce() -> Iterator[tuple[str, FaultBoard, list[str]]]:
    """A stand-in that notes what reaches it, behind Salesforce's faults."""
    reached: list[str] = []

    async def note(request: Request) -> Response:
        reached.append(request.url.path)
        return JSONResponse({"id": "801"}, 201)

    async def action(request: Request) -> str:
        return f"create:{request.url.path.rsplit('/', 1)[1]}"

    board = FaultBoard()
    app = FaultMiddleware(
        Starlette(routes=[Route("/{path:path}", note, methods=["POST"])]), board, "salesforce", action
    )
    with serving([(app, 0)], Clock()) as (port,):
        yield f"http://{LOOPBACK}:{port}/sobjects", board, reached


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("refuse", 400, "FIELD_CUSTOM_VALIDATION_EXCEPTION"),
        ("lock_row", 400, "UNABLE_TO_LOCK_ROW"),
        ("request_limit", 403, "REQUEST_LIMIT_EXCEEDED"),
        ("invalid_session", 401, "INVALID_SESSION_ID"),
        ("server_error", 500, "UNKNOWN_EXCEPTION"),
    ],
)
def test_salesforce_errors_come_before_anything_is_done(
    salesforce: tuple[str, FaultBoard, list[str]], kind: Any, status: int, code: str
) -> None:
    url, board, reached = salesforce
    reached.clear()
    board.add(Fault(system="salesforce", action="create:order", kind=kind))
    answer = httpx.post(f"{url}/Order", json={})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (status, code)
    assert reached == []
    assert httpx.post(f"{url}/Order", json={}).status_code == 201


def test_faults_of_one_system_or_action_leave_the_others_alone(
    salesforce: tuple[str, FaultBoard, list[str]],
) -> None:
    url, board, _ = salesforce
    board.add(Fault(system="salesforce", action="create:Account", kind="server_error"))
    board.add(Fault(system="whmcs", kind="drop"))
    assert httpx.post(f"{url}/Order", json={}).status_code == 201
    board.remove()


def test_a_commit_survives_that_its_caller_gave_up(salesforce: tuple[str, FaultBoard, list[str]]) -> None:
    url, board, reached = salesforce
    reached.clear()
    board.add(Fault(system="salesforce", kind="commit_then_drop"))
    with pytest.raises(httpx.HTTPError):
        httpx.post(f"{url}/Order", json={})
    assert reached == ["/sobjects/Order"]
