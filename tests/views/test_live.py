"""What all places show: own rows at once, read again at the desk's pace, and kept where a system is down."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from console.errors import ConsoleError
from console.models.connection import CallBudget
from console.sandbox.faults import Fault
from console.views.live import Live
from console.views.work import Work
from tests.views.customer_bench import Seat, at_the_desk, seat_at, until
from tests.workflows.desk_bench import Bench, desk_bench


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """A desk on a sandbox."""
    with desk_bench() as bench:
        yield bench


@pytest.fixture(autouse=True)
def mended(bench: Bench) -> Iterator[None]:
    """No fault outlives its test."""
    yield
    bench.sandbox.board.remove()


class Heard:
    """What the rows of a desk told."""

    def __init__(self, live: Live) -> None:
        self.said: list[str] = []
        self.failed: list[ConsoleError] = []
        live.orders_changed.connect(lambda: self.said.append("orders"))
        live.cases_changed.connect(lambda: self.said.append("cases"))
        live.connections_changed.connect(lambda: self.said.append("connections"))
        live.failed.connect(self.failed.append)


def test_everything_is_read_and_told(qapp: QApplication, bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        heard = Heard(seat.live)
        assert (seat.live.orders, seat.live.cases, seat.live.read_once) == ((), (), False)
        seat.live.start()
        await until(lambda: seat.live.cases)
        assert {"orders", "cases", "connections"} <= set(heard.said)
        assert len(seat.live.orders) == len(bench.sandbox.salesforce.tables["Order"])
        assert bench.order_for("PAY-01 paused") in [one.case.order_id for one in seat.live.cases]
        assert [one.system for one in seat.live.connections] == ["portal", "salesforce", "whmcs"]
        assert heard.failed == []

    at_the_desk(qapp, bench, work)


def test_a_system_that_is_down_is_told_and_our_own_rows_stay(qapp: QApplication, bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        await seat.services.sync.ensure()
        heard = Heard(seat.live)
        bench.sandbox.board.add(Fault(system="salesforce", kind="drop", count=10_000))
        seat.live.start()
        await until(lambda: heard.failed)
        await until(lambda: seat.live.orders)
        assert seat.live.read_once
        assert seat.live.read_at is None
        assert seat.live.problem is heard.failed[0]
        bench.sandbox.board.remove()
        seat.live.refresh()
        await until(lambda: seat.live.read_at)
        await until(lambda: seat.live.problem is None)

    at_the_desk(qapp, bench, work)


def test_a_reading_that_finds_nothing_new_is_told_without_any_change(qapp: QApplication, bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        readings: list[object] = []
        seat.live.refreshed.connect(lambda: readings.append(seat.live.read_at))
        seat.live.start()
        await until(lambda: readings)
        orders, heard = seat.live.orders, Heard(seat.live)
        seat.live.refresh()
        await until(lambda: len(readings) > 1)
        assert seat.live.orders is orders
        assert not {"orders", "cases"} & set(heard.said)

    at_the_desk(qapp, bench, work)


def test_of_changed_rows_the_others_stay_the_same_objects(qapp: QApplication, bench: Bench) -> None:
    order_id = bench.orders("In Review")[1]

    async def work(seat: Seat) -> None:
        seat.live.start()
        await until(lambda: seat.live.read_at and seat.live.orders)
        before = {one.order_id: one for one in seat.live.orders}
        heard = Heard(seat.live)
        await seat.services.deciding.reject(order_id, seat.desk.me, "not wanted")
        seat.live.refresh()
        await until(lambda: "orders" in heard.said)
        assert [one.order_id for one in seat.live.orders if one is not before[one.order_id]] == [order_id]

    at_the_desk(qapp, bench, work)


def test_closing_while_a_system_hangs_does_not_wait_for_it(qapp: QApplication, bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        await seat.services.sync.ensure()
        bench.sandbox.board.add(Fault(system="salesforce", kind="answer_late", count=10_000, delay_ms=6_000))
        seat.live.start()
        await until(lambda: bench.calls("salesforce", "query"))
        await asyncio.wait_for(seat.shell.tasks.aclose(), 3)

    at_the_desk(qapp, bench, work)

    at_the_desk(qapp, bench, work)


def test_what_somebody_else_does_comes_with_the_next_reading(qapp: QApplication, bench: Bench, tmp_path: Path) -> None:
    order_id = bench.orders("In Review")[0]

    async def work(seat: Seat) -> None:
        seat.live.start()
        await until(lambda: seat.live.read_at)
        other = Live(seat.desk, Work(seat.shell.tasks, "another desk"), seat.window)
        await seat.services.deciding.reject(order_id, seat.desk.me, "not wanted")
        seat.live.refresh()
        await until(lambda: "rejected" in [one.state.value for one in seat.live.orders if one.order_id == order_id])
        assert other.orders == ()

    at_the_desk(qapp, bench, work)


def test_when_the_calls_run_out_only_people_read(qapp: QApplication, bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        session = seat.services.salesforce.session
        session.note_answer = lambda _: None  # type: ignore[method-assign, assignment]  # the budget stays what the test sets
        session.calls_of_the_org = CallBudget(used=97, allowed=100)
        readings: list[object] = []
        seat.live.refreshed.connect(lambda: readings.append(1))
        told: list[object] = []
        seat.live.connections_changed.connect(lambda: told.append(1))
        seat.live.start()
        await until(lambda: len(told) > 1)
        assert not readings
        assert [one.calls for one in seat.live.connections if one.system == "salesforce"] == [session.calls_of_the_org]
        seat.live.refresh()
        await until(lambda: len(readings) == 1)
        session.calls_of_the_org = CallBudget(used=10, allowed=100)
        await until(lambda: len(readings) > 1)

    at_the_desk(qapp, bench, work)


def test_what_differs_between_the_systems_becomes_a_case_without_a_click(qapp: QApplication) -> None:
    async def work(seat: Seat) -> None:
        services = seat.services
        await services.engine.provision(order_id, seat.desk.me)
        [billing_order] = bench.billing_orders(order_id)
        billing_order.status = "Cancelled"
        bench.sandbox.clock.advance(3600)
        await services.portal.directory.set_cursor("comparison", datetime.now(UTC) - timedelta(hours=5))
        seat.live.start()
        await until(lambda: (order_id, "SYN-04") in {(one.case.order_id, one.case.code) for one in seat.live.cases})

    with desk_bench() as bench:
        order_id = bench.orders("Approved")[0]
        at_the_desk(qapp, bench, work)


def test_of_two_windows_one_reads_and_the_other_hears_of_it(qapp: QApplication, bench: Bench) -> None:
    order_id = bench.orders("In Review")[2]

    async def two(seat: Seat) -> None:
        seat.live.start()
        await until(lambda: seat.live.read_at)
        async with seat_at(qapp, bench) as other:
            other.live.start()
            await until(lambda: other.live.orders and other.live.read_at)
            await other.services.deciding.reject(order_id, other.desk.me, "not wanted")
            asked = bench.sandbox.board.calls_made()["salesforce"].get("query", 0)
            other.live.refresh()
            for live in (seat.live, other.live):
                await until(lambda live=live: "rejected" in {  # type: ignore[misc]  # bound now
                    one.state.value for one in live.orders if one.order_id == order_id
                })  # fmt: skip
            assert other.services.salesforce.session.calls["poll"] == 0
            assert bench.sandbox.board.calls_made()["salesforce"]["query"] > asked
            # What the one that reads hears of the systems counts for the other, too, a moment later.
            await until(lambda: [one.state(datetime.now(UTC)).value for one in other.live.connections] == ["ok"] * 3)

    at_the_desk(qapp, bench, two)


def test_when_the_window_that_reads_is_closed_another_one_does(qapp: QApplication, bench: Bench) -> None:
    async def taken_over(seat: Seat) -> None:
        async with seat_at(qapp, bench) as first:
            assert await first.services.sync.reads_for_everyone()
            seat.live.start()
            await until(lambda: seat.live.orders)
            assert not await seat.services.sync.reads_for_everyone()
        assert await seat.services.sync.reads_for_everyone()

    at_the_desk(qapp, bench, taken_over)
