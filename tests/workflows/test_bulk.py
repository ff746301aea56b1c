"""Many orders: one result each, in order, side by side, none twice; paused and cancelled between orders."""

import asyncio
from typing import cast

import pytest

from console.models.provisioning import ProvisionOutcome, ProvisionResult
from console.models.staff import StaffMember
from console.services import Services
from console.workflows.bulk import BulkPace, BulkProgress, BulkRun, Halt
from tests.workflows.desk_bench import Bench


def test_every_ready_order_becomes_active_side_by_side(bench: Bench) -> None:
    chosen = bench.orders("Approved")[:12]

    async def all_of_them(desk: Services, me: StaffMember) -> list[ProvisionResult]:
        return await BulkRun(desk.provisioning, [*chosen, chosen[0]], me, BulkPace(4)).run()

    results = bench.run(all_of_them)
    assert [result.order_id for result in results] == chosen
    assert {result.outcome for result in results} == {ProvisionOutcome.ACTIVATED}
    assert all(len(bench.billing_orders(order_id)) == 1 for order_id in chosen)


def test_progress_tells_what_runs_what_is_done_and_how_it_ended(bench: Bench) -> None:
    good, bad = bench.orders("Approved")[0], bench.order_for("PAY-01 approved")
    heard: list[BulkProgress] = []

    async def both(desk: Services, me: StaffMember) -> BulkRun:
        run = BulkRun(desk.provisioning, [good, bad], me, on_change=heard.append)
        await run.run()
        return run

    run = bench.run(both)
    assert [(one.done, one.ok, one.stopped, one.running) for one in heard] == [
        (0, 0, 0, (good,)),
        (1, 1, 0, ()),
        (1, 1, 0, (bad,)),
        (2, 1, 1, ()),
    ]
    assert run.progress == heard[-1]
    assert (run.progress.total, run.progress.paused, run.progress.cancelled) == (2, False, False)


@pytest.mark.parametrize("pause_s", [0.0, 3600.0])
def test_a_cancel_finishes_what_runs_and_leaves_the_rest_as_it_is(bench: Bench, pause_s: float) -> None:
    chosen = bench.orders("Approved")[:4]

    async def cancelled(desk: Services, me: StaffMember) -> BulkRun:
        run = BulkRun(
            desk.provisioning,
            chosen,
            me,
            BulkPace(pause_s=pause_s),
            on_change=lambda now: run.cancel() if once(now) else None,
        )
        assert await run.run() == list(run.results)
        return run

    def once(now: BulkProgress) -> bool:
        return bool(now.running) and not now.cancelled

    run = bench.run(cancelled)
    assert [(one.order_id, one.outcome) for one in run.results] == [(chosen[0], ProvisionOutcome.ACTIVATED)]
    assert run.progress.cancelled
    assert run.order_ids == tuple(chosen)
    assert {bench.in_salesforce(order_id)["Provisioning_Status__c"] for order_id in chosen[1:]} == {"Created"}


def test_a_pause_starts_nothing_until_it_goes_on(bench: Bench) -> None:
    chosen = bench.orders("Approved")[:3]

    async def paused(desk: Services, me: StaffMember) -> list[ProvisionResult]:
        stands_still = asyncio.Event()

        def pause_after_the_first(now: BulkProgress) -> None:
            if now.done == 1 and not now.running and not stands_still.is_set():
                stands_still.set()
                run.pause()

        async def go_on() -> None:
            await stands_still.wait()
            # As long as anything is about to start, this lets it.
            for _ in range(10):
                await asyncio.sleep(0)
            assert run.progress.paused
            assert (run.progress.done, run.progress.running) == (1, ())
            run.resume()

        run = BulkRun(desk.provisioning, chosen, me, on_change=pause_after_the_first)
        results, _ = await asyncio.gather(run.run(), go_on())
        return results

    assert [result.order_id for result in bench.run(paused)] == chosen


def test_a_run_that_was_cancelled_stays_so(bench: Bench) -> None:
    chosen = bench.orders("Approved")[:2]

    async def cancelled(desk: Services, me: StaffMember) -> BulkRun:
        run = BulkRun(desk.provisioning, chosen, me)
        run.cancel()
        run.pause()
        run.resume()
        assert await run.run() == []
        return run

    progress = bench.run(cancelled).progress
    assert (progress.done, progress.paused, progress.cancelled) == (0, False, True)


def test_a_defect_starts_no_further_order_and_is_raised(bench: Bench) -> None:
    chosen = bench.orders("Approved")[:3]
    nobody = cast(StaffMember, None)

    async def defect(desk: Services, me: StaffMember) -> BulkRun:
        run = BulkRun(desk.provisioning, chosen, nobody)
        with pytest.raises(AttributeError):
            await run.run()
        return run

    run = bench.run(defect)
    assert (run.results, run.progress.running) == ((), ())
    assert {bench.in_salesforce(order_id)["Provisioning_Status__c"] for order_id in chosen} == {"Created"}


def test_too_many_failures_in_a_row_pause_the_run_until_somebody_lets_it_go_on(fresh_bench: Bench) -> None:
    chosen = fresh_bench.orders("Approved")[:4]
    fresh_bench.break_with("refuse", "AddOrder", message="Invalid Payment Method", count=2)
    halts: list[BulkProgress] = []

    async def halted(desk: Services, me: StaffMember) -> list[ProvisionResult]:
        def seen(now: BulkProgress) -> None:
            if now.halt and now.paused and not halts:
                halts.append(now)
                asyncio.get_running_loop().call_soon(run.resume)

        run = BulkRun(desk.provisioning, chosen, me, BulkPace(stop_after=2), seen)
        return await run.run()

    results = fresh_bench.run(halted)
    [halt] = halts
    assert (halt.halt, halt.done, halt.stopped) == (Halt.FAILURES, 2, 2)
    assert [one.outcome for one in results] == [ProvisionOutcome.PAUSED] * 2 + [ProvisionOutcome.ACTIVATED] * 2


def test_one_that_works_between_failures_lets_the_run_go_on(fresh_bench: Bench) -> None:
    chosen = fresh_bench.orders("Approved")[:3]
    for call in (1, 3):
        fresh_bench.break_with("refuse", "AddOrder", message="Invalid Payment Method", call=call)

    async def all_of_them(desk: Services, me: StaffMember) -> BulkRun:
        run = BulkRun(desk.provisioning, chosen, me, BulkPace(stop_after=2))
        await run.run()
        return run

    progress = fresh_bench.run(all_of_them).progress
    assert (progress.done, progress.ok, progress.paused, progress.halt) == (3, 1, False, None)


@pytest.mark.parametrize("kind", ["drop", "commit_then_drop", "status"])
def test_an_outage_waits_for_its_end_and_everything_ends_active_without_a_click(
    fresh_bench: Bench, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.workflows.bulk._LOOK_AGAIN_S", 0.05)
    chosen = fresh_bench.orders("Approved")[:8]
    fresh_bench.break_with(kind, "AddOrder", count=2)
    fresh_bench.break_with("drop", "GetClientsProducts", call=9, count=1000)
    asked: list[bool] = []

    async def through_an_outage(desk: Services, me: StaffMember) -> BulkRun:
        async def answers() -> bool:
            asked.append(await desk.connections.all_answer())
            if len(asked) == 2:
                fresh_bench.sandbox.board.remove()
            return len(asked) > 2 and asked[-1]

        run = BulkRun(desk.provisioning, chosen, me, BulkPace(4), systems_answer=answers)
        await run.run()
        return run

    run = fresh_bench.run(through_an_outage)
    assert len(asked) > 2
    assert {(one.order_id, one.outcome) for one in run.results} == {
        (order_id, ProvisionOutcome.ACTIVATED) for order_id in chosen
    }
    assert all(len(fresh_bench.billing_orders(order_id)) == 1 for order_id in chosen)
    assert run.progress.halt is None


def test_a_cancel_ends_the_wait_for_a_system(fresh_bench: Bench) -> None:
    chosen = fresh_bench.orders("Approved")[:2]
    fresh_bench.break_with("status", "*", status=503, count=1000)

    async def never() -> bool:
        asyncio.get_running_loop().call_soon(runs[0].cancel)
        return False

    runs: list[BulkRun] = []

    async def cancelled(desk: Services, me: StaffMember) -> BulkProgress:
        runs.append(BulkRun(desk.provisioning, chosen, me, systems_answer=never))
        await runs[0].run()
        return runs[0].progress

    progress = fresh_bench.run(cancelled)
    assert (progress.cancelled, progress.done, progress.ok) == (True, 1, 0)
