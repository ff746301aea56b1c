"""The directory and the queue after a sync are what both systems' books say."""

import asyncio

from console.models.customer import LinkState
from console.models.staff import StaffMember
from console.services import Services
from tests.workflows.desk_bench import Bench

_STATUSES = ("In Review", "Approved", "Rejected", "Cancelled", "Activated")


def test_a_full_sync_holds_every_account_client_and_order(fresh_bench: Bench) -> None:
    tables = fresh_bench.sandbox.salesforce.tables
    numbered = [one for one in tables["Account"].values() if one["Customer_Number__c"]]
    named = {one["Whmcs_Client_Id__c"] for one in numbered}
    only_billing = [one for one in fresh_bench.sandbox.world.whmcs.clients if str(one.id) not in named]

    async def full(desk: Services, me: StaffMember) -> None:
        report = await desk.sync.run(full=True)
        assert report.people == len(numbered) + len(only_billing)
        assert report.orders == len(tables["Order"])
        states = {row.order_id: row.state.value for row in await desk.portal.directory.orders()}
        words = dict(zip(_STATUSES, ("in_review", "approved", "rejected", "cancelled", "processed"), strict=True))
        assert states == {key: words[order["Status"]] for key, order in tables["Order"].items()}

    fresh_bench.run(full)


def test_the_next_sync_reads_only_what_changed(fresh_bench: Bench) -> None:
    order_id = fresh_bench.orders("In Review")[0]

    async def twice(desk: Services, me: StaffMember) -> None:
        await desk.sync.run()
        await desk.deciding.reject(order_id, me, "not wanted")
        before = desk.whmcs.calls.total()
        await desk.sync.run()
        assert desk.whmcs.calls.total() == before
        [row] = [row for row in await desk.portal.directory.orders() if row.order_id == order_id]
        assert row.state.value == "rejected"

    fresh_bench.run(twice)


def test_a_link_that_contradicts_the_account_shows_in_the_list(fresh_bench: Bench) -> None:
    order = fresh_bench.in_salesforce(fresh_bench.order_for("LNK-07 approved"))

    async def conflict(desk: Services, me: StaffMember) -> LinkState:
        await desk.sync.ensure()
        person = await desk.portal.directory.person(order["AccountId"])
        assert person
        return person.link

    assert fresh_bench.run(conflict) is LinkState.CONFLICT


def test_pages_that_open_together_bring_a_new_folder_up_once(fresh_bench: Bench) -> None:
    async def together(desk: Services, me: StaffMember) -> int:
        before = fresh_bench.calls("salesforce", "query")
        await asyncio.gather(desk.sync.ensure(), desk.orders.queue(), desk.sync.ensure())
        together = fresh_bench.calls("salesforce", "query") - before
        await desk.sync.run(full=True)
        return fresh_bench.calls("salesforce", "query") - before - 2 * together

    assert fresh_bench.run(together) == 0
