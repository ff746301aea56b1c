"""Deciding: four eyes, one decision, the version that was reviewed, and what Salesforce itself refuses."""

import asyncio
import sqlite3
from contextlib import closing

import httpx
import pytest

from console.errors import InvalidInput, NotFound
from console.models.check import Verdict
from console.models.provisioning import DecisionOutcome, DecisionResult
from console.models.staff import StaffMember
from console.services import Services
from tests.workflows.desk_bench import Bench


def approve(bench: Bench, order_id: str, signed_in_as: str = "", **how: str) -> DecisionResult:
    """Approve on a desk of its own."""

    async def work(desk: Services, me: StaffMember) -> DecisionResult:
        return await desk.deciding.approve(order_id, me, **how)

    return bench.run(work, signed_in_as)


def ready_order(bench: Bench) -> str:
    """The first order in review whose every check passes."""

    async def work(desk: Services, me: StaffMember) -> str:
        for order_id in bench.orders("In Review"):
            if (await desk.reviewing.review(order_id, me)).verdict is Verdict.READY:
                return order_id
        raise AssertionError("the seed has no order that is ready")

    return bench.run(work)


def test_a_ready_order_is_approved_and_signed(bench: Bench) -> None:
    order_id = ready_order(bench)
    assert approve(bench, order_id).outcome is DecisionOutcome.APPROVED
    order = bench.in_salesforce(order_id)
    [decision] = bench.claims(order_id, "decide")
    assert order["Status"] == "Approved"
    assert (decision["Outcome__c"], decision["Hash__c"]) == ("approved", order["Approved_Hash__c"])
    assert decision["Person__c"] == "Yuki Shirai"
    assert order["Customer_Status__c"] == "approved"


def test_the_same_person_again_is_simply_approved(bench: Bench) -> None:
    order_id = ready_order(bench)
    approve(bench, order_id)
    assert approve(bench, order_id).outcome is DecisionOutcome.APPROVED
    assert len(bench.claims(order_id, "decide")) == 1


def test_another_supervisor_is_told_that_it_is_decided(bench: Bench) -> None:
    order_id = ready_order(bench)
    approve(bench, order_id)
    second = approve(bench, order_id, "Marta Lindgren")
    assert (second.outcome, second.code) == (DecisionOutcome.REFUSED, "APR-06")


def test_two_supervisors_at_once_make_one_decision(bench: Bench) -> None:
    order_id = ready_order(bench)

    async def at_once(desk: Services, me: StaffMember) -> list[DecisionResult]:
        other = me.model_copy(update={"name": "Somebody Else"})
        return list(await asyncio.gather(desk.deciding.approve(order_id, me), desk.deciding.approve(order_id, other)))

    results = bench.run(at_once)
    assert DecisionOutcome.APPROVED in {result.outcome for result in results}
    assert all(result.code in (None, "APR-06") for result in results)
    assert len(bench.claims(order_id, "decide")) == 1


@pytest.mark.parametrize("code", ["PAY-01", "LNK-03", "CAT-02", "DUP-01", "ADR-02", "MNP-02", "APR-01"])
def test_a_stop_cannot_be_approved_even_with_a_reason(bench: Bench, code: str) -> None:
    order_id = bench.order_for(f"{code} in review")
    result = approve(bench, order_id, reason="I want it")
    assert (result.outcome, result.code) == (DecisionOutcome.REFUSED, code)
    assert bench.in_salesforce(order_id)["Status"] == "In Review"
    assert bench.claims(order_id, "decide") == []


def test_a_look_needs_a_reason_that_is_kept(bench: Bench) -> None:
    order_id = bench.order_for("PAY-05 in review")
    without = approve(bench, order_id)
    assert (without.outcome, without.code) == (DecisionOutcome.REFUSED, "PAY-05")
    assert approve(bench, order_id, reason="Pays on Friday").outcome is DecisionOutcome.APPROVED
    assert bench.in_salesforce(order_id)["Decision_Reason__c"] == "Pays on Friday"


def test_another_reason_of_the_same_person_changes_nothing_and_is_told(bench: Bench) -> None:
    order_id = ready_order(bench)
    assert approve(bench, order_id, reason="Called back").message == ""
    assert approve(bench, order_id, reason=" Called back ").message == ""
    again = approve(bench, order_id, reason="Pays on Friday")
    assert again.outcome is DecisionOutcome.APPROVED
    assert again.message == "Approved already; the reason given then stays."
    assert bench.in_salesforce(order_id)["Decision_Reason__c"] == "Called back"


def test_a_reason_that_comes_after_a_decision_without_one_is_told_too(bench: Bench) -> None:
    order_id = ready_order(bench)
    approve(bench, order_id)
    again = approve(bench, order_id, reason="Pays on Friday")
    assert again.message == "Approved already; no reason was given then, and none is added."


@pytest.mark.parametrize("decide", ["approve", "reject"])
def test_a_reason_that_salesforce_could_not_keep_whole_is_refused_before_anything_is_sent(
    bench: Bench, decide: str
) -> None:
    order_id = ready_order(bench)

    async def work(desk: Services, me: StaffMember) -> None:
        before = desk.salesforce.session.calls.total()
        with pytest.raises(InvalidInput, match="255 characters; this one has 256"):
            await getattr(desk.deciding, decide)(order_id, me, "x" * 256)
        assert desk.salesforce.session.calls.total() == before

    bench.run(work)
    assert bench.in_salesforce(order_id)["Status"] == "In Review"
    assert approve(bench, order_id, reason=f" {'x' * 255} ").outcome is DecisionOutcome.APPROVED
    assert bench.in_salesforce(order_id)["Decision_Reason__c"] == "x" * 255


def test_a_decision_that_our_own_database_cannot_note_stands_all_the_same(fresh_bench: Bench) -> None:
    order_id = ready_order(fresh_bench)
    with closing(sqlite3.connect(fresh_bench.folder / "portal.db")) as database, database:
        database.execute("DROP TABLE audit_log")
    decided = approve(fresh_bench, order_id)
    assert decided.outcome is DecisionOutcome.APPROVED
    assert "could not be noted" in decided.message
    assert fresh_bench.in_salesforce(order_id)["Status"] == "Approved"


@pytest.mark.parametrize("person", ["support", "back_office"])
def test_a_person_without_the_right_is_refused(bench: Bench, person: str) -> None:
    result = approve(bench, ready_order(bench), person)
    assert (result.outcome, result.code) == (DecisionOutcome.REFUSED, "APR-05")


def test_salesforce_refuses_an_own_order_whatever_the_program_says(bench: Bench) -> None:
    order_id = bench.order_for("APR-01 in review")
    profile = bench.profile
    assert profile.practice
    token = next(user.access_token for user in profile.practice.users if user.name == "Yuki Shirai")
    me = next(user.id for user in bench.sandbox.world.staff if user.name == "Yuki Shirai")
    answer = httpx.patch(
        f"{profile.salesforce.instance_url}/services/data/v66.0/sobjects/Order/{order_id}",
        headers={"Authorization": f"Bearer {token.get_secret_value()}"},
        json={"Status": "Approved", "Approved_Hash__c": "0" * 64, "Approved_By__c": me},
    )
    assert answer.status_code == 400
    assert answer.json()[0]["errorCode"] == "FIELD_CUSTOM_VALIDATION_EXCEPTION"


def test_an_order_that_was_changed_since_the_screen_was_filled_is_refused(bench: Bench) -> None:
    result = approve(bench, ready_order(bench), reviewed_hash="0" * 64)
    assert (result.outcome, result.code) == (DecisionOutcome.REFUSED, "APR-02")


def test_a_lost_answer_leaves_exactly_one_decision(bench: Bench) -> None:
    order_id = ready_order(bench)
    bench.break_with("commit_then_drop", "composite", "salesforce")
    assert approve(bench, order_id).outcome is DecisionOutcome.APPROVED
    assert len(bench.claims(order_id, "decide")) == 1


def test_a_rejection_needs_a_reason_and_tells_the_customer(bench: Bench) -> None:
    order_id = ready_order(bench)

    async def reject(desk: Services, me: StaffMember) -> DecisionResult:
        with pytest.raises(InvalidInput):
            await desk.deciding.reject(order_id, me, "  ")
        return await desk.deciding.reject(order_id, me, "Not the account holder")

    assert bench.run(reject).outcome is DecisionOutcome.REJECTED
    order = bench.in_salesforce(order_id)
    assert (order["Status"], order["Customer_Status__c"]) == ("Rejected", "rejected")


def test_an_order_put_back_to_review_can_be_decided_anew(bench: Bench) -> None:
    order_id = ready_order(bench)
    approve(bench, order_id)
    bench.sandbox.salesforce.put("Order", bench.in_salesforce(order_id) | {"Status": "In Review"})
    assert approve(bench, order_id, "Marta Lindgren").outcome is DecisionOutcome.APPROVED
    assert [row["Outcome__c"] for row in bench.claims(order_id, "decide")] == ["withdrawn", "approved"]


def test_an_unknown_order_is_told(bench: Bench) -> None:
    with pytest.raises(NotFound):
        approve(bench, "8015g00000zzzzzAAA")
