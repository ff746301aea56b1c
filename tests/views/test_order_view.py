"""The review of an order: what each state offers to whom, what is said where nothing is, and decisions made once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QTabBar

from console.sandbox.faults import Fault
from console.services import open_services
from console.views.customer_view import CustomerView
from console.views.order_view import OrderView
from tests.views.desk_window import DeskWindow, in_the_window, ready_order, seen_texts
from tests.workflows.desk_bench import Bench, desk_bench

HOSTILE = "<img src=x onerror=alert(1)><b>Bold & Co"
Key = Qt.Key
DECIDE = {"Approve and provision…", "Approve only…", "Reject…"}
CUSTOMER = "Customer ›"


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """A desk on a sandbox."""
    with desk_bench() as bench:
        yield bench


def buttons(view: OrderView) -> dict[str, bool]:
    """The seen buttons below the order, and whether each can be pressed."""
    return {one.text(): one.isEnabled() for one in view.footer.buttons.values() if one.isVisible()}


def on(view: OrderView) -> set[str]:
    """The buttons that can be pressed."""
    return {words for words, enabled in buttons(view).items() if enabled}


def says(view: OrderView, words: str) -> bool:
    """Whether something that is seen on the page has these words in it."""
    return any(words in text for text in seen_texts(view))


def paused_order(bench: Bench) -> str:
    """The order that is paused from the start."""
    return bench.order_for("PAY-01 paused")


def test_an_order_that_is_ready_can_be_decided_in_every_way(qapp: QApplication, bench: Bench) -> None:
    order_id = ready_order(bench)

    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        view = await desk.order(order_id)
        assert on(view) == DECIDE | {CUSTOMER}
        assert view.footer.why == ""
        assert says(view, "In review")
        assert says(view, "0 stop")

    in_the_window(qapp, bench, work)


def test_what_is_worth_a_look_asks_for_a_reason(qapp: QApplication, bench: Bench) -> None:
    order_id = bench.order_for("PAY-02 soon in review")

    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        view = await desk.order(order_id)
        assert on(view) == DECIDE | {CUSTOMER}
        desk.do("order.approve")
        question = await desk.question()
        assert any("Payment method on file" in text for text in seen_texts(question))
        assert not desk.button("Approve", question).isEnabled()
        desk.type("called the customer")
        await desk.confirm("Approve")
        await desk.idle()
        assert "is approved" in desk.told()

    in_the_window(qapp, bench, work)
    [decision] = bench.claims(order_id, "decide")
    assert decision["Outcome__c"] == "approved"


def test_what_stops_an_order_is_named_with_the_one_button_that_helps(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        view = await desk.order(bench.order_for("PAY-01 in review"))
        assert buttons(view) == {
            "Approve and provision…": False, "Approve only…": False, "Reject…": True, CUSTOMER: True,
        }  # fmt: skip
        assert "PAY-01" in view.footer.why
        desk.do("order.approve_provision")
        assert desk.asked() is None
        desk.click(desk.button("See the customer's payment methods ›"))
        await desk.until(lambda: isinstance(desk.places.records.workspace.current, CustomerView), "the customer")

    in_the_window(qapp, bench, work)


@pytest.mark.parametrize(
    ("scenario", "side"), [("CAT-02 in review", 1), ("ADR-02 in review", 2), ("MNP-04 in review", 3)]
)
def test_help_with_the_order_itself_leads_to_its_side(
    qapp: QApplication, bench: Bench, scenario: str, side: int
) -> None:
    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        view = await desk.order(bench.order_for(scenario))
        assert scenario.partition(" ")[0] in view.footer.why
        desk.click(view.footer.help)
        assert view.findChildren(QTabBar)[0].currentIndex() == side

    in_the_window(qapp, bench, work)


def test_each_later_state_offers_what_is_left_to_do(qapp: QApplication, bench: Bench) -> None:
    offered = [
        (bench.orders("Approved")[-1], {"Provision…", CUSTOMER}, "Approved"),
        (paused_order(bench), {"Retry…", CUSTOMER}, "Paused · PAY-01"),
        (bench.orders("Approved", "Activated")[0], {CUSTOMER}, "Active"),
        (bench.orders("Rejected")[0], {CUSTOMER}, "Rejected"),
    ]

    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        for order_id, can, state in offered:
            view = await desk.order(order_id)
            assert on(view) == set(buttons(view)) == can
            assert says(view, state)
        paused = await desk.order(paused_order(bench))
        assert paused.footer.why.startswith("PAY-01 · ")

    in_the_window(qapp, bench, work)


@pytest.mark.parametrize(
    ("role", "in_review", "approved"),
    [
        (
            "support",
            "Approving and rejecting are for supervisors.",
            "Provisioning is for the back office and supervisors.",
        ),
        ("back_office", "Approving and rejecting are for supervisors.", ""),
    ],
)
def test_who_may_not_is_told_who_may(
    qapp: QApplication, bench: Bench, role: str, in_review: str, approved: str
) -> None:
    waiting, decided = bench.orders("In Review")[-1], bench.orders("Approved")[-1]

    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        view = await desk.order(waiting)
        assert on(view) == {CUSTOMER}
        assert view.footer.why == in_review
        for action in ("order.approve", "order.approve_provision", "order.reject"):
            desk.do(action)
        assert desk.asked() is None
        view = await desk.order(decided)
        assert on(view) == ({CUSTOMER} if approved else {"Provision…", CUSTOMER})
        assert view.footer.why == approved

    in_the_window(qapp, bench, work, signed_in_as=role)


def test_by_two_keys_an_order_is_approved_and_provisioned_exactly_once(qapp: QApplication, bench: Bench) -> None:
    order_id = ready_order(bench)

    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        view = await desk.order(order_id)
        done: list[str] = []
        view.done.connect(done.append)
        desk.press(Key.Key_A)
        desk.press(Key.Key_A)
        question = await desk.question()
        assert "exactly one order is made in WHMCS" in " ".join(seen_texts(question))
        desk.press(Key.Key_Return)
        await desk.until(lambda: says(view, "Provisioning…"), "the steps under way")
        assert on(view) == {CUSTOMER}
        await desk.idle()
        assert "is active" in desk.told()
        assert on(view) == {CUSTOMER}
        assert says(view, "Last run of provisioning")
        assert done == ["provision"]

    in_the_window(qapp, bench, work)
    assert bench.in_salesforce(order_id)["Provisioning_Status__c"] == "Activated"
    assert len(bench.billing_orders(order_id)) == 1
    assert len(bench.claims(order_id, "decide")) == 1


def test_approving_twice_quickly_makes_one_decision(qapp: QApplication, bench: Bench) -> None:
    order_id = ready_order(bench)

    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        view = await desk.order(order_id)
        for _ in range(3):
            view.carry_out("order.approve")
        await desk.confirm("Approve")
        for _ in range(3):
            view.carry_out("order.approve")
        await desk.idle()
        assert desk.asked() is None
        assert on(view) == {"Provision…", CUSTOMER}

    in_the_window(qapp, bench, work)
    assert len(bench.claims(order_id, "decide")) == 1


def test_what_is_not_confirmed_is_not_done(qapp: QApplication, bench: Bench) -> None:
    order_id = ready_order(bench)

    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        view = await desk.order(order_id)
        desk.press(Key.Key_A)
        await desk.escape()
        await desk.idle()
        assert on(view) == DECIDE | {CUSTOMER}
        desk.press(Key.Key_A)
        await desk.question()

    in_the_window(qapp, bench, work)
    assert bench.claims(order_id, "decide") == []
    assert bench.in_salesforce(order_id)["Status"] == "In Review"


def test_rejecting_needs_a_reason_and_says_what_the_customer_sees(qapp: QApplication, bench: Bench) -> None:
    order_id = bench.orders("In Review")[0]

    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        view = await desk.order(order_id)
        desk.press(Key.Key_R)
        question = await desk.question()
        assert "The customer sees that the order was not accepted." in seen_texts(question)
        assert not desk.button("Reject", question).isEnabled()
        question.findChildren(QLineEdit)[0].setText("a copy of another order")
        await desk.confirm("Reject")
        await desk.idle()
        assert "is rejected" in desk.told()
        assert on(view) == {CUSTOMER}

    in_the_window(qapp, bench, work)
    assert bench.in_salesforce(order_id)["Status"] == "Rejected"


def test_what_somebody_else_decides_is_read_again(qapp: QApplication, bench: Bench, tmp_path: Path) -> None:
    order_id = bench.orders("In Review")[0]

    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        view = await desk.order(order_id)
        assert "Reject…" in on(view)
        async with open_services(bench.profile, tmp_path, "Marta Lindgren") as other:
            await other.deciding.reject(order_id, await other.me(), "not wanted")
        desk.places.live.refresh()
        await desk.until(lambda: says(view, "Rejected"), "the new state")
        assert on(view) == {CUSTOMER}

    in_the_window(qapp, bench, work)


def test_an_order_that_changes_before_it_is_decided_says_so(qapp: QApplication, bench: Bench, tmp_path: Path) -> None:
    order_id = ready_order(bench)

    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        view = await desk.order(order_id)
        desk.press(Key.Key_A)
        await desk.question()
        async with open_services(bench.profile, tmp_path, "Marta Lindgren") as other:
            await other.deciding.reject(order_id, await other.me(), "not wanted")
        await desk.confirm("Approve and provision")
        await desk.idle()
        assert "was not decided" in desk.told()
        assert on(view) == {CUSTOMER}

    in_the_window(qapp, bench, work)
    assert bench.billing_orders(order_id) == []


def test_checks_that_cannot_be_run_say_so_and_nothing_is_approved(qapp: QApplication, bench: Bench) -> None:
    order_id = ready_order(bench)

    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        bench.sandbox.board.add(Fault(system="whmcs", kind="server_error", count=500))
        view = await desk.order(order_id)
        assert not {"Approve and provision…", "Approve only…"} & on(view)
        assert view.footer.why
        bench.sandbox.board.remove()
        desk.do("refresh")
        await desk.until(lambda: "Approve only…" in on(view), "the checks")

    try:
        in_the_window(qapp, bench, work)
    finally:
        bench.sandbox.board.remove()


def test_nothing_that_costs_money_is_offered_while_a_system_is_down(qapp: QApplication, bench: Bench) -> None:
    waiting, order_id = bench.orders("Approved")[-1], ready_order(bench)

    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        view = await desk.order(order_id)
        assert on(view) == DECIDE | {CUSTOMER}
        bench.sandbox.board.add(Fault(system="whmcs", kind="status", status=503, count=10_000))
        await desk.places.desk.customers.page(bench.in_salesforce(order_id)["AccountId"])
        await desk.until(lambda: view.footer.why.startswith("WHMCS has not answered since "), "the reason")
        assert on(view) == {"Approve only…", "Reject…", CUSTOMER}
        assert "WHMCS has not answered" in view.footer.buttons["order.approve_provision"].toolTip()
        other = await desk.order(waiting)
        assert on(other) == {CUSTOMER}
        desk.places.runs.start([waiting])
        assert desk.told().startswith("WHMCS has not answered since ")
        bench.sandbox.board.remove()
        await desk.until(lambda: on(other) == {"Provision…", CUSTOMER}, "the way back")

    try:
        in_the_window(qapp, bench, work)
    finally:
        bench.sandbox.board.remove()


def test_a_second_try_is_asked_for_as_one(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        view = await desk.order(paused_order(bench))
        desk.click(desk.button("Retry…", view))
        assert seen_texts(await desk.question())[0].startswith("Try to provision order ")
        desk.button("Try again", await desk.question())
        await desk.escape()

    in_the_window(qapp, bench, work)


def test_an_order_that_cannot_be_read_says_so_in_its_place(qapp: QApplication, bench: Bench) -> None:
    order_id = bench.orders("In Review")[0]

    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        bench.sandbox.board.add(Fault(system="salesforce", kind="drop", count=500))
        view = await desk.order(order_id)
        desk.button("Try again", view)
        assert view.offered() == frozenset()
        bench.sandbox.board.remove()
        desk.click(desk.button("Try again", view))
        await desk.until(lambda: CUSTOMER in on(view), "the order")

    try:
        in_the_window(qapp, bench, work)
    finally:
        bench.sandbox.board.remove()


def test_whatever_comes_from_outside_is_plain_text(qapp: QApplication, bench: Bench) -> None:
    order_id = bench.orders("In Review")[1]
    account = bench.sandbox.salesforce.tables["Account"][bench.in_salesforce(order_id)["AccountId"]]
    account["Name"] = HOSTILE

    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        view = await desk.order(order_id)
        assert says(view, HOSTILE)
        rich = [one.text() for one in view.findChildren(QLabel) if one.textFormat() is not Qt.TextFormat.PlainText]
        assert rich == []

    in_the_window(qapp, bench, work)


def test_while_a_system_is_down_nothing_is_provisioned_and_it_is_said_since_when(
    qapp: QApplication, bench: Bench
) -> None:
    order_id = ready_order(bench)

    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        view = await desk.order(order_id)
        bench.break_with("drop", "*", count=100_000)
        desk.do("refresh")
        await desk.until(lambda: "WHMCS has not answered since" in view.footer.why or not view._review, "the reason")
        await desk.until(lambda: "Approve and provision…" not in on(view), "the button to go off")
        assert not desk.window.shell.actions.can("order.approve_provision")
        bench.sandbox.board.remove()
        desk.do("refresh")
        await desk.until(lambda: "Approve and provision…" in on(view), "the button to come back")

    try:
        in_the_window(qapp, bench, work)
    finally:
        bench.sandbox.board.remove()


def test_an_order_that_cannot_be_read_again_says_so_and_is_not_decided(qapp: QApplication, bench: Bench) -> None:
    order_id = ready_order(bench)

    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        view = await desk.order(order_id)
        bench.break_with("drop", "*", "salesforce", count=100_000)
        view.read()
        await desk.until(lambda: says(view, "Could not be read again since"), "the line")
        assert on(view) == {CUSTOMER}
        assert view.footer.why == "Can be decided as soon as the order can be read again."
        bench.sandbox.board.remove()
        desk.click(desk.button("Try again", view))
        await desk.until(lambda: not says(view, "Could not be read again since"), "the line to go")
        await desk.until(lambda: on(view) == DECIDE | {CUSTOMER}, "the buttons")

    try:
        in_the_window(qapp, bench, work)
    finally:
        bench.sandbox.board.remove()


def test_an_order_that_somebody_changes_while_it_is_open_says_so(qapp: QApplication, bench: Bench) -> None:
    order_id = ready_order(bench)

    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        view = await desk.order(order_id)
        assert view._order
        before = view._order.content_hash
        booked = bench.in_salesforce(order_id)
        later = "2035-01-01T00:00:00.000+0000"
        changed = {"ShippingStreet": "99-99 Elsewhere", "SystemModstamp": later, "LastModifiedDate": later}
        bench.sandbox.salesforce.put("Order", {**booked, **changed})
        desk.places.live.refresh()
        await desk.until(lambda: view._order is not None and view._order.content_hash != before, "the new version")
        await desk.until(lambda: "This order was changed just now; look at it again." in desk.told(), "the notice")

    in_the_window(qapp, bench, work)
