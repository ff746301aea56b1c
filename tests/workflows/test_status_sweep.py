"""The sweep finds what somebody changed in one system alone, and what was mended since."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from console.models.connection import CallBudget
from console.models.staff import StaffMember
from console.services import Services
from console.workflows.status_sweep import RegularSweep, SweepReport
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


def hours_ago(hours: float) -> datetime:
    """A moment of the desk's own clock."""
    return datetime.now(UTC) - timedelta(hours=hours)


def regularly(bench: Bench, last: datetime | None, person: str = "back_office", every_h: int = 4) -> SweepReport | None:
    """What a desk does by itself where the last comparison was then."""

    async def sweep(desk: Services, me: StaffMember) -> SweepReport | None:
        await desk.sync.ensure()
        if last:
            await desk.portal.directory.set_cursor("comparison", last)
        return await RegularSweep(desk.status_sweep, desk.polling, every_h).run_if_due(me)

    return bench.run(sweep, person)


@pytest.mark.parametrize(
    ("hours", "person", "every_h", "compares"),
    [
        (5, "back_office", 4, True),
        (5, "supervisor", 4, True),
        (5, "support", 4, False),
        (3, "back_office", 4, False),
        (1.1, "back_office", 1, True),
        (1000, "back_office", 0, False),
        # Somebody's clock was wrong.
        (-1000, "back_office", 4, True),
        (-0.1, "back_office", 4, False),
    ],
)
def test_a_desk_compares_by_itself_where_it_is_due_and_by_who_may_provision(
    bench: Bench, hours: float, person: str, every_h: int, compares: bool
) -> None:
    report = regularly(bench, hours_ago(hours), person, every_h)
    assert (report is not None) is compares


def test_desks_that_share_a_database_compare_once_for_all(bench: Bench) -> None:
    assert regularly(bench, hours_ago(5))
    assert regularly(bench, None) is None


def test_what_a_person_compared_is_not_compared_again_soon(bench: Bench) -> None:
    async def sweep(desk: Services, me: StaffMember) -> list[bool]:
        await desk.sync.ensure()
        found = []
        for days in (6, 7):
            await desk.portal.directory.set_cursor("comparison", hours_ago(5))
            await desk.status_sweep.run(days)
            found.append(await desk.regular_sweep.run_if_due(me) is not None)
        return found

    assert bench.run(sweep, "back_office") == [True, False]


def test_a_desk_that_opens_for_the_first_time_compares_later(fresh_bench: Bench) -> None:
    assert regularly(fresh_bench, None) is None
    assert fresh_bench.calls("whmcs", "GetOrders") == 0
    assert regularly(fresh_bench, None) is None


def test_while_calls_are_short_a_desk_compares_nothing(bench: Bench) -> None:
    async def sweep(desk: Services, me: StaffMember) -> SweepReport | None:
        await desk.portal.directory.set_cursor("comparison", hours_ago(5))
        desk.salesforce.session.calls_of_the_org = CallBudget(used=85, allowed=100)
        return await desk.regular_sweep.run_if_due(me)

    assert bench.run(sweep) is None


def test_a_system_that_is_down_is_compared_with_the_next_time(fresh_bench: Bench) -> None:
    order_id = fresh_bench.orders("Approved")[0]
    provision(fresh_bench, order_id)
    fresh_bench.sandbox.clock.advance(3600)
    fresh_bench.break_with("drop", "GetOrders", count=100)
    assert regularly(fresh_bench, hours_ago(5)) is None
    fresh_bench.sandbox.board.remove()
    assert regularly(fresh_bench, None) is None
    assert regularly(fresh_bench, hours_ago(5))


def test_after_a_fault_a_desk_tries_again_no_sooner_than_the_profile_says(fresh_bench: Bench) -> None:
    elapsed = [100.0]

    async def sweep(desk: Services, me: StaffMember) -> list[bool]:
        await desk.sync.ensure()
        regular = RegularSweep(desk.status_sweep, desk.polling, 4, lambda: elapsed[0])
        found = []
        fresh_bench.break_with("status", "query", system="salesforce", status=503, count=1000)
        for later_s in (0, 4 * 3600 - 1, 1):
            elapsed[0] += later_s
            await desk.portal.directory.set_cursor("comparison", hours_ago(5))
            found.append(await regular.run_if_due(me) is not None)
            fresh_bench.sandbox.board.remove()
        return found

    assert fresh_bench.run(sweep) == [False, False, True]


def test_the_profile_says_how_often(fresh_bench: Bench) -> None:
    desk = fresh_bench.profile.desk.model_copy(update={"compare_every_h": 0})
    never = replace(fresh_bench, profile=fresh_bench.profile.model_copy(update={"desk": desk}))

    async def sweep(desk: Services, me: StaffMember) -> SweepReport | None:
        await desk.portal.directory.set_cursor("comparison", hours_ago(500))
        return await desk.regular_sweep.run_if_due(me)

    assert never.run(sweep) is None
    assert fresh_bench.run(sweep)
