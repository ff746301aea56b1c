"""The window as a whole: usable before the desk is there, finished in order after it is closed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QLabel, QMenu, QWidget

from console.notices import NoticeKind
from console.views.actions import ACTIONS, Menu
from console.views.keys_sheet import KeysSheet
from console.views.rail import PLACES
from tests.views.desk_window import DeskWindow, dialogs, in_the_window, ready_order
from tests.workflows.desk_bench import Bench, desk_bench

Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """A desk on a sandbox."""
    with desk_bench() as bench:
        yield bench


def test_the_window_opens_with_its_places_and_closes_leaving_nothing(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        assert desk.window.rail.isVisible()
        assert "PRACTICE" in desk.on_screen()

    in_the_window(qapp, bench, work)


def test_it_may_be_closed_before_the_desk_is_there(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        assert desk.window.places is None
        assert "Connecting…" in desk.on_screen()

    in_the_window(qapp, bench, work)


def test_it_may_be_closed_in_the_middle_of_its_first_reading(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        await desk.until(lambda: desk.window.places, "the places")

    in_the_window(qapp, bench, work)


def test_what_is_typed_before_the_desk_is_there_is_looked_for_as_soon_as_it_is(
    qapp: QApplication, bench: Bench
) -> None:
    order_id = bench.orders("In Review")[0]
    number = bench.in_salesforce(order_id)["OrderNumber"].lstrip("0")

    async def work(desk: DeskWindow) -> None:
        await desk.until(desk.window.isActiveWindow, "the window to be in front")
        assert desk.window.places is None
        assert desk.focus is desk.window.top.search
        desk.type(number)
        assert "Connecting; this is looked for as soon as the desk is ready." in desk.on_screen()
        await desk.opened()
        hits = desk.window.palette_list._model
        await desk.until(lambda: any(hit.key == f"order {order_id}" for hit in hits.records), "the order")
        assert desk.window.top.search.text() == number

    in_the_window(qapp, bench, work)


def test_closing_while_an_order_is_provisioned_asks_nothing_and_finishes_it_once(
    qapp: QApplication, bench: Bench
) -> None:
    order_id = ready_order(bench)

    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        await desk.order(order_id)
        sent = bench.calls("whmcs", "AddOrder")
        bench.sandbox.board.latency_ms["whmcs"] = 50
        desk.press(Key.Key_A)
        await desk.confirm("Approve and provision")
        await desk.until(lambda: bench.calls("whmcs", "AddOrder") > sent, "the order on its way")
        desk.window.close()
        assert not desk.window.isVisible()
        assert dialogs(desk.window) == []

    in_the_window(qapp, bench, work)
    bench.sandbox.board.latency_ms["whmcs"] = 0
    assert bench.in_salesforce(order_id)["Provisioning_Status__c"] == "Activated"
    assert [one.status for one in bench.billing_orders(order_id)] == ["Active"]


def test_what_was_asked_and_not_answered_is_not_done_when_the_window_is_closed(
    qapp: QApplication, bench: Bench
) -> None:
    order_id = ready_order(bench)

    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        await desk.order(order_id)
        desk.do("order.approve_provision")
        await desk.question()

    in_the_window(qapp, bench, work)
    assert bench.in_salesforce(order_id)["Status"] == "In Review"
    assert bench.claims(order_id, "decide") == []


def test_size_appearance_and_letters_are_as_they_were_left(qapp: QApplication, bench: Bench, tmp_path: Path) -> None:
    async def changed(desk: DeskWindow) -> None:
        await desk.opened()
        desk.window.resize(1280, 707)
        desk.do("view.dark")
        desk.do("view.letters")
        assert desk.window.shell.actions.qt("order.approve").shortcut().isEmpty()

    async def again(desk: DeskWindow) -> None:
        assert desk.window.height() == 707
        assert desk.window.shell.theme.is_dark
        assert desk.window.shell.actions.qt("order.approve").shortcut().isEmpty()
        assert not desk.window.shell.actions.qt("view.letters").isChecked()
        desk.do("view.letters")
        assert not desk.window.shell.actions.qt("order.approve").shortcut().isEmpty()

    in_the_window(qapp, bench, changed, folder=tmp_path)
    in_the_window(qapp, bench, again, folder=tmp_path)


def test_every_action_does_something_once_the_desk_is_open(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        await desk.order(bench.orders("In Review")[0])
        handled = set(desk.window.shell.actions._handlers)
        assert {action.id for action in ACTIONS} - handled == set()

    in_the_window(qapp, bench, work)


def test_all_actions_are_in_the_menu_at_the_upper_left(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        whole = desk.window.top.menu.menu()
        assert isinstance(whole, QMenu)
        assert [entry.text() for entry in whole.actions()] == [menu.value for menu in Menu]
        entries = [action for entry in whole.actions() for action in submenu(entry.menu()).actions()]
        assert len(entries) == len(ACTIONS)

    in_the_window(qapp, bench, work)


def submenu(found: object) -> QMenu:
    assert isinstance(found, QMenu)
    return found


def test_every_place_has_its_key_and_takes_the_focus(qapp: QApplication, bench: Bench) -> None:
    keys = {
        "today": Key.Key_1,
        "customers": Key.Key_3,
        "orders": Key.Key_4,
        "failures": Key.Key_5,
        "activity": Key.Key_8,
        "settings": Key.Key_Comma,
    }

    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        for place in PLACES:
            desk.press(keys[place.name], CTRL)
            shown = next(one for one in desk.places.pages() if one.isVisible())
            assert shown.isAncestorOf(desk.focus), place.name
            checked = [one.text() for one in desk.window.rail.findChildren(QAbstractButton) if one.isChecked()]
            assert checked == [place.words]

    in_the_window(qapp, bench, work)


def test_f1_shows_the_keys_beside_the_work_and_goes_with_the_window(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        desk.press(Key.Key_F1)
        await desk.until(lambda: dialogs(desk.window), "the sheet")
        [sheet] = dialogs(desk.window)
        assert isinstance(sheet, KeysSheet)
        assert not sheet.isModal()
        QTest.keyClick(sheet, Key.Key_Escape)
        await desk.until(lambda: not desk.window.findChildren(QDialog), "the sheet to be gone")
        desk.do("help.keys")

    in_the_window(qapp, bench, work)


def test_a_notice_is_told_over_the_window_and_hidden_by_its_cross(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        desk.window.notices.tell(NoticeKind.FAILED, "Order 1 was not decided.")
        assert desk.told() == "Order 1 was not decided."
        desk.window.resize(1500, 900)
        assert desk.window.rect().contains(desk.window.notice_bar.geometry())

    in_the_window(qapp, bench, work)


def unnamed(top: QWidget) -> list[str]:
    """What can have the focus and has nothing to say to a screen reader."""
    parts = [one for one in top.findChildren(QWidget) if one.isVisible() and one.isEnabled()]
    focusable = [one for one in parts if one.focusPolicy() is not Qt.FocusPolicy.NoFocus and not one.focusProxy()]
    return [
        f"{type(one).__name__} in {type(one.parent()).__name__}"
        for one in focusable
        if not one.accessibleName() and not (isinstance(one, QAbstractButton | QLabel) and one.text())
    ]


def tab_chain(desk: DeskWindow) -> list[QWidget]:
    """What Tab leads to, from the search box round to it again."""
    desk.window.top.search.setFocus()
    chain = [desk.focus]
    for _ in range(300):
        desk.press(Key.Key_Tab)
        if desk.focus is chain[0]:
            return chain
        chain.append(desk.focus)
    raise AssertionError(f"Tab never comes back; it goes through {[type(one).__name__ for one in chain[-5:]]}")


@pytest.mark.parametrize("place", [place.name for place in PLACES])
def test_everything_in_a_place_can_be_reached_by_keyboard_and_has_a_name(
    qapp: QApplication, bench: Bench, place: str
) -> None:
    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        if place == "orders":
            await desk.order(bench.order_for("PAY-01 in review"))
        elif place == "customers":
            desk.places.open_customer(bench.in_salesforce(bench.orders("In Review")[0])["AccountId"])
            await desk.quiet()
        desk.do(f"go.{place}")
        await desk.quiet()
        assert unnamed(desk.window) == []
        chain = tab_chain(desk)
        shown = next(one for one in desk.places.pages() if one.isVisible())
        wanted = [
            one
            for one in desk.window.findChildren(QWidget)
            if one.isVisible() and one.isEnabled() and one.focusPolicy() & Qt.FocusPolicy.TabFocus
            and not one.focusProxy() and one.window() is desk.window
        ]  # fmt: skip
        missed = [f"{type(one).__name__} {one.accessibleName()}" for one in wanted if one not in chain]
        assert missed == []
        assert any(shown.isAncestorOf(one) for one in chain)

    in_the_window(qapp, bench, work)
