"""What people did and how provisioning went, as it is shown."""

from console.models.activity import ActivityEntry
from console.models.case import JournalEntry, StepState
from console.models.staff import StaffMember
from console.services import Services
from tests.workflows.desk_bench import Bench


def test_an_order_tells_who_did_what_to_it_and_how_its_last_run_went(bench: Bench) -> None:
    order_id = bench.order_for("PAY-01 approved")

    async def twice(desk: Services, me: StaffMember) -> None:
        await desk.sync.ensure()
        assert await desk.activity.steps(order_id) == ()
        first = await desk.provisioning.provision(order_id, me)
        await desk.provisioning.provision(order_id, me)
        await noted(desk, me, first.code)

    async def noted(desk: Services, me: StaffMember, code: str | None) -> None:
        entries = await desk.activity.of_order(order_id)
        assert [(one.actor, one.action) for one in entries] == [(me.name, "pause"), (me.name, "pause")]
        assert {one.order_number for one in entries} == {bench.in_salesforce(order_id)["OrderNumber"]}
        assert all(one.customer and one.account_id and one.detail.startswith(f"{code}:") for one in entries)
        first, last = await desk.activity.runs(order_id)
        assert _outline(first) == _outline(last)
        assert await desk.activity.steps(order_id) == last

    bench.run(twice)


def test_the_newest_entries_come_first_and_only_from_after_the_last_look(bench: Bench) -> None:
    first, second = bench.orders("In Review")[:2]

    async def reject(desk: Services, me: StaffMember) -> tuple[ActivityEntry, ...]:
        await desk.deciding.reject(first, me, "asked twice")
        [newest] = await desk.activity.recent(1)
        assert (newest.order_id, newest.action, newest.detail) == (first, "rejected", "asked twice")
        await desk.deciding.reject(second, me, "moved away")
        return await desk.activity.recent(since=newest.at)

    assert [one.order_id for one in bench.run(reject)] == [second]


def _outline(run: tuple[JournalEntry, ...]) -> list[tuple[str, StepState]]:
    assert len({entry.run for entry in run}) == 1
    return [(entry.step, entry.state) for entry in run]
