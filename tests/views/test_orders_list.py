"""The queue: narrowed by what one picks and types, its checks counted one order at a time, rows updated in place."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from console.models.order import OrderKind, OrderState
from console.sandbox.faults import Fault
from console.services import open_services
from console.views.chosen_orders import ChosenOrders
from console.views.list_view import TwoLines
from console.views.order_queues import QUEUE_WORDS, Queue, orders_in
from console.views.order_view import OrderView
from console.views.orders_list import OrdersList
from console.views.widgets import Button
from tests.views.desk_window import DeskWindow, dialogs, in_the_window, seen_texts
from tests.workflows.desk_bench import Bench, desk_bench

Key = Qt.Key


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """A desk on a sandbox."""
    with desk_bench() as bench:
        yield bench


@pytest.fixture
def fresh_bench() -> Iterator[Bench]:
    """A desk on a sandbox that no other test has touched."""
    with desk_bench() as bench:
        yield bench


async def listed(desk: DeskWindow) -> OrdersList:
    """Open Orders and watch its model."""
    await desk.opened()
    desk.do("go.orders")
    found = desk.places.records.orders
    QAbstractItemModelTester(found.list.model(), QAbstractItemModelTester.FailureReportingMode.Fatal, found)
    return found


def ids(found: OrdersList) -> list[str]:
    """The listed orders from top to bottom."""
    return [order.order_id for order in found._model.records]


def pick(found: OrdersList, button: str, choice: str) -> None:
    """Pick from the menu of one of the filters."""
    chip = next(one for one in found.findChildren(Button) if one.text().startswith(button))
    next(action for action in chip.menu().actions() if action.text() == choice).trigger()


def tags(found: OrdersList) -> list[str]:
    """What the seen rows say of their checks, at their right end."""
    rows = len(found.list.visible_records())
    return [str(found._model.index(row, 0).data()).rpartition(", ")[2] for row in range(rows)]


def test_a_supervisor_sees_what_waits_for_a_decision_or_provisioning(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        found = await listed(desk)
        waiting = orders_in(Queue.MINE, desk.places.live.orders, desk.places.desk.me)
        assert {one.state for one in waiting} == {OrderState.IN_REVIEW, OrderState.APPROVED}
        assert ids(found) == [
            one.order_id for one in sorted(waiting, key=lambda one: (one.placed_at, one.order_number))
        ]
        assert {"Waiting for me", f"{len(waiting)}"} <= set(seen_texts(found))
        assert desk.focus is found.list
        assert found.list.currentIndex().row() == 0

    in_the_window(qapp, bench, work)


@pytest.mark.parametrize(
    ("role", "title", "states"),
    [
        ("back_office", "Waiting for me", {OrderState.APPROVED}),
        ("support", "All orders", set(OrderState)),
    ],
)
def test_others_see_first_what_they_can_do_something_about(
    qapp: QApplication, bench: Bench, role: str, title: str, states: set[OrderState]
) -> None:
    async def work(desk: DeskWindow) -> None:
        found = await listed(desk)
        assert {one.state for one in found._model.records} == states
        assert title in seen_texts(found)

    in_the_window(qapp, bench, work, signed_in_as=role)


def test_every_queue_lists_what_its_name_says_and_counts_it(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        found = await listed(desk)
        counted = {}
        for queue in Queue:
            found.show_queue(queue)
            counted[queue] = len(ids(found))
            assert QUEUE_WORDS[queue] in seen_texts(found)
            if counted[queue]:
                assert f"{counted[queue]:,}" in seen_texts(found)
        assert counted[Queue.ALL] == len(desk.places.live.orders)
        assert counted[Queue.PAUSED] == 1
        apart = [queue for queue in Queue if queue not in (Queue.ALL, Queue.MINE)]
        assert sum(counted[queue] for queue in apart) == counted[Queue.ALL]

    in_the_window(qapp, bench, work)


def test_an_empty_queue_says_so(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        found = await listed(desk)
        found.show_queue(Queue.PAUSED)
        desk.places.live.orders = ()
        desk.places.live.orders_changed.emit()
        assert "Nothing waits here" in seen_texts(found)

    in_the_window(qapp, bench, work)


def test_filters_narrow_together_and_one_button_takes_them_away(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        found = await listed(desk)
        everything = ids(found)
        pick(found, "Kind", "VPN")
        assert {one.kind for one in found._model.records} == {OrderKind.VPN}
        assert {"Waiting for me ▾", "VPN ▾", "Age ▾"} <= set(seen_texts(found))
        pick(found, "Age", "Over a day")
        narrowed = ids(found)
        assert set(narrowed) < set(everything)
        desk.press(Key.Key_Slash)
        assert desk.focus is found.findChildren(QLineEdit)[0]
        desk.type("nobody is called this")
        assert ids(found) == []
        assert "No order fits" in seen_texts(found)
        desk.click(desk.button("Show all of them", found))
        assert ids(found) == everything
        assert desk.asked() is None

    in_the_window(qapp, bench, work)


def test_typing_in_the_filter_never_acts_and_enter_leads_into_the_list(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        found = await listed(desk)
        wanted = found._model.records[3]
        desk.press(Key.Key_Slash)
        desk.type("rpac")
        assert found.findChildren(QLineEdit)[0].text() == "rpac"
        assert desk.asked() is None
        found.findChildren(QLineEdit)[0].setText(wanted.order_number)
        assert wanted.order_id in ids(found)
        desk.press(Key.Key_Return)
        assert desk.focus is found.list

    in_the_window(qapp, bench, work)


def test_moving_looks_and_enter_opens(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        found = await listed(desk)
        space = desk.places.records.workspace
        desk.press(Key.Key_Down)
        desk.press(Key.Key_Down)
        await desk.quiet()
        assert space.current
        assert space.current.key == f"order {ids(found)[2]}"
        assert desk.focus is found.list
        desk.press(Key.Key_Return)
        assert desk.focus is not found.list
        assert isinstance(space.current, OrderView)
        assert space.current.isAncestorOf(desk.focus)

    in_the_window(qapp, bench, work)


def test_checks_are_counted_one_after_the_other_for_what_is_seen(qapp: QApplication, fresh_bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        found = await listed(desk)
        found.show_queue(Queue.REVIEW)
        seen, prechecks = found.list.visible_records(), desk.places.desk.prechecks
        known: list[int] = []

        def all_known() -> bool:
            known.append(sum(prechecks.known(one) is not None for one in seen))
            return known[-1] == len(seen)

        await desk.until(all_known, "the counts of the seen orders")
        assert max(after - before for before, after in pairwise(known)) <= 1, "two were counted at once"
        assert prechecks.known(found._model.records[-1]) is None, "nobody has seen that one"
        assert {tag.strip("0123456789 ") for tag in tags(found)} <= {"ready", "stop", "to look at"}

    in_the_window(qapp, fresh_bench, work)


def test_while_a_system_is_down_checks_are_not_tried_over_and_over(qapp: QApplication, fresh_bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        fresh_bench.sandbox.board.add(Fault(system="whmcs", kind="server_error", count=100_000))
        found = await listed(desk)
        found.show_queue(Queue.REVIEW)
        running = desk.window.shell.tasks._running
        await desk.until(lambda: "not checked" in tags(found), "the tag that says so")
        # A reading of the queue that comes in between tries once more.
        await desk.until(lambda: "queue: checks" not in [told.name for told in running.values()], "the last try")
        fresh_bench.sandbox.board.remove()
        desk.do("refresh")
        await desk.until(lambda: not {"not checked", "checking…"} & set(tags(found)), "the counts")

    in_the_window(qapp, fresh_bench, work)


def test_the_chosen_order_stays_when_others_leave(qapp: QApplication, fresh_bench: Bench, tmp_path: Path) -> None:
    async def work(desk: DeskWindow) -> None:
        found = await listed(desk)
        first, chosen = ids(found)[0], ids(found)[4]
        found.choose(chosen)
        await desk.quiet()
        async with open_services(fresh_bench.profile, tmp_path, "Marta Lindgren") as other:
            await other.deciding.reject(first, await other.me(), "not wanted")
        desk.places.live.refresh()
        await desk.until(lambda: first not in ids(found), "the row to leave")
        assert found.list.current_record().order_id == chosen
        assert [index.row() for index in found.list.selectedIndexes()] == [3]
        assert desk.places.records.workspace.current
        assert desk.places.records.workspace.current.key == f"order {chosen}"

    in_the_window(qapp, fresh_bench, work)


def test_rows_are_painted_and_not_made_of_widgets(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        found = await listed(desk)
        assert isinstance(found.list.itemDelegate(), TwoLines)
        light = found.list.viewport().grab().toImage()
        desk.do("view.dark")
        assert found.list.viewport().grab().toImage() != light

    in_the_window(qapp, bench, work)


def shown_and_marked(desk: DeskWindow, found: OrdersList) -> tuple[str, str]:
    """The order on the right, and the one that is marked in the list."""
    view = desk.places.records.workspace.current
    assert view
    assert found.list.selectionModel().hasSelection()
    return view.key, f"order {found.list.current_record().order_id}"


def test_what_is_marked_is_shown_also_after_the_current_row_has_left(
    qapp: QApplication, fresh_bench: Bench, tmp_path: Path
) -> None:
    async def work(desk: DeskWindow) -> None:
        found = await listed(desk)
        await desk.quiet()
        found.take_focus()
        desk.press(Key.Key_Down)
        await desk.quiet()
        second = ids(found)[1]
        async with open_services(fresh_bench.profile, tmp_path, "Marta Lindgren") as other:
            await other.deciding.reject(second, await other.me(), "not wanted")
        desk.places.live.refresh()
        await desk.until(lambda: second not in ids(found), "the row to leave")
        await desk.quiet()
        desk.press(Key.Key_Up)
        await desk.quiet()
        shown, marked = shown_and_marked(desk, found)
        assert shown == marked

    in_the_window(qapp, fresh_bench, work)


def test_a_filter_that_takes_the_current_row_away_leads_to_what_is_shown(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        found = await listed(desk)
        await desk.quiet()
        found.take_focus()
        for _ in range(6):
            desk.press(Key.Key_Down)
        await desk.quiet()
        other = found._model.records[2].customer
        assert found.list.current_record().customer != other
        desk.press(Key.Key_Slash)
        desk.type(other)
        desk.press(Key.Key_Return)
        await desk.quiet()
        shown, marked = shown_and_marked(desk, found)
        assert shown == marked

    in_the_window(qapp, bench, work)


def test_a_click_on_the_marked_row_shows_its_order_again(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        found = await listed(desk)
        await desk.quiet()
        first, second = ids(found)[:2]
        desk.places.open_order(first)
        found.choose(second)
        await desk.quiet()
        desk.places.records.workspace.step(1)
        await desk.quiet()
        assert desk.places.records.workspace.current
        assert desk.places.records.workspace.current.key == f"order {first}"
        at = found.list.visualRect(found.list.currentIndex()).center()
        QTest.mouseClick(found.list.viewport(), Qt.MouseButton.LeftButton, pos=at)
        await desk.quiet()
        assert shown_and_marked(desk, found) == (f"order {second}", f"order {second}")

    in_the_window(qapp, bench, work)


def test_several_chosen_orders_are_provisioned_together(qapp: QApplication, fresh_bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        found = await listed(desk)
        found.show_queue(Queue.APPROVED)
        found.list.choose(ids(found)[0])
        shift = Qt.KeyboardModifier.ShiftModifier
        QTest.keyClick(found.list, Key.Key_Down, shift)
        QTest.keyClick(found.list, Key.Key_Down, shift)
        chosen = ids(found)[:3]
        assert {"3 orders chosen", "Clear"} <= set(seen_texts(found))
        QTest.keyClick(found.list, Key.Key_P, shift)
        assert seen_texts(await desk.question())[0] == "Provision: 3 orders?"
        await desk.confirm("Provision 3 orders")
        await desk.idle()
        # The oldest are stopped by their checks; what was not begun was refused with its reason.
        assert desk.told() == "0 of 3 orders are active."
        assert fresh_bench.in_salesforce(chosen[0])["Provisioning_Status__c"] == "Paused"

    in_the_window(qapp, fresh_bench, work)


def test_what_cannot_be_provisioned_is_told_and_one_order_needs_no_line(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        found = await listed(desk)
        found.show_queue(Queue.REVIEW)
        found.list.choose(ids(found)[0])
        [line] = found.findChildren(ChosenOrders)
        assert not line.isVisible()
        QTest.keyClick(found.list, Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
        assert "2 orders chosen · none can be provisioned" in seen_texts(found)
        assert not any(one.startswith("Provision") for one in seen_texts(line))
        QTest.keyClick(found.list, Key.Key_P, Qt.KeyboardModifier.ShiftModifier)
        assert dialogs(desk.window) == []
        next(one for one in found.findChildren(Button) if one.text() == "Clear").click()
        assert not line.isVisible()
        assert len(found.list.marked_records()) == 1

    in_the_window(qapp, bench, work)


def test_support_chooses_one_order_at_a_time(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        found = await listed(desk)
        QTest.keyClick(found.list, Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        assert len(found.list.marked_records()) == 1

    in_the_window(qapp, bench, work, signed_in_as="support")
