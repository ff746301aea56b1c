"""Many orders: one result each, in order, side by side, none twice; paused, cancelled, left and gone on with."""

import asyncio
from collections.abc import Callable

import pytest

from console.models.command import BulkState
from console.models.provisioning import ProvisionOutcome, ProvisionResult
from console.models.staff import StaffMember
from console.services import Services, open_services
from console.tasks import Tasks
from console.workflows import bulk_lane
from console.workflows.bulk import BulkJob, BulkPace, BulkProgress, Halt
from tests.workflows.desk_bench import Bench


def test_every_ready_order_becomes_active_side_by_side(bench: Bench) -> None:
    chosen = bench.orders("Approved")[:12]

    async def all_of_them(desk: Services, me: StaffMember) -> list[ProvisionResult]:
        return await desk.bulk.new(me, [*chosen, chosen[0]], BulkPace(4)).run()

    results = bench.run(all_of_them)
    assert [result.order_id for result in results] == chosen
    assert {result.outcome for result in results} == {ProvisionOutcome.ACTIVATED}
    assert all(len(bench.billing_orders(order_id)) == 1 for order_id in chosen)


def test_progress_tells_what_runs_what_is_done_and_how_it_ended(bench: Bench) -> None:
    good, bad = bench.orders("Approved")[0], bench.order_for("PAY-01 approved")
    heard: list[BulkProgress] = []

    async def both(desk: Services, me: StaffMember) -> BulkJob:
        job = desk.bulk.new(me, [good, bad])
        job.on_change = heard.append
        await job.run()
        return job

    job = bench.run(both)
    assert len(set(heard)) == len(heard)
    assert [one.done for one in heard] == sorted(one.done for one in heard)
    assert {one.running for one in heard} <= {(), (good,), (bad,)}
    assert job.progress == heard[-1]
    last = heard[-1]
    assert (last.total, last.done, last.ok, last.stopped, last.paused, last.cancelled) == (2, 2, 1, 1, False, False)


@pytest.mark.parametrize("pause_s", [0.0, 3600.0])
def test_a_cancel_finishes_what_runs_and_leaves_the_rest_as_it_is(bench: Bench, pause_s: float) -> None:
    chosen = bench.orders("Approved")[:4]

    async def cancelled(desk: Services, me: StaffMember) -> BulkJob:
        job = desk.bulk.new(me, chosen, BulkPace(pause_s=pause_s))
        job.on_change = lambda now: job.cancel() if now.running or now.done else None
        assert await job.run() == list(job.results)
        assert await desk.bulk.unfinished(me) == []
        return job

    job = bench.run(cancelled)
    begun = len(job.results)
    assert 1 <= begun < 4
    assert [(one.order_id, one.outcome) for one in job.results] == [
        (order_id, ProvisionOutcome.ACTIVATED) for order_id in chosen[:begun]
    ]
    assert job.progress.cancelled
    assert job.order_ids == tuple(chosen)
    assert {bench.in_salesforce(order_id)["Provisioning_Status__c"] for order_id in chosen[begun:]} == {"Created"}


def test_a_pause_starts_nothing_until_it_goes_on(bench: Bench) -> None:
    chosen = bench.orders("Approved")[:3]
    held: list[BulkProgress] = []

    async def paused(desk: Services, me: StaffMember) -> list[ProvisionResult]:
        job = desk.bulk.new(me, chosen)

        def lead(now: BulkProgress) -> None:
            if now.done == 1 and not held and not now.paused:
                job.pause()
            elif now.paused and not now.running and not held:
                held.append(now)
                # Whatever was about to start would have: only then it goes on.
                asyncio.get_running_loop().call_later(0.3, job.resume)

        job.on_change = lead
        results = await job.run()
        assert job.progress.ok == 3
        return results

    assert [result.order_id for result in bench.run(paused)] == chosen
    assert held[0].done in (1, 2)


def test_a_run_that_was_cancelled_stays_so(bench: Bench) -> None:
    chosen = bench.orders("Approved")[:2]

    async def cancelled(desk: Services, me: StaffMember) -> BulkJob:
        job = desk.bulk.new(me, chosen)
        job.cancel()
        job.pause()
        job.resume()
        assert await job.run() == []
        return job

    progress = bench.run(cancelled).progress
    assert (progress.done, progress.paused, progress.cancelled) == (0, False, True)


def test_a_defect_starts_no_further_order_and_is_raised(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = bench.orders("Approved")[:3]

    async def defect(desk: Services, me: StaffMember) -> BulkJob:
        async def broken(*_: object) -> ProvisionResult:
            raise LookupError("a defect")

        monkeypatch.setattr(desk.provisioning, "provision", broken)
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        job = desk.bulk.new(me, chosen)
        with pytest.raises(LookupError, match="a defect"):
            await job.run()
        return job

    job = bench.run(defect)
    assert (job.results, job.progress.running, job.progress.cancelled) == ((), (), True)
    assert {bench.in_salesforce(order_id)["Provisioning_Status__c"] for order_id in chosen} == {"Created"}


def test_too_many_failures_in_a_row_pause_the_run_until_somebody_lets_it_go_on(fresh_bench: Bench) -> None:
    chosen = fresh_bench.orders("Approved")[:4]
    fresh_bench.break_with("refuse", "AddOrder", message="Invalid Payment Method", count=2)
    halts: list[BulkProgress] = []

    async def halted(desk: Services, me: StaffMember) -> list[ProvisionResult]:
        job = desk.bulk.new(me, chosen, BulkPace(stop_after=2))

        def seen(now: BulkProgress) -> None:
            if now.halt and now.paused and not halts:
                halts.append(now)
                asyncio.get_running_loop().call_soon(job.resume)

        job.on_change = seen
        return await job.run()

    results = fresh_bench.run(halted)
    [halt] = halts
    assert (halt.halt, halt.done, halt.stopped) == (Halt.FAILURES, 2, 2)
    assert [one.outcome for one in results] == [ProvisionOutcome.PAUSED] * 2 + [ProvisionOutcome.ACTIVATED] * 2


def test_one_that_works_between_failures_lets_the_run_go_on(fresh_bench: Bench) -> None:
    chosen = fresh_bench.orders("Approved")[:3]
    for call in (1, 3):
        fresh_bench.break_with("refuse", "AddOrder", message="Invalid Payment Method", call=call)

    async def all_of_them(desk: Services, me: StaffMember) -> BulkJob:
        job = desk.bulk.new(me, chosen, BulkPace(stop_after=2))
        await job.run()
        return job

    progress = fresh_bench.run(all_of_them).progress
    assert (progress.done, progress.ok, progress.paused, progress.halt) == (3, 1, False, None)


def test_an_outage_waits_for_its_end_and_everything_ends_active_without_a_click(
    fresh_bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_lane, "_ASK_AGAIN_S", 1.0)
    chosen = fresh_bench.orders("Approved")[:8]
    fresh_bench.break_with("commit_then_drop", "AddOrder", count=2)
    fresh_bench.break_with("status", "*", status=503, call=30, count=100_000)
    halts: set[Halt | None] = set()

    async def through_an_outage(desk: Services, me: StaffMember) -> BulkJob:
        job = desk.bulk.new(me, chosen, BulkPace(4))

        def seen(now: BulkProgress) -> None:
            halts.add(now.halt)
            if now.halt is Halt.OUTAGE and not now.running:
                fresh_bench.sandbox.board.remove()

        job.on_change = seen
        await job.run()
        return job

    job = fresh_bench.run(through_an_outage)
    assert halts == {None, Halt.OUTAGE}
    assert {(one.order_id, one.outcome) for one in job.results} == {
        (order_id, ProvisionOutcome.ACTIVATED) for order_id in chosen
    }
    assert all(len(fresh_bench.billing_orders(order_id)) == 1 for order_id in chosen)
    assert job.progress.halt is None


def test_a_cancel_ends_the_wait_for_a_system(fresh_bench: Bench) -> None:
    chosen = fresh_bench.orders("Approved")[:2]
    fresh_bench.break_with("status", "*", status=503, count=1000)

    async def cancelled(desk: Services, me: StaffMember) -> BulkProgress:
        job = desk.bulk.new(me, chosen)
        job.on_change = lambda now: job.cancel() if now.halt is Halt.OUTAGE else None
        await job.run()
        return job.progress

    progress = fresh_bench.run(cancelled)
    assert (progress.cancelled, progress.ok) == (True, 0)


def test_what_somebody_has_asked_for_already_is_waited_for_not_asked_for_twice(bench: Bench) -> None:
    first, second = bench.orders("Approved")[:2]

    async def both(desk: Services, me: StaffMember) -> list[ProvisionResult]:
        await desk.portal.commands.put("provision", first, "{}", me, protocol=1)
        return await desk.bulk.new(me, [first, second]).run()

    results = bench.run(both)
    assert [(one.order_id, one.outcome) for one in results] == [
        (first, ProvisionOutcome.ACTIVATED),
        (second, ProvisionOutcome.ACTIVATED),
    ]


def test_a_run_that_is_left_stands_still_and_is_gone_on_with_at_the_next_sitting(fresh_bench: Bench) -> None:
    chosen = fresh_bench.orders("Approved")[:5]

    async def left(desk: Services, me: StaffMember) -> int:
        job = desk.bulk.new(me, chosen)
        job.on_change = lambda now: job.leave() if now.done == 1 else None
        await job.run()
        assert job.progress.paused
        return job.progress.done

    async def gone_on_with(desk: Services, me: StaffMember) -> BulkJob:
        [job] = await desk.bulk.unfinished(me)
        assert (job.progress.paused, job.order_ids) == (True, tuple(chosen))
        job.resume()
        await job.run()
        return job

    done = fresh_bench.run(left)
    assert 1 <= done < 5
    assert fresh_bench.run(_unfinished, "back_office") == 0
    job = fresh_bench.run(gone_on_with)
    assert [one.outcome for one in job.results] == [ProvisionOutcome.ACTIVATED] * 5
    assert all(len(fresh_bench.billing_orders(order_id)) == 1 for order_id in chosen)


def test_a_run_goes_on_by_itself_after_the_process_that_carried_it_out_was_cut_off(fresh_bench: Bench) -> None:
    chosen = fresh_bench.orders("Approved")[:5]

    async def cut_off(desk: Services, me: StaffMember) -> None:
        tasks = Tasks()
        job = desk.bulk.new(me, chosen)
        seen = asyncio.Event()
        job.on_change = _when(lambda now: now.done >= 1, seen)
        task = tasks.spawn(job.run(), "the run")
        await seen.wait()
        desk.engine.cut_off()
        task.cancel()
        await tasks.aclose()
        [run] = await desk.portal.bulk_runs.unfinished()
        assert run.state is BulkState.RUNNING

    async def next_sitting(desk: Services, me: StaffMember) -> None:
        async with desk.engine.attending(me):
            while await desk.portal.bulk_runs.unfinished():
                await desk.engine.heard()

    fresh_bench.run(cut_off)
    fresh_bench.run(next_sitting)
    assert {fresh_bench.in_salesforce(one)["Provisioning_Status__c"] for one in chosen} == {"Activated"}
    assert all(len(fresh_bench.billing_orders(order_id)) == 1 for order_id in chosen)


def test_a_run_asked_for_here_is_carried_out_and_paced_by_the_desk_that_holds_the_lease(fresh_bench: Bench) -> None:
    chosen = fresh_bench.orders("Approved")[:4]

    async def both(desk: Services, me: StaffMember) -> list[ProvisionResult]:
        async with desk.engine.attending(me), open_services(fresh_bench.profile, fresh_bench.folder) as other:
            await desk.engine.provision(chosen[0], me)
            results = await other.bulk.new(await other.me(), chosen[1:], BulkPace(2)).run()
            assert not other.engine.executes_now
            return results

    assert [one.outcome for one in fresh_bench.run(both)] == [ProvisionOutcome.ACTIVATED] * 3


async def _unfinished(desk: Services, me: StaffMember) -> int:
    return len(await desk.bulk.unfinished(me))


def _when(happened: Callable[[BulkProgress], bool], event: asyncio.Event) -> Callable[[BulkProgress], None]:
    return lambda now: event.set() if happened(now) else None
