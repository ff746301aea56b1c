"""Asking the workflows from a page: each request is named and held, and of two for the same thing the newer wins."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from console.errors import ConsoleError
from console.tasks import Tasks
from console.views.words import tr

T = TypeVar("T")


class Work:
    """The requests of one page. Answers come back as calls on the window's own thread."""

    def __init__(self, tasks: Tasks, owner: str) -> None:
        """`owner` names the page in logs."""
        self._tasks = tasks
        self._owner = owner
        self._newest: dict[str, asyncio.Task[None]] = {}

    def ask(
        self,
        what: str,
        answer: Coroutine[Any, Any, T],
        done: Callable[[T], None],
        failed: Callable[[ConsoleError], None],
    ) -> None:
        """Ask for something; an older request for the same `what` is dropped, and its answer with it.

        Only what is merely read may be asked for in this way; see `act`.
        """
        self.drop(what)
        self._newest[what] = self._start(what, answer, done, failed)

    def act(
        self,
        what: str,
        action: Coroutine[Any, Any, T],
        done: Callable[[T], None],
        failed: Callable[[ConsoleError], None],
    ) -> None:
        """Change something: it is never dropped for a newer request, nor when its page goes away."""
        self._start(what, action, done, failed)

    def drop(self, what: str) -> None:
        """Forget a request and its answer."""
        if task := self._newest.pop(what, None):
            task.cancel()

    def drop_all(self) -> None:
        """Forget every request that only reads."""
        for what in list(self._newest):
            self.drop(what)

    def _start(
        self,
        what: str,
        work: Coroutine[Any, Any, T],
        done: Callable[[T], None],
        failed: Callable[[ConsoleError], None],
    ) -> asyncio.Task[None]:
        async def carried_out() -> None:
            try:
                answer = await work
            except ConsoleError as error:
                failed(error)
            except Exception as defect:  # noqa: BLE001 - reported; the page must not wait for ever
                failed(report_defect(defect))
            else:
                done(answer)

        task = self._tasks.spawn(carried_out(), f"{self._owner}: {what}", _defect)
        # A request that is dropped before it began would otherwise be missed by Python as never awaited.
        task.add_done_callback(lambda _: work.close())
        return task


def report_defect(error: Exception) -> ConsoleError:
    """What is no fault of a system is one of ours: it goes into the crash funnel of the loop.

    Returns what a page can say of it.
    """
    asyncio.get_running_loop().call_exception_handler({"message": "a request of a page failed", "exception": error})
    return ConsoleError(tr("Something is wrong with the program. A report was written."))


def _defect(error: Exception) -> None:
    """A page that cannot even show what came."""
    report_defect(error)
