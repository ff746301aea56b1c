"""The one way to start background work: every task is named, held until it ends, and cancelled in order at shutdown."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")
_log = logging.getLogger(__name__)


class _Told(NamedTuple):
    """What a task is called, and who hears of its failure."""

    name: str
    on_error: Callable[[Exception], None] | None


class Tasks:
    """Holds the background tasks of one owner. `aclose` cancels them, the newest first, and waits for each."""

    def __init__(self) -> None:
        """Start with nothing under way."""
        self._running: dict[asyncio.Task[Any], _Told] = {}

    def spawn(
        self, work: Coroutine[Any, Any, T], name: str, on_error: Callable[[Exception], None] | None = None
    ) -> asyncio.Task[T]:
        """Start `work` under `name`. A failure is told to `on_error`, or where there is none, logged with the name."""
        task = asyncio.create_task(work, name=name)  # noqa: TID251 - this is the one place
        self._running[task] = _Told(name, on_error)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        told = self._running.pop(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        if told.on_error and isinstance(error, Exception):
            told.on_error(error)
        else:
            _log.error("task %s failed", told.name, exc_info=error)

    async def ended(self, within_s: float) -> bool:
        """Wait until nothing runs any more, also of what an end has begun, at most `within_s` seconds; tells if so."""
        loop = asyncio.get_running_loop()
        until = loop.time() + within_s
        while self._running and (left := until - loop.time()) > 0:
            await asyncio.wait(list(self._running), timeout=left)
        return not self._running

    async def aclose(self) -> None:
        """Cancel what is still running, newest first, and wait until it has ended, also what an end has begun."""
        while self._running:
            task = next(reversed(self._running))
            task.cancel()
            # Not awaited itself: a failure at its end must not keep the older ones from being ended.
            await asyncio.wait([task])
