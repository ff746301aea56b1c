"""Requests over a real connection: pages, composite calls, broken answers, threads, and what is kept out of texts."""

import asyncio
import contextlib
import logging
import socket
import threading
import traceback
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from console.errors import AccessRefused, Conflict, OutcomeUnknown, Rejected, Stale, SystemFault, Unavailable
from console.integrations.contact import Seen
from console.integrations.salesforce.org import Salesforce
from console.integrations.salesforce.session import SalesforceSession
from console.integrations.salesforce.transport import Step, Transport
from console.models.connection import CallBudget
from console.sandbox.clock import Clock
from console.sandbox.loopback import serving
from console.sandbox.salesforce_store import new_id
from tests.integrations.salesforce.org_bench import OrgBench

_ACCOUNTS = "SELECT Id, Name FROM Account ORDER BY Id"
_LOST = ["drop", "commit_then_drop", "truncated", "empty", "html", "html_200", "status"]
_NEVER_SENT_A_SECRET = "00D-never-to-be-shown"


def rename(name: str, record_id: str, **body: Any) -> Step:
    return Step(name=name, method="PATCH", path=f"sobjects/Account/{record_id}", body=body)


def fault_of(org: OrgBench, act: Callable[[Salesforce], Awaitable[object]], role: str = "supervisor") -> SystemFault:
    with pytest.raises(SystemFault) as caught:
        org.run(act, role)
    return caught.value


def test_a_query_goes_on_until_the_last_page(org: OrgBench) -> None:
    org.sandbox.salesforce.load("Task", [{"Id": new_id("Task", n), "Subject": f"Call {n}"} for n in range(1, 2002)])
    rows = org.run(lambda salesforce: salesforce.transport.query("SELECT Id FROM Task"))
    assert {row["Id"] for row in rows} == set(org.table("Task"))
    assert (org.calls("query"), org.calls("query_more")) == (1, 1)


def test_polling_reads_the_same_pages_without_the_library(org: OrgBench) -> None:
    org.sandbox.salesforce.load("Task", [{"Id": new_id("Task", n), "Subject": f"Call {n}"} for n in range(1, 2002)])

    async def both(salesforce: Salesforce) -> None:
        polled = await salesforce.transport.poll("SELECT Id FROM Task ORDER BY Id")
        assert salesforce.session.calls == {"poll": 2}
        assert not [thread for thread in threading.enumerate() if thread.name.startswith("salesforce")]
        queried = await salesforce.transport.query("SELECT Id FROM Task ORDER BY Id")
        assert [row["Id"] for row in polled] == [row["Id"] for row in queried] == sorted(org.table("Task"))

    org.run(both)


def test_polled_money_is_exact(org: OrgBench) -> None:
    [row] = org.run(lambda salesforce: salesforce.transport.poll("SELECT UnitPrice FROM PricebookEntry LIMIT 1"))
    assert isinstance(row["UnitPrice"], Decimal)


def test_a_record_that_is_newer_than_it_was_read_is_not_changed(org: OrgBench) -> None:
    first = next(iter(org.table("Account")))
    read_at = org.sandbox.clock.now()
    org.sandbox.clock.advance(2)

    def change(phone: str) -> Step:
        return rename("a", first, Phone=phone).model_copy(update={"unmodified_since": read_at})

    org.run(lambda salesforce: salesforce.transport.composite([change("03-0000-0011")]))
    org.sandbox.clock.advance(2)
    fault = fault_of(org, lambda salesforce: salesforce.transport.composite([change("03-0000-0012")]))
    assert (type(fault), fault.status) == (Stale, 412)
    assert org.table("Account")[first]["Phone"] == "03-0000-0011"


def test_composite_runs_its_steps_in_order_and_names_the_answers(org: OrgBench) -> None:
    first = next(iter(org.table("Account")))
    steps = [
        rename("change", first, Phone="03-0000-0001"),
        Step(name="read", method="GET", path=f"sobjects/Account/{first}?fields=Phone"),
    ]
    answers = org.run(lambda salesforce: salesforce.transport.composite(steps))
    assert set(answers) == {"change", "read"}
    assert answers["read"]["Phone"] == "03-0000-0001"
    assert org.calls("composite") == 1


def test_composite_asks_for_the_order_that_salesforce_does_not_keep_by_itself() -> None:
    """`collateSubrequests` is true unless it is said otherwise (salesforce-api.md 2.5)."""
    sent: list[dict[str, Any]] = []

    async def note(request: Request) -> Response:
        sent.append(await request.json())
        return JSONResponse({"compositeResponse": [{"referenceId": "a", "httpStatusCode": 204, "body": None}]})

    app = Starlette(routes=[Route("/services/data/v66.0/composite", note, methods=["POST"])])

    async def send(port: int) -> None:
        transport = Transport(SalesforceSession(f"http://127.0.0.1:{port}", SecretStr("example"), "66.0"))
        await transport.composite([rename("a", "001", Phone="1")])
        await transport.aclose()

    with serving([(app, 0)], Clock()) as (port,):
        asyncio.run(send(port))
    path = "/services/data/v66.0/sobjects/Account/001"
    step = {"method": "PATCH", "url": path, "referenceId": "a", "body": {"Phone": "1"}}
    assert sent == [{"allOrNone": True, "collateSubrequests": False, "compositeRequest": [step]}]


def test_composite_changes_all_or_nothing_and_tells_the_cause(org: OrgBench) -> None:
    first, second = list(org.table("Account"))[:2]
    taken = org.table("Account")[second]["Customer_Number__c"]
    before = org.table("Account")[first]["Phone"]
    steps = [
        rename("a", first, Phone="03-0000-0002"),
        rename("b", first, Customer_Number__c=taken),
        rename("c", second, Phone="03-0000-0003"),
    ]
    fault = fault_of(org, lambda salesforce: salesforce.transport.composite(steps), "admin")
    assert isinstance(fault, Conflict)
    assert (fault.error_code, fault.action, fault.holder_id) == ("DUPLICATE_VALUE", "composite b", second)
    assert org.table("Account")[first]["Phone"] == before


@pytest.mark.parametrize("kind", _LOST)
def test_a_change_without_a_usable_answer_is_unknown(org: OrgBench, kind: str) -> None:
    first = next(iter(org.table("Account")))
    org.break_next("composite", kind)
    fault = fault_of(org, lambda salesforce: salesforce.transport.composite([rename("a", first, Phone="03-0000-0004")]))
    assert type(fault) is OutcomeUnknown
    assert fault.mutating


@pytest.mark.parametrize("kind", [*_LOST, "server_error", "request_limit"])
def test_a_read_without_a_usable_answer_may_be_repeated(org: OrgBench, kind: str) -> None:
    org.break_next("query", kind)
    assert type(fault_of(org, lambda salesforce: salesforce.transport.query(_ACCOUNTS))) is Unavailable
    assert org.run(lambda salesforce: salesforce.transport.query(_ACCOUNTS))


@pytest.mark.parametrize("kind", ["html_200", "empty", "truncated"])
@pytest.mark.parametrize("action", ["userinfo", "versions"])
def test_a_page_of_a_proxy_is_no_answer(org: OrgBench, action: str, kind: str) -> None:
    org.break_next(action, kind)
    asked = {"userinfo": lambda at: at.transport.userinfo(), "versions": lambda at: at.transport.reachable()}
    assert type(fault_of(org, asked[action])) is Unavailable


@pytest.mark.parametrize("page", ["[]", "{}", '{"records": null}', '{"records": [null]}', '"words"', "null"])
def test_an_answer_that_is_no_page_of_records_is_no_answer(org: OrgBench, page: str) -> None:
    org.break_next("query", "html_200", body=page)
    assert type(fault_of(org, lambda salesforce: salesforce.transport.query(_ACCOUNTS))) is Unavailable


def test_a_lost_second_page_loses_the_query(org: OrgBench) -> None:
    org.break_next(
        "query", "html_200", body='{"records": [], "done": false, "nextRecordsUrl": "/services/data/v66.0/x"}'
    )
    assert isinstance(fault_of(org, lambda salesforce: salesforce.transport.query(_ACCOUNTS)), SystemFault)


@pytest.mark.parametrize(
    ("kind", "error"), [("lock_row", Rejected), ("invalid_session", AccessRefused), ("request_limit", Unavailable)]
)
def test_a_refusal_of_a_change_is_told_as_such(org: OrgBench, kind: str, error: type[SystemFault]) -> None:
    org.break_next("composite", kind)
    fault = fault_of(org, lambda salesforce: salesforce.transport.composite([rename("a", "001", Phone="1")]))
    assert type(fault) is error


def test_nothing_that_listens_means_nothing_was_sent() -> None:
    async def attempt() -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            nobody = f"http://127.0.0.1:{taken.getsockname()[1]}"
        session = SalesforceSession(nobody, SecretStr(_NEVER_SENT_A_SECRET), "66.0")
        transport = Transport(session)
        try:
            with pytest.raises(Unavailable):
                await transport.composite([rename("a", "001", Phone="1")])
            with pytest.raises(Unavailable):
                await transport.query(_ACCOUNTS)
        finally:
            await transport.aclose()

    asyncio.run(attempt())


def test_the_limit_header_and_the_time_are_noted_on_both_ways(org: OrgBench) -> None:
    async def both(salesforce: Salesforce) -> None:
        session = salesforce.session
        await salesforce.transport.query(_ACCOUNTS)
        after_query = session.calls_of_the_org
        await salesforce.transport.composite([Step(name="q", method="GET", path="query/?q=SELECT+Id+FROM+User")])
        assert after_query is not None
        assert session.calls_of_the_org == CallBudget(used=after_query.used + 1, allowed=100_000)
        assert abs((session.clock.now() - org.sandbox.clock.now()).total_seconds()) < 5
        assert session.calls == {"query": 1, "composite": 1}

    org.sandbox.clock.advance(3600)
    org.run(both)


def test_many_reads_at_once_share_sixteen_threads_and_stay_apart(org: OrgBench) -> None:
    names = {account["Name"]: key for key, account in org.table("Account").items()}
    org.sandbox.board.latency_ms["salesforce"] = 20

    async def all_at_once(salesforce: Salesforce) -> int:
        queries = [f"SELECT Id, Name FROM Account WHERE Id = '{key}'" for key in names.values()]
        pages = await asyncio.gather(*[salesforce.transport.query(query) for query in queries])
        assert [page[0]["Id"] for page in pages] == list(names.values())
        return sum(thread.name.startswith("salesforce") for thread in threading.enumerate())

    try:
        assert org.run(all_at_once) == 16
    finally:
        org.sandbox.board.latency_ms["salesforce"] = 0
    assert org.calls("query") == len(names)


def test_the_next_read_uses_the_token_of_the_moment(org: OrgBench) -> None:
    async def swapped(salesforce: Salesforce) -> None:
        good = salesforce.session.access.token
        assert good
        salesforce.session.adopt(SecretStr(_NEVER_SENT_A_SECRET), org.info.salesforce_url)
        with pytest.raises(AccessRefused):
            await salesforce.transport.query(_ACCOUNTS)
        salesforce.session.adopt(good, org.info.salesforce_url)
        assert await salesforce.transport.query(_ACCOUNTS)

    org.run(swapped)


@pytest.mark.parametrize("kind", ["invalid_session", "drop", "html", "truncated", "refuse"])
def test_no_token_and_no_record_is_in_an_error_or_a_log_line(
    org: OrgBench, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    caplog.set_level(logging.DEBUG)
    token = org.token("supervisor")
    told = []
    for action in ("query", "composite", "userinfo"):
        org.break_next(action, kind)
        ask: dict[str, Callable[[Salesforce], Awaitable[object]]] = {
            "query": lambda at: at.transport.query("SELECT Id FROM Account WHERE Name = 'Secret Person'"),
            "composite": lambda at: at.transport.composite([rename("a", "001", Name="Secret Person")]),
            "userinfo": lambda at: at.transport.userinfo(),
        }
        told.append("".join(traceback.format_exception(fault_of(org, ask[action]))))
    of_ours = "".join(record.getMessage() for record in caplog.records if record.name.startswith("console"))
    assert token not in "".join(told) + caplog.text
    assert "Secret Person" not in of_ours


def test_the_versions_need_no_sign_in_and_cost_no_call(org: OrgBench) -> None:
    async def attempt(salesforce: Salesforce) -> None:
        salesforce.session.adopt(SecretStr(_NEVER_SENT_A_SECRET), org.info.salesforce_url)
        assert "66.0" in {version["version"] for version in await salesforce.transport.reachable()}
        assert salesforce.session.calls_of_the_org is None

    org.run(attempt)


async def on_a_thread(salesforce: Salesforce) -> None:
    await salesforce.transport.query(_ACCOUNTS)


async def on_the_loop(salesforce: Salesforce) -> None:
    await salesforce.transport.reachable()


def seen_after(org: OrgBench, act: Callable[[Salesforce], Awaitable[None]]) -> Seen:
    async def attempt(salesforce: Salesforce) -> Seen:
        with contextlib.suppress(SystemFault):
            await act(salesforce)
        return salesforce.session.contact.seen

    return org.run(attempt)


@pytest.mark.parametrize("act", [on_a_thread, on_the_loop])
def test_an_answer_is_noted_on_both_ways(org: OrgBench, act: Callable[[Salesforce], Awaitable[None]]) -> None:
    seen = seen_after(org, act)
    assert seen.answered_at
    assert seen.took_ms is not None
    assert (seen.down_since, seen.fault) == (None, None)


@pytest.mark.parametrize("kind", ["drop", "status", "html_200"])
@pytest.mark.parametrize(("action", "act"), [("query", on_a_thread), ("versions", on_the_loop)])
def test_a_lost_answer_is_noted_as_down_on_both_ways(
    org: OrgBench, action: str, act: Callable[[Salesforce], Awaitable[None]], kind: str
) -> None:
    org.break_next(action, kind)
    seen = seen_after(org, act)
    assert seen.down_since
    assert isinstance(seen.fault, Unavailable)


def test_an_org_that_refuses_us_did_answer(org: OrgBench) -> None:
    org.break_next("query", "invalid_session")
    seen = seen_after(org, on_a_thread)
    assert seen.answered_at
    assert seen.down_since is None
    assert isinstance(seen.fault, AccessRefused)
