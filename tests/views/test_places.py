"""The places of an open desk: who is signed in where, what badges count, and links that only ever open something."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QToolButton

from console.views.customer_view import CustomerView
from console.views.order_queues import Queue, orders_in
from tests.views.desk_window import DeskWindow, in_the_window, ready_order
from tests.workflows.desk_bench import Bench, desk_bench

Key = Qt.Key


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """A desk on a sandbox."""
    with desk_bench() as bench:
        yield bench


def opened_key(desk: DeskWindow) -> str:
    """What is opened in the workspace."""
    view = desk.places.records.workspace.current
    return view.key if view else ""


def badge(desk: DeskWindow, words: str) -> str:
    """A place with its badge, as a screen reader says it."""
    return next(one.accessibleName() for one in desk.window.rail.findChildren(QAbstractButton) if one.text() == words)


@pytest.mark.parametrize(
    ("role", "said"),
    [("supervisor", "supervisor"), ("back_office", "back office"), ("support", "support")],
)
def test_who_is_signed_in_is_said_with_the_environment(qapp: QApplication, bench: Bench, role: str, said: str) -> None:
    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        assert f"{desk.places.desk.me.name} · {said}" in desk.on_screen()
        assert "PRACTICE" in desk.on_screen()

    in_the_window(qapp, bench, work, signed_in_as=role)


@pytest.mark.parametrize("role", ["supervisor", "back_office", "support"])
def test_badges_count_what_waits_for_this_person_and_what_is_stuck(qapp: QApplication, bench: Bench, role: str) -> None:
    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        mine = orders_in(Queue.MINE, desk.places.live.orders, desk.places.desk.me)
        assert badge(desk, "Orders") == (f"Orders, {len(mine)}" if mine else "Orders")
        assert badge(desk, "Failures") == f"Failures, {len(desk.places.live.cases)}"
        assert desk.places.live.cases

    in_the_window(qapp, bench, work, signed_in_as=role)


def test_a_link_to_an_order_or_a_customer_opens_it(qapp: QApplication, bench: Bench) -> None:
    order_id = bench.orders("In Review")[0]
    order = bench.in_salesforce(order_id)

    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        desk.places.open_link(f"staff-console://order/{order['OrderNumber']}")
        await desk.until(lambda: opened_key(desk) == f"order {order_id}", "the order")
        desk.places.open_link(f"staff-console://customer/{order['AccountId']}")
        await desk.quiet()
        assert isinstance(desk.places.records.workspace.current, CustomerView)
        assert desk.asked() is None

    in_the_window(qapp, bench, work)


def test_a_link_of_the_start_is_opened_as_soon_as_the_desk_is_there(qapp: QApplication, bench: Bench) -> None:
    order_id = bench.orders("In Review")[0]

    async def work(desk: DeskWindow) -> None:
        await desk.until(lambda: desk.window.places and opened_key(desk) == f"order {order_id}", "the order")
        await desk.quiet()

    in_the_window(qapp, bench, work, url=f"staff-console://order/{order_id}")


def test_a_link_with_a_callers_number_looks_for_it(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        desk.places.open_link("staff-console://call?number=0312345678")
        await desk.quiet()
        assert desk.window.top.search.text() == "0312345678"
        assert desk.focus is desk.window.top.search

    in_the_window(qapp, bench, work)


def test_a_link_takes_the_keyboard_from_nobody_who_types(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        desk.press(Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
        desk.type("sato")
        desk.places.open_link("staff-console://call?number=0312345678")
        assert desk.window.top.search.text() == "sato"
        assert desk.focus is desk.window.top.search
        assert desk.told() == "A call from 0312345678."
        desk.click(desk.button("Open"))
        await desk.quiet()
        assert desk.window.top.search.text() == "0312345678"

    in_the_window(qapp, bench, work)


def test_a_link_does_not_disturb_a_confirmation(qapp: QApplication, bench: Bench) -> None:
    order_id, other = ready_order(bench), bench.orders("Approved")[0]

    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        await desk.order(order_id)
        desk.do("order.reject")
        await desk.question()
        desk.places.open_link(f"staff-console://order/{other}")
        assert desk.told() == f"A link to order {other}."
        assert opened_key(desk) == f"order {order_id}"
        await desk.escape()

    in_the_window(qapp, bench, work)


def test_keys_of_the_records_do_nothing_on_another_page(qapp: QApplication, bench: Bench) -> None:
    order_id = ready_order(bench)

    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        await desk.order(order_id)
        desk.do("go.today")
        for action_id in ("order.reject", "order.approve_provision", "tab.close"):
            assert not desk.window.shell.actions.can(action_id)
            desk.do(action_id)
        await desk.quiet()
        assert desk.asked() is None
        assert opened_key(desk) == f"order {order_id}"

    in_the_window(qapp, bench, work)


def test_opening_an_order_from_elsewhere_opens_no_other(qapp: QApplication, bench: Bench) -> None:
    order_id = bench.orders("Approved")[2]

    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        shown: list[object] = []
        desk.places.records.workspace.shown.connect(lambda view: shown.append(view.key if view else None))
        desk.places.open_order(order_id)
        await desk.quiet()
        assert set(shown) == {f"order {order_id}"}

    in_the_window(qapp, bench, work)


def test_everything_is_read_again_when_asked_to(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        desk.do("sync.full")
        await desk.until(lambda: desk.told().startswith("Everything was read again: "), "the end")
        assert f"{len(desk.places.live.orders)} orders" in desk.told()
        await desk.quiet()

    in_the_window(qapp, bench, work)


@pytest.mark.parametrize(
    "url",
    ["staff-console://approve/10482", "staff-console://order/99999999", "staff-console://order/%3Cb%3E", "https://x"],
)
def test_a_link_that_leads_nowhere_says_so_and_does_nothing(qapp: QApplication, bench: Bench, url: str) -> None:
    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        desk.places.open_link(url)
        await desk.until(desk.told, "the notice")
        assert opened_key(desk) == ""
        assert desk.asked() is None

    in_the_window(qapp, bench, work)


def test_a_case_is_shown_where_it_is_stuck(qapp: QApplication, bench: Bench) -> None:
    order_id = bench.order_for("PAY-01 paused")

    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        desk.window.shell.navigator.case.emit(order_id)
        await desk.quiet()
        assert desk.places.failures.isVisible()
        assert desk.places.failures.list.current_record().key == ("case", order_id)

    in_the_window(qapp, bench, work)


def test_first_steps_are_ticked_off_by_doing_them_and_stay_put_away(
    qapp: QApplication, bench: Bench, tmp_path: Path
) -> None:
    order_id = ready_order(bench)

    async def done(desk: DeskWindow) -> None:
        await desk.opened()
        assert desk.places.first_steps.isVisible()
        desk.places.open_customer(bench.in_salesforce(order_id)["AccountId"])
        await desk.quiet()
        assert desk.places.first_steps.done == {"customer"}
        await desk.order(order_id)
        desk.press(Key.Key_A)
        await desk.confirm("Approve and provision")
        await desk.idle()
        assert desk.places.first_steps.done == {"customer", "approve"}

    async def put_away(desk: DeskWindow) -> None:
        await desk.opened()
        assert desk.places.first_steps.done == {"customer", "approve"}
        [close] = desk.places.first_steps.findChildren(QToolButton)
        desk.click(close)

    async def asked_for(desk: DeskWindow) -> None:
        await desk.opened()
        assert not desk.places.first_steps.isVisible()
        desk.do("go.orders")
        desk.do("help.first_steps")
        assert desk.places.first_steps.isVisible()

    for work in (done, put_away, asked_for):
        in_the_window(qapp, bench, work, folder=tmp_path)


def test_when_the_desk_was_closed_is_remembered(qapp: QApplication, bench: Bench, tmp_path: Path) -> None:
    closed: list[datetime] = []

    async def first(desk: DeskWindow) -> None:
        await desk.opened()
        assert "In the last 24 hours" in desk.on_screen()

    async def second(desk: DeskWindow) -> None:
        await desk.opened()
        assert "Since I was last here" in desk.on_screen()
        seen = desk.places._last_seen()
        assert seen
        assert closed[0] <= seen <= datetime.now(UTC)

    closed.append(datetime.now(UTC))
    in_the_window(qapp, bench, first, folder=tmp_path)
    in_the_window(qapp, bench, second, folder=tmp_path)


def test_f5_reads_the_place_that_is_shown_again(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        for action in ("go.today", "go.orders", "go.failures"):
            desk.do(action)
            before = desk.places.live.read_at
            desk.press(Key.Key_F5)
            await desk.until(lambda was=before: desk.places.live.read_at != was, "a new reading")  # type: ignore[misc]  # was is a default
            await desk.quiet()

    in_the_window(qapp, bench, work)
