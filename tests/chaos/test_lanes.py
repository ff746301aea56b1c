"""Lanes: requests by name and number, faults at just one of them, and a desk that can be killed at a held request."""

import socket
from pathlib import Path
from typing import Any

import httpx
import pytest

from console.sandbox.faults import Fault
from console.settings import load_profile
from tests.chaos.desks import Desk, Died, Machine
from tests.chaos.lanes import Lane, Request, laned_sandbox, name_of_composite

_DROP = Fault(system="whmcs", kind="drop")
_GET_ORDERS, _ADD_ORDER = Request("whmcs", "GetOrders", 2), Request("whmcs", "AddOrder")


def test_a_planned_fault_hits_one_request_of_one_attempt() -> None:
    lane = Lane()
    for _ in range(2):
        lane.begin({_GET_ORDERS: _DROP})
        assert [lane.take("whmcs", "GetOrders") for _ in range(3)] == [None, _DROP, None]
        assert lane.hit == [(_GET_ORDERS, _DROP)]
        assert lane.sent == [_GET_ORDERS._replace(number=number) for number in (1, 2, 3)]
    lane.begin({})
    assert [lane.take("whmcs", "GetOrders") for _ in range(2)] == [None, None]
    lane.close()


def test_faults_that_a_request_sets_hit_it_and_what_follows() -> None:
    lane = Lane()
    lane.begin({})
    twice = _DROP.model_copy(update={"count": 2})
    lane.break_from(_GET_ORDERS, [twice])
    assert [lane.take("whmcs", "GetOrders") for _ in range(4)] == [None, twice, twice, None]
    lane.close()


@pytest.mark.parametrize(
    ("steps", "name"),
    [
        ([("insert", {"Claim_Key__c": "send:1:1"}), ("claim", None)], "insert send"),
        (
            [("insert", {"Claim_Key__c": "work:1:1"}), ("patch", {"Provisioning_Status__c": "Activating"})],
            "insert work",
        ),
        ([("patch", {"Provisioning_Status__c": "Paused"}), ("close", {"Closed_At__c": "x"})], "set Paused"),
        ([("patch", {"Whmcs_Order_Id__c": "7"}), ("close", {"Closed_At__c": "x"})], "record order"),
        ([("close", {"Closed_At__c": "x"})], "close row"),
        ([("patch", {"Status": "In Review"})], "set status"),
        ([("item0", {"Whmcs_Service_Ids__c": "1"})], "write lines"),
        ([("claim", {"Detail__c": "at work"})], "renew claim"),
        ([("claim", None)], "read back"),
    ],
)
def test_a_composite_is_named_by_what_it_changes(steps: list[tuple[str, Any]], name: str) -> None:
    assert name_of_composite([{"referenceId": one, "body": body} for one, body in steps]) == name


@pytest.mark.slow
def test_a_desk_is_killed_where_its_request_is_held_and_opens_again(tmp_path: Path) -> None:
    with laned_sandbox(tmp_path, 1, 1) as laned:
        [lane], order_id = laned.lanes, laned.ordinary_orders()[0]
        desk = Desk(Machine(tmp_path), laned.profiles[0], tmp_path / "data", lane)
        before = len(laned.sandbox.world.whmcs.orders)
        lane.begin({_ADD_ORDER: Fault(system="whmcs", kind="commit_then_hold")})
        with pytest.raises(Died):
            desk.ask("provision", order_id)
        assert len(laned.sandbox.world.whmcs.orders) == before + 1
        assert [request for request, _ in lane.hit] == [_ADD_ORDER]
        assert lane.held == [("whmcs", "AddOrder")]
        lane.begin({})
        assert desk.ask("provision", order_id).outcome == "activated"
        assert len(laned.sandbox.world.whmcs.orders) == before + 1
        desk.close()


def test_the_control_endpoint_tells_what_was_held(tmp_path: Path) -> None:
    with laned_sandbox(tmp_path, 1, 1) as laned:
        laned.sandbox.board.note_held("whmcs", "AddOrder")
        control = laned.sandbox.info([0, 0, laned.control_port]).control_url
        assert httpx.get(f"{control}/held").json() == [["whmcs", "AddOrder"]]


def test_a_caller_that_dies_in_the_middle_of_its_request_harms_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with laned_sandbox(tmp_path, 1, 1) as laned:
        address = load_profile(laned.profiles[0]).whmcs.url
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as caller:
            caller.sendall(b"POST /includes/api.php HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\naction=")
        assert httpx.post(f"{address}/includes/api.php").status_code == 403
    assert caplog.records == []
    assert laned.lanes[0].sent[1:] == []
