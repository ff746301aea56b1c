"""Views on a desk of their own: Qt's loop, the real services over loopback, and a window to put them into."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import qasync
import shiboken6
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMainWindow, QWidget

from console import paths
from console.notices import Notices
from console.services import Services, open_services
from console.tasks import Tasks
from console.views.actions import Actions
from console.views.desk import Desk, Navigator, Shell
from console.views.icons import Icons
from console.views.live import Live
from console.views.theme import Theme
from console.views.work import Work
from tests.workflows.desk_bench import Bench

_PATIENCE_S = 10.0
# Qt still holds the timers of a loop that has ended. The garbage collector may run on a thread of the sandbox, and a
# timer that is let go there takes the process down; so none is let go.
_ENDED: list[asyncio.AbstractEventLoop] = []


@dataclass(frozen=True)
class Seat:
    """A place at the desk: what views are made with, and the window that shows them."""

    services: Services
    desk: Desk
    shell: Shell
    live: Live
    window: QMainWindow

    def show(self, *views: QWidget, width: int = 1200, height: int = 800) -> None:
        """Show views side by side."""
        beside = QHBoxLayout()
        for view in views:
            beside.addWidget(view)
        centre = QWidget()
        centre.setLayout(beside)
        self.window.setCentralWidget(centre)
        self.window.resize(width, height)
        self.window.show()
        self.window.activateWindow()


async def until(true: Callable[[], object]) -> None:
    """Let Qt and the loop go on until something is true."""
    before = time.monotonic()
    while not true():
        assert time.monotonic() - before < _PATIENCE_S, "it never came"
        await asyncio.sleep(0.005)


def at_the_desk(app: QApplication, bench: Bench, work: Callable[[Seat], Awaitable[None]]) -> None:
    """Do something at a desk that is opened for it, on Qt's own loop, and closed after it."""

    # A closed window must not end the loop before everything behind it is closed.
    app.setQuitOnLastWindowClosed(False)

    async def opened() -> None:
        async with seat_at(app, bench) as seat:
            await work(seat)

    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(app)) as runner:
        _ENDED.append(runner.get_loop())
        runner.run(opened())


@contextlib.asynccontextmanager
async def seat_at(app: QApplication, bench: Bench) -> AsyncIterator[Seat]:
    """A seat on the running loop, left in order."""
    async with open_services(bench.profile, bench.folder) as services:
        window = QMainWindow()
        tasks, under_way = Tasks(), Tasks()
        icons = Icons(paths.resources() / "icons")
        shell = Shell(Theme(app), icons, Actions(window), Navigator(), Notices(), tasks, under_way)
        desk = await _desk(services)
        try:
            yield Seat(services, desk, shell, Live(desk, Work(tasks, "live"), window), window)
        finally:
            await tasks.aclose()
            window.close()
            # Gone at once and on this thread: the garbage collector may run on any, and a widget's timers die with it.
            shiboken6.delete(window)


async def _desk(services: Services) -> Desk:
    return Desk(
        me=await services.me(),
        environment=services.profile.environment,
        polling=services.polling,
        catalogue=services.catalogue,
        explain=services.diagnosis.explain,
        lookup=services.lookup,
        customers=services.customers,
        orders=services.orders,
        prechecks=services.prechecks,
        reviewing=services.reviewing,
        deciding=services.deciding,
        engine=services.engine,
        bulk=services.bulk,
        previews=services.previews,
        failures=services.failures,
        settlement=services.settlement,
        activity=services.activity,
        connections=services.connections,
        doctor=services.doctor,
        sync=services.sync,
        regular_sweep=services.regular_sweep,
        audit=services.audit,
    )
