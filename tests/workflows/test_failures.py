"""The failure desk: our cases, what Salesforce has paused already, and what cannot be retried."""

import pytest

from console.errors import InvalidInput, NotFound
from console.models.staff import StaffMember
from console.services import Services
from tests.workflows.desk_bench import Bench


def test_an_order_that_salesforce_has_paused_joins_the_list(fresh_bench: Bench) -> None:
    order_id = fresh_bench.order_for("CAT-03 approved")
    paused = {"Provisioning_Status__c": "Paused", "Provisioning_Error_Code__c": "CAT-03"}
    fresh_bench.sandbox.salesforce.put("Order", fresh_bench.in_salesforce(order_id) | paused)

    async def listed(desk: Services, me: StaffMember) -> None:
        [case] = [one for one in await desk.failures.all_open("CAT-03") if one.case.order_id == order_id]
        assert case.case.attempts == 0
        await desk.failures.retry(case.case, me)
        [again] = [one for one in await desk.failures.all_open("CAT-03") if one.case.order_id == order_id]
        assert (again.case.case_id, again.case.attempts) == (case.case.case_id, 1)

    fresh_bench.run(listed)


def test_cases_that_are_not_there_or_closed_are_told(bench: Bench) -> None:
    order_id = bench.order_for("PAY-02 approved")

    async def retry(desk: Services, me: StaffMember) -> None:
        with pytest.raises(NotFound):
            await desk.failures.open_case(4711)
        with pytest.raises(InvalidInput):
            await desk.failures.all_open("ABC-99")
        await desk.provisioning.provision(order_id, me)
        [case] = [one for one in await desk.failures.all_open("PAY-02") if one.case.order_id == order_id]
        await desk.portal.cases.close(order_id)
        with pytest.raises(InvalidInput):
            await desk.failures.open_case(case.case.case_id)

    bench.run(retry)


def test_the_list_is_at_hand_without_asking_a_system(bench: Bench) -> None:
    order_id = bench.order_for("PAY-01 approved")
    account_id = bench.in_salesforce(order_id)["AccountId"]

    async def listed(desk: Services, me: StaffMember) -> None:
        await desk.failures.all_open()
        assert await desk.failures.case_of(order_id) is None
        await desk.provisioning.provision(order_id, me)
        sent = bench.sandbox.board.calls_made()
        [case] = [one for one in await desk.failures.listed() if one.case.order_id == order_id]
        assert await desk.failures.case_of(order_id) == case
        assert bench.sandbox.board.calls_made() == sent
        names = bench.sandbox.salesforce.tables["Account"][account_id]["Name"]
        assert (case.code.code, case.customer, case.account_id) == ("PAY-01", names, account_id)
        assert case.kind

    bench.run(listed)


def test_a_case_of_an_order_that_no_sync_has_read_is_listed_without_names(fresh_bench: Bench) -> None:
    order_id = fresh_bench.order_for("PAY-01 approved")

    async def listed(desk: Services, me: StaffMember) -> None:
        await desk.provisioning.provision(order_id, me)
        [case] = await desk.failures.listed()
        assert (case.case.order_id, case.customer, case.kind, case.account_id) == (order_id, "", None, None)
        assert await desk.failures.case_of(order_id) == case

    fresh_bench.run(listed)


def test_looking_again_writes_nothing_where_nothing_changed(fresh_bench: Bench) -> None:
    order_id = fresh_bench.order_for("CAT-03 approved")
    paused = {"Provisioning_Status__c": "Paused", "Provisioning_Error_Code__c": "words of another program"}
    fresh_bench.sandbox.salesforce.put("Order", fresh_bench.in_salesforce(order_id) | paused)

    async def twice(desk: Services, me: StaffMember) -> None:
        await desk.failures.all_open()
        first = await desk.failures.case_of(order_id)
        await desk.failures.all_open()
        assert first
        assert first.code.code == "UNK-00"
        assert await desk.failures.case_of(order_id) == first

    fresh_bench.run(twice)


@pytest.mark.parametrize(("code", "is_listed"), [("PRV-01", True), (None, False)])
def test_a_paused_order_that_was_rejected_stays_listed_only_while_it_has_a_code(
    fresh_bench: Bench, code: str | None, is_listed: bool
) -> None:
    order_id = fresh_bench.order_for("CAT-03 approved")
    ended = {"Status": "Rejected", "Provisioning_Status__c": "Paused", "Provisioning_Error_Code__c": code}
    fresh_bench.sandbox.salesforce.put("Order", fresh_bench.in_salesforce(order_id) | ended)

    async def listed(desk: Services, me: StaffMember) -> set[str]:
        await desk.portal.cases.open(order_id, "00000001", code or "PRV-08", "as it was", "")
        return {one.case.order_id for one in await desk.failures.all_open()} if me else set()

    assert (order_id in fresh_bench.run(listed)) is is_listed
