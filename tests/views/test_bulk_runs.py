"""Many orders at once: named and counted before, paused and cancelled between two orders, each with its result."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from console.views.bulk_runs import BulkResults
from console.views.order_queues import Queue, orders_in
from console.views.tables import RecordTable
from console.views.words import trn
from tests.views.desk_window import DeskWindow, dialogs, in_the_window, seen_texts
from tests.workflows.desk_bench import Bench, desk_bench


@pytest.fixture
def bench() -> Iterator[Bench]:
    """A sandbox of its own for each run."""
    with desk_bench() as bench:
        yield bench


def approved(desk: DeskWindow) -> list[str]:
    """The orders that wait to be provisioned."""
    return [one.order_id for one in orders_in(Queue.APPROVED, desk.places.live.orders, desk.places.desk.me)]


def press(desk: DeskWindow, words: str) -> None:
    """Press a button of the run in the strip."""
    [button] = [one for one in desk.places.runs.strip.findChildren(QPushButton) if one.text() == words]
    desk.click(button)


def line(desk: DeskWindow) -> str:
    """What the strip says of the run."""
    return desk.places.runs.strip.accessibleName()


def done(desk: DeskWindow) -> int:
    """How many orders of the run are done."""
    run = desk.places.runs._run
    return run.progress.done if run else 0


def active(bench: Bench, order_ids: list[str]) -> list[str]:
    """Those that are active with exactly one billing order."""
    found = [one for one in order_ids if bench.in_salesforce(one)["Provisioning_Status__c"] == "Activated"]
    assert all(len(bench.billing_orders(one)) == 1 for one in found)
    return found


def test_it_names_and_counts_then_provisions_each_once_and_keeps_the_results(qapp: QApplication, bench: Bench) -> None:
    chosen = [*bench.orders("Approved")[:3], bench.order_for("PAY-01 approved")]

    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        desk.places.runs.start(chosen)
        texts = seen_texts(await desk.question())
        assert texts[0] == "Provision: 4 orders?"
        first = next(one.customer for one in desk.places.live.orders if one.order_id == chosen[0])
        assert first in texts[1]
        assert "exactly once" in texts[2]
        told = f"4 of 4 looked at: 3 are safe, {trn('%n need a check', 1)} (PAY-01)"
        question = await desk.question()
        await desk.until(lambda: told in seen_texts(question), "what the run would meet")
        await desk.confirm("Provision 4 orders")
        await desk.idle()
        assert desk.told() == "3 of 4 orders are active."
        assert line(desk) == "Provision · 4 done · 3 ok · 1 not active"
        press(desk, "Details")
        [results] = dialogs(desk.window)
        assert isinstance(results, BulkResults)
        model = results.findChildren(RecordTable)[0].model()
        cells = [[str(model.index(row, column).data()) for column in range(3)] for row in range(model.rowCount())]
        assert [cell[1] for cell in cells] == ["active", "active", "active", "paused"]
        assert cells[3][2] == "PAY-01"
        assert cells[0][0] == bench.in_salesforce(chosen[0])["OrderNumber"].lstrip("0")
        QTest.keyClick(results, Qt.Key.Key_Escape)

    in_the_window(qapp, bench, work)
    assert active(bench, chosen) == chosen[:3]


def test_the_details_are_one_window_that_follows_the_run(qapp: QApplication, bench: Bench) -> None:
    chosen = bench.orders("Approved")[-4:]

    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        bench.sandbox.board.latency_ms["whmcs"] = 30
        desk.places.runs.start(chosen)
        await desk.confirm("Provision 4 orders")
        await desk.until(lambda: done(desk), "the first order")
        press(desk, "Details")
        press(desk, "Details")
        [results] = dialogs(desk.window)
        model = results.findChildren(RecordTable)[0].model()
        assert model.rowCount() == 4
        await desk.until(lambda: {model.index(row, 1).data() for row in range(4)} == {"active"}, "all results")
        await desk.idle()
        QTest.keyClick(results, Qt.Key.Key_Escape)
        await desk.until(lambda: not desk.window.findChildren(BulkResults), "the end of the window")

    in_the_window(qapp, bench, work)
    bench.sandbox.board.latency_ms["whmcs"] = 0


def test_orders_that_are_stuck_are_asked_about_as_such(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        desk.places.runs.start([bench.order_for("PAY-01 paused")], again=True)
        texts = seen_texts(await desk.question())
        assert texts[0].startswith("Retry: ")
        assert any("nothing is made in WHMCS twice" in text for text in texts)
        await desk.escape()

    in_the_window(qapp, bench, work)


def test_what_is_not_confirmed_is_not_begun(qapp: QApplication, bench: Bench) -> None:
    chosen = bench.orders("Approved")[:3]

    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        desk.places.runs.start(chosen)
        await desk.escape()
        await desk.idle()
        assert not desk.places.runs.strip.isVisible()
        assert not desk.places.runs.under_way
        desk.places.runs.start(chosen)
        await desk.escape()

    in_the_window(qapp, bench, work)
    assert active(bench, chosen) == []


def test_many_are_named_in_part_and_counted_in_full(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        count = len(approved(desk))
        desk.do("orders.provision_all")
        texts = seen_texts(await desk.question())
        assert texts[0] == f"Provision: {count} orders?"
        assert f" and {count - 5} more" in texts[1]
        await desk.escape()

    in_the_window(qapp, bench, work)


def test_it_pauses_between_two_orders_and_nothing_else_can_be_started_meanwhile(
    qapp: QApplication, bench: Bench
) -> None:
    chosen = bench.orders("Approved")[:6]

    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        runs = desk.places.runs
        bench.sandbox.board.latency_ms["whmcs"] = 30
        runs.start(chosen)
        await desk.confirm("Provision 6 orders")
        await desk.until(lambda: done(desk), "the first order")
        press(desk, "Pause")
        await desk.until(lambda: runs._run and not runs._run.progress.running, "the pause")
        begun = len(active(bench, chosen))
        assert 0 < begun < 6
        assert runs.under_way
        runs.start(chosen[:1])
        assert desk.asked() is None
        assert "Another run is under way" in desk.told()
        press(desk, "Go on")
        await desk.idle()
        assert not runs.under_way

    in_the_window(qapp, bench, work)
    assert active(bench, chosen) == chosen


def test_a_cancel_finishes_what_runs_and_says_what_was_not_begun(qapp: QApplication, bench: Bench) -> None:
    chosen = bench.orders("Approved")[:8]

    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        bench.sandbox.board.latency_ms["whmcs"] = 30
        desk.places.runs.start(chosen)
        await desk.confirm("Provision 8 orders")
        await desk.until(lambda: done(desk), "the first order")
        press(desk, "Cancel")
        await desk.idle()
        assert not desk.places.runs.under_way
        assert f"{8 - len(active(bench, chosen))} not begun" in line(desk)
        press(desk, "Details")

    in_the_window(qapp, bench, work)
    finished = active(bench, chosen)
    assert 0 < len(finished) < 8
    assert [one for one in chosen if one not in finished and bench.billing_orders(one)] == []


@pytest.mark.parametrize("paused", [False, True], ids=["running", "paused"])
def test_closing_the_window_finishes_what_runs_and_begins_nothing_more(
    qapp: QApplication, bench: Bench, paused: bool
) -> None:
    chosen = bench.orders("Approved")[:8]

    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        bench.sandbox.board.latency_ms["whmcs"] = 30
        desk.places.runs.start(chosen)
        await desk.confirm("Provision 8 orders")
        await desk.until(lambda: done(desk), "the first order")
        if paused:
            press(desk, "Pause")

    in_the_window(qapp, bench, work)
    finished = active(bench, chosen)
    assert 0 < len(finished) < 8
    left = [one for one in chosen if one not in finished]
    assert {bench.in_salesforce(one)["Provisioning_Status__c"] for one in left} == {"Created"}


def test_where_nothing_waits_it_says_so(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        desk.places.live.orders = ()
        desk.do("orders.provision_all")
        assert desk.told() == "No approved order waits to be provisioned."
        assert desk.asked() is None

    in_the_window(qapp, bench, work)


def test_a_run_that_a_closed_window_has_left_is_shown_by_the_next_and_goes_on(
    qapp: QApplication, bench: Bench, tmp_path: Path
) -> None:
    chosen = bench.orders("Approved")[:8]

    async def begun(desk: DeskWindow) -> None:
        await desk.opened()
        bench.sandbox.board.latency_ms["whmcs"] = 30
        desk.places.runs.start(chosen)
        await desk.confirm("Provision 8 orders")
        await desk.until(lambda: done(desk), "the first order")

    async def gone_on_with(desk: DeskWindow) -> None:
        await desk.opened()
        await desk.until(desk.places.runs.strip.isVisible, "the run of before")
        assert desk.places.runs.under_way
        assert done(desk) == len(before)
        press(desk, "Go on")
        await desk.idle()
        assert desk.told() == "8 of 8 orders are active."

    in_the_window(qapp, bench, begun, folder=tmp_path)
    bench.sandbox.board.latency_ms["whmcs"] = 0
    before = active(bench, chosen)
    assert 0 < len(before) < 8
    in_the_window(qapp, bench, gone_on_with, folder=tmp_path)
    assert active(bench, chosen) == chosen
