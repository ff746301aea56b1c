"""A supervisor settles what the machine may not: adopt, send again, provision anew; and is kept from a slip."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from console.errors import InvalidInput, NotFound, Unavailable
from console.models.provisioning import (
    DecisionOutcome,
    DecisionResult,
    OpenOutcome,
    ProvisionOutcome,
    ProvisionResult,
    SettleWay,
)
from console.models.staff import StaffMember
from console.services import Services
from console.workflows.settlement import Settlement
from tests.workflows.desk_bench import Bench
from tests.workflows.test_provision import assert_active_once, provision

Act = Callable[[Settlement, StaffMember], Awaitable[ProvisionResult]]


def looked(bench: Bench, order_id: str, person: str = "supervisor") -> OpenOutcome:
    async def look(desk: Services, me: StaffMember) -> OpenOutcome:
        return await desk.settlement.look(order_id, me)

    return bench.run(look, person)


def settled(bench: Bench, act: Act, person: str = "supervisor") -> ProvisionResult:
    async def settle(desk: Services, me: StaffMember) -> ProvisionResult:
        return await act(desk.settlement, me)

    return bench.run(settle, person)


def unknown(bench: Bench, kind: str) -> tuple[Bench, str]:
    """A careful desk, as the marker is not proved, and an order whose AddOrder got no answer."""
    careful = bench.with_whmcs_settings(marker_proved=False)
    order_id = bench.orders("Approved")[0]
    bench.break_with(kind, "AddOrder")
    result = provision(careful, order_id)
    assert (result.outcome, result.code) == (ProvisionOutcome.UNKNOWN, "PRV-01")
    return careful, order_id


def lose_markers(bench: Bench) -> None:
    """Billing dropped the admin-only fields."""
    for service in bench.sandbox.world.whmcs.services:
        service.customfields = {}


def without_an_answer(bench: Bench) -> tuple[Bench, str, int]:
    """An order that WHMCS did make, without its marker, and whose answer nobody got; with the WHMCS order's id."""
    order_id = bench.orders("Approved")[0]
    bench.break_with("commit_then_drop", "AddOrder")
    before = {order.id for order in bench.sandbox.world.whmcs.orders}
    # The looks fail until the marker is gone.
    bench.break_with("drop", "GetClientsProducts", call=2, count=50)
    result = provision(bench, order_id)
    assert (result.outcome, result.code) == (ProvisionOutcome.UNKNOWN, "PRV-01")
    bench.sandbox.board.remove()
    lose_markers(bench)
    [made] = {order.id for order in bench.sandbox.world.whmcs.orders} - before
    return bench, order_id, made


def test_what_nobody_got_an_answer_for_is_shown_with_its_evidence(fresh_bench: Bench) -> None:
    bench, order_id, made = without_an_answer(fresh_bench)
    seen = looked(bench, order_id)
    [candidate] = seen.candidates
    assert (candidate.billing_order.id, candidate.alike, candidate.why_not) == (made, True, "")
    assert seen.watermark is not None
    assert seen.watermark < made
    assert seen.sent_by
    assert len(seen.wanted) == len(candidate.services)
    assert set(seen.ways) == {SettleWay.ADOPT, SettleWay.SEND_AGAIN}


def test_an_adopted_order_ends_active_with_one_billing_order(fresh_bench: Bench) -> None:
    bench, order_id, made = without_an_answer(fresh_bench)
    result = settled(bench, lambda settlement, me: settlement.adopt(order_id, made, me))
    assert (result.outcome, result.whmcs_order_id) == (ProvisionOutcome.ACTIVATED, made)
    order = bench.in_salesforce(order_id)
    assert (order["Provisioning_Status__c"], order["Whmcs_Order_Id__c"]) == ("Activated", str(made))
    lines = [one for one in bench.sandbox.salesforce.tables["OrderItem"].values() if one["OrderId"] == order_id]
    assert all(line["Whmcs_Service_Ids__c"] for line in lines)
    [row] = bench.claims(order_id, "send")
    assert row["Outcome__c"] == "adopted"


def test_sent_again_by_a_person_it_ends_active_with_one_billing_order(fresh_bench: Bench) -> None:
    careful, order_id = unknown(fresh_bench, "drop")
    seen = looked(careful, order_id)
    assert (seen.candidates, seen.ways) == ((), (SettleWay.SEND_AGAIN,))
    result = settled(careful, lambda settlement, me: settlement.send_again(order_id, me, ()))
    assert result.outcome is ProvisionOutcome.ACTIVATED
    assert_active_once(fresh_bench, order_id)
    assert [row["Outcome__c"] for row in fresh_bench.claims(order_id, "send")] == ["not sent", "adopted"]


def test_every_decision_is_noted_with_the_name(fresh_bench: Bench) -> None:
    careful, order_id = unknown(fresh_bench, "drop")

    async def told(desk: Services, me: StaffMember) -> tuple[list[tuple[str, str]], str]:
        await desk.settlement.send_again(order_id, me, ())
        return [(one.actor, one.action) for one in await desk.portal.journal.audited(order_id)], me.name

    entries, name = careful.run(told)
    assert (name, "send again") in entries


def test_an_order_that_came_after_the_person_looked_is_looked_at_first(fresh_bench: Bench) -> None:
    bench, order_id, made = without_an_answer(fresh_bench)
    with pytest.raises(InvalidInput, match="Look again"):
        settled(bench, lambda settlement, me: settlement.send_again(order_id, me, ()))
    order = bench.in_salesforce(order_id)
    assert (order["Provisioning_Status__c"], order["Provisioning_Error_Code__c"]) == ("Paused", "PRV-01")
    assert [row["Closed_At__c"] for row in bench.claims(order_id, "send")] == [None]
    assert made


def test_while_whmcs_may_still_work_on_it_nothing_is_sent_again(fresh_bench: Bench) -> None:
    slow = fresh_bench.with_whmcs_settings(marker_proved=False, max_run_time_s=0.5)
    order_id = fresh_bench.orders("Approved")[0]
    fresh_bench.break_with("drop", "AddOrder")
    provision(slow, order_id)
    patient = fresh_bench.with_whmcs_settings(marker_proved=False, max_run_time_s=3000)
    assert looked(patient, order_id).ways == ()
    with pytest.raises(InvalidInput, match="may still be working on it"):
        settled(patient, lambda settlement, me: settlement.send_again(order_id, me, ()))
    assert fresh_bench.billing_orders(order_id) == []


@pytest.mark.parametrize("wrong", [0, 1, 10**9])
def test_an_order_that_it_cannot_be_is_not_adopted(fresh_bench: Bench, wrong: int) -> None:
    bench, order_id, _ = without_an_answer(fresh_bench)
    with pytest.raises(InvalidInput, match="not one that this order can have"):
        settled(bench, lambda settlement, me: settlement.adopt(order_id, wrong, me))
    assert bench.in_salesforce(order_id)["Provisioning_Error_Code__c"] == "PRV-01"


@pytest.mark.parametrize("person", ["support", "back_office"])
def test_only_a_supervisor_settles(fresh_bench: Bench, person: str) -> None:
    careful, order_id = unknown(fresh_bench, "drop")
    assert looked(careful, order_id, person).ways == ()
    with pytest.raises(InvalidInput, match="a supervisor may"):
        settled(careful, lambda settlement, me: settlement.send_again(order_id, me, ()), person)


def test_a_cancelled_billing_order_is_provisioned_anew_once(fresh_bench: Bench) -> None:
    order_id = fresh_bench.order_for("PRV-08 approved")
    assert provision(fresh_bench, order_id).code == "PRV-08"
    seen = looked(fresh_bench, order_id)
    assert (len(seen.dead), seen.ways) == (1, (SettleWay.PROVISION_ANEW, SettleWay.REJECT))
    result = settled(fresh_bench, lambda settlement, me: settlement.provision_anew(order_id, me))
    assert result.outcome is ProvisionOutcome.ACTIVATED
    assert result.whmcs_order_id not in seen.dead
    live = [one for one in fresh_bench.billing_orders(order_id) if one.status == "Active"]
    assert [one.id for one in live] == [result.whmcs_order_id]
    with pytest.raises(InvalidInput, match="nothing to settle"):
        settled(fresh_bench, lambda settlement, me: settlement.provision_anew(order_id, me))


def test_what_is_cancelled_after_it_was_provisioned_anew_stops_again(fresh_bench: Bench) -> None:
    order_id = fresh_bench.order_for("PRV-08 approved")
    provision(fresh_bench, order_id)
    fresh_bench.break_with("access_role", "AcceptOrder")
    result = settled(fresh_bench, lambda settlement, me: settlement.provision_anew(order_id, me))
    assert result.code == "ACC-01"
    for order in fresh_bench.billing_orders(order_id):
        order.status = "Cancelled"
    assert provision(fresh_bench, order_id).code == "PRV-08"


def test_what_is_not_stuck_has_nothing_to_settle(bench: Bench) -> None:
    for order_id in (bench.orders("Activated", "Activated") or bench.orders("In Review"))[:1]:
        with pytest.raises(InvalidInput, match="nothing to settle"):
            looked(bench, order_id)
    with pytest.raises(NotFound):
        looked(bench, "8015g00000zzzzzAAA")


def test_a_system_that_is_down_leaves_it_as_it_was(fresh_bench: Bench) -> None:
    careful, order_id = unknown(fresh_bench, "drop")
    fresh_bench.break_with("drop", "GetOrders", count=100)
    with pytest.raises(Unavailable):
        settled(careful, lambda settlement, me: settlement.send_again(order_id, me, ()))
    order = fresh_bench.in_salesforce(order_id)
    assert (order["Provisioning_Status__c"], order["Provisioning_Error_Code__c"]) == ("Paused", "PRV-01")


def rejected(bench: Bench, order_id: str, person: str = "supervisor", reason: str = "not wanted") -> DecisionResult:
    async def reject(desk: Services, me: StaffMember) -> DecisionResult:
        return await desk.settlement.reject(order_id, me, reason)

    return bench.run(reject, person)


def cancelled(bench: Bench) -> str:
    """An approved order that is stuck, as its WHMCS order was cancelled."""
    order_id = bench.order_for("PRV-08 approved")
    assert provision(bench, order_id).code == "PRV-08"
    return order_id


def test_an_order_whose_billing_order_was_cancelled_is_rejected_for_good(fresh_bench: Bench) -> None:
    order_id = cancelled(fresh_bench)
    sent = fresh_bench.calls("whmcs", "AddOrder")
    assert rejected(fresh_bench, order_id).outcome is DecisionOutcome.REJECTED
    order = fresh_bench.in_salesforce(order_id)
    assert (order["Status"], order["Decision_Reason__c"], order["Customer_Status__c"]) == (
        "Rejected",
        "not wanted",
        "rejected",
    )
    assert (order["Provisioning_Status__c"], order["Provisioning_Error_Code__c"]) == ("Paused", None)
    assert all(row["Closed_At__c"] for row in fresh_bench.claims(order_id, "work"))
    approval, rejection = fresh_bench.claims(order_id, "decide")
    assert (approval["Outcome__c"], rejection["Outcome__c"]) == ("withdrawn", "rejected")

    async def told(desk: Services, me: StaffMember) -> tuple[list[tuple[str, str, str]], list[str]]:
        cases = [one.case.order_id for one in await desk.failures.all_open()]
        noted = [(one.actor, one.action, one.detail) for one in await desk.portal.journal.audited(order_id)]
        return [one for one in noted if one[0] == me.name and one[1] == "rejected"], cases

    noted, cases = fresh_bench.run(told)
    assert noted == [("Yuki Shirai", "rejected", "not wanted")]
    assert order_id not in cases
    assert provision(fresh_bench, order_id).code == "APR-04"
    with pytest.raises(InvalidInput, match="nothing to settle"):
        rejected(fresh_bench, order_id)
    assert fresh_bench.calls("whmcs", "AddOrder") == sent


@pytest.mark.parametrize("alive", ["order", "service"])
def test_an_order_of_which_anything_lives_in_billing_is_not_rejected(fresh_bench: Bench, alive: str) -> None:
    order_id = cancelled(fresh_bench)
    [dead] = fresh_bench.billing_orders(order_id)
    service = fresh_bench.services_of(dead.id)[0]
    books = fresh_bench.sandbox.world.whmcs
    if alive == "order":
        books.orders.append(replace(dead, id=dead.id + 5000, status="Active"))
        books.services.append(replace(service, id=service.id + 5000, orderid=dead.id + 5000, status="Active"))
    else:
        service.status = "Active"
    seen = looked(fresh_bench, order_id)
    assert (seen.alive, seen.ways) == ((dead.id + 5000 if alive == "order" else dead.id,), (SettleWay.PROVISION_ANEW,))
    with pytest.raises(InvalidInput, match=f"still has order {seen.alive[0]}"):
        rejected(fresh_bench, order_id)
    order = fresh_bench.in_salesforce(order_id)
    assert (order["Status"], order["Provisioning_Error_Code__c"]) == ("Approved", "PRV-08")


def test_while_an_answer_is_missing_an_order_is_not_rejected(fresh_bench: Bench) -> None:
    careful, order_id = unknown(fresh_bench, "drop")
    assert SettleWay.REJECT not in looked(careful, order_id).ways
    with pytest.raises(InvalidInput, match="without an answer"):
        rejected(careful, order_id)
    assert fresh_bench.in_salesforce(order_id)["Provisioning_Error_Code__c"] == "PRV-01"


@pytest.mark.parametrize("reason", ["", "  ", "x" * 256])
def test_without_a_reason_that_fits_nothing_is_rejected(fresh_bench: Bench, reason: str) -> None:
    order_id = cancelled(fresh_bench)
    claims = len(fresh_bench.claims(order_id, "work"))
    with pytest.raises(InvalidInput):
        rejected(fresh_bench, order_id, reason=reason)
    assert len(fresh_bench.claims(order_id, "work")) == claims


@pytest.mark.parametrize("person", ["support", "back_office"])
def test_only_a_supervisor_rejects_what_was_approved(fresh_bench: Bench, person: str) -> None:
    order_id = cancelled(fresh_bench)
    with pytest.raises(InvalidInput, match="a supervisor may"):
        rejected(fresh_bench, order_id, person)
    assert fresh_bench.in_salesforce(order_id)["Status"] == "Approved"


def test_who_captured_an_order_leaves_its_rejection_to_another_supervisor(fresh_bench: Bench) -> None:
    order_id = cancelled(fresh_bench)
    captured_by = fresh_bench.run(user_id)
    captured = fresh_bench.in_salesforce(order_id) | {"Captured_By__c": captured_by}
    fresh_bench.sandbox.salesforce.put("Order", captured)
    assert looked(fresh_bench, order_id).ways == (SettleWay.PROVISION_ANEW,)
    with pytest.raises(InvalidInput, match="another supervisor rejects it"):
        rejected(fresh_bench, order_id)
    assert rejected(fresh_bench, order_id, "Marta Lindgren").outcome is DecisionOutcome.REJECTED


async def user_id(desk: Services, me: StaffMember) -> str:
    """Who the person is in Salesforce."""
    assert desk
    return me.user_id


@pytest.mark.parametrize("kind", ["drop", "commit_then_drop"])
def test_a_rejection_whose_answers_are_lost_leaves_nothing_half_done(fresh_bench: Bench, kind: str) -> None:
    order_id = cancelled(fresh_bench)
    # The first composite request takes the claim, the second carries the decision.
    fresh_bench.break_with(kind, "composite", system="salesforce", call=2, count=3)
    with contextlib.suppress(InvalidInput):
        rejected(fresh_bench, order_id)
    order = fresh_bench.in_salesforce(order_id)
    standing = (order["Status"], order["Provisioning_Status__c"], order["Provisioning_Error_Code__c"])
    assert standing in (("Approved", "Paused", "PRV-08"), ("Rejected", "Paused", None))
    assert all(row["Closed_At__c"] for row in fresh_bench.claims(order_id, "work"))
    fresh_bench.sandbox.board.remove()
    if standing[0] == "Approved":
        assert rejected(fresh_bench, order_id).outcome is DecisionOutcome.REJECTED


def test_of_two_that_settle_at_once_one_decides(fresh_bench: Bench) -> None:
    order_id = cancelled(fresh_bench)

    async def both(desk: Services, me: StaffMember) -> list[object]:
        ended = await asyncio.gather(
            desk.settlement.reject(order_id, me, "not wanted"),
            desk.settlement.provision_anew(order_id, me),
            return_exceptions=True,
        )
        return list(ended)

    ended = fresh_bench.run(both)
    assert sum(isinstance(one, InvalidInput) for one in ended) == 1
    order = fresh_bench.in_salesforce(order_id)
    live = [one for one in fresh_bench.billing_orders(order_id) if one.status == "Active"]
    assert (order["Status"] == "Rejected") == (live == [])
