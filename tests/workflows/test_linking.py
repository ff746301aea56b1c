"""A link row that is missing while the facts agree is written once; where they disagree nothing is written."""

from console.models.customer import LinkState
from console.models.staff import StaffMember
from console.services import Services
from tests.workflows.desk_bench import Bench


def test_a_missing_row_is_written_and_audited_at_the_first_live_check(bench: Bench) -> None:
    linked = {row["salesforce_account_id"] for row in bench.sandbox.world.portal["links"]}
    order_id = next(one for one in bench.orders("In Review") if bench.in_salesforce(one)["AccountId"] not in linked)
    account_id = bench.in_salesforce(order_id)["AccountId"]

    async def check(desk: Services, me: StaffMember) -> None:
        assert await desk.portal.links.naming(account_id, None, None) == []
        await desk.reviewing.review(order_id, me)
        await desk.reviewing.review(order_id, me)
        [row] = await desk.portal.links.naming(account_id, None, None)
        [entry] = await desk.portal.journal.audited(account_id)
        assert row.salesforce_account_id == account_id
        assert (entry.actor, entry.action) == (me.name, "link")

    bench.run(check)


def test_nothing_is_written_while_facts_disagree(bench: Bench) -> None:
    order_id = bench.order_for("LNK-03 in review")
    account_id = bench.in_salesforce(order_id)["AccountId"]

    async def check(desk: Services, me: StaffMember) -> None:
        before = await desk.portal.links.naming(account_id, None, None)
        review = await desk.reviewing.review(order_id, me)
        assert await desk.portal.links.naming(account_id, None, None) == before
        assert "LNK-03" in {one.code for one in review.checks}

    bench.run(check)


def test_a_customer_without_a_client_is_partly_linked(bench: Bench) -> None:
    account_id = bench.in_salesforce(bench.order_for("LNK-01 in review"))["AccountId"]

    async def state(desk: Services, me: StaffMember) -> LinkState:
        person = await desk.customers.page(account_id)
        assert person.link.data
        return person.link.data.state

    assert bench.run(state) is LinkState.PARTIAL
