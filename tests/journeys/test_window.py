"""The two main jobs in the real window, by keyboard alone and by mouse; and what hostile names cannot do there."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel

from console.views.list_view import RecordList
from console.views.order_view import OrderView
from tests.views.desk_window import DeskWindow, in_the_window, ready_order, write_profile
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


def stuck(desk: DeskWindow, order_id: str) -> bool:
    """Whether Failures shows an order."""
    return any(one.case.order_id == order_id for one in desk.places.live.cases)


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


def test_an_order_in_the_middle_is_finished_when_the_window_is_closed_and_shown_by_the_next(
    qapp: QApplication, bench: Bench, tmp_path: Path
) -> None:
    order_id = bench.orders("Approved")[0]

    async def closed_in_the_middle(desk: DeskWindow) -> None:
        await desk.opened()
        await desk.order(order_id)
        bench.sandbox.board.latency_ms["whmcs"] = 200
        desk.do("order.provision")
        await desk.confirm("Provision")
        await desk.until(lambda: bench.calls("whmcs", "AddOrder"), "the request to WHMCS")
        # It can be left: another place is shown while it goes on.
        desk.press(Qt.Key.Key_5, _CTRL)

    async def come_back_to(desk: DeskWindow) -> None:
        await desk.opened()
        await desk.order(order_id)
        await desk.until(lambda: "Last run of provisioning" in desk.on_screen(), "the steps of the run")

    in_the_window(qapp, bench, closed_in_the_middle, folder=tmp_path)
    assert_active(bench, order_id)
    bench.sandbox.board.latency_ms["whmcs"] = 0
    in_the_window(qapp, bench, come_back_to, folder=tmp_path)


def test_an_order_in_the_middle_of_which_the_console_was_killed_is_finished_by_the_next_without_a_click(
    qapp: QApplication, bench: Bench, tmp_path: Path
) -> None:
    order_id = bench.orders("Approved")[0]
    profile, folder = tmp_path / "shop.toml", tmp_path / "data"
    write_profile(bench.profile, profile)
    bench.break_with("commit_then_hold", "AddOrder")
    command = [sys.executable, "-m", "console", "provision", number_of(bench, order_id)]
    with subprocess.Popen(
        [*command, "--profile", str(profile), "--data-dir", str(folder)], stderr=subprocess.DEVNULL
    ) as console:
        looks = threading.Event()
        while not bench.sandbox.board.held and console.poll() is None:
            looks.wait(0.05)
        console.kill()
    bench.sandbox.board.remove()

    async def come_back(desk: DeskWindow) -> None:
        await desk.opened()
        await desk.order(order_id)
        await desk.until(lambda: "Mark Activated" in desk.on_screen(), "the last step")
        desk.places.live.refresh()
        await desk.quiet()
        assert not stuck(desk, order_id)

    in_the_window(qapp, bench, come_back, folder=folder)
    assert_active(bench, order_id)
