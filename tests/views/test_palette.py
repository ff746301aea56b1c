"""Find anything: as one types, the newest text wins, Enter means what stands there, and the focus comes back."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication

from console.sandbox.faults import Fault
from console.views.actions import ACTIONS
from console.views.customer_view import CustomerView
from console.views.list_view import ROW_HEIGHT
from console.views.order_queues import Queue
from console.views.order_view import OrderView
from tests.views.desk_window import DeskWindow, in_the_window, seen_texts
from tests.workflows.desk_bench import Bench, desk_bench

HOSTILE = "<img src=x onerror=alert(1)><b>Bold & Co"
Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """A desk on a sandbox, with one customer whose name looks like markup."""
    with desk_bench() as bench:
        account(bench, bench.orders("In Review")[3])["Name"] = HOSTILE
        yield bench


def account(bench: Bench, order_id: str) -> dict[str, str]:
    """The customer of an order, in the books."""
    found: dict[str, str] = bench.sandbox.salesforce.tables["Account"][bench.in_salesforce(order_id)["AccountId"]]
    return found


def number_of(bench: Bench, order_id: str) -> str:
    return str(bench.in_salesforce(order_id)["OrderNumber"]).lstrip("0")


def hits(desk: DeskWindow) -> list[str]:
    """What is found, by its keys; empty while nothing is shown."""
    found = desk.window.palette_list
    return [entry.key for entry in found._model.records] if found.isVisible() else []


async def called(desk: DeskWindow) -> None:
    """Open the desk and go to the search box by its key, with the model of the hits watched."""
    await desk.opened()
    model = desk.window.palette_list._model
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    desk.do("go.today")
    desk.press(Key.Key_K, CTRL)
    assert desk.focus is desk.window.top.search


def opened_key(desk: DeskWindow) -> str:
    """What is opened in the workspace."""
    view = desk.places.records.workspace.current
    return view.key if view else ""


def test_an_order_is_found_by_its_number_and_opened_by_enter(qapp: QApplication, bench: Bench) -> None:
    order_id = bench.orders("In Review")[0]

    async def work(desk: DeskWindow) -> None:
        await called(desk)
        desk.type(number_of(bench, order_id))
        await desk.until(lambda: f"order {order_id}" in hits(desk), "the order")
        assert hits(desk)[0] == f"order {order_id}"
        desk.press(Key.Key_Return)
        assert opened_key(desk) == f"order {order_id}"
        assert desk.window.top.search.text() == ""
        assert not desk.window.palette_list.isVisible()
        assert desk.places.records.isAncestorOf(desk.focus)

    in_the_window(qapp, bench, work)


def test_a_customer_is_found_by_what_looks_like_markup_and_shown_as_it_is(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        await called(desk)
        desk.type("onerror")
        await desk.until(lambda: any(key.startswith("customer") for key in hits(desk)), "the customer")
        row = next(row for row, key in enumerate(hits(desk)) if key.startswith("customer"))
        assert str(desk.window.palette_list._model.index(row, 0).data()).startswith(HOSTILE)
        rows = desk.window.palette_list._list
        rect = rows.visualRect(desk.window.palette_list._model.index(row, 0))
        desk.click(rows.viewport(), rect.center())
        await desk.quiet()
        assert isinstance(desk.places.records.workspace.current, CustomerView)

    in_the_window(qapp, bench, work)


def test_enter_before_the_answer_opens_the_first_hit_of_what_is_typed_now(qapp: QApplication, bench: Bench) -> None:
    first, second = bench.orders("In Review")[:2]

    async def work(desk: DeskWindow) -> None:
        await called(desk)
        desk.type(number_of(bench, first))
        await desk.until(lambda: f"order {first}" in hits(desk), "the first order")
        desk.window.top.search.selectAll()
        desk.type(number_of(bench, second))
        assert f"order {first}" in hits(desk), "the old hits are still seen"
        desk.press(Key.Key_Return)
        assert opened_key(desk) == ""
        await desk.until(lambda: opened_key(desk) == f"order {second}", "the second order")
        assert isinstance(desk.places.records.workspace.current, OrderView)

    in_the_window(qapp, bench, work)


def test_typing_on_after_enter_opens_nothing(qapp: QApplication, bench: Bench) -> None:
    order_id = bench.orders("In Review")[0]

    async def work(desk: DeskWindow) -> None:
        await called(desk)
        desk.type(number_of(bench, order_id))
        desk.press(Key.Key_Return)
        desk.type("x")
        await desk.quiet()
        assert opened_key(desk) == ""

    in_the_window(qapp, bench, work)


def test_of_quick_letters_only_the_last_text_is_answered(qapp: QApplication, bench: Bench) -> None:
    name = account(bench, bench.orders("In Review")[0])["Name"]

    async def work(desk: DeskWindow) -> None:
        await called(desk)
        answered: list[str] = []
        found = desk.window.palette_list
        found._model.rowsInserted.connect(lambda *_: answered.append(desk.window.top.search.text()))
        desk.type(name)
        await desk.quiet()
        await desk.until(lambda: any(key.startswith("customer") for key in hits(desk)), "the customer")
        assert set(answered) <= {name}

    in_the_window(qapp, bench, work)


def test_arrows_move_in_the_list_while_the_box_goes_on_typing(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        await called(desk)
        desk.type("go to")
        await desk.until(lambda: len(hits(desk)) >= 5, "the actions")
        desk.press(Key.Key_Down)
        desk.press(Key.Key_Down)
        assert desk.window.palette_list._list.currentIndex().row() == 2
        assert desk.focus is desk.window.top.search
        chosen = hits(desk)[2]
        desk.press(Key.Key_Return)
        place = next(one for one in desk.places.pages() if one.isVisible())
        assert chosen == "action go.orders"
        assert place is desk.places.records

    in_the_window(qapp, bench, work)


def test_every_action_that_can_be_asked_for_is_listed_and_found_by_its_words(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        await called(desk)
        desk.type(">")
        await desk.until(lambda: len(hits(desk)) > 8, "all actions")
        enabled = {f"action {action.id}" for action, _ in desk.window.shell.actions.offered()} - {"action find"}
        assert {key for key in hits(desk) if key.startswith("action ")} == enabled
        for action in ACTIONS:
            if f"action {action.id}" in enabled:
                desk.window.top.search.selectAll()
                desk.type(action.words)
                await desk.until(lambda wanted=action.id: f"action {wanted}" in hits(desk), action.words)  # type: ignore[misc]  # wanted is a default

    in_the_window(qapp, bench, work)


def test_what_may_not_be_asked_for_is_not_offered(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        await called(desk)
        desk.type("provision all")
        await desk.quiet()
        assert "action orders.provision_all" not in hits(desk)

    in_the_window(qapp, bench, work, signed_in_as="support")


def test_an_empty_box_offers_what_was_opened_lately(qapp: QApplication, bench: Bench) -> None:
    order_id = bench.orders("In Review")[0]

    async def work(desk: DeskWindow) -> None:
        await called(desk)
        assert all(key.startswith("action ") for key in hits(desk))
        desk.type(number_of(bench, order_id))
        await desk.until(lambda: f"order {order_id}" in hits(desk), "the order")
        desk.press(Key.Key_Return)
        desk.press(Key.Key_K, CTRL)
        assert hits(desk)[0] == f"order {order_id}"

    in_the_window(qapp, bench, work)


def test_where_nobody_is_known_here_the_systems_can_be_asked(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        await called(desk)
        desk.type("zzqqxx")
        await desk.until(lambda: hits(desk) == ["ask the systems"], "the offer")
        desk.press(Key.Key_Return)
        await desk.until(lambda: "The systems do not know this either" in desk.on_screen(), "the sentence")
        assert desk.window.top.search.text() == "zzqqxx"
        desk.press(Key.Key_Escape)
        assert desk.window.top.search.text() == ""
        assert not desk.window.palette_list.isVisible()
        assert desk.places.today.isAncestorOf(desk.focus)

    in_the_window(qapp, bench, work)


def test_the_list_goes_with_the_focus_and_when_the_window_changes(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        await called(desk)
        assert desk.window.palette_list.isVisible()
        desk.window.resize(1000, 700)
        assert not desk.window.palette_list.isVisible()
        desk.click(desk.window.top.search)
        assert desk.window.palette_list.isVisible()
        desk.places.take_focus()
        assert not desk.window.palette_list.isVisible()

    in_the_window(qapp, bench, work)


def test_the_list_stays_inside_of_the_window(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        await called(desk)
        for width in (900, 1280, 1920):
            desk.window.resize(width, 560)
            desk.do("find")
            desk.type("a")
            await desk.until(lambda: len(hits(desk)) > 3, "hits")
            found = desk.window.palette_list
            assert desk.window.rect().contains(found.geometry())
            assert found.height() >= 3 * ROW_HEIGHT
            desk.press(Key.Key_Escape)

    in_the_window(qapp, bench, work)


def test_what_our_own_database_knows_is_found_while_the_systems_are_down(qapp: QApplication, bench: Bench) -> None:
    order_id = bench.orders("In Review")[0]

    async def work(desk: DeskWindow) -> None:
        await called(desk)
        running = desk.window.shell.tasks._running
        await desk.until(lambda: "queue: checks" not in [told.name for told in running.values()], "the checks")
        for system in ("salesforce", "whmcs"):
            bench.sandbox.board.add(Fault.model_validate({"system": system, "kind": "drop", "count": 10_000}))
        desk.type(number_of(bench, order_id))
        await desk.until(lambda: f"order {order_id}" in hits(desk), "the order")
        bench.sandbox.board.remove()

    try:
        in_the_window(qapp, bench, work)
    finally:
        bench.sandbox.board.remove()


def test_keys_of_the_list_do_nothing_where_there_is_none(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        await desk.until(desk.window.isActiveWindow, "the window to be in front")
        desk.window.palette_list.hide()
        QTest.keyClick(desk.window.top.search, Key.Key_Down)
        QTest.keyClick(desk.window.top.search, Key.Key_Return)
        assert "Connecting…" in seen_texts(desk.window)

    in_the_window(qapp, bench, work)


def test_leaving_the_box_leads_back_to_the_order_that_was_open(qapp: QApplication, bench: Bench) -> None:
    """Also one that the list does not have: neither Esc nor an action of the palette shows another."""
    activated = bench.orders("Approved", "Activated")[0] if bench.orders("Approved", "Activated") else None
    order_id = activated or bench.orders("Approved")[0]

    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        desk.do("go.orders")
        desk.places.records.orders.show_queue(Queue.REVIEW)
        await desk.quiet()
        desk.places.open_order(order_id)
        await desk.quiet()
        view = desk.places.records.workspace.current
        assert view
        assert view.key == f"order {order_id}"
        tabs = desk.places.records.workspace.count
        desk.press(Key.Key_K, CTRL)
        desk.press(Key.Key_Escape)
        await desk.quiet()
        assert desk.places.records.workspace.current is view
        assert desk.places.records.workspace.count == tabs
        desk.press(Key.Key_K, CTRL)
        desk.type("Show the customer")
        entries = desk.window.palette_list._model
        await desk.until(lambda: "action order.customer" in [one.key for one in entries.records], "the action")
        desk.press(Key.Key_Return)
        await desk.until(lambda: desk.places.records.workspace.current is not view, "the customer")
        opened = desk.places.records.workspace.current
        assert opened
        assert opened.key.startswith("customer ")

    in_the_window(qapp, bench, work)
