"""Many orders: one result each, in order, side by side, none twice."""

from console.models.provisioning import ProvisionOutcome, ProvisionResult
from console.models.staff import StaffMember
from console.services import Services
from console.workflows.bulk import provision_many
from tests.workflows.desk_bench import Bench


def test_every_ready_order_becomes_active_side_by_side(bench: Bench) -> None:
    chosen = bench.orders("Approved")[:12]

    async def all_of_them(desk: Services, me: StaffMember) -> list[ProvisionResult]:
        return await provision_many(desk.provisioning, [*chosen, chosen[0]], me, parallel=4, pause_s=0)

    results = bench.run(all_of_them)
    assert [result.order_id for result in results] == chosen
    assert {result.outcome for result in results} == {ProvisionOutcome.ACTIVATED}
    assert all(len(bench.billing_orders(order_id)) == 1 for order_id in chosen)
