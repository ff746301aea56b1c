"""Today: what waits for the person at the desk, what is stuck, how the systems answer, and what changed meanwhile."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from console.errors import Unavailable
from console.models.order import OrderState
from console.models.staff import Role
from console.sandbox.faults import Fault
from console.views.blocks import Said
from console.views.order_queues import Queue, orders_in
from console.views.today_cards import BANDS, RowsCard
from console.views.today_page import TodayPage
from console.views.widgets import Card
from tests.views.customer_bench import Seat, at_the_desk, until
from tests.workflows.desk_bench import Bench, desk_bench

HOSTILE = "<img src=x onerror=alert(1)><b>Bold & Co"


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """A desk on a sandbox where one customer's name looks like markup."""
    with desk_bench() as bench:
        order = bench.in_salesforce(bench.orders("In Review")[0])
        bench.sandbox.salesforce.tables["Account"][order["AccountId"]]["Name"] = HOSTILE
        yield bench


@pytest.fixture
def fresh_bench() -> Iterator[Bench]:
    """A desk on a sandbox that no other test has touched."""
    with desk_bench() as bench:
        yield bench


class Shown:
    """The page in its window, and where it led."""

    def __init__(self, seat: Seat, *, roles: frozenset[Role] | None = None, last_seen: datetime | None = None) -> None:
        me = seat.desk.me.model_copy(update={"roles": roles}) if roles else seat.desk.me
        self.led: list[tuple[str, str]] = []
        self.steps = Card("First steps")
        self.page = TodayPage(replace(seat.desk, me=me), seat.shell, seat.live, last_seen, self.steps)
        self.seat = seat
        navigator = seat.shell.navigator
        navigator.place.connect(lambda name: self.led.append(("place", name)))
        navigator.queue.connect(lambda queue: self.led.append(("queue", queue.value)))
        navigator.order.connect(lambda key: self.led.append(("order", key)))
        navigator.case.connect(lambda key: self.led.append(("case", key)))
        seat.show(self.page)

    async def filled(self) -> None:
        """Wait for the first reading."""
        self.seat.live.start()
        await until(lambda: self.seat.live.read_at)


def message(card: RowsCard) -> str:
    """What a card says in the place of its rows."""
    assert card.message.isVisible()
    return card.message.accessibleName()


def test_a_supervisor_sees_what_to_approve_and_what_to_provision(qapp: QApplication, bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        shown = Shown(seat)
        await shown.filled()
        orders = seat.live.orders
        count = len(orders_in(Queue.MINE, orders, seat.desk.me))
        assert shown.page.waiting.note.whole.startswith(f"{count} orders · oldest ")
        rows = shown.page.waiting.model.records
        assert len(rows) == 6
        assert [one.placed_at for one in rows] == sorted(one.placed_at for one in rows)
        assert sum(int(text.whole) for text in shown.page.ageing.counts) == count
        shown.page.take_focus()
        QTest.keyClick(shown.page.waiting.table, Qt.Key.Key_Return)
        assert shown.led == [("order", rows[0].order_id)]

    at_the_desk(qapp, bench, work)


def test_the_back_office_sees_what_to_provision_only(qapp: QApplication, bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        shown = Shown(seat, roles=frozenset({Role.BACK_OFFICE}))
        await shown.filled()
        assert {one.state for one in shown.page.waiting.model.records} == {OrderState.APPROVED}

    at_the_desk(qapp, bench, work)


def test_support_is_told_that_nothing_waits_for_it(qapp: QApplication, bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        shown = Shown(seat, roles=frozenset({Role.SUPPORT}))
        await shown.filled()
        assert message(shown.page.waiting).startswith("Nothing waits for you")
        assert [text.whole for text in shown.page.ageing.counts] == ["0"] * len(BANDS)

    at_the_desk(qapp, bench, work)


def test_a_click_on_a_code_leads_to_its_oldest_case(qapp: QApplication, bench: Bench) -> None:
    order_id = bench.order_for("PAY-04 approved")

    async def work(seat: Seat) -> None:
        shown = Shown(seat)
        await seat.services.sync.ensure()
        await seat.services.provisioning.provision(order_id, seat.desk.me)
        await shown.filled()
        card = shown.page.failures
        await until(lambda: "PAY-04" in [one.code.code for one in card.model.records])
        row = [one.code.code for one in card.model.records].index("PAY-04")
        place = card.table.visualRect(card.model.index(row, 1)).center()
        QTest.mouseClick(card.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
        assert shown.led == [("case", order_id)]

    at_the_desk(qapp, bench, work)


def test_what_changed_since_last_time_is_listed_newest_first(qapp: QApplication, bench: Bench) -> None:
    order_id = bench.orders("Approved")[0]

    async def work(seat: Seat) -> None:
        await seat.services.sync.ensure()
        await seat.services.portal.journal.audit("Ono Sara", "approved", order_id, "")
        before = Shown(seat, last_seen=datetime.now(UTC))
        await seat.services.portal.journal.audit("Yuki Sato", "rejected", order_id, HOSTILE)
        await before.filled()
        changes = before.page.changes
        await until(changes.model.rowCount)
        assert changes.title.whole == "Since I was last here"
        assert [one.action for one in changes.model.records] == ["rejected"]
        assert HOSTILE in changes.model.columns[2].tip(changes.model.records[0])  # type: ignore[attr-defined]
        day = Shown(seat)
        seat.live.refresh()
        await until(day.page.changes.model.rowCount)
        assert day.page.changes.title.whole == "In the last 24 hours"
        assert [one.action for one in day.page.changes.model.records][:2] == ["rejected", "approved"]

    at_the_desk(qapp, bench, work)


def test_nothing_new_is_an_answer_too(qapp: QApplication, bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        shown = Shown(seat, last_seen=datetime.now(UTC) + timedelta(hours=1))
        await shown.filled()
        await until(shown.page.changes.message.isVisible)
        await until(lambda: message(shown.page.changes).startswith("Nothing has changed"))

    at_the_desk(qapp, bench, work)


def test_a_system_that_is_down_is_said_with_what_still_works(qapp: QApplication, fresh_bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        shown = Shown(seat)
        await shown.filled()
        line = shown.page.systems.lines["whmcs"]
        await until(lambda: line.state.whole == "answers")
        fresh_bench.sandbox.board.add(Fault(system="whmcs", kind="status", status=503, count=10_000))
        await seat.services.provisioning.provision(fresh_bench.orders("Approved")[0], seat.desk.me)
        await until(lambda: line.state.whole.startswith("does not answer since "))
        assert line.more.whole == "Meanwhile orders and customers can still be read."
        assert shown.page.systems.note.whole == "2 of 3 answer"

    at_the_desk(qapp, fresh_bench, work)


def test_a_desk_that_cannot_read_says_why_and_offers_to_try_again(qapp: QApplication, bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        shown = Shown(seat)
        seat.live.problem = Unavailable("salesforce", "query", "HTTP 503")
        seat.live.orders_changed.emit()
        assert "Salesforce" in message(shown.page.waiting)
        again = shown.page.waiting.message.findChild(QPushButton)
        assert again
        again.click()
        await until(shown.page.waiting.model.rowCount)
        assert not shown.page.waiting.message.isVisible()

    at_the_desk(qapp, bench, work)


def test_names_that_look_like_markup_are_text(qapp: QApplication, bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        shown = Shown(seat)
        await shown.filled()
        hostile = [one for one in seat.live.orders if one.customer == HOSTILE]
        shown.page.waiting.show_rows(hostile, Said(""))
        model = shown.page.waiting.model
        assert model.index(0, 1).data() == HOSTILE
        assert "<img" not in model.index(0, 1).data(Qt.ItemDataRole.ToolTipRole)
        shown.page.grab()

    at_the_desk(qapp, bench, work)


def test_the_cards_stand_in_one_column_where_there_is_no_room_for_two(qapp: QApplication, bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        shown = Shown(seat)
        await shown.filled()
        page = shown.page
        assert page.ageing.x() > page.waiting.x()
        assert shown.steps.y() < page.waiting.y()
        seat.window.resize(700, 800)
        await until(lambda: page.ageing.x() == page.waiting.x())
        assert page.waiting.width() == page.changes.width() == page.systems.width()

    at_the_desk(qapp, bench, work)


def test_on_a_wide_screen_there_are_three_columns(qapp: QApplication, bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        shown = Shown(seat)
        await shown.filled()
        page = shown.page
        seat.window.resize(1920, 1200)
        await until(lambda: page.waiting.x() < page.changes.x() < page.failures.x())
        assert page.ageing.x() == page.waiting.x()
        assert page.failures.geometry().right() > page.width() - 40
        seat.window.resize(1000, 800)
        await until(lambda: page.changes.x() == page.waiting.x() < page.ageing.x())

    at_the_desk(qapp, bench, work)


def test_what_could_not_be_read_again_says_since_when(qapp: QApplication, bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        shown = Shown(seat)
        await shown.filled()
        await until(lambda: seat.live.read_once)
        assert shown.page.stale_line.words == ""
        bench.sandbox.board.add(Fault(system="salesforce", kind="drop", count=10_000))
        seat.live.refresh()
        await until(lambda: shown.page.stale_line.words.startswith("Could not be read again since "))
        bench.sandbox.board.remove()
        [again] = shown.page.stale_line.findChildren(QPushButton)
        again.click()
        await until(lambda: not shown.page.stale_line.isVisible())

    try:
        at_the_desk(qapp, bench, work)
    finally:
        bench.sandbox.board.remove()


def test_each_card_leads_to_all_of_its_kind(qapp: QApplication, bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        shown = Shown(seat)
        for card in (shown.page.waiting, shown.page.failures, shown.page.changes):
            [button] = [one for one in card.findChildren(QPushButton) if one.text().startswith("All ")]
            button.click()
        assert shown.led == [("queue", "all"), ("place", "failures"), ("place", "activity")]

    at_the_desk(qapp, bench, work)


@pytest.mark.parametrize(("hours", "band"), [(0.5, 0), (1, 1), (3.9, 1), (4, 2), (23.9, 2), (24, 3), (500, 3)])
def test_each_age_belongs_to_one_band(qapp: QApplication, bench: Bench, hours: float, band: int) -> None:
    now = datetime.now(UTC)

    async def work(seat: Seat) -> None:
        await seat.services.sync.ensure()
        await seat.services.orders.refresh()
        [order, *_] = await seat.services.orders.queue()
        aged = order.model_copy(update={"placed_at": now - timedelta(hours=hours)})
        counts = [one.of([aged.placed_at], now) for one in BANDS]
        assert counts.index(1) == band
        assert sum(counts) == 1

    at_the_desk(qapp, bench, work)
