"""The sweep finds what somebody changed in one system alone, and what was mended since."""

from console.models.staff import StaffMember
from console.services import Services
from console.workflows.status_sweep import SweepReport
from tests.workflows.desk_bench import Bench
from tests.workflows.test_provision import provision


def swept(bench: Bench) -> tuple[SweepReport, dict[str, str]]:
    """What the sweep finds, and the open cases by order."""

    async def sweep(desk: Services, me: StaffMember) -> tuple[SweepReport, dict[str, str]]:
        await desk.sync.run(full=True)
        report = await desk.status_sweep.run(30)
        return report, {one.order_id: one.code for one in await desk.portal.cases.all_open()}

    return bench.run(sweep)


def test_what_was_changed_in_billing_by_hand_is_named_until_it_is_mended(fresh_bench: Bench) -> None:
    kept, cancelled = fresh_bench.orders("Approved")[:2]
    for order_id in (kept, cancelled):
        provision(fresh_bench, order_id)
    fresh_bench.sandbox.clock.advance(3600)
    [billing_order] = fresh_bench.billing_orders(cancelled)
    billing_order.status = "Cancelled"

    report, cases = swept(fresh_bench)
    [difference] = [one for one in report.differences if one.order_id in (kept, cancelled)]
    assert (difference.order_id, difference.code) == (cancelled, "SYN-04")
    assert f"{billing_order.id} is Cancelled" in difference.detail
    assert (cases[cancelled], kept in cases) == ("SYN-04", False)

    billing_order.status = "Active"
    report, cases = swept(fresh_bench)
    assert cancelled not in {one.order_id for one in report.differences} | cases.keys()


def test_what_was_activated_a_moment_ago_is_left_alone(fresh_bench: Bench) -> None:
    order_id = fresh_bench.orders("Approved")[0]
    provision(fresh_bench, order_id)
    [billing_order] = fresh_bench.billing_orders(order_id)
    billing_order.status = "Cancelled"
    report, _ = swept(fresh_bench)
    assert order_id not in {one.order_id for one in report.differences}


def test_an_order_that_is_active_in_billing_alone_is_named_and_settled_by_a_retry(fresh_bench: Bench) -> None:
    order_id = fresh_bench.orders("Approved")[0]
    provision(fresh_bench, order_id)
    paused = {"Provisioning_Status__c": "Paused", "Provisioning_Error_Code__c": "PRV-03"}
    fresh_bench.sandbox.salesforce.put("Order", fresh_bench.in_salesforce(order_id) | paused)
    fresh_bench.sandbox.clock.advance(3600)
    _, cases = swept(fresh_bench)
    assert cases[order_id] == "SYN-04"
    provision(fresh_bench, order_id)
    _, cases = swept(fresh_bench)
    assert order_id not in cases
