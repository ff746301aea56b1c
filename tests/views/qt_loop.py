"""Coroutines on Qt's own loop, as the desk runs them."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import qasync
import shiboken6
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

T = TypeVar("T")
_PATIENCE_S = 10.0


def run_on_qt(app: QApplication, work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end and take the loop down on this thread.

    The garbage collector may run on any thread, and a timer of Qt that is let go there takes the process down.
    """
    # A closed window must not end the loop.
    app.setQuitOnLastWindowClosed(False)
    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(app)) as runner:
        timers = runner.get_loop()._timer  # type: ignore[attr-defined]  # the loop itself never lets go of them
        try:
            return runner.run(work)
        finally:
            runner.close()
            # What threads have sent to the loop just before its end is let go while its timers can still be asked for.
            QCoreApplication.sendPostedEvents()
            shiboken6.delete(timers)


async def until(true: Callable[[], object], what: str) -> None:
    """Let the loop go on until something is true."""
    before = time.monotonic()
    while not true():
        assert time.monotonic() - before < _PATIENCE_S, f"never came: {what}"
        await asyncio.sleep(0.005)
