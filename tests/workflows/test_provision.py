"""Provisioning against the sandbox: every code that data causes, every lost answer, and never two billing orders."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from console.models.provisioning import ProvisionOutcome, ProvisionResult
from console.models.staff import StaffMember
from console.sandbox.whmcs_store import PayMethod
from console.services import Services
from console.tasks import Tasks
from tests.workflows.desk_bench import Bench

_PAUSING = [
    "PAY-01", "PAY-02", "PAY-03", "PAY-04", "LNK-01", "LNK-02", "LNK-03", "LNK-04", "LNK-05", "LNK-07",
    "CAT-01", "CAT-02", "CAT-03", "DUP-01", "PRV-03", "PRV-04", "PRV-05", "PRV-07", "PRV-08",
]  # fmt: skip
_NOTHING_SENT = {"PAY-01", "PAY-02", "PAY-04", "LNK-01", "LNK-03", "LNK-05", "CAT-01", "CAT-02", "CAT-03", "DUP-01"}


def provision(bench: Bench, order_id: str, signed_in_as: str = "") -> ProvisionResult:
    """Provision one order on a desk of its own."""

    async def work(desk: Services, me: StaffMember) -> ProvisionResult:
        return await desk.provisioning.provision(order_id, me)

    return bench.run(work, signed_in_as)


def assert_active_once(bench: Bench, order_id: str) -> None:
    """The promise: one live WHMCS order with active services, and Salesforce knows it."""
    [billing_order] = bench.billing_orders(order_id)
    order = bench.in_salesforce(order_id)
    assert billing_order.status == "Active"
    assert {one.status for one in bench.services_of(billing_order.id)} == {"Active"}
    assert order["Provisioning_Status__c"] == "Activated"
    assert order["Whmcs_Order_Id__c"] == str(billing_order.id)
    assert (order["Customer_Status__c"], order["Provisioning_Error_Code__c"]) == ("active", None)
    assert all(row["Closed_At__c"] for row in bench.claims(order_id, "work")[-1:] + bench.claims(order_id, "send"))


def test_an_approved_order_becomes_active_with_one_billing_order(bench: Bench) -> None:
    order_id = bench.orders("Approved")[0]
    result = provision(bench, order_id)
    assert result.outcome is ProvisionOutcome.ACTIVATED
    assert_active_once(bench, order_id)
    [billing_order] = bench.billing_orders(order_id)
    assert result.whmcs_order_id == billing_order.id
    assert set(result.service_ids) == {one.id for one in bench.services_of(billing_order.id)}


def test_provisioning_again_changes_nothing(bench: Bench) -> None:
    order_id = bench.orders("Approved")[0]
    first = provision(bench, order_id)
    before = dict(bench.in_salesforce(order_id)), bench.calls("whmcs", "AddOrder")
    second = provision(bench, order_id)
    assert second.outcome is ProvisionOutcome.ALREADY_ACTIVE
    assert (second.whmcs_order_id, second.service_ids) == (first.whmcs_order_id, first.service_ids)
    assert (dict(bench.in_salesforce(order_id)), bench.calls("whmcs", "AddOrder")) == before


@pytest.mark.parametrize("code", _PAUSING)
def test_what_blocks_is_paused_with_its_code_in_salesforce_too(bench: Bench, code: str) -> None:
    order_id = bench.order_for(f"{code} approved")
    sent = bench.calls("whmcs", "AddOrder")
    result = provision(bench, order_id)
    order = bench.in_salesforce(order_id)
    assert (result.outcome, result.code) == (ProvisionOutcome.PAUSED, code)
    assert (order["Provisioning_Status__c"], order["Provisioning_Error_Code__c"]) == ("Paused", code)
    assert order["Provisioning_Error__c"] == result.message
    assert order["Customer_Status_Text_Ja__c"]
    if code in _NOTHING_SENT:
        assert bench.calls("whmcs", "AddOrder") == sent


def test_a_missing_payment_method_is_paused_and_goes_on_once_it_is_there(fresh_bench: Bench) -> None:
    order_id = fresh_bench.order_for("PAY-01 approved")
    provision(fresh_bench, order_id)
    account = fresh_bench.sandbox.salesforce.tables["Account"][fresh_bench.in_salesforce(order_id)["AccountId"]]
    fresh_bench.sandbox.world.whmcs.paymethods.append(
        PayMethod(9001, int(account["Whmcs_Client_Id__c"]), card_last_four="4242", card_type="Visa", expiry="12/35")
    )

    async def retry(desk: Services, me: StaffMember) -> ProvisionResult:
        [case] = [one for one in await desk.failures.all_open("PAY-01") if one.case.order_id == order_id]
        result = await desk.failures.retry(case.case, me)
        assert order_id not in {one.case.order_id for one in await desk.failures.all_open()}
        return result

    assert fresh_bench.run(retry).outcome is ProvisionOutcome.ACTIVATED
    assert_active_once(fresh_bench, order_id)


@pytest.mark.parametrize("code", ["PRV-03", "PRV-04"])
def test_what_was_left_inactive_is_set_up_within_the_same_billing_order(fresh_bench: Bench, code: str) -> None:
    order_id = fresh_bench.order_for(f"{code} approved")
    provision(fresh_bench, order_id)
    result = provision(fresh_bench, order_id)
    assert result.outcome is ProvisionOutcome.ACTIVATED
    assert_active_once(fresh_bench, order_id)
    assert {one.setups_done for one in fresh_bench.services_of(result.whmcs_order_id)} == {1}


def test_an_item_that_billing_left_out_is_never_called_active(fresh_bench: Bench) -> None:
    order_id = fresh_bench.orders("Approved")[0]
    items = [row for row in fresh_bench.sandbox.salesforce.tables["OrderItem"].values() if row["OrderId"] == order_id]
    product = fresh_bench.sandbox.salesforce.tables["Product2"][items[-1]["Product2Id"]]
    left_out = int(product["Whmcs_Product_Id__c"])
    products = fresh_bench.sandbox.world.whmcs.products
    products[:] = [one for one in products if one.id != left_out]
    for _ in range(2):
        result = provision(fresh_bench, order_id)
        assert (result.outcome, result.code) == (ProvisionOutcome.PAUSED, "PRV-04")
        assert product["Name"] in result.message
    assert len(fresh_bench.billing_orders(order_id)) == 1


def test_what_is_active_already_shows_on_its_lines_while_the_rest_is_not(fresh_bench: Bench) -> None:
    order_id = fresh_bench.order_for("PRV-04 approved")
    assert provision(fresh_bench, order_id).code == "PRV-04"
    [billing_order] = fresh_bench.billing_orders(order_id)
    active = {str(one.id) for one in fresh_bench.services_of(billing_order.id) if one.status == "Active"}
    lines = [one for one in fresh_bench.sandbox.salesforce.tables["OrderItem"].values() if one["OrderId"] == order_id]
    written = {number for line in lines for number in (line["Whmcs_Service_Ids__c"] or "").split(",") if number}
    assert written == active
    assert active
    assert not all(line["Whmcs_Service_Ids__c"] for line in lines)


@pytest.mark.parametrize(("days", "outcome"), [(2, ProvisionOutcome.WAITING), (-1, ProvisionOutcome.ACTIVATED)])
def test_an_activation_date_is_waited_for(fresh_bench: Bench, days: int, outcome: ProvisionOutcome) -> None:
    order_id = fresh_bench.orders("Approved")[0]
    day = datetime.now(ZoneInfo("Asia/Tokyo")).date() + timedelta(days=days)
    dated = fresh_bench.in_salesforce(order_id) | {"Activation_Date__c": day.isoformat()}
    fresh_bench.sandbox.salesforce.put("Order", dated)

    async def approved_as_it_is_now(desk: Services, me: StaffMember) -> ProvisionResult:
        order = await desk.salesforce.reads.order(order_id)
        assert order
        assert order.activation_date == day
        fresh_bench.sandbox.salesforce.put("Order", dated | {"Approved_Hash__c": order.content_hash})
        return await desk.provisioning.provision(order_id, me)

    result = fresh_bench.run(approved_as_it_is_now)
    assert result.outcome is outcome
    if outcome is ProvisionOutcome.WAITING:
        assert day.isoformat() in result.message
        assert fresh_bench.in_salesforce(order_id)["Provisioning_Status__c"] == "Created"
        assert fresh_bench.claims(order_id, "work") == []


def test_an_earlier_attempt_that_worked_is_taken_over(fresh_bench: Bench) -> None:
    order_id = fresh_bench.order_for("PRV-06 approved")
    sent = fresh_bench.calls("whmcs", "AddOrder")
    result = provision(fresh_bench, order_id)
    assert (result.outcome, result.code) == (ProvisionOutcome.ACTIVATED, "PRV-06")
    assert fresh_bench.calls("whmcs", "AddOrder") == sent
    assert_active_once(fresh_bench, order_id)


@pytest.mark.parametrize("person", ["back_office", "supervisor", "worker"])
def test_a_changed_order_returns_to_review_and_its_decision_is_withdrawn(fresh_bench: Bench, person: str) -> None:
    order_id = fresh_bench.order_for("APR-02 approved")
    result = fresh_bench.run(lambda desk, me: desk.provisioning.provision(order_id, me), person)
    assert (result.outcome, result.code) == (ProvisionOutcome.REFUSED, "APR-02")
    assert fresh_bench.in_salesforce(order_id)["Status"] == "In Review"
    assert [row["Outcome__c"] for row in fresh_bench.claims(order_id, "decide")] == ["withdrawn"]
    assert fresh_bench.billing_orders(order_id) == []


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("commit_then_drop", {}),
        ("drop", {}),
        ("html", {"committed": True}),
        ("html", {"committed": False}),
        ("truncated", {}),
        ("empty", {}),
        ("warning_only", {}),
        ("no_result", {}),
        ("commit_later", {"delay_ms": 300}),
        ("answer_late", {"delay_ms": 1500}),
        ("status", {"status": 503}),
        ("php_notice", {}),
    ],
)
def test_a_lost_answer_to_add_order_ends_with_one_billing_order(
    bench: Bench, kind: str, options: dict[str, Any]
) -> None:
    order_id = bench.orders("Approved")[0]
    bench.break_with(kind, "AddOrder", **options)
    result = provision(bench, order_id)
    assert result.outcome is ProvisionOutcome.ACTIVATED, result
    assert_active_once(bench, order_id)


@pytest.mark.parametrize("kind", ["commit_then_drop", "drop", "html", "truncated"])
def test_a_lost_answer_to_accept_order_never_ends_in_silence(bench: Bench, kind: str) -> None:
    order_id = bench.orders("Approved")[0]
    bench.break_with(kind, "AcceptOrder")
    first = provision(bench, order_id)
    second = provision(bench, order_id)
    assert second.outcome in (ProvisionOutcome.ACTIVATED, ProvisionOutcome.ALREADY_ACTIVE), (first, second)
    assert_active_once(bench, order_id)


@pytest.mark.parametrize("kind", ["commit_then_drop", "drop", "server_error", "lock_row"])
@pytest.mark.parametrize("call", [1, 2, 3, 4, 5, 6])
def test_a_fault_at_any_write_to_salesforce_ends_active_at_the_latest_when_tried_again(
    bench: Bench, kind: str, call: int
) -> None:
    order_id = bench.orders("Approved")[0]
    bench.break_with(kind, "composite", "salesforce", call=call)
    provision(bench, order_id)
    bench.sandbox.board.remove()
    provision(bench, order_id)
    assert_active_once(bench, order_id)


@pytest.mark.parametrize("kind", ["access_ip", "access_credentials", "access_role"])
def test_a_refused_credential_pauses_with_its_code_and_sends_nothing(bench: Bench, kind: str) -> None:
    order_id = bench.orders("Approved")[0]
    bench.break_with(kind, "AddOrder")
    result = provision(bench, order_id)
    assert (result.outcome, result.code) == (ProvisionOutcome.PAUSED, "ACC-01")
    assert bench.billing_orders(order_id) == []
    assert provision(bench, order_id).outcome is ProvisionOutcome.ACTIVATED
    assert_active_once(bench, order_id)


def test_two_desks_on_one_order_make_one_billing_order(bench: Bench) -> None:
    order_id = bench.orders("Approved")[0]

    async def both(desk: Services, me: StaffMember) -> list[ProvisionResult]:
        return list(await asyncio.gather(*[desk.provisioning.provision(order_id, me) for _ in range(2)]))

    outcomes = sorted(result.outcome for result in bench.run(both))
    assert outcomes[0] is ProvisionOutcome.ACTIVATED
    assert outcomes[1] in (ProvisionOutcome.CLAIMED, ProvisionOutcome.ALREADY_ACTIVE)
    assert_active_once(bench, order_id)


def test_without_the_proof_of_the_marker_nothing_is_sent_again_by_machine(bench: Bench) -> None:
    order_id = bench.orders("Approved")[0]
    careful = bench.with_whmcs_settings(marker_proved=False)
    bench.break_with("drop", "AddOrder")
    result = provision(careful, order_id)
    assert (result.outcome, result.code) == (ProvisionOutcome.UNKNOWN, "PRV-01")
    assert bench.in_salesforce(order_id)["Provisioning_Error_Code__c"] == "PRV-01"
    assert bench.billing_orders(order_id) == []


@pytest.mark.parametrize(("person", "code"), [("support", "APR-05")])
def test_a_person_without_the_right_is_refused(bench: Bench, person: str, code: str) -> None:
    order_id = bench.orders("Approved")[0]
    before = dict(bench.in_salesforce(order_id))
    result = provision(bench, order_id, person)
    assert (result.outcome, result.code) == (ProvisionOutcome.REFUSED, code)
    assert dict(bench.in_salesforce(order_id)) == before


def test_an_order_that_is_not_approved_is_refused(bench: Bench) -> None:
    order_id = bench.orders("In Review")[0]
    result = provision(bench, order_id)
    assert (result.outcome, result.code) == (ProvisionOutcome.REFUSED, "APR-04")
    assert bench.claims(order_id, "work") == []


def test_an_order_that_does_not_exist_is_refused(bench: Bench) -> None:
    result = provision(bench, "8015g00000zzzzzAAA")
    assert result.outcome is ProvisionOutcome.REFUSED
    assert "no order" in result.message


def test_an_order_put_back_to_review_in_the_middle_is_paused_not_left_activating(bench: Bench) -> None:
    order_id = bench.orders("Approved")[0]
    bench.break_with("access_role", "AddOrder")
    provision(bench, order_id)
    halfway = {"Provisioning_Status__c": "Activating", "Status": "In Review"}
    bench.sandbox.salesforce.put("Order", bench.in_salesforce(order_id) | halfway)
    result = provision(bench, order_id)
    assert (result.outcome, result.code) == (ProvisionOutcome.PAUSED, "APR-04")
    assert bench.in_salesforce(order_id)["Provisioning_Status__c"] == "Paused"


def test_a_claim_whose_answer_is_lost_for_good_is_a_case_and_goes_on_later(fresh_bench: Bench) -> None:
    order_id = fresh_bench.orders("Approved")[0]
    fresh_bench.break_with("commit_then_drop", "composite", "salesforce", count=3)
    fresh_bench.break_with("drop", "query", "salesforce", call=4, count=10)

    async def lost(desk: Services, me: StaffMember) -> ProvisionResult:
        result = await desk.provisioning.provision(order_id, me)
        fresh_bench.sandbox.board.remove()
        assert order_id in {one.case.order_id for one in await desk.failures.all_open()}
        return result

    assert fresh_bench.run(lost).outcome is not ProvisionOutcome.ACTIVATED
    assert provision(fresh_bench, order_id).outcome is ProvisionOutcome.ACTIVATED
    assert_active_once(fresh_bench, order_id)


def test_a_duplicate_in_billing_stays_on_the_desk_although_the_order_is_active(fresh_bench: Bench) -> None:
    order_id = fresh_bench.orders("Approved")[0]

    async def settled_too_soon(desk: Services, me: StaffMember) -> set[str]:
        await desk.provisioning.provision(order_id, me)
        await desk.portal.cases.open(order_id, "1", "PRV-07", "two billing orders", "")
        await desk.provisioning.provision(order_id, me)
        return {one.case.code for one in await desk.failures.all_open() if one.case.order_id == order_id}

    assert fresh_bench.run(settled_too_soon) == {"PRV-07"}


def test_a_desk_that_slept_through_its_lease_sends_nothing_more(fresh_bench: Bench) -> None:
    order_id = fresh_bench.orders("Approved")[0]
    # The first read of orders is the look between reading the claims and inserting the send row.
    fresh_bench.break_with("answer_late", "GetOrders", call=1, delay_ms=900)

    async def overtaken(desk: Services, me: StaffMember) -> tuple[ProvisionResult, ProvisionResult]:
        sleeper = Tasks().spawn(desk.provisioning.provision(order_id, me), "the sleeping desk")
        while fresh_bench.calls("whmcs", "GetOrders") < 1:  # noqa: ASYNC110 - another process gives no event
            await asyncio.sleep(0.005)
        fresh_bench.sandbox.clock.advance(31)
        awake = await desk.provisioning.provision(order_id, me)
        return await sleeper, awake

    sleeper, awake = fresh_bench.run(overtaken)
    assert awake.outcome is ProvisionOutcome.ACTIVATED
    assert (sleeper.outcome, sleeper.code) == (ProvisionOutcome.UNKNOWN, "SYN-06")
    assert_active_once(fresh_bench, order_id)
