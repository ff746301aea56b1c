"""Malformed, truncated, mistyped, huge and hostile answers at every parser of the Salesforce client.

Whatever comes: one of our errors or records of ours, never another exception and never a success that was not said.
"""

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.errors import AccessRefused, OutcomeUnknown, SystemFault, Unavailable
from console.integrations.bounded import LONGEST_ANSWER
from console.integrations.salesforce.answers import hits, page, parts
from console.integrations.salesforce.faults import fault
from console.integrations.salesforce.oauth import tokens_from
from console.integrations.salesforce.org import Salesforce
from console.integrations.salesforce.transport import Step
from console.models.customer import Account
from console.models.order import Claim, Order, OrderSummary
from console.models.staff import StaffMember
from console.sandbox.clock import Clock
from console.sandbox.loopback import serving
from tests.contract.odd_answers import ODD, changed, places
from tests.integrations.salesforce.org_bench import FIELD_MAP, SHOWN, OrgBench, org_bench

_SLOW_START = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]

# What is read with each method of the client, and what that gives.
_READS: dict[str, tuple[Callable[[Salesforce], Awaitable[Any]], type]] = {
    "accounts": (lambda org: org.reads.accounts_by("id", "001000000000000AAA"), Account),
    "order_summaries": (lambda org: org.reads.order_summaries("001000000000000AAA"), OrderSummary),
    "open_orders": (lambda org: org.reads.open_orders_of("001000000000000AAA"), Order),
    "claims": (lambda org: org.reads.claims("801000000000000AAA"), Claim),
}
_TOKENS = {
    "access_token": "00D5g0000000001!example",
    "instance_url": "http://127.0.0.1:9",
    "id": "http://127.0.0.1:9/id/00D5g0000000001EAA/0055g0000000001AAA",
    "token_type": "Bearer",
}


class Org:
    """An address on loopback that answers every request with the bytes of the moment."""

    def __init__(self) -> None:
        self.body = b""
        self.headers: dict[str, str] = {}

    async def answer(self, _: Request) -> Response:
        return Response(self.body, headers=self.headers, media_type="application/json")

    def app(self) -> Starlette:
        methods = ["GET", "POST", "PATCH", "DELETE"]
        return Starlette(routes=[Route("/{path:path}", self.answer, methods=methods)])


@pytest.fixture(scope="module")
def bench() -> Iterator[OrgBench]:
    with org_bench() as opened:
        yield opened


@pytest.fixture(scope="module")
def pages(bench: OrgBench) -> dict[str, list[dict[str, Any]]]:
    """Real rows for each read, as the sandbox gives them."""

    async def gather(org: Salesforce) -> dict[str, list[dict[str, Any]]]:
        order_id = bench.fresh_order()
        await org.writes.begin_work(f"{order_id}.work", order_id, "holder", org.session.instance_url[:18], SHOWN)
        read: list[list[dict[str, Any]]] = []
        query, poll = org.transport.query, org.transport.poll

        async def queried(soql: str) -> list[dict[str, Any]]:
            read.append(await query(soql))
            return read[-1]

        async def polled(soql: str) -> list[dict[str, Any]]:
            read.append(await poll(soql))
            return read[-1]

        # Both only listen.
        org.transport.query = queried  # type: ignore[method-assign]
        org.transport.poll = polled  # type: ignore[method-assign]
        account = bench.table("Order")[order_id]["AccountId"]
        assert await org.reads.account(account)
        assert await org.reads.order_summaries(account)
        assert await org.reads.open_orders_of(account)
        assert await org.reads.claims(order_id)
        rows = dict(zip(_READS, [rows[:1] for rows in read], strict=True))
        return json.loads(json.dumps(rows, default=float))  # type: ignore[no-any-return]

    return bench.run(gather)


@pytest.fixture(scope="module")
def wire() -> Iterator[tuple[Org, str]]:
    org = Org()
    with serving([(org.app(), 0)], Clock()) as (port,):
        yield org, f"http://127.0.0.1:{port}"


def asked(bench: OrgBench, wire: tuple[Org, str], body: bytes, act: Callable[[Salesforce], Awaitable[Any]]) -> Any:
    """What the client makes of this body."""
    org, url = wire
    org.body = body
    session = bench.session()
    token = session.access.token
    assert token
    session.adopt(token, url)

    async def attempt() -> Any:
        salesforce = Salesforce(session, FIELD_MAP, "JPY")
        try:
            return await act(salesforce)
        finally:
            await salesforce.aclose()

    return asyncio.run(attempt())


def one_page(rows: Any) -> bytes:
    return json.dumps({"totalSize": 1, "done": True, "records": rows}).encode()


@pytest.mark.parametrize("name", _READS)
def test_every_read_understands_the_answer_that_the_rest_is_made_from(
    bench: OrgBench, wire: tuple[Org, str], pages: dict[str, list[dict[str, Any]]], name: str
) -> None:
    act, kind = _READS[name]

    (found,) = asked(bench, wire, one_page(pages[name]), act)

    assert isinstance(found, kind)


@settings(max_examples=60, suppress_health_check=_SLOW_START)
@pytest.mark.parametrize("name", _READS)
@given(data=st.data())
def test_a_mistyped_value_is_read_or_refused(
    bench: OrgBench, wire: tuple[Org, str], pages: dict[str, list[dict[str, Any]]], name: str, data: st.DataObject
) -> None:
    act, kind = _READS[name]
    path = data.draw(st.sampled_from(places(pages[name])))
    body = one_page(changed(pages[name], path, data.draw(ODD)))

    try:
        found = asked(bench, wire, body, act)
    except SystemFault as refused:
        assert not refused.mutating
        assert len(str(refused)) < 1000
    else:
        assert all(isinstance(one, kind) for one in found)
        repr(found)


@settings(max_examples=40, suppress_health_check=_SLOW_START)
@pytest.mark.parametrize("name", _READS)
@given(data=st.data())
def test_a_cut_answer_never_passes(
    bench: OrgBench, wire: tuple[Org, str], pages: dict[str, list[dict[str, Any]]], name: str, data: st.DataObject
) -> None:
    whole = one_page(pages[name])
    cut = data.draw(st.integers(min_value=0, max_value=len(whole) - 1))

    with pytest.raises(Unavailable):
        asked(bench, wire, whole[:cut], _READS[name][0])


@settings(max_examples=60, suppress_health_check=_SLOW_START)
@given(body=st.binary(max_size=200))
@example(body=b"[]")
@example(body=b"{}")
@example(body=b'{"records": [], "totalSize": 0}')
@example(body=b'{"records": [], "done": false}')
@example(body=b'{"records": [], "done": false, "nextRecordsUrl": "//elsewhere.example.com/"}')
@example(body=b'{"records": [], "done": false, "nextRecordsUrl": "@elsewhere.example.com/"}')
@example(body=b'{"records": [], "done": "true"}')
@example(body=b'{"a":' * 5000 + b"1" + b"}" * 5000)
@example(body=b'{"records": ' + b"[" * 100_000)
@example(body=b"<title>" + b"<" * 100_000)
def test_bytes_that_are_no_page_are_no_page(bench: OrgBench, wire: tuple[Org, str], body: bytes) -> None:
    with pytest.raises(Unavailable) as caught:
        asked(bench, wire, body, lambda org: org.reads.order_summaries("001000000000000AAA"))

    str(caught.value).encode()


@pytest.fixture
def huge(wire: tuple[Org, str]) -> Iterator[bytes]:
    """A page that fits on the wire and is longer than any answer once it is unpacked."""
    org, _ = wire
    org.headers = {"Content-Encoding": "gzip"}
    yield gzip.compress(one_page([]) + b" " * LONGEST_ANSWER)
    org.headers = {}


@pytest.mark.parametrize("name", _READS)
def test_a_huge_answer_is_no_answer(bench: OrgBench, wire: tuple[Org, str], huge: bytes, name: str) -> None:
    with pytest.raises(Unavailable, match=str(LONGEST_ANSWER)):
        asked(bench, wire, huge, _READS[name][0])


def test_a_huge_answer_to_a_change_tells_nothing_of_it(bench: OrgBench, wire: tuple[Org, str], huge: bytes) -> None:
    change = Step(name="a", method="PATCH", path="sobjects/Account/001")
    with pytest.raises(OutcomeUnknown, match=str(LONGEST_ANSWER)):
        asked(bench, wire, huge, lambda org: org.transport.composite([change]))


@settings(max_examples=200)
@given(answer=ODD)
@example(answer={"searchRecords": [None]})
@example(answer={"searchRecords": {"Id": "001"}})
def test_what_is_no_list_of_hits_is_refused(answer: Any) -> None:
    with pytest.raises(Unavailable):
        hits(json.dumps(answer))


@settings(max_examples=40, suppress_health_check=_SLOW_START)
@given(data=st.data())
def test_a_search_with_something_odd_finds_accounts_or_is_refused(
    bench: OrgBench, wire: tuple[Org, str], data: st.DataObject
) -> None:
    rows = [{"attributes": {"type": "Contact"}, "AccountId": "001A"}, {"attributes": {"type": "Account"}, "Id": "001B"}]
    answer = {"searchRecords": rows}
    odd = changed(answer, data.draw(st.sampled_from(places(answer))), data.draw(ODD))

    try:
        found = asked(bench, wire, json.dumps(odd).encode(), lambda org: org.reads.account_ids_matching("x", 20))
    except Unavailable:
        pass
    else:
        assert all(isinstance(one, str) and one for one in found)


_DONE = {"referenceId": "a", "httpStatusCode": 204, "body": None, "httpHeaders": {}}
_READ_BACK = {"referenceId": "b", "httpStatusCode": 200, "body": {"done": True, "records": []}, "httpHeaders": {}}


def read_parts(text: str, *, mutating: bool = True) -> dict[str, tuple[int, Any]]:
    return parts(text, names=["a", "b"], mutating=mutating)


def test_a_composite_answer_is_read_by_the_names_of_its_steps() -> None:
    assert read_parts(json.dumps({"compositeResponse": [_READ_BACK, _DONE]}))["a"] == (204, None)


@settings(max_examples=300)
@given(data=st.data())
def test_a_composite_answer_with_something_odd_is_refused_or_whole(data: st.DataObject) -> None:
    answer = {"compositeResponse": [_DONE, _READ_BACK]}
    odd = changed(answer, data.draw(st.sampled_from(places(answer))), data.draw(ODD))

    try:
        found = read_parts(json.dumps(odd))
    except OutcomeUnknown as unknown:
        assert unknown.mutating
    else:
        assert {name: type(status) for name, (status, _) in found.items()} == {"a": int, "b": int}


@pytest.mark.parametrize("left", [[], [_DONE], [_READ_BACK], [_DONE, {**_READ_BACK, "referenceId": "c"}]])
def test_a_step_without_an_answer_is_no_success(left: list[Any]) -> None:
    with pytest.raises(OutcomeUnknown):
        read_parts(json.dumps({"compositeResponse": left}))
    with pytest.raises(Unavailable):
        read_parts(json.dumps({"compositeResponse": left}), mutating=False)


@settings(max_examples=25, suppress_health_check=_SLOW_START)
@given(data=st.data())
def test_a_claim_that_cannot_be_read_back_is_never_taken_for_ours(
    bench: OrgBench, wire: tuple[Org, str], pages: dict[str, list[dict[str, Any]]], data: st.DataObject
) -> None:
    """The pauses between the tries are the product's own; each example ends with the first answer."""
    rows = changed(pages["claims"], data.draw(st.sampled_from(places(pages["claims"]))), data.draw(ODD))
    inserted = {"referenceId": "insert", "httpStatusCode": 201, "body": {"id": "a00", "success": True}}
    back = {"referenceId": "claim", "httpStatusCode": 200, "body": {"done": True, "records": rows}}
    body = json.dumps({"compositeResponse": [inserted, back]}).encode()

    try:
        claim = asked(bench, wire, body, lambda org: org.writes.insert_claim("k", "801", "holder", "person"))
    except OutcomeUnknown as unknown:
        assert unknown.mutating
    else:
        assert isinstance(claim, Claim)


@settings(max_examples=200)
@given(answer=ODD)
def test_tokens_are_whole_or_refused(answer: Any) -> None:
    with pytest.raises((Unavailable, AccessRefused)):
        tokens_from(answer, "practice")


@settings(max_examples=200)
@given(data=st.data())
def test_tokens_with_something_odd_are_never_sent_elsewhere(data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(list(_TOKENS)))

    try:
        found = tokens_from({**_TOKENS, key: data.draw(ODD)}, "practice")
    except SystemFault:
        pass
    else:
        assert found.instance_url == _TOKENS["instance_url"]
        assert found.organization_id.startswith("00D")


@settings(max_examples=60, suppress_health_check=_SLOW_START)
@given(answer=ODD)
def test_who_is_signed_in_is_somebody_or_nobody(bench: OrgBench, wire: tuple[Org, str], answer: Any) -> None:
    with pytest.raises(SystemFault):
        asked(bench, wire, json.dumps(answer).encode(), lambda org: org.reads.me())


@settings(max_examples=300)
@given(status=st.integers(min_value=100, max_value=999), body=ODD, mutating=st.booleans())
@example(status=400, body=[{"errorCode": "\ud800", "message": "x" * 100_000}], mutating=True)
@example(status=502, body="<" * 100_000, mutating=True)
def test_any_failing_answer_is_one_of_our_errors(status: int, body: Any, mutating: bool) -> None:
    failed = fault("query", status, body, mutating=mutating)

    assert failed.status == status
    assert len(failed.message) <= 2000
    f"{failed.error_code} {failed}".encode()


@settings(max_examples=200)
@given(answer=ODD)
def test_what_is_no_page_is_refused(answer: Any) -> None:
    with pytest.raises(Unavailable):
        page(answer)


def test_a_person_of_the_right_shape_is_read(bench: OrgBench) -> None:
    assert isinstance(bench.run(lambda org: org.reads.me()), StaffMember)
