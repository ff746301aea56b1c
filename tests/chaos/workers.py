"""Workers as real processes: begun again whenever they were killed, told to stop, or have lost the engine lease."""

import asyncio
import logging
import random
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from console.settings import load_profile
from console.worker import Place, run_worker
from tests.chaos.desks import Machine, at_home, closed
from tests.chaos.lanes import Lane

_PATIENCE_S = 120
KILL, STOP, CUT = "killed", "told to stop", "cut off from the lease"
# What becomes of a worker whose request is held, by weight.
_ENDS: Mapping[str, int] = {KILL: 8, STOP: 1, CUT: 1}


class Worker:
    """One worker. As soon as a request of it is held it is killed, or told to stop, or loses the engine lease."""

    def __init__(
        self, machine: Machine, profile: Path, data: Path, lane: Lane, seed: str, cut: Callable[[], object]
    ) -> None:
        """Start it. `seed` decides what becomes of it each time; `cut` takes the lease from whoever has it."""
        self.ends: Counter[str] = Counter()
        self.wrong: list[str] = []
        self._opened_with = (str(profile), str(data), str(machine.folder))
        self._machine = machine
        self._lane = lane
        self._chance = random.Random(seed)
        self._cut = cut
        self._closing, self._close = machine.context.Pipe(duplex=False)
        self._start()
        self._guard = threading.Thread(target=self._watch, name=f"guard of {data.name}")
        self._guard.start()

    def close(self) -> None:
        """Tell it to stop, for good. Nothing happens the second time."""
        if not self._close.closed:
            self._close.send(None)
            self._guard.join()
            self._close.close()
            self._closing.close()

    def _start(self) -> None:
        self._connection, its_end = self._machine.context.Pipe()
        self._process = self._machine.start(_worker, its_end, *self._opened_with)
        its_end.close()

    def _watch(self) -> None:
        while True:
            ready = wait([self._closing, self._lane.someone_held, self._process.sentinel])
            if self._closing in ready:
                self._stop()
                return
            if self._lane.someone_held in ready:
                system, _ = self._lane.someone_held.recv()
                self._meet(self._chance.choices([*_ENDS], [*_ENDS.values()])[0], system)
            else:
                self.wrong.append(f"a worker ended by itself with {self._process.exitcode}")
                self._kill()
                self._start()

    def _meet(self, end: str, system: str) -> None:
        if end == STOP and system == "salesforce":
            # It would finish what is in hand first, and wait for Salesforce for a minute.
            end = KILL
        self.ends[end] += 1
        if end == CUT:
            self._lane.rest()
            self._cut()
            return
        if end == STOP:
            self._stop()
        else:
            self._kill()
        self._lane.rest()
        self._start()

    def _stop(self) -> None:
        with suppress(BrokenPipeError):
            self._connection.send(None)
        self._process.join(_PATIENCE_S)
        if self._process.exitcode != 0:
            self.wrong.append(f"a worker that was told to stop ended with {self._process.exitcode}")
        self._kill()

    def _kill(self) -> None:
        self._connection.close()
        with closed(self._process):
            self._process.kill()


def _worker(connection: Connection, profile: str, data: str, home: str) -> None:
    """In a process of its own: what `staff-console worker` does, until it is told to stop."""
    at_home(home)
    logging.disable(logging.CRITICAL)
    asyncio.run(_at_work(connection, Path(profile), Path(data)))


async def _at_work(connection: Connection, profile: Path, data: Path) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def told() -> None:
        with suppress(EOFError):
            connection.recv()
        loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=told, daemon=True).start()
    await run_worker(Place(load_profile(profile), data), stop, _ignored, _ignored)


def _ignored(_said: Any) -> None:
    """Nobody listens."""
