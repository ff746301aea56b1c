"""The sheet of a supervisor: evidence side by side, and the decision carried out once, in the real systems' books."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from console.models.provisioning import ProvisionOutcome
from console.models.staff import Role
from console.notices import NoticeKind
from console.views.actions import Menu
from console.views.confirm import ConfirmDialog
from console.views.settle_sheet import SettleSheet
from tests.views.customer_bench import Seat, at_the_desk, until
from tests.views.desk_window import seen_texts
from tests.views.test_failures_page import Shown, stuck
from tests.workflows.desk_bench import Bench, desk_bench
from tests.workflows.test_settlement import lose_markers


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


async def unanswered(seat: Seat, bench: Bench) -> tuple[str, int]:
    """An order that WHMCS made without its marker, and whose answer nobody got; with the WHMCS order's id."""
    order_id = bench.orders("Approved")[0]
    before = {order.id for order in bench.sandbox.world.whmcs.orders}
    bench.break_with("commit_then_drop", "AddOrder")
    bench.break_with("drop", "GetClientsProducts", call=2, count=50)
    result = await seat.services.provisioning.provision(order_id, seat.desk.me)
    assert (result.outcome, result.code) == (ProvisionOutcome.UNKNOWN, "PRV-01")
    bench.sandbox.board.remove()
    lose_markers(bench)
    [made] = {order.id for order in bench.sandbox.world.whmcs.orders} - before
    return order_id, made


async def opened(seat: Seat, shown: Shown, order_id: str) -> SettleSheet:
    """The sheet, opened by its key from the case of the order."""
    seat.live.refresh()
    await until(lambda: order_id in {one.case.order_id for one in seat.live.cases})
    shown.page.select_order(order_id)
    shown.page.list.setFocus()
    assert seat.shell.actions.can("failure.settle")
    seat.shell.actions.ask_for("failure.settle")
    [sheet] = shown.page.window().findChildren(SettleSheet)
    await until(sheet.look_again.isEnabled)
    return sheet


def test_a_supervisor_adopts_what_nobody_got_an_answer_for(qapp: QApplication, fresh_bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        shown = Shown(seat)
        order_id, made = await unanswered(seat, fresh_bench)
        sheet = await opened(seat, shown, order_id)
        said = " ".join(seen_texts(sheet))
        assert f"WHMCS order {made}" in said
        assert "same products" in said
        [adopt] = sheet.adopting
        adopt.click()
        await until(lambda: shown.told[-1:] and shown.told[-1].kind is NoticeKind.DONE)
        assert fresh_bench.in_salesforce(order_id)["Whmcs_Order_Id__c"] == str(made)
        assert fresh_bench.in_salesforce(order_id)["Provisioning_Status__c"] == "Activated"

    at_the_desk(qapp, fresh_bench, work)


def test_enter_alone_decides_nothing_and_a_second_click_sends_nothing(qapp: QApplication, fresh_bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        shown = Shown(seat)
        order_id, _ = await unanswered(seat, fresh_bench)
        sheet = await opened(seat, shown, order_id)
        sent = fresh_bench.calls("whmcs", "AddOrder")
        QTest.keyClick(sheet, Qt.Key.Key_Return)
        assert sheet.isVisible()
        assert not shown.told
        sheet.again.click()
        sheet.again.click()
        assert not sheet.again.isEnabled()
        await until(lambda: shown.told[-1:] and shown.told[-1].kind is NoticeKind.DONE)
        assert fresh_bench.calls("whmcs", "AddOrder") == sent + 1

    at_the_desk(qapp, fresh_bench, work)


def test_a_cancelled_billing_order_is_provisioned_anew(qapp: QApplication, fresh_bench: Bench) -> None:
    order_id = fresh_bench.order_for("PRV-08 approved")

    async def work(seat: Seat) -> None:
        shown = Shown(seat)
        await stuck(seat, order_id)
        sheet = await opened(seat, shown, order_id)
        assert (sheet.anew.isVisible(), sheet.again.isVisible()) == (True, False)
        sheet.anew.click()
        await until(lambda: shown.told[-1:] and shown.told[-1].kind is NoticeKind.DONE)
        assert fresh_bench.in_salesforce(order_id)["Provisioning_Status__c"] == "Activated"

    at_the_desk(qapp, fresh_bench, work)


async def asked(sheet: SettleSheet) -> ConfirmDialog:
    """The question that rejecting asks first."""
    sheet.reject_order.click()
    await until(lambda: sheet.findChildren(ConfirmDialog))
    [dialog] = sheet.findChildren(ConfirmDialog)
    await until(dialog.isVisible)
    return dialog


def test_a_cancelled_billing_order_lets_the_order_be_rejected_with_a_reason(
    qapp: QApplication, fresh_bench: Bench
) -> None:
    order_id = fresh_bench.order_for("PRV-08 approved")

    async def work(seat: Seat) -> None:
        shown = Shown(seat)
        await stuck(seat, order_id)
        sheet = await opened(seat, shown, order_id)
        dialog = await asked(sheet)
        assert not sheet.anew.isEnabled()
        dialog.reject()
        await until(sheet.reject_order.isEnabled)
        assert fresh_bench.in_salesforce(order_id)["Status"] == "Approved"

        dialog = await asked(sheet)
        [reason] = dialog.findChildren(QLineEdit)
        reason.setText("not wanted any more")
        dialog.accept()
        await until(lambda: shown.told[-1:] and shown.told[-1].kind is NoticeKind.DONE)
        order = fresh_bench.in_salesforce(order_id)
        assert (order["Status"], order["Decision_Reason__c"]) == ("Rejected", "not wanted any more")
        assert not shown.page.window().findChildren(SettleSheet)
        await until(lambda: order_id not in {one.case.order_id for one in seat.live.cases})

    at_the_desk(qapp, fresh_bench, work)


def test_what_lives_in_billing_is_told_and_keeps_the_order_from_being_rejected(
    qapp: QApplication, fresh_bench: Bench
) -> None:
    order_id = fresh_bench.order_for("PRV-08 approved")

    async def work(seat: Seat) -> None:
        shown = Shown(seat)
        await stuck(seat, order_id)
        [dead] = fresh_bench.billing_orders(order_id)
        fresh_bench.services_of(dead.id)[0].status = "Active"
        sheet = await opened(seat, shown, order_id)
        assert (sheet.anew.isEnabled(), sheet.reject_order.isVisible()) == (True, True)
        assert not sheet.reject_order.isEnabled()
        assert f"while WHMCS has order {dead.id} for it" in " ".join(seen_texts(sheet))
        sheet.close()

    at_the_desk(qapp, fresh_bench, work)


def test_while_billing_is_down_the_sheet_says_so_and_looks_again(qapp: QApplication, fresh_bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        shown = Shown(seat)
        order_id, _ = await unanswered(seat, fresh_bench)
        fresh_bench.break_with("drop", "GetOrders", count=100)
        sheet = await opened(seat, shown, order_id)
        assert not sheet.place.shows_content
        assert not sheet.again.isEnabled()
        fresh_bench.sandbox.board.remove()
        sheet.look_again.click()
        await until(lambda: sheet.place.shows_content)
        assert sheet.again.isEnabled()
        sheet.close()

    at_the_desk(qapp, fresh_bench, work)


def test_the_back_office_sees_the_evidence_and_no_way_to_decide(qapp: QApplication, fresh_bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        shown = Shown(seat, frozenset({Role.BACK_OFFICE}))
        order_id, made = await unanswered(seat, fresh_bench)
        sheet = await opened(seat, shown, order_id)
        said = " ".join(seen_texts(sheet))
        assert f"WHMCS order {made}" in said
        assert "Only a supervisor settles this" in said
        assert (sheet.adopting, sheet.again.isEnabled()) == ([], False)
        sheet.close()

    at_the_desk(qapp, fresh_bench, work)


def test_other_codes_have_nothing_to_settle(qapp: QApplication, bench: Bench) -> None:
    order_id = bench.order_for("PAY-02 approved")

    async def work(seat: Seat) -> None:
        shown = Shown(seat)
        await stuck(seat, order_id)
        shown.page.select_order(order_id)
        seat.shell.actions.settle(Menu.FAILURE)
        assert not seat.shell.actions.qt("failure.settle").isEnabled()
        assert shown.page.detail.happened.settle.isHidden()

    at_the_desk(qapp, bench, work)


def test_a_sheet_that_is_closed_meanwhile_goes_on_and_tells_what_came_of_it(
    qapp: QApplication, fresh_bench: Bench
) -> None:
    order_id = fresh_bench.order_for("PRV-08 approved")

    async def work(seat: Seat) -> None:
        shown = Shown(seat)
        await stuck(seat, order_id)
        sheet = await opened(seat, shown, order_id)
        sheet.anew.click()
        QTest.keyClick(sheet, Qt.Key.Key_Escape)
        assert not sheet.isVisible()
        await until(lambda: shown.told[-1:] and shown.told[-1].kind is NoticeKind.DONE)
        assert fresh_bench.in_salesforce(order_id)["Provisioning_Status__c"] == "Activated"
        await until(lambda: not shown.page.window().findChildren(SettleSheet))

    at_the_desk(qapp, fresh_bench, work)
