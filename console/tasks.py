"""The one way to start background work: every task is named, held until it ends, and cancelled in order at shutdown."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Tasks:
    """Holds the background tasks of one owner. `aclose` cancels them, the newest first, and waits for each."""

    def __init__(self) -> None:
        """Start with nothing under way."""
        self._running: dict[asyncio.Task[Any], str] = {}

    def spawn(self, work: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T]:
        """Start `work` under `name`. A failure that nobody awaits is logged with that name."""
        task = asyncio.create_task(work, name=name)  # noqa: TID251 - this is the one place
        self._running[task] = name
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        name = self._running.pop(task)
        if not task.cancelled() and (error := task.exception()):
            _log.error("task %s failed", name, exc_info=error)

    async def aclose(self) -> None:
        """Cancel what is still running, newest first, and wait until it has ended."""
        for task in reversed(list(self._running)):
            task.cancel()
            # Not awaited itself: a failure at its end must not keep the older ones from being ended.
            await asyncio.wait([task])
