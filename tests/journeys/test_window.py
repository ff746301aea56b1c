"""The two main jobs in the real window, by keyboard alone and by mouse; and what hostile names cannot do there."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel

from console.views.list_view import RecordList
from console.views.order_view import OrderView
from tests.views.desk_window import DeskWindow, in_the_window, ready_order
from tests.workflows.desk_bench import Bench, desk_bench

_CTRL = Qt.KeyboardModifier.ControlModifier
_HOSTILE = "<img src=x onerror=alert(1)><b>"


@pytest.fixture
def bench() -> Iterator[Bench]:
    """A sandbox of its own for each journey."""
    with desk_bench() as made:
        yield made


def number_of(bench: Bench, order_id: str) -> str:
    """An order's number as people say it."""
    return str(bench.in_salesforce(order_id)["OrderNumber"]).lstrip("0")


def assert_active(bench: Bench, order_id: str) -> None:
    """Both systems' books say that the order is active, and that there is one WHMCS order for it."""
    assert bench.in_salesforce(order_id)["Provisioning_Status__c"] == "Activated"
    [billing_order] = bench.billing_orders(order_id)
    assert billing_order.status == "Active"


def add_payment_method(bench: Bench, order_id: str) -> None:
    """The customer of an order adds a card in WHMCS."""
    account = bench.sandbox.salesforce.tables["Account"][bench.in_salesforce(order_id)["AccountId"]]
    books = bench.sandbox.world.whmcs
    given = next(method for method in books.paymethods if method.card_last_four)
    books.paymethods.append(
        replace(given, id=90001, clientid=int(account["Whmcs_Client_Id__c"]), expiry="12/40", declines=False)
    )


def place_button(desk: DeskWindow, words: str) -> QAbstractButton:
    """The button of a place in the rail."""
    return next(one for one in desk.window.rail.findChildren(QAbstractButton) if one.text() == words)


def row_of(rows: RecordList, words: str) -> QPoint:
    """The middle of the row that says so."""
    model = rows.model()
    for number in range(model.rowCount()):
        index = model.index(number, 0)
        if words in str(index.data(Qt.ItemDataRole.AccessibleTextRole)):
            rows.scrollTo(index)
            return rows.visualRect(index).center()
    raise AssertionError(f"no row says {words!r}")


def texts(rows: RecordList) -> list[str]:
    """What a screen reader says of each row."""
    model = rows.model()
    return [str(model.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole)) for row in range(model.rowCount())]


def offered(desk: DeskWindow, action_id: str) -> bool:
    """Whether the opened order offers an action."""
    view = desk.places.records.workspace.current
    return isinstance(view, OrderView) and action_id in view.offered()


async def told(desk: DeskWindow, words: str) -> None:
    """Wait for a notice."""
    await desk.until(lambda: words in desk.told(), f"the notice {words!r}")


def test_from_search_to_activated_by_keyboard(qapp: QApplication, bench: Bench) -> None:
    order_id = ready_order(bench)
    number = number_of(bench, order_id)

    async def journey(desk: DeskWindow) -> None:
        await desk.opened()
        desk.press(Qt.Key.Key_K, _CTRL)
        desk.type(number)
        hits = desk.window.palette_list._model
        await desk.until(lambda: any(f"Order {number}" in hit.look.second for hit in hits.records), "the order")
        desk.press(Qt.Key.Key_Return)
        await desk.until(lambda: offered(desk, "order.approve_provision"), "the approval is offered")
        desk.press(Qt.Key.Key_A)
        question = await desk.question()
        assert question.windowTitle() == f"Approve and provision order {number}?"
        desk.press(Qt.Key.Key_Return)
        await told(desk, f"Order {number} is active.")
        await desk.idle()
        assert "Last run of provisioning" in desk.on_screen()

    in_the_window(qapp, bench, journey)
    assert_active(bench, order_id)


def test_from_search_to_activated_by_mouse(qapp: QApplication, bench: Bench) -> None:
    order_id = ready_order(bench)
    number = number_of(bench, order_id)

    async def journey(desk: DeskWindow) -> None:
        await desk.opened()
        desk.click(place_button(desk, "Orders"))
        queue = desk.places.records.orders.list
        desk.click(queue.viewport(), row_of(queue, f", {number} ·"))
        await desk.until(lambda: offered(desk, "order.approve_provision"), "the approval is offered")
        desk.click(desk.button("Approve and provision…"))
        await desk.confirm("Approve and provision")
        await told(desk, f"Order {number} is active.")
        await desk.idle()

    in_the_window(qapp, bench, journey)
    assert_active(bench, order_id)


def test_from_pay_01_to_activated_by_keyboard(qapp: QApplication, bench: Bench) -> None:
    order_id = bench.order_for("PAY-01 paused")
    number = number_of(bench, order_id)

    async def journey(desk: DeskWindow) -> None:
        await desk.opened()
        desk.press(Qt.Key.Key_5, _CTRL)
        rows = desk.places.failures.list
        await desk.until(lambda: rows.currentIndex().isValid(), "the failures")
        desk.press(Qt.Key.Key_Home)
        desk.press(Qt.Key.Key_Right)
        desk.press(Qt.Key.Key_Down)
        await desk.quiet()
        assert "Mail payment request" in desk.on_screen()
        desk.press(Qt.Key.Key_R)
        await told(desk, f"Order {number} is still stuck")
        await desk.idle()
        add_payment_method(bench, order_id)
        desk.press(Qt.Key.Key_R)
        await told(desk, f"Order {number} is activated.")
        await desk.idle()

    in_the_window(qapp, bench, journey)
    assert_active(bench, order_id)


def test_from_pay_01_to_activated_by_mouse(qapp: QApplication, bench: Bench) -> None:
    order_id = bench.order_for("PAY-01 paused")
    number = number_of(bench, order_id)

    async def journey(desk: DeskWindow) -> None:
        await desk.opened()
        desk.click(place_button(desk, "Failures"))
        rows = desk.places.failures.list
        await desk.until(lambda: rows.model().rowCount(), "the failures")
        desk.click(desk.button("Flat"))
        await desk.until(lambda: any(f"{number}, " in text for text in texts(rows)), "the order's own row")
        desk.click(rows.viewport(), row_of(rows, f"{number}, "))
        await desk.until(lambda: "Check again" in desk.on_screen(), "what to do")
        add_payment_method(bench, order_id)
        desk.click(desk.button("Check again"))
        await told(desk, f"Order {number} is activated.")
        await desk.idle()

    in_the_window(qapp, bench, journey)
    assert_active(bench, order_id)


def test_a_hostile_name_is_text_everywhere(qapp: QApplication, bench: Bench) -> None:
    order_id = bench.order_for("PAY-01 in review")
    bench.sandbox.salesforce.tables["Account"][bench.in_salesforce(order_id)["AccountId"]]["Name"] = _HOSTILE

    async def journey(desk: DeskWindow) -> None:
        await desk.opened()
        desk.press(Qt.Key.Key_K, _CTRL)
        desk.type("img src")
        hits = desk.window.palette_list._model
        await desk.until(lambda: any(_HOSTILE in hit.look.title for hit in hits.records), "the customer")
        desk.press(Qt.Key.Key_Return)
        await desk.quiet()
        assert _HOSTILE in desk.on_screen()
        desk.press(Qt.Key.Key_4, _CTRL)
        queue = desk.places.records.orders.list
        desk.click(queue.viewport(), row_of(queue, _HOSTILE))
        await desk.until(lambda: offered(desk, "order.reject"), "the rejection is offered")
        desk.press(Qt.Key.Key_R)
        question = await desk.question()
        assert any(_HOSTILE in label.text() for label in question.findChildren(QLabel))
        assert rich_texts(desk) == []
        await desk.escape()
        for key in (Qt.Key.Key_1, Qt.Key.Key_5, Qt.Key.Key_8):
            desk.press(key, _CTRL)
            await desk.quiet()
            assert rich_texts(desk) == []

    in_the_window(qapp, bench, journey)


def rich_texts(desk: DeskWindow) -> list[str]:
    """Labels that would take text for markup."""
    labels = desk.window.findChildren(QLabel)
    return [label.text() for label in labels if label.textFormat() is not Qt.TextFormat.PlainText and label.text()]
