"""A run over many orders is looked at before it begins: each order counted once, and nothing changed anywhere."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from console.models.command import CommandState
from console.models.order import OrderSummary
from console.models.staff import StaffMember
from console.services import Services
from console.workflows.bulk_preview import BulkPreview, PreviewJob
from tests.workflows.desk_bench import Bench

_READ = "GetPayMethods"


async def job_of(desk: Services, me: StaffMember, order_ids: Sequence[str]) -> PreviewJob:
    """A preview over these orders as the queue has them."""
    rows = {order.order_id: order for order in await desk.orders.queue()}
    return desk.previews.new(me, [rows[order_id] for order_id in order_ids])


def preview(bench: Bench, *order_ids: str, person: str = "") -> BulkPreview:
    """The preview of a run over these orders."""

    async def look(desk: Services, me: StaffMember) -> BulkPreview:
        return await (await job_of(desk, me, order_ids)).run()

    return bench.run(look, person)


def told(safe: int = 0, waiting: int = 0, not_tried: int = 0, **needs_check: int) -> BulkPreview:
    """A preview with codes that are written with an underscore."""
    codes = tuple((code.replace("_", "-"), count) for code, count in needs_check.items())
    return BulkPreview(safe=safe, needs_check=codes, waiting=waiting, not_tried=not_tried)


def test_what_is_approved_and_passes_its_checks_is_safe(bench: Bench) -> None:
    orders = bench.orders("Approved")[:5]
    active = bench.orders("Activated", "Activated")[:1]
    assert preview(bench, *orders, *active) == told(safe=5 + len(active))


def test_what_stands_in_the_way_is_told_by_its_code_and_counted(bench: Bench) -> None:
    scenarios = ("PAY-02 approved", "LNK-01 approved", "CAT-03 approved", "DUP-01 approved", "APR-02 approved")
    orders = [bench.order_for(name) for name in scenarios]
    in_review = bench.orders("In Review")[:2]
    before = [bench.in_salesforce(one)["SystemModstamp"] for one in orders]
    assert preview(bench, *orders, *in_review, *in_review) == told(
        APR_04=2, APR_02=1, CAT_03=1, DUP_01=1, LNK_01=1, PAY_02=1
    )
    assert [bench.in_salesforce(one)["SystemModstamp"] for one in orders] == before


def test_what_a_run_comes_to_is_what_its_preview_said(fresh_bench: Bench) -> None:
    orders = [*fresh_bench.orders("Approved")[:3], *map(fresh_bench.order_for, ("PAY-01 approved", "CAT-01 approved"))]
    assert preview(fresh_bench, *orders) == told(safe=3, CAT_01=1, PAY_01=1)

    async def run(desk: Services, me: StaffMember) -> list[str]:
        return [f"{one.outcome} {one.code or ''}".strip() for one in await desk.bulk.new(me, orders).run()]

    assert sorted(fresh_bench.run(run)) == ["activated"] * 3 + ["paused CAT-01", "paused PAY-01"]


def test_an_order_before_its_activation_date_waits(fresh_bench: Bench) -> None:
    order_id, other = fresh_bench.orders("Approved")[:2]
    later = (datetime.now(UTC) + timedelta(days=5)).date().isoformat()
    dated = fresh_bench.in_salesforce(order_id) | {"Activation_Date__c": later}
    fresh_bench.sandbox.salesforce.put("Order", dated)

    async def signed(desk: Services, me: StaffMember) -> str:
        return (await desk.orders.read(order_id)).content_hash if me else ""

    fresh_bench.sandbox.salesforce.put("Order", dated | {"Approved_Hash__c": fresh_bench.run(signed)})
    assert preview(fresh_bench, order_id, other) == told(safe=1, waiting=1)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        # A person settles these.
        ("PRV-01", told(PRV_01=1)),
        ("PRV-08", told(PRV_08=1)),
        ("PRV-03", told(PRV_03=1)),
        ("PRV-05", told(PRV_05=1)),
        ("PAY-03", told(PAY_03=1)),
        ("UNK-00", told(UNK_00=1)),
        # The cause is gone by now, or passes by itself.
        ("PAY-02", told(safe=1)),
        ("LNK-03", told(safe=1)),
        ("APR-02", told(safe=1)),
        ("PRV-02", told(safe=1)),
        ("SYN-05", told(safe=1)),
    ],
)
def test_an_open_case_stands_in_the_way_unless_its_cause_is_gone(
    bench: Bench, code: str, expected: BulkPreview
) -> None:
    order_id = bench.orders("Approved")[7]

    async def look(desk: Services, me: StaffMember) -> BulkPreview:
        job = await job_of(desk, me, [order_id])
        await desk.portal.cases.open(order_id, "00000001", code, "as it was", "")
        try:
            return await job.run()
        finally:
            await desk.portal.cases.close(order_id)

    assert bench.run(look) == expected


def test_what_is_remembered_is_not_reviewed_again(bench: Bench) -> None:
    orders = [bench.orders("Approved")[8], bench.order_for("PAY-02 approved")]

    async def look(desk: Services, me: StaffMember) -> list[BulkPreview]:
        first = await (await job_of(desk, me, orders)).run()
        before = bench.calls("whmcs", _READ)
        second = await (await job_of(desk, me, orders)).run()
        assert bench.calls("whmcs", _READ) == before
        return [first, second]

    assert bench.run(look) == [told(safe=1, PAY_02=1)] * 2


def test_what_somebody_has_in_hand_is_told_without_being_read(bench: Bench) -> None:
    order_id = bench.orders("Approved")[9]

    async def look(desk: Services, me: StaffMember) -> BulkPreview:
        job = await job_of(desk, me, [order_id])
        command = await desk.portal.commands.put("provision", order_id, "{}", me, protocol=1)
        before = bench.calls("salesforce", "query")
        try:
            found = await job.run()
            assert bench.calls("salesforce", "query") == before
            return found
        finally:
            await desk.portal.commands.finish(command.id, CommandState.CANCELLED, "")

    assert bench.run(look) == told(SYN_06=1)


def test_who_may_not_provision_is_told_so(bench: Bench) -> None:
    assert preview(bench, *bench.orders("Approved")[:2], person="support") == told(APR_05=2)


def test_progress_is_told_and_after_a_cancel_the_rest_is_not_tried(bench: Bench) -> None:
    orders = [*bench.orders("Approved")[10:20], bench.orders("In Review")[0]]

    async def look(desk: Services, me: StaffMember) -> tuple[list[int], BulkPreview]:
        job = await job_of(desk, me, orders)
        assert (job.total, job.done, job.preview) == (11, 0, told(not_tried=11))
        heard: list[int] = []

        def hear(done: int) -> None:
            heard.append(done)
            if done == 2:
                job.cancel()

        job.on_change = hear
        return heard, await job.run()

    heard, found = bench.run(look)
    # Those that were in hand are finished: three at a time.
    assert heard == [1, 2, 3, 4]
    assert found == told(safe=3, not_tried=7, APR_04=1)


def test_cancelled_before_it_begins_nothing_is_read(bench: Bench) -> None:
    async def look(desk: Services, me: StaffMember) -> BulkPreview:
        job = await job_of(desk, me, bench.orders("Approved")[:2])
        job.cancel()
        before = bench.calls("salesforce", "query")
        found = await job.run()
        assert bench.calls("salesforce", "query") == before
        return found

    assert bench.run(look) == told(not_tried=2)


@pytest.mark.parametrize(("system", "action", "code"), [("whmcs", "*", "PRV-02"), ("salesforce", "query", "SYN-05")])
def test_a_system_that_is_down_is_told_and_the_rest_is_not_tried(
    fresh_bench: Bench, system: str, action: str, code: str
) -> None:
    orders = fresh_bench.orders("Approved")[:12]

    async def look(desk: Services, me: StaffMember) -> BulkPreview:
        job = await job_of(desk, me, orders)
        fresh_bench.break_with("status", action, system=system, status=503, count=10_000)
        return await job.run()

    found = fresh_bench.run(look)
    [(told_code, count)] = found.needs_check
    assert told_code == code
    assert 3 <= count <= 5
    assert (found.safe, found.not_tried) == (0, 12 - count)


def test_an_order_that_is_gone_is_not_tried(fresh_bench: Bench) -> None:
    order_id = fresh_bench.orders("Approved")[0]

    async def look(desk: Services, me: StaffMember) -> BulkPreview:
        row: OrderSummary = next(one for one in await desk.orders.queue() if one.order_id == order_id)
        gone = row.model_copy(update={"order_id": "8015g00000zzzzzAAA"})
        return await desk.previews.new(me, [row, gone]).run()

    assert fresh_bench.run(look) == told(safe=1, not_tried=1)
