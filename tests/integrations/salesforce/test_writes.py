"""Changes of orders and claims: one call each, all or nothing, and settled where the answer was lost."""

import asyncio
from typing import Any

import pytest

from console.errors import AccessRefused, Conflict, OutcomeUnknown, Rejected, Stale, SystemFault, Unavailable
from console.integrations.salesforce.org import Salesforce
from console.integrations.salesforce.transport import Step
from console.integrations.salesforce.writes import ClaimTaken
from console.models.order import Activation, Claim, Order, OrderState
from console.sandbox.salesforce_ids import new_id
from tests.integrations.salesforce.org_bench import SHOWN, OrgBench

_DESK = "desk-a"
# How the answer to one call can be lost: with and without the change being made.
_LOST: list[dict[str, Any]] = [
    {"kind": "drop"},
    {"kind": "commit_then_drop"},
    {"kind": "truncated"},
    {"kind": "html"},
    {"kind": "html", "committed": True},
    {"kind": "html_200"},
    {"kind": "html_200", "committed": True},
    {"kind": "empty", "committed": True},
    {"kind": "status", "status": 420},
    {"kind": "server_error"},
    {"kind": "request_limit"},
    {"kind": "lock_row"},
]
every_loss = pytest.mark.parametrize("fault", _LOST, ids=lambda fault: "-".join(str(value) for value in fault.values()))
lost = pytest.mark.parametrize("fault", _LOST[:4], ids=lambda fault: str(fault["kind"]))


async def begin(salesforce: Salesforce, key: str, order_id: str, holder: str = _DESK) -> tuple[Claim, Order]:
    return await salesforce.writes.begin_work(key, order_id, holder, "Yuki Shirai", SHOWN)


def started(org: OrgBench) -> tuple[str, Claim]:
    """An order under work, and the claim on it."""
    order_id = org.fresh_order()
    claim, _ = org.run(lambda salesforce: begin(salesforce, f"work:{order_id}:1", order_id))
    return order_id, claim


def test_work_begins_with_one_call_that_claims_and_reads_back(org: OrgBench) -> None:
    order_id = org.fresh_order()
    key = f"work:{order_id}:1"
    claim, order = org.run(lambda salesforce: begin(salesforce, key, order_id))
    assert (claim.key, claim.holder, claim.person, claim.order_id) == (key, _DESK, "Yuki Shirai", order_id)
    assert (order.id, order.activation, order.error_code) == (order_id, Activation.ACTIVATING, None)
    assert order.customer_status == SHOWN
    assert (org.calls("composite"), org.calls("query")) == (1, 0)


@every_loss
def test_a_claim_whose_answer_was_lost_is_there_once_and_ours(org: OrgBench, fault: dict[str, Any]) -> None:
    order_id = org.fresh_order()
    key = f"work:{order_id}:1"
    org.break_next("composite", **fault)
    claim, order = org.run(lambda salesforce: begin(salesforce, key, order_id))
    assert [row["Holder__c"] for row in org.claims(key)] == [_DESK]
    assert (claim.id, claim.holder, order.activation) == (org.claims(key)[0]["Id"], _DESK, Activation.ACTIVATING)


@lost
def test_a_row_by_itself_is_settled_the_same_way(org: OrgBench, fault: dict[str, Any]) -> None:
    order_id = org.fresh_order()
    key = f"send:{order_id}:1"
    org.break_next("composite", **fault)
    claim = org.run(lambda salesforce: salesforce.writes.insert_claim(key, order_id, _DESK, "Yuki Shirai", 4711))
    assert [row["Id"] for row in org.claims(key)] == [claim.id]
    assert claim.watermark == 4711


@lost
def test_a_decision_whose_answer_was_lost_is_written_once(org: OrgBench, fault: dict[str, Any]) -> None:
    order_id = org.fresh_order("In Review")
    key = f"decide:{order_id}:1"
    org.break_next("composite", **fault)
    order = org.run(lambda salesforce: decide(salesforce, org, order_id))
    (row,) = org.claims(key)
    assert (row["Outcome__c"], row["Detail__c"], row["Hash__c"]) == ("approved", "looks right", order.content_hash)
    assert (order.state, order.approved_by) == (OrderState.APPROVED, org.user_id("supervisor"))
    assert (order.approved_hash, order.decision_reason) == (order.content_hash, "looks right")
    assert order.decided_at is not None


async def decide(salesforce: Salesforce, org: OrgBench, order_id: str, **changes: Any) -> Order:
    order = await salesforce.reads.order(order_id)
    assert order is not None
    decision = {
        "state": OrderState.APPROVED,
        "approved_by": org.user_id("supervisor"),
        "approved_hash": order.content_hash,
        "decision_reason": "looks right",
    }
    writes, key = salesforce.writes, f"decide:{order_id}:1"
    return await writes.decide(key, order_id, _DESK, "Yuki Shirai", decision | changes, SHOWN)


@pytest.mark.parametrize("fault", [None, {"kind": "drop"}, {"kind": "commit_then_drop"}])
def test_a_key_of_another_holder_is_taken_and_changes_nothing(org: OrgBench, fault: dict[str, Any] | None) -> None:
    order_id, claim = started(org)
    before = dict(org.table("Order")[order_id])
    if fault:
        org.break_next("composite", **fault)
    with pytest.raises(ClaimTaken) as caught:
        org.run(lambda salesforce: begin(salesforce, claim.key, order_id, "desk-b"))
    assert caught.value.claim == claim
    assert caught.value.holder_id == claim.id
    assert isinstance(caught.value, Conflict)
    assert len(org.claims(claim.key)) == 1
    assert org.table("Order")[order_id] == before


def test_of_many_that_claim_at_once_one_gets_it(org: OrgBench) -> None:
    order_id = org.fresh_order()
    key = f"work:{order_id}:1"

    async def race(salesforce: Salesforce) -> list[object]:
        attempts = [begin(salesforce, key, order_id, f"desk-{n}") for n in range(8)]
        return await asyncio.gather(*attempts, return_exceptions=True)

    ends = org.run(race)
    winners = [end for end in ends if isinstance(end, tuple)]
    assert len(winners) == 1
    assert all(isinstance(end, ClaimTaken) for end in ends if not isinstance(end, tuple))
    assert [row["Holder__c"] for row in org.claims(key)] == [winners[0][0].holder]


def test_where_the_answer_stays_lost_the_outcome_is_unknown(org: OrgBench) -> None:
    order_id = org.fresh_order()
    org.break_next("composite", "commit_then_drop", count=3)
    with pytest.raises(OutcomeUnknown):
        org.run(lambda salesforce: begin(salesforce, f"work:{order_id}:1", order_id))
    assert len(org.claims(f"work:{order_id}:1")) == 1
    assert org.calls("composite") == 3


@pytest.mark.parametrize("later", ["request_limit", "invalid_session", "lock_row"])
def test_a_later_refusal_does_not_undo_that_an_answer_was_lost(org: OrgBench, later: str) -> None:
    order_id, claim = started(org)
    org.break_next("composite", "commit_then_drop")
    org.break_next("composite", later, call=2, count=2)
    with pytest.raises(OutcomeUnknown):
        org.run(lambda salesforce: salesforce.writes.pause(order_id, claim, "PAY-01", "No card.", SHOWN))
    assert org.table("Order")[order_id]["Provisioning_Status__c"] == "Paused"


def test_a_claim_that_went_in_is_not_called_refused_where_reading_it_back_fails(org: OrgBench) -> None:
    order_id = org.fresh_order()
    org.break_next("composite", "commit_then_drop")
    org.break_next("query", "request_limit", count=3)
    with pytest.raises(OutcomeUnknown):
        org.run(lambda salesforce: begin(salesforce, f"work:{order_id}:1", order_id))


def test_a_claim_that_went_in_is_found_where_reading_it_back_fails_once(org: OrgBench) -> None:
    order_id = org.fresh_order()
    org.break_next("composite", "commit_then_drop")
    org.break_next("query", "html")
    claim, _ = org.run(lambda salesforce: begin(salesforce, f"work:{order_id}:1", order_id))
    assert [row["Id"] for row in org.claims(claim.key)] == [claim.id]


@pytest.mark.parametrize(
    ("kind", "error"), [("request_limit", Unavailable), ("lock_row", Rejected), ("invalid_session", AccessRefused)]
)
def test_where_nothing_was_ever_done_the_last_refusal_is_told(
    org: OrgBench, kind: str, error: type[SystemFault]
) -> None:
    order_id = org.fresh_order()
    org.break_next("composite", kind, count=3)
    with pytest.raises(SystemFault) as caught:
        org.run(lambda salesforce: begin(salesforce, f"work:{order_id}:1", order_id))
    assert type(caught.value) is error
    assert org.claims(f"work:{order_id}:1") == []


def test_a_rule_of_salesforce_rolls_the_claim_back_and_is_not_asked_twice(org: OrgBench) -> None:
    order_id = org.fresh_order("In Review")
    with pytest.raises(Rejected) as caught:
        org.run(lambda salesforce: begin(salesforce, f"work:{order_id}:1", order_id))
    assert caught.value.error_code == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    assert org.claims(f"work:{order_id}:1") == []
    assert org.calls("composite") == 1


def test_support_may_not_claim(org: OrgBench) -> None:
    order_id = org.fresh_order()
    with pytest.raises(SystemFault):
        org.run(lambda salesforce: begin(salesforce, f"work:{order_id}:1", order_id), "support")
    assert org.claims(f"work:{order_id}:1") == []


def test_a_decision_of_somebody_else_stands(org: OrgBench) -> None:
    order_id = org.fresh_order("In Review")
    first = org.run(lambda salesforce: decide(salesforce, org, order_id))

    async def reject(salesforce: Salesforce) -> None:
        decision = {"state": OrderState.REJECTED, "approved_by": None, "approved_hash": "", "decision_reason": "no"}
        await salesforce.writes.decide(f"decide:{order_id}:1", order_id, "desk-b", "Marta", decision, SHOWN)

    with pytest.raises(ClaimTaken) as caught:
        org.run(reject)
    assert caught.value.claim.outcome == "approved"
    assert org.table("Order")[order_id]["Status"] == "Approved"
    assert first.state is OrderState.APPROVED


@lost
def test_an_approval_is_withdrawn_with_its_row(org: OrgBench, fault: dict[str, Any]) -> None:
    order_id = org.fresh_order("In Review")
    org.run(lambda salesforce: decide(salesforce, org, order_id))

    async def withdraw(salesforce: Salesforce) -> None:
        row = await salesforce.reads.claim(f"decide:{order_id}:1")
        org.break_next("composite", **fault)
        await salesforce.writes.return_to_review(order_id, row, SHOWN)

    org.run(withdraw)
    order, (row,) = org.table("Order")[order_id], org.claims(f"decide:{order_id}:1")
    assert order["Status"] == "In Review"
    assert row["Outcome__c"] == "withdrawn"
    assert row["Closed_At__c"]


def test_an_approval_that_came_meanwhile_is_not_withdrawn(org: OrgBench) -> None:
    """Between the reading of the order and the withdrawal somebody approves what it says by now."""
    order_id = org.fresh_order("In Review")
    org.run(lambda salesforce: decide(salesforce, org, order_id))

    async def withdraw_late(salesforce: Salesforce) -> None:
        order = await salesforce.reads.order(order_id)
        row = await salesforce.reads.claim(f"decide:{order_id}:1")
        assert order
        org.sandbox.clock.advance(2)
        await salesforce.transport.composite(
            [Step(name="anew", method="PATCH", path=f"sobjects/Order/{order_id}", body={"Approved_Hash__c": "anew"})]
        )
        with pytest.raises(Stale):
            await salesforce.writes.return_to_review(order_id, row, SHOWN, order.changed_at)

    org.run(withdraw_late)
    [row] = org.claims(f"decide:{order_id}:1")
    assert org.table("Order")[order_id]["Status"] == "Approved"
    assert (row["Outcome__c"], row["Closed_At__c"]) == ("approved", None)


@lost
def test_a_pause_is_repeated_until_it_is_known_and_written_once(org: OrgBench, fault: dict[str, Any]) -> None:
    order_id, claim = started(org)
    org.break_next("composite", **fault)
    org.run(lambda salesforce: salesforce.writes.pause(order_id, claim, "PAY-01", "No card is on file.", None))
    order, (row,) = org.table("Order")[order_id], org.claims(claim.key)
    assert (order["Provisioning_Status__c"], order["Provisioning_Error_Code__c"]) == ("Paused", "PAY-01")
    assert order["Provisioning_Error__c"] == "No card is on file."
    assert order["Customer_Status__c"] == SHOWN.slug
    assert (row["Outcome__c"], row["Detail__c"]) == ("paused PAY-01", "No card is on file.")
    assert row["Closed_At__c"]


@every_loss
def test_the_end_is_repeated_until_it_is_known_and_written_once(org: OrgBench, fault: dict[str, Any]) -> None:
    order_id, claim = started(org)
    items = [key for key, row in org.table("OrderItem").items() if row["OrderId"] == order_id]
    services: dict[str, tuple[int, ...]] = {item: (100 + n, 200 + n) for n, item in enumerate(items)}

    async def finish(salesforce: Salesforce) -> Order | None:
        await salesforce.writes.write_billing_order(order_id, 9001, None)
        org.break_next("composite", **fault)
        await salesforce.writes.finish(order_id, claim, services, SHOWN)
        return await salesforce.reads.order(order_id)

    order = org.run(finish)
    assert order is not None
    assert (order.activation, order.whmcs_order_id) == (Activation.ACTIVATED, 9001)
    assert {item.id: item.whmcs_service_ids for item in order.items} == services
    assert [row["Outcome__c"] for row in org.claims(claim.key)] == ["activated"]


@lost
def test_a_billing_order_is_recorded_with_its_send_row(org: OrgBench, fault: dict[str, Any]) -> None:
    order_id, _ = started(org)
    key = f"send:{order_id}:1"

    async def send(salesforce: Salesforce) -> None:
        row = await salesforce.writes.insert_claim(key, order_id, _DESK, "Yuki Shirai", 1)
        org.break_next("composite", **fault)
        await salesforce.writes.write_billing_order(order_id, 9002, row)

    org.run(send)
    assert org.table("Order")[order_id]["Whmcs_Order_Id__c"] == "9002"
    assert [(row["Outcome__c"], row["Detail__c"]) for row in org.claims(key)] == [("adopted", "WHMCS order 9002")]


def test_one_billing_order_belongs_to_one_order(org: OrgBench) -> None:
    order_id, _ = started(org)
    other = next(key for key, row in org.table("Order").items() if row["Whmcs_Order_Id__c"])
    taken = int(org.table("Order")[other]["Whmcs_Order_Id__c"])
    with pytest.raises(Conflict) as caught:
        org.run(lambda salesforce: salesforce.writes.write_billing_order(order_id, taken, None))
    assert caught.value.holder_id == other
    assert org.table("Order")[order_id]["Whmcs_Order_Id__c"] is None


def test_renewing_moves_the_stamp_and_nothing_else(org: OrgBench) -> None:
    _, claim = started(org)
    org.sandbox.clock.advance(30)

    async def renew(salesforce: Salesforce) -> Claim | None:
        await salesforce.writes.renew_claim(claim)
        return await salesforce.reads.claim(claim.key)

    renewed = org.run(renew)
    assert renewed is not None
    assert (renewed.changed_at - claim.changed_at).total_seconds() >= 30
    assert renewed.model_copy(update={"changed_at": claim.changed_at, "detail": ""}) == claim


def test_how_a_claim_ended_is_fixed_and_kept_short(org: OrgBench) -> None:
    _, claim = started(org)
    org.run(lambda salesforce: salesforce.writes.close_claim(claim, "not sent", "x" * 300))
    org.sandbox.clock.advance(30)
    with pytest.raises(Rejected):
        org.run(lambda salesforce: salesforce.writes.close_claim(claim, "activated"))
    (row,) = org.claims(claim.key)
    assert (row["Outcome__c"], len(row["Detail__c"])) == ("not sent", 255)


def test_an_order_with_more_lines_than_one_request_takes_is_finished_in_several(org: OrgBench) -> None:
    order_id, claim = started(org)
    lines = org.table("OrderItem")
    pattern = next(row for row in lines.values() if row["OrderId"] == order_id)
    for number in range(60):
        line = new_id("OrderItem", 900_000 + number)
        org.sandbox.salesforce.put("OrderItem", pattern | {"Id": line})
    items = [key for key, row in lines.items() if row["OrderId"] == order_id]
    services: dict[str, tuple[int, ...]] = {item: (100 + n,) for n, item in enumerate(items)}

    async def finish(salesforce: Salesforce) -> Order | None:
        await salesforce.writes.write_billing_order(order_id, 9001, None)
        before = org.calls("composite")
        await salesforce.writes.finish(order_id, claim, services, SHOWN)
        assert org.calls("composite") - before == len(items) // 25 + 1
        return await salesforce.reads.order(order_id)

    order = org.run(finish)
    assert order is not None
    assert order.activation is Activation.ACTIVATED
    assert {item.id: item.whmcs_service_ids for item in order.items} == services
