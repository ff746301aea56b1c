"""Requests of a page: of two for the same thing the newer wins, what is read can be dropped, what is done ends."""

import asyncio
from collections.abc import Awaitable, Callable

from PySide6.QtWidgets import QApplication

from console.errors import ConsoleError, Unavailable
from console.tasks import Tasks
from console.views.work import Work
from tests.views.qt_loop import run_on_qt


class Told:
    """Work of a page, with what came back."""

    def __init__(self) -> None:
        self.tasks = Tasks()
        self.work = Work(self.tasks, "page")
        self.done: list[str] = []
        self.failed: list[ConsoleError] = []
        self.gates: dict[str, asyncio.Event] = {}

    async def answer(self, text: str) -> str:
        """An answer that comes when its gate is opened."""
        await self.gates.setdefault(text, asyncio.Event()).wait()
        return text

    def ask(self, what: str, text: str) -> None:
        """Read something."""
        self.work.ask(what, self.answer(text), self.done.append, self.failed.append)

    def act(self, text: str) -> None:
        """Change something."""
        self.work.act("change", self.answer(text), self.done.append, self.failed.append)

    async def open(self, *texts: str) -> None:
        """Let answers come, and everything settle."""
        await asyncio.sleep(0)
        for text in texts:
            self.gates.setdefault(text, asyncio.Event()).set()
        for _ in range(5):
            await asyncio.sleep(0)


def told(app: QApplication, work: Callable[[Told], Awaitable[None]]) -> Told:
    """Do something with the work of a page."""

    async def opened() -> Told:
        made = Told()
        await work(made)
        await made.tasks.aclose()
        return made

    return run_on_qt(app, opened())


def test_of_two_requests_for_the_same_the_newer_wins(qapp: QApplication) -> None:
    async def work(page: Told) -> None:
        page.ask("search", "Sa")
        page.ask("search", "Sato")
        await page.open("Sato", "Sa")

    assert told(qapp, work).done == ["Sato"]


def test_requests_for_different_things_go_side_by_side(qapp: QApplication) -> None:
    async def work(page: Told) -> None:
        page.ask("orders", "orders")
        page.ask("cases", "cases")
        await page.open("cases", "orders")

    assert sorted(told(qapp, work).done) == ["cases", "orders"]


def test_what_is_read_is_dropped_with_the_page_and_what_is_done_is_not(qapp: QApplication) -> None:
    async def work(page: Told) -> None:
        page.ask("orders", "orders")
        page.act("approve")
        page.act("provision")
        await asyncio.sleep(0)
        page.work.drop_all()
        await page.open("orders", "approve", "provision")

    assert told(qapp, work).done == ["approve", "provision"]


def test_a_request_can_be_dropped_before_it_began(qapp: QApplication) -> None:
    async def work(page: Told) -> None:
        page.ask("orders", "orders")
        page.work.drop("orders")
        page.work.drop("never asked for")
        await page.open("orders")

    assert told(qapp, work).done == []


def test_a_fault_of_a_system_is_told_to_the_page(qapp: QApplication) -> None:
    async def refused() -> str:
        raise Unavailable("whmcs", "GetOrders", "no answer")

    async def work(page: Told) -> None:
        page.work.ask("orders", refused(), page.done.append, page.failed.append)
        page.work.act("change", refused(), page.done.append, page.failed.append)
        await page.open()

    page = told(qapp, work)
    assert page.done == []
    assert [type(error) for error in page.failed] == [Unavailable, Unavailable]


def test_a_defect_reaches_the_crash_funnel_of_the_loop_and_the_page_does_not_wait_for_ever(qapp: QApplication) -> None:
    caught: list[BaseException] = []

    async def work(page: Told) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, told: caught.append(told["exception"]))

        async def broken() -> str:
            raise ZeroDivisionError

        page.work.act("change", broken(), page.done.append, page.failed.append)
        await page.open()

    page = told(qapp, work)
    assert [type(error) for error in caught] == [ZeroDivisionError]
    assert page.done == []
    assert [str(error) for error in page.failed] == ["Something is wrong with the program. A report was written."]
