"""Activity: who did what, newest first, in plain words, and the way to the order it is about."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication

from console.views.activity_page import ActivityPage
from tests.views.customer_bench import Seat, at_the_desk, until
from tests.workflows.desk_bench import Bench, desk_bench

HOSTILE = "<img src=x onerror=alert(1)><b>Bold & Co"


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """A desk on a sandbox where nothing was done yet."""
    with desk_bench() as bench:
        yield bench


@pytest.fixture
def fresh_bench() -> Iterator[Bench]:
    """A desk on a sandbox that no other test has touched."""
    with desk_bench() as bench:
        yield bench


def page(seat: Seat) -> ActivityPage:
    """The page in its window."""
    made = ActivityPage(seat.desk, seat.shell, seat.live)
    QAbstractItemModelTester(made.model, QAbstractItemModelTester.FailureReportingMode.Fatal, made)
    seat.show(made)
    return made


async def noted(seat: Seat, bench: Bench) -> list[str]:
    """Two people do something to three orders."""
    await seat.services.sync.ensure()
    await seat.services.orders.refresh()
    order_ids = bench.orders("Approved")[:3]
    for order_id, actor, action, detail in zip(
        order_ids, ("Ono Sara", "Yuki Sato", "Ono Sara"), ("approved", "pause", "rejected"),
        ("", "PAY-01: No payment method on file.", HOSTILE), strict=True,
    ):  # fmt: skip
        await seat.services.portal.journal.audit(actor, action, order_id, detail)
    return order_ids


def cells(shown: ActivityPage, column: int) -> list[str]:
    """What a column says from top to bottom."""
    return [str(shown.model.index(row, column).data()) for row in range(shown.model.rowCount())]


def test_entries_are_told_in_plain_words_newest_first(qapp: QApplication, fresh_bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        shown = page(seat)
        order_ids = await noted(seat, fresh_bench)
        shown.read()
        await until(lambda: shown.model.rowCount() == 3)
        assert cells(shown, 1) == ["Ono Sara", "Yuki Sato", "Ono Sara"]
        assert cells(shown, 2) == ["rejected", "paused as PAY-01", "approved"]
        assert cells(shown, 5) == [HOSTILE, "No payment method on file.", ""]
        assert not [number for number in cells(shown, 3) if number.startswith("0")]
        assert "<img" not in shown.model.index(0, 5).data(Qt.ItemDataRole.ToolTipRole)
        shown.grab()
        led: list[str] = []
        seat.shell.navigator.order.connect(led.append)
        shown.take_focus()
        QTest.keyClick(shown.table, Qt.Key.Key_Down)
        QTest.keyClick(shown.table, Qt.Key.Key_Return)
        assert led == [order_ids[1]]

    at_the_desk(qapp, fresh_bench, work)


def test_what_is_typed_narrows_the_log_and_slash_leads_there(qapp: QApplication, fresh_bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        shown = page(seat)
        await noted(seat, fresh_bench)
        shown.read()
        await until(lambda: shown.model.rowCount() == 3)
        shown.take_focus()
        QTest.keyClicks(shown.table, "/")
        assert shown.filter.hasFocus()
        QTest.keyClicks(shown.filter, "yuki pay-01")
        assert cells(shown, 1) == ["Yuki Sato"]
        QTest.keyClick(shown.filter, Qt.Key.Key_Return)
        assert shown.table.hasFocus()
        shown.filter.setText("zzz")
        assert shown.place.pane.accessibleName().startswith("No entry fits")
        shown.filter.clear()
        assert shown.model.rowCount() == 3
        seat.shell.actions.use_letters(on=False)
        shown.take_focus()
        QTest.keyClicks(shown.table, "/")
        assert not shown.filter.hasFocus()

    at_the_desk(qapp, fresh_bench, work)


def test_the_log_is_read_again_when_orders_changed_and_the_current_row_stays(
    qapp: QApplication, fresh_bench: Bench
) -> None:
    async def work(seat: Seat) -> None:
        shown = page(seat)
        order_ids = await noted(seat, fresh_bench)
        seat.live.orders_changed.emit()
        await until(lambda: shown.model.rowCount() == 3)
        shown.take_focus()
        await seat.services.portal.journal.audit(
            "Yuki Sato", "link", fresh_bench.in_salesforce(order_ids[0])["AccountId"], '{"ids": 1}'
        )
        seat.live.orders_changed.emit()
        await until(lambda: shown.model.rowCount() == 4)
        assert cells(shown, 2)[0] == "linked the three IDs"
        assert cells(shown, 5)[0] == "", "what is meant for programs is not shown"
        assert shown.table.currentIndex().row() == 1

    at_the_desk(qapp, fresh_bench, work)


def test_an_empty_log_says_so(qapp: QApplication, bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        shown = page(seat)
        shown.read()
        await until(lambda: not shown.place.shows_content)
        await until(lambda: shown.place.pane.accessibleName().startswith("Nothing was done here yet"))

    at_the_desk(qapp, bench, work)
