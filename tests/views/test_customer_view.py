"""A customer on one screen: every block from its own source, in the words of the business, whatever is down."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from console.models.billing import Invoice, PayMethod, Service
from console.models.customer import Person
from console.models.money import Money
from console.sandbox.whmcs_store import Invoice as BookedInvoice
from console.sandbox.whmcs_store import Service as BookedService
from console.views.blocks import BlockCard, ListBlock
from console.views.customer_view import CustomerView
from console.views.customer_words import (
    invoice_day_words,
    invoice_tag,
    method_tag,
    method_words,
    next_due_words,
    service_tag,
    valid_words,
)
from console.views.theme import Tone
from tests.views.customer_bench import Seat, at_the_desk, until
from tests.workflows.desk_bench import Bench, desk_bench

HOSTILE = "<img src=x onerror=alert(1)><b>Bold & Co"
TODAY = date.today()  # noqa: DTZ011 - as the desk's clock has it
YEN = Money(amount=Decimal(4980), currency="JPY")


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """A desk on a sandbox, with one customer who has much of everything and a name that looks like markup."""
    with desk_bench() as bench:
        rich = account(bench, 0)
        rich["Name"] = HOSTILE
        client, books = int(rich["Whmcs_Client_Id__c"]), bench.sandbox.world.whmcs
        for number in range(11):
            books.invoices.append(booked_invoice(9000 + number, client, due=TODAY + timedelta(days=30 * (1 - number))))
        for number, status in enumerate(("Terminated", "Active", "Suspended")):
            books.services.append(booked_service(9000 + number, client, books.services[0].pid, status))
        yield bench


def booked_invoice(number: int, client: int, due: date) -> BookedInvoice:
    """An unpaid invoice in the books of WHMCS."""
    return BookedInvoice(
        id=number, userid=client, date=due.isoformat(), duedate=due.isoformat(), subtotal="4980.00", total="4980.00",
        status="Unpaid", paymentmethod="stripe",
    )  # fmt: skip


def booked_service(number: int, client: int, product: int, status: str) -> BookedService:
    """A service in the books of WHMCS."""
    return BookedService(
        id=number, clientid=client, orderid=0, pid=product, regdate="2024-01-01", firstpaymentamount="0.00",
        recurringamount="4980.00", paymentmethod="stripe", billingcycle="Monthly", nextduedate="2030-01-28",
        status=status,
    )  # fmt: skip


def account(bench: Bench, number: int) -> dict[str, Any]:
    """One of the customers that belong to no scenario."""
    order = bench.in_salesforce(bench.orders("Approved")[number])
    found: dict[str, Any] = bench.sandbox.salesforce.tables["Account"][order["AccountId"]]
    return found


def customer_of(bench: Bench, scenario: str) -> str:
    """The account id of the customer of a scenario."""
    return str(bench.in_salesforce(bench.order_for(scenario))["AccountId"])


def opened(seat: Seat, key: str, width: int = 1200) -> CustomerView:
    """The view of a customer in a window of its own, being read."""
    view = CustomerView(seat.desk, seat.shell, seat.live, key)
    seat.show(view, width=width)
    for card in lists(view):
        QAbstractItemModelTester(card.model, QAbstractItemModelTester.FailureReportingMode.Fatal, view)
    view.read()
    return view


def lists(view: CustomerView) -> tuple[ListBlock[Any], ...]:
    """Every card that has rows."""
    cards = view.cards
    return cards.orders, cards.services, cards.invoices, cards.methods, cards.history


def told(card: BlockCard) -> str:
    """Everything that a card says by itself, besides its rows."""
    return "\n".join(label.text() for label in card.findChildren(QLabel) if label.isVisibleTo(card))


def rows(card: ListBlock[Any]) -> list[str]:
    """The rows of a card."""
    model = card.model
    return [
        " | ".join(str(model.index(row, column).data()) for column in range(model.columnCount()))
        for row in range(model.rowCount())
    ]


def whole(view: CustomerView) -> bool:
    """Whether every card has its answer."""
    cards = (*lists(view), view.cards.addresses)
    return all(" · " in card.note.text() or "Try again" in buttons(card) for card in cards)


def buttons(card: BlockCard) -> list[str]:
    """The words of the buttons that are seen."""
    return [one.text() for one in card.findChildren(QPushButton) if one.isVisibleTo(card)]


def test_every_block_is_filled_from_its_own_source(qapp: QApplication, bench: Bench) -> None:
    rich = account(bench, 0)

    async def work(seat: Seat) -> None:
        titles, people = list[str](), list[Person]()
        view = CustomerView(seat.desk, seat.shell, seat.live, rich["Id"])
        view.titled.connect(titles.append)
        view.identified.connect(people.append)
        seat.show(view)
        view.read()
        await until(lambda: whole(view))
        assert view.key == f"customer {rich['Id']}"
        assert titles[-1].startswith(HOSTILE)
        assert people[-1].salesforce_account_id == rich["Id"]
        assert rich["Customer_Number__c"] in view.head.names.line.whole
        assert view.head.link.whole == "linked"
        assert "✓" in told_by(view.head)
        assert any("¥" in row for row in rows(view.cards.orders))
        assert view.cards.orders.note.text().startswith("Salesforce · ")
        assert [row.split(" | ")[1] for row in rows(view.cards.services)][:2] == ["Active", "Suspended"]
        assert "ending" in rows(view.cards.methods)[0]
        await until(lambda: "same address" in told(view.cards.addresses))
        view.leave()

    at_the_desk(qapp, bench, work)


def told_by(widget: Any) -> str:
    """All texts in a widget."""
    return "\n".join(label.text() for label in widget.findChildren(QLabel))


def test_a_name_that_looks_like_markup_is_shown_as_it_is(qapp: QApplication, bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        view = opened(seat, account(bench, 0)["Id"], width=1600)
        await until(lambda: whole(view))
        assert view.head.names.title.whole.startswith(HOSTILE)
        assert all(label.textFormat() is Qt.TextFormat.PlainText for label in view.findChildren(QLabel))
        view.leave()

    at_the_desk(qapp, bench, work)


def test_the_newest_eight_invoices_are_shown_and_the_others_when_asked_for(qapp: QApplication, bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        view = opened(seat, account(bench, 0)["Id"])
        await until(lambda: whole(view))
        invoices = view.cards.invoices
        assert len(rows(invoices)) == 8
        assert "Unpaid" in rows(invoices)[0]
        assert "Overdue" in "".join(rows(invoices))
        (more,) = buttons(invoices)
        assert more.endswith("more")
        invoices.more.click()
        assert len(rows(invoices)) >= 11
        assert not buttons(invoices)
        view.leave()

    at_the_desk(qapp, bench, work)


@pytest.mark.parametrize("width", [480, 800, 1600])
def test_nothing_is_cut_off_however_wide_the_view_is(qapp: QApplication, bench: Bench, width: int) -> None:
    async def work(seat: Seat) -> None:
        view = opened(seat, account(bench, 0)["Id"], width=width)
        await until(lambda: whole(view))
        seat.window.resize(width - 60, 800)
        seat.window.resize(width, 800)
        await until(lambda: view.cards.addresses.height() >= needed(view.cards.addresses))
        for part in (*view.head.chips, view.head.link):
            end = part.mapTo(view.head, part.rect().bottomRight())
            assert view.head.rect().contains(end)
        for card in (*lists(view), view.cards.addresses):
            assert card.mapTo(view, card.rect().topRight()).x() < view.width()
            assert card.height() >= needed(card)
        assert view.cards.orders.y() == 0
        assert (view.cards.services.y() == 0) == (width >= 700)
        assert (view.cards.invoices.y() == 0) == (width >= 1100)
        view.leave()

    at_the_desk(qapp, bench, work)


def needed(card: BlockCard) -> int:
    """The height that everything in a card takes."""
    layout = card.layout()
    assert layout
    return max(layout.minimumSize().height(), layout.totalHeightForWidth(card.width()))


def test_an_order_is_opened_by_its_number_and_by_enter(qapp: QApplication, bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        wanted = list[str]()
        seat.shell.navigator.order.connect(wanted.append)
        view = opened(seat, account(bench, 0)["Id"])
        view.take_focus()
        await until(lambda: whole(view) and rows(view.cards.orders))
        table = view.cards.orders.table
        assert table.hasFocus(), "the focus waits for the orders"
        order = view.cards.orders.model.records[0]
        QTest.keyClick(table, Qt.Key.Key_Down)
        QTest.keyClick(table, Qt.Key.Key_Return)
        click(table, table.model().index(0, 0))
        click(table, table.model().index(0, 1))
        assert wanted == [view.cards.orders.model.record(table.currentIndex()).order_id, order.order_id]  # type: ignore[union-attr]
        view.leave()

    at_the_desk(qapp, bench, work)


def click(table: Any, index: QModelIndex) -> None:
    """Click into a cell."""
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(index).center())


def test_history_tells_who_did_what_to_which_order_in_plain_words(qapp: QApplication, bench: Bench) -> None:
    customer = account(bench, 1)["Id"]

    async def work(seat: Seat) -> None:
        await seat.services.sync.ensure()
        order = (await seat.services.portal.directory.orders(account_id=customer))[0]
        journal = seat.services.portal.journal
        await journal.audit("Yuki Sato", "approved", order.order_id, "")
        await journal.audit("Ono Sara", "rejected", order.order_id, "<b>No</b> such flat")
        await journal.audit("desk", "link", customer, '{"whmcs_client_id": 5001}')
        view = opened(seat, customer)
        await until(lambda: whole(view))
        newest, second, oldest = rows(view.cards.history)
        assert "linked" in newest
        assert "{" not in newest
        assert "Ono Sara | rejected" in second
        assert order.order_number.lstrip("0") in second
        assert second.endswith("<b>No</b> such flat")
        assert "Yuki Sato | approved" in oldest
        wanted = list[str]()
        seat.shell.navigator.order.connect(wanted.append)
        click(view.cards.history.table, view.cards.history.model.index(1, 3))
        click(view.cards.history.table, view.cards.history.model.index(0, 3))
        assert wanted == [order.order_id]
        view.leave()

    at_the_desk(qapp, bench, work)


def test_no_payment_method_says_what_follows_from_it(qapp: QApplication, bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        view = opened(seat, customer_of(bench, "PAY-01 in review"))
        await until(lambda: whole(view))
        assert "No payment method on file" in told(view.cards.methods)
        assert "Nothing can be ordered or provisioned" in told(view.cards.methods)
        assert "No services yet" in told(view.cards.services)
        view.leave()

    at_the_desk(qapp, bench, work)


def test_ids_that_belong_to_different_people_are_told_with_code_and_evidence(qapp: QApplication, bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        view = opened(seat, customer_of(bench, "LNK-03 in review"))
        await until(lambda: "IDs belong to different people" in view.head.evidence.whole)
        assert "C-0099999" in view.head.evidence.whole
        assert "LNK-03" in told_by(view.head)
        assert view.head.link.whole == "conflict"
        assert "✓" not in told_by(view.head)
        view.leave()

    at_the_desk(qapp, bench, work)


def test_somebody_without_a_billing_account_is_told_so(qapp: QApplication, bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        view = opened(seat, customer_of(bench, "LNK-01 in review"))
        await until(lambda: whole(view))
        assert "No billing account yet" in told(view.cards.services)
        assert "LNK-01" in told_by(view.head)
        await until(lambda: "none" in told(view.cards.addresses))
        view.leave()

    at_the_desk(qapp, bench, work)


def test_billing_that_is_down_is_named_since_when_and_the_rest_is_there(qapp: QApplication, bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        bench.break_with("status", "*", status=503, count=400)
        view = opened(seat, account(bench, 0)["Id"])
        await until(lambda: "Try again" in buttons(view.cards.methods) and rows(view.cards.orders))
        assert "Billing system unavailable" in told(view.cards.methods)
        assert "WHMCS has not answered since" in told(view.cards.methods)
        await until(lambda: "could not be read now" in told(view.cards.addresses))
        assert "could not be checked now" in view.head.evidence.whole
        assert "not yet compared" in view.head.evidence.whole
        bench.sandbox.board.remove()
        view.cards.methods.findChildren(QPushButton)[-1].click()
        await until(lambda: rows(view.cards.methods) and view.cards.methods.shows_content)
        await until(lambda: not view.head.evidence.whole)
        view.leave()

    at_the_desk(qapp, bench, work)


def test_what_is_shown_stays_while_a_system_is_down_and_is_said_to_be_old(qapp: QApplication, bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        view = opened(seat, account(bench, 0)["Id"])
        await until(lambda: whole(view))
        before = rows(view.cards.orders)
        view.cards.orders.table.setCurrentIndex(view.cards.orders.model.index(0, 0))
        bench.break_with("status", "*", system="salesforce", status=503, count=400)
        view.read()
        await until(lambda: "Salesforce has not answered since" in told(view.cards.orders))
        bench.sandbox.board.remove()
        assert rows(view.cards.orders) == before
        assert view.cards.orders.table.currentIndex().row() == 0
        assert view.cards.services.shows_content
        view.read()
        await until(lambda: "has not answered" not in told(view.cards.orders))
        view.leave()

    at_the_desk(qapp, bench, work)


def test_a_block_that_is_refused_says_so(qapp: QApplication, bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        bench.break_with("access_role", "GetInvoices")
        view = opened(seat, account(bench, 0)["Id"])
        await until(lambda: whole(view))
        assert "Billing access refused" in told(view.cards.invoices)
        assert "WHMCS does not let us read this." in told(view.cards.invoices)
        assert view.cards.methods.shows_content
        view.leave()

    at_the_desk(qapp, bench, work)


def test_a_customer_that_nobody_knows_is_told_without_an_id(qapp: QApplication, bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        view = opened(seat, "0015g00000zzzzzAAA")
        await until(lambda: not view.place.shows_content and "not known" in view.place.pane.accessibleName())
        assert "0015g" not in told_by(view.place.pane)
        view.leave()

    at_the_desk(qapp, bench, work)


def test_an_order_that_changed_is_read_again_by_itself(qapp: QApplication, bench: Bench) -> None:
    customer = account(bench, 2)["Id"]

    async def work(seat: Seat) -> None:
        seat.live.start()
        await until(lambda: seat.live.read_once and seat.live.read_at)
        view = opened(seat, customer)
        await until(lambda: whole(view))
        order = view.cards.orders.model.records[0]
        booked = bench.in_salesforce(order.order_id)
        booked |= {"Status": "Rejected", "SystemModstamp": "2035-01-01T00:00:00.000+0000"}
        booked["LastModifiedDate"] = booked["SystemModstamp"]
        seat.live.refresh()
        await until(lambda: "Rejected" in "".join(rows(view.cards.orders)))
        view.leave()

    at_the_desk(qapp, bench, work)


def test_an_id_is_copied_whole(qapp: QApplication, bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        customer = account(bench, 0)
        view = opened(seat, customer["Id"])
        await until(lambda: whole(view))
        chip = view.head.chips[0]
        assert "…" in told_by(chip)
        (copy,) = chip.actions()
        copy.trigger()
        assert QGuiApplication.clipboard().text() == customer["Portal_User_Id__c"]
        view.leave()

    at_the_desk(qapp, bench, work)


def service(status: str, due: date | None = date(2030, 1, 28)) -> Service:
    """A service of a customer."""
    return Service(
        id=1, client_id=1, order_id=1, product_id=1, name="Internet", group="", domain="", status=status,
        billing_cycle="Monthly", recurring_amount=YEN, next_due=due, registered=None, quantity=1, custom_fields={},
    )  # fmt: skip


def invoice(status: str, due: date | None) -> Invoice:
    """An invoice of a customer."""
    return Invoice(
        id=1, number="", client_id=1, issued=None, due=due, paid_at=None, total=YEN, status=status,
        payment_method="", last_capture_attempt=None,
    )  # fmt: skip


def method(expires: date | None, last_four: str = "4242") -> PayMethod:
    """A payment method of a customer."""
    return PayMethod(
        id=1, type="CreditCard", description="", gateway="", card_type="Visa", last_four=last_four, expires=expires
    )


@pytest.mark.parametrize(
    ("status", "tone"),
    [
        ("Active", Tone.GOOD),
        ("Suspended", Tone.LOOK),
        ("Pending", Tone.LOOK),
        ("Fraud", Tone.STOP),
        ("Cancelled", Tone.NEUTRAL),
        ("Terminated", Tone.NEUTRAL),
        ("<b>New</b>", Tone.NEUTRAL),
    ],
)
def test_a_service_is_tagged_with_its_state(status: str, tone: Tone) -> None:
    assert service_tag(service(status)) == (status, tone)


def test_only_what_is_still_billed_has_a_next_due_day() -> None:
    assert next_due_words(service("Active")) == "due 28 Jan 2030"
    assert next_due_words(service("Terminated")) == ""
    assert next_due_words(service("Active", due=None)) == ""


@pytest.mark.parametrize(
    ("status", "days", "words", "tone"),
    [
        ("Unpaid", 4, "Unpaid", Tone.LOOK),
        ("Unpaid", 0, "Unpaid", Tone.LOOK),
        ("Unpaid", -1, "Overdue", Tone.STOP),
        ("Paid", -1, "Paid", Tone.GOOD),
        ("Payment Pending", -1, "Payment on its way", Tone.LOOK),
        ("Collections", -1, "In collection", Tone.STOP),
        ("Refunded", -1, "Refunded", Tone.NEUTRAL),
    ],
)
def test_an_invoice_is_tagged_by_state_and_day(status: str, days: int, words: str, tone: Tone) -> None:
    assert invoice_tag(invoice(status, TODAY + timedelta(days=days))) == (words, tone)


def test_an_invoice_without_a_day_is_shown_all_the_same() -> None:
    assert invoice_day_words(invoice("Unpaid", None)) == "Due –"
    assert invoice_tag(invoice("Unpaid", None)) == ("Unpaid", Tone.LOOK)


def test_a_card_is_told_as_staff_say_it() -> None:
    assert method_words(method(date(2027, 11, 30))) == "Visa ending 4242"
    assert method_words(method(None, last_four="")) == "Visa"
    assert valid_words(method(date(2027, 11, 30))) == "valid to 11/27"
    assert valid_words(method(None)) == ""


@pytest.mark.parametrize(("days", "words"), [(-1, "Expired"), (0, "Expires soon"), (400, "")])
def test_a_card_that_ends_is_tagged(days: int, words: str) -> None:
    assert method_tag(method(TODAY + timedelta(days=days)))[0] == words
