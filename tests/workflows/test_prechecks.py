"""Counts for the queue: one review at a time, remembered for the version that was checked, never past an outage."""

import asyncio
from datetime import timedelta

import pytest

from console.errors import SystemFault
from console.models.check import Result, Verdict
from console.models.order import OrderSummary
from console.models.staff import StaffMember
from console.services import Services
from console.workflows import prechecks
from console.workflows.prechecks import Prechecks
from tests.workflows.desk_bench import Bench

_READ = "GetPayMethods"


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def row(desk: Services, order_id: str) -> OrderSummary:
    """The queue row of an order."""
    return next(order for order in await desk.orders.queue() if order.order_id == order_id)


def test_a_count_says_what_a_review_says(bench: Bench) -> None:
    order_id = bench.order_for("PAY-02 in review")

    async def count(desk: Services, me: StaffMember) -> None:
        review = await desk.reviewing.review(order_id, me)
        counted = await desk.prechecks.of(await row(desk, order_id), me)
        results = [check.result for check in review.checks]
        assert (counted.stops, counted.looks) == (results.count(Result.STOP), results.count(Result.LOOK))
        assert counted.verdict is Verdict.STOP

    bench.run(count)


def test_a_version_is_reviewed_once_in_ten_minutes(bench: Bench) -> None:
    order_id = bench.orders("In Review")[0]
    clock = Clock()

    async def count(desk: Services, me: StaffMember) -> None:
        counts, order = Prechecks(desk.reviewing, clock), await row(desk, order_id)
        assert counts.known(order) is None
        before = bench.calls("whmcs", _READ)
        first, second = await asyncio.gather(counts.of(order, me), counts.of(order, me))
        clock.now += 599
        assert counts.known(order) is first is second
        assert bench.calls("whmcs", _READ) == before + 1
        clock.now += 1
        assert counts.known(order) is None
        await counts.of(order, me)
        assert bench.calls("whmcs", _READ) == before + 2

    bench.run(count)


def test_another_version_and_a_forgotten_one_are_reviewed_again(bench: Bench) -> None:
    order_id = bench.orders("In Review")[0]

    async def count(desk: Services, me: StaffMember) -> None:
        order = await row(desk, order_id)
        await desk.prechecks.of(order, me)
        changed = order.model_copy(update={"changed_at": order.changed_at + timedelta(seconds=1)})
        assert desk.prechecks.known(changed) is None
        assert desk.prechecks.known(order)
        desk.prechecks.forget(order_id)
        assert desk.prechecks.known(order) is None

    bench.run(count)


def test_what_is_forgotten_while_it_is_reviewed_is_not_remembered(bench: Bench) -> None:
    order_id = bench.orders("In Review")[0]

    async def count(desk: Services, me: StaffMember) -> None:
        order = await row(desk, order_id)

        async def forget() -> None:
            await asyncio.sleep(0)
            desk.prechecks.forget(order_id)

        await asyncio.gather(desk.prechecks.of(order, me), forget())
        assert desk.prechecks.known(order) is None

    bench.run(count)


def test_the_oldest_counts_are_dropped_where_there_are_too_many(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prechecks, "_MOST", 2)

    async def count(desk: Services, me: StaffMember) -> list[bool]:
        orders = [await row(desk, order_id) for order_id in bench.orders("In Review")[:3]]
        for order in orders:
            await desk.prechecks.of(order, me)
        return [desk.prechecks.known(order) is not None for order in orders]

    assert bench.run(count) == [False, True, True]


def test_an_outage_is_raised_and_not_remembered(bench: Bench) -> None:
    order_id = bench.orders("In Review")[0]

    async def count(desk: Services, me: StaffMember) -> None:
        order = await row(desk, order_id)
        bench.break_with("status", "query", system="salesforce", status=503, count=20)
        with pytest.raises(SystemFault):
            await desk.prechecks.of(order, me)
        bench.sandbox.board.remove()
        assert desk.prechecks.known(order) is None
        assert await desk.prechecks.of(order, me)

    bench.run(count)


def test_a_count_without_billing_is_told_and_not_remembered(bench: Bench) -> None:
    order_id = bench.orders("In Review")[0]

    async def count(desk: Services, me: StaffMember) -> None:
        order = await row(desk, order_id)
        bench.break_with("status", "*", status=503, count=60)
        counted = await desk.prechecks.of(order, me)
        bench.sandbox.board.remove()
        assert counted.stops
        assert desk.prechecks.known(order) is None

    bench.run(count)


def test_a_review_that_was_run_anyway_is_not_run_again(bench: Bench) -> None:
    order_id = bench.order_for("PAY-02 in review")

    async def noted(desk: Services, me: StaffMember) -> None:
        order, review = await row(desk, order_id), await desk.reviewing.review(order_id, me)
        before = bench.calls("whmcs", _READ)
        desk.prechecks.note(order, review)
        assert (await desk.prechecks.of(order, me)).verdict is Verdict.STOP
        assert bench.calls("whmcs", _READ) == before

    bench.run(noted)
