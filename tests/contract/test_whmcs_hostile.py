"""Malformed, truncated, mistyped, huge and hostile answers at every parser of the WHMCS client.

Whatever comes: one of our errors or records of ours, never another exception and never a success that was not said.
"""

import asyncio
import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from console.errors import OutcomeUnknown, SystemFault, Unavailable
from console.integrations.whmcs.outcome import Call, classify
from console.integrations.whmcs.paging import Place
from tests.contract.odd_answers import ODD, changed, places
from tests.contract.whmcs_answers import PARSERS
from tests.integrations.whmcs.wire import Form, connected, http, success


def _read(action: str, body: bytes, *, mutating: bool = True) -> object:
    """What the client makes of a body: the record. ValueError and SystemFault are what it knows."""
    return PARSERS[action][0](classify(Call(action, mutating=mutating), 200, body))


@pytest.mark.parametrize("action", PARSERS)
def test_every_parser_reads_the_answer_that_the_rest_is_made_from(action: str) -> None:
    assert _read(action, json.dumps({"result": "success", **PARSERS[action][1]}).encode())


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("action", PARSERS)
@given(data=st.data())
def test_a_mistyped_value_is_read_or_refused(action: str, data: st.DataObject) -> None:
    answer = PARSERS[action][1]
    path = data.draw(st.sampled_from(places(answer)))
    body = json.dumps({"result": "success", **changed(answer, path, data.draw(ODD))})

    try:
        record = _read(action, body.encode())
    except (ValueError, SystemFault) as fault:
        assert not isinstance(fault, UnicodeError)
    else:
        repr(record)


@settings(max_examples=40)
@pytest.mark.parametrize("action", PARSERS)
@given(answer=st.dictionaries(st.text(max_size=4), ODD, max_size=4))
def test_an_answer_of_another_kind_is_read_or_refused(action: str, answer: dict[str, Any]) -> None:
    try:
        _read(action, json.dumps({**answer, "result": "success"}).encode())
    except (ValueError, SystemFault) as fault:
        assert not isinstance(fault, UnicodeError)


@settings(max_examples=40)
@pytest.mark.parametrize("action", PARSERS)
@given(data=st.data())
def test_a_cut_answer_never_passes(action: str, data: st.DataObject) -> None:
    body = json.dumps({"result": "success", **PARSERS[action][1]}).encode()
    cut = data.draw(st.integers(min_value=0, max_value=len(body) - 1))

    with pytest.raises(OutcomeUnknown):
        _read(action, body[:cut])
    with pytest.raises(OutcomeUnknown if action != "GetInvoice" else SystemFault):
        _read(action, json.dumps(PARSERS[action][1]).encode()[: max(cut - 22, 0)])


@pytest.mark.parametrize("action", sorted(set(PARSERS) - {"GetInvoice"}))
@pytest.mark.parametrize("label", ["SUCCESSFUL", "", None, True, ["success"], {"success": 1}, "error", "pending"])
def test_nothing_but_the_word_success_is_one(action: str, label: Any) -> None:
    with pytest.raises(SystemFault):
        _read(action, json.dumps({**PARSERS[action][1], "result": label}).encode())


@settings(max_examples=300)
@given(body=st.binary(max_size=200))
@example(body=b'{"result":"success","clientid":NaN}')
@example(body=b'{"result":"success","clientid":-Infinity}')
@example(body=b'{"result":"success","clientid":' + b"9" * 5000 + b"}")
@example(body=b'{"result":"success","clientid":1e99999999999999999999}')
@example(body=b'{"result":"success","result":"error"}')
@example(body=b'{"result":"error","result":"success"}')
@example(body=b'{"result":"error","message":"\\ud800"}')
@example(body=b'{"result":"error","message":"' + b"x" * 100_000 + b'"}')
@example(body=b'{"a":' * 5000 + b"1" + b"}" * 5000)
@example(body=b"result=error;message=" + b"y" * 100_000)
@example(body=b"<title>" + b"<" * 100_000)
def test_any_bytes_are_an_error_or_a_record_and_what_is_told_can_be_written(body: bytes) -> None:
    try:
        _read("AddClient", body)
    except SystemFault as fault:
        str(fault).encode()
        assert len(fault.message) <= 2100
    except ValueError:
        pass


def run(answer: Callable[[Form], bytes], act: Any, **options: Any) -> SystemFault:
    """The error that an act becomes where every request is answered so."""

    async def attempt() -> SystemFault:
        async with connected(answer, **options) as (whmcs, _wire):
            with pytest.raises(SystemFault) as caught:
                await act(whmcs)
            return caught.value

    return asyncio.run(attempt())


@pytest.mark.parametrize("packed", [False, True])
def test_an_endless_answer_is_cut_off(packed: bool) -> None:
    body = b'{"result":"success","x":"' + b" " * (33 * 2**20) + b'"}'
    answer = http(gzip.compress(body), 200, "Content-Encoding: gzip") if packed else http(body)

    assert type(run(lambda _: answer, lambda whmcs: whmcs.log_activity("checked"))) is OutcomeUnknown


async def _all_clients(whmcs: Any) -> None:
    async for _ in whmcs.client_parts(Place()):
        pass


def test_a_server_that_gives_the_same_page_for_ever_does_not_pass() -> None:
    rows = [{"id": number} for number in range(100)]
    answer = success(totalresults=250, numreturned=100, clients={"client": rows})

    fault = run(lambda _: answer, _all_clients)

    assert isinstance(fault, Unavailable)
    assert "only 100 of 250 rows" in fault.message


def test_a_list_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.integrations.whmcs.paging._MOST_PAGES", 5)

    def answer(form: Form) -> bytes:
        rows = [{"id": int(form["limitstart"]) + 1}]
        return success(totalresults=10**12, numreturned=1, clients={"client": rows})

    fault = run(answer, _all_clients)

    assert isinstance(fault, Unavailable)
    assert "more than can be read" in fault.message
