"""Failures: grouped, retried from the row or by key, an outage as one incident, everything in its place after it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication

from console.models.staff import Role
from console.notices import Notice, NoticeKind
from console.sandbox.faults import Fault
from console.views.failure_rows import CaseRow, GroupRow
from console.views.failures_page import FailuresPage
from tests.views.customer_bench import Seat, at_the_desk, until
from tests.workflows.desk_bench import Bench, desk_bench

HOSTILE = "<img src=x onerror=alert(1)><b>Bold & Co"
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


class Shown:
    """The page in its window, and what it told and asked for."""

    def __init__(self, seat: Seat, roles: frozenset[Role] | None = None) -> None:
        me = seat.desk.me.model_copy(update={"roles": roles}) if roles else seat.desk.me
        self.seat = seat
        self.bulk: list[Sequence[str]] = []
        self.told: list[Notice] = []
        self.fixed: list[bool] = []
        self.opened: list[str] = []
        seat.shell.notices.listen(self.told.append)
        seat.shell.navigator.order.connect(self.opened.append)
        seat.shell.navigator.customer.connect(self.opened.append)
        desk = replace(seat.desk, me=me)
        self.page = FailuresPage(desk, seat.shell, seat.live, self.bulk.append)
        self.page.fixed.connect(lambda: self.fixed.append(True))
        mode = QAbstractItemModelTester.FailureReportingMode.Fatal
        self.tester = QAbstractItemModelTester(self.page.model, mode, self.page)
        seat.show(self.page)

    def rows(self) -> list[str]:
        """Each row by its code or order id."""
        return [row.key[1] for row in self.page.model.records]

    def row(self, key: str) -> Any:
        """The row with this code or order id."""
        return next(row for row in self.page.model.records if row.key[1] == key)

    def says(self, key: str) -> str:
        """A row as a screen reader says it."""
        return str(self.page.model.index(self.rows().index(key), 0).data())

    def choose(self, key: str) -> None:
        """Make a row current."""
        self.page.list.setCurrentIndex(self.page.model.index(self.rows().index(key), 0))

    def press(self, key: Qt.Key) -> None:
        """Press a key in the list."""
        QTest.keyClick(self.page.list, key)

    async def quiet(self) -> None:
        """Wait until no retry runs."""
        await until(lambda: not self.page.runs.running)
        assert await self.seat.shell.actions_under_way.ended(5)


async def stuck(seat: Seat, *order_ids: str) -> None:
    """Let these orders get stuck, and the list be read."""
    await seat.services.sync.ensure()
    for order_id in order_ids:
        await seat.services.provisioning.provision(order_id, seat.desk.me)
    seat.live.start()
    await until(lambda: set(order_ids) <= {one.case.order_id for one in seat.live.cases})


def add_card(bench: Bench, order_id: str) -> None:
    """The customer of an order adds a payment method."""
    account = bench.sandbox.salesforce.tables["Account"][bench.in_salesforce(order_id)["AccountId"]]
    books = bench.sandbox.world.whmcs
    card = next(one for one in books.paymethods if one.expiry)
    client = int(account["Whmcs_Client_Id__c"])
    books.paymethods.append(replace(card, id=90000 + client, clientid=client, expiry="12/39"))


def test_with_the_focus_the_first_failure_is_marked_and_can_be_acted_on(qapp: QApplication, bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        await stuck(seat, bench.order_for("PAY-02 approved"))
        shown = Shown(seat)
        shown.page.list.clearSelection()
        shown.page.list.setCurrentIndex(QModelIndex())
        shown.page.take_focus()
        assert shown.page.list.selectionModel().hasSelection()
        shown.page.list.clearSelection()
        QTest.keyClick(shown.page.list, Qt.Key.Key_Up)
        assert shown.page.list.selectionModel().hasSelection(), "also where there is nowhere to go to"

    at_the_desk(qapp, bench, work)


def test_cases_are_grouped_by_code_with_what_helps_next(qapp: QApplication, bench: Bench) -> None:
    order_id = bench.order_for("CAT-03 approved")

    async def work(seat: Seat) -> None:
        shown = Shown(seat)
        await stuck(seat, order_id)
        assert order_id not in shown.rows()
        assert shown.says("CAT-03").startswith("CAT-03, Product not set up in billing, ")
        assert shown.says("CAT-03").endswith(", catalogue admin")
        assert "oldest" in shown.page.head.line.whole
        shown.choose("CAT-03")
        assert "CAT-03" not in shown.page.detail.happened.title.whole, "a group of one stands for its case"
        assert shown.page.detail.happened.retry.text() == "Check again"

    at_the_desk(qapp, bench, work)


def test_a_group_opens_and_closes_by_keyboard(qapp: QApplication, bench: Bench) -> None:
    order_id = bench.order_for("CAT-03 approved")

    async def work(seat: Seat) -> None:
        shown = Shown(seat)
        await stuck(seat, order_id)
        shown.choose("CAT-03")
        for opening, closing in ((Key.Key_Right, Key.Key_Left), (Key.Key_Space, Key.Key_Space)):
            shown.press(opening)
            assert order_id in shown.rows()
            shown.press(closing)
            assert order_id not in shown.rows()
        shown.press(Key.Key_Return)
        shown.press(Key.Key_Down)
        assert shown.page.list.current_record().key == ("case", order_id)
        shown.press(Key.Key_Return)
        assert shown.opened == [order_id]
        shown.press(Key.Key_Left)
        assert shown.page.list.current_record().key == ("group", "CAT-03")

    at_the_desk(qapp, bench, work)


def test_selection_and_open_groups_stay_when_the_cases_are_read_again(qapp: QApplication, bench: Bench) -> None:
    first, second = bench.order_for("CAT-03 approved"), bench.order_for("PAY-02 approved")

    async def work(seat: Seat) -> None:
        shown = Shown(seat)
        await stuck(seat, first)
        shown.page.select_order(first)
        await seat.services.provisioning.provision(second, seat.desk.me)
        seat.live.refresh()
        await until(lambda: "PAY-02" in shown.rows())
        assert shown.page.list.current_record().key == ("case", first)
        shown.page.flat.click()
        assert not [row for row in shown.page.model.records if isinstance(row, GroupRow)]
        assert shown.page.list.current_record().key == ("case", first)

    at_the_desk(qapp, bench, work)


def test_a_retry_is_seen_while_it_runs_and_what_came_of_it_stays(qapp: QApplication, bench: Bench) -> None:
    order_id = bench.order_for("PAY-01 approved")

    async def work(seat: Seat) -> None:
        shown = Shown(seat)
        await stuck(seat, order_id)
        add_card(bench, order_id)
        shown.page.select_order(order_id)
        runs_before = len(await seat.desk.activity.runs(order_id))
        shown.page.list.setFocus()
        seat.shell.actions.ask_for("failure.retry")
        seat.shell.actions.ask_for("failure.retry")
        assert "checking…" in shown.says(order_id)
        assert not shown.page.detail.happened.retry.isEnabled()
        await until(lambda: any(one.answer == "done" for one in shown.page.detail.attempts.model.records))
        await shown.quiet()
        assert shown.told[-1].kind is NoticeKind.DONE
        assert shown.fixed == [True]
        await until(lambda: order_id not in {one.case.order_id for one in seat.live.cases})
        assert "Activated just now" in shown.says(order_id)
        assert shown.page.list.current_record().key == ("case", order_id)
        assert len(await seat.desk.activity.runs(order_id)) == runs_before + 1
        steps = [one.words for one in shown.page.detail.attempts.model.records]
        assert steps[0] == "Mark Activated"

    at_the_desk(qapp, bench, work)


def test_a_settled_row_leaves_by_itself(
    qapp: QApplication, fresh_bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.views.retry_runs._STAYS_S", 1.0)
    monkeypatch.setattr("console.views.retry_runs._LEAVES_MS", 1100)
    order_id = fresh_bench.order_for("PAY-01 approved")

    async def work(seat: Seat) -> None:
        shown = Shown(seat)
        await stuck(seat, order_id)
        add_card(fresh_bench, order_id)
        shown.page.select_order(order_id)
        shown.page.list.setFocus()
        seat.shell.actions.ask_for("failure.retry")
        await until(lambda: shown.fixed == [True])
        await until(lambda: not any(order_id in str(row.key) for row in shown.page.model.records))

    at_the_desk(qapp, fresh_bench, work)


def test_a_case_that_gets_another_code_is_followed_to_its_new_group(qapp: QApplication, fresh_bench: Bench) -> None:
    order_id = fresh_bench.order_for("PAY-01 approved")

    async def work(seat: Seat) -> None:
        shown = Shown(seat)
        await stuck(seat, order_id)
        shown.page.select_order(order_id)
        add_card(fresh_bench, order_id)
        fresh_bench.break_with("refuse", "AddOrder", message="Invalid Payment Method")
        seat.shell.actions.ask_for("failure.retry")
        await shown.quiet()
        await until(lambda: {one.case.order_id: one.code.code for one in seat.live.cases}[order_id] == "PRV-05")
        assert shown.page.list.current_record().key == ("case", order_id)
        assert shown.told[-1].kind is NoticeKind.CAREFUL
        assert not shown.fixed
        attempts = shown.page.detail.attempts
        assert attempts.raw.isHidden()
        attempts.toggle.click()
        assert attempts.raw.isVisible()
        assert "Invalid Payment Method" in attempts.raw.toPlainText()

    at_the_desk(qapp, fresh_bench, work)


def test_the_painted_button_is_clicked_and_the_rest_of_the_row_opens_the_group(
    qapp: QApplication, bench: Bench
) -> None:
    order_id = bench.order_for("LNK-03 approved")

    async def work(seat: Seat) -> None:
        shown = Shown(seat)
        await stuck(seat, order_id)
        listed, index = shown.page.list, shown.page.model.index(shown.rows().index("LNK-03"), 0)
        listed.scrollTo(index)
        rect = listed.visualRect(index)
        QTest.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
        assert order_id in shown.rows()
        assert shown.opened == []
        rect = listed.visualRect(shown.page.model.index(shown.rows().index("LNK-03"), 0))
        on_button = QPoint(rect.right() - 40, rect.center().y())
        QTest.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, pos=on_button)
        account_id = account_of(bench, order_id)
        assert shown.opened == [account_id]
        assert order_id in shown.rows(), "the button does not close the group as well"

    at_the_desk(qapp, bench, work)


def account_of(bench: Bench, order_id: str) -> str:
    """The account of an order."""
    return str(bench.in_salesforce(order_id)["AccountId"])


def test_many_orders_are_handed_over_to_be_asked_about_first(qapp: QApplication, bench: Bench) -> None:
    first, second = bench.order_for("CAT-01 approved"), bench.order_for("CAT-02 approved")

    async def work(seat: Seat) -> None:
        shown = Shown(seat)
        await stuck(seat, first, second)
        shown.choose("CAT-01")
        seat.shell.actions.ask_for("failure.retry_group")
        assert shown.bulk == [[first]]
        assert not shown.page.runs.running

    at_the_desk(qapp, bench, work)


def test_an_outage_is_one_incident_whatever_the_number_of_orders(qapp: QApplication, fresh_bench: Bench) -> None:
    waiting = fresh_bench.orders("Approved")[:2]

    async def work(seat: Seat) -> None:
        shown = Shown(seat)
        down = Fault(system="whmcs", kind="status", status=503, count=10_000)
        await seat.services.orders.refresh()
        fresh_bench.sandbox.board.add(down)
        await stuck(seat, *waiting)
        incident = shown.page.incidents["whmcs"]
        await until(incident.isVisible)
        await until(lambda: seat.live.connections[2].down_since and not incident.retry.isEnabled())
        assert incident.title.whole.startswith("Billing system unavailable since ")
        assert incident.line.whole.startswith("2 orders wait · ")
        assert "PRV-02" not in shown.rows()
        incident.show_orders.click()
        assert set(waiting) < set(shown.rows())
        look = shown.page._look(shown.row(waiting[0]))
        assert look.button
        assert look.is_off
        shown.choose(waiting[0])
        assert not shown.page.detail.happened.retry.isEnabled()
        assert shown.page.detail.happened.why_not.whole.startswith("WHMCS has not answered since ")
        incident.show_orders.click()
        assert "PRV-02" not in shown.rows()
        fresh_bench.sandbox.board.remove()
        seat.live.refresh()
        await until(incident.retry.isEnabled)
        assert incident.title.whole == "The billing system answers again"
        incident.retry.click()
        assert [set(ids) for ids in shown.bulk] == [set(waiting)]

    at_the_desk(qapp, fresh_bench, work)


def test_an_order_of_an_incident_is_shown_when_somebody_goes_to_it(qapp: QApplication, fresh_bench: Bench) -> None:
    [order_id] = fresh_bench.orders("Approved")[:1]

    async def work(seat: Seat) -> None:
        shown = Shown(seat)
        await seat.services.orders.refresh()
        fresh_bench.sandbox.board.add(Fault(system="whmcs", kind="status", status=503, count=10_000))
        await stuck(seat, order_id)
        await until(lambda: order_id in {one.case.order_id for one in seat.live.cases})
        shown.page.filter.setText("something else")
        shown.page.select_order("no order")
        assert shown.page.filter.text()
        shown.page.select_order(order_id)
        assert shown.page.list.current_record().key == ("case", order_id)

    at_the_desk(qapp, fresh_bench, work)


def test_who_may_not_provision_may_look_and_open_but_not_retry(qapp: QApplication, bench: Bench) -> None:
    order_id = bench.order_for("CAT-03 approved")

    async def work(seat: Seat) -> None:
        shown = Shown(seat, frozenset({Role.SUPPORT}))
        await stuck(seat, order_id)
        shown.page.select_order(order_id)
        happened = shown.page.detail.happened
        assert not happened.retry.isEnabled()
        assert happened.why_not.whole == "Retrying is for the back office and supervisors."
        seat.shell.actions.ask_for("failure.retry")
        assert not shown.page.runs.running
        assert shown.told[-1].kind is NoticeKind.CAREFUL
        happened.order.click()
        happened.customer.click()
        assert shown.opened == [order_id, account_of(bench, order_id)]

    at_the_desk(qapp, bench, work)


def test_names_that_look_like_markup_are_text(qapp: QApplication, fresh_bench: Bench) -> None:
    order_id = fresh_bench.order_for("CAT-03 approved")
    fresh_bench.sandbox.salesforce.tables["Account"][account_of(fresh_bench, order_id)]["Name"] = HOSTILE

    async def work(seat: Seat) -> None:
        shown = Shown(seat)
        await stuck(seat, order_id)
        shown.page.select_order(order_id)
        assert HOSTILE in shown.says(order_id)
        title = shown.page.detail.happened.title
        assert HOSTILE in title.whole
        assert title.textFormat() is Qt.TextFormat.PlainText
        shown.page.filter.setText("onerror")
        assert shown.rows() == ["CAT-03", order_id]
        shown.page.grab()

    at_the_desk(qapp, fresh_bench, work)


def test_what_is_typed_narrows_the_list_and_slash_leads_there(qapp: QApplication, bench: Bench) -> None:
    order_id = bench.order_for("CAT-03 approved")

    async def work(seat: Seat) -> None:
        shown = Shown(seat)
        await stuck(seat, order_id)
        shown.page.take_focus()
        QTest.keyClicks(shown.page.list, "/")
        assert shown.page.filter.hasFocus()
        QTest.keyClicks(shown.page.filter, "cat-03")
        assert [row for row in shown.page.model.records if isinstance(row, CaseRow)]
        assert {row.key[1] for row in shown.page.model.records if isinstance(row, GroupRow)} == {"CAT-03"}
        shown.page.filter.setText("zzz")
        assert shown.page.place.pane.accessibleName().startswith("No failure fits")
        shown.page.filter.clear()
        seat.shell.actions.use_letters(on=False)
        shown.page.take_focus()
        QTest.keyClicks(shown.page.list, "/")
        assert not shown.page.filter.hasFocus()

    at_the_desk(qapp, bench, work)


def test_a_place_without_cases_says_so(qapp: QApplication, bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        shown = Shown(seat)
        seat.live.read_once = True
        seat.live.cases_changed.emit()
        assert shown.page.place.pane.accessibleName().startswith("Nothing is stuck.")
        assert shown.page.head.line.whole == "no open case"

    at_the_desk(qapp, bench, work)
