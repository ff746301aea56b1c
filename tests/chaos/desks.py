"""Desks as real processes: a command that runs once, or a desk that stays open and provisions when it is told to.

Every one is forked from a process that has loaded the program already, where the system can do that, so that hundreds
of them are affordable; each can be killed with SIGKILL at any moment.
"""

import asyncio
import importlib
import json
import logging
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any, NamedTuple

from console.cli import main as run_command_line
from console.services import open_services
from console.settings import load_profile
from tests.chaos.lanes import Lane
from tests.chaos.tasks import TASKS, At

_HOMES = (
    "HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME",
    "XDG_CACHE_HOME", "XDG_RUNTIME_DIR",
)  # fmt: skip
# What the program loads on first use; loaded once here, before the processes are forked.
_LOADED = [
    "tests.chaos.desks",
    "tests.chaos.workers",
    "sqlalchemy.dialects.sqlite",
    "psycopg",
    "sqlalchemy.dialects.postgresql",
    "dbos._sys_db_postgres",
    "dbos._sys_db_sqlite",
    "alembic.command",
    "simple_salesforce",
    "requests",
]
_PATIENCE_S = 300
# Where the number of the engine's procedure is known by.
_KNOW_THE_PROTOCOL = ("engine", "bulk", "retries")


class Ended(NamedTuple):
    """How a command ended: its exit status (negative: the signal that killed it) and what it printed."""

    status: int
    out: str

    @property
    def document(self) -> dict[str, Any]:
        """The JSON document that was printed, empty where the command did not come to that."""
        with suppress(ValueError):
            found: dict[str, Any] = json.loads(self.out)
            return found
        return {}


class Died(Exception):
    """The desk was killed in the middle of what it was asked."""


class Stuck(Exception):
    """A process neither answered nor ended: a defect of what is tested, or a machine that is far too busy."""


class Machine:
    """Starts processes that share one home folder, as those of one person on one machine do."""

    def __init__(self, folder: Path) -> None:
        """`folder` holds home, data folders and outputs of the processes."""
        self.folder = folder
        self.context = _context()

    def command(self, lane: Lane, data: Path, arguments: Sequence[str]) -> Ended:
        """Run `staff-console` with these arguments; one whose request is held is killed at that point."""
        out = data.with_suffix(".out")
        process = self.start(_command, list(arguments), str(self.folder), str(out))
        with closed(process):
            _until(lane, process, process.sentinel)
            process.join(_PATIENCE_S)
            return Ended(process.exitcode or 0, out.read_text(encoding="utf-8"))

    def start(self, target: Any, *arguments: Any) -> BaseProcess:
        """Start a process that ends with this one at the latest."""
        process: BaseProcess = self.context.Process(  # type: ignore[attr-defined]  # every real context has it
            target=target, args=arguments, daemon=True
        )
        process.start()
        return process


class Opening(NamedTuple):
    """How a desk is opened.

    barrier    it waits there before each "race"
    at_a_desk  as `open_services` has it: of a team only the worker carries commands out
    protocol   another number of the engine's procedure than this version's
    """

    barrier: Barrier | None = None
    at_a_desk: bool = False
    protocol: int | None = None


_AS_USUAL = Opening()


class Desk:
    """A desk that stays open. It is opened again after it was killed."""

    def __init__(self, machine: Machine, profile: Path, data: Path, lane: Lane, opening: Opening = _AS_USUAL) -> None:
        """Open it."""
        self.lane = lane
        self._machine = machine
        self._opened_with = (str(profile), str(data), str(machine.folder), opening)
        self._open()

    def ask(self, *task: Any) -> Any:
        """Have the desk do something and return its answer. Raises `Died` where a request of it was held.

        The desk is open again then.
        """
        self.tell(*task)
        return self.answer()

    def tell(self, *task: Any) -> None:
        """Have the desk begin something; `answer` waits for its end."""
        self._connection.send(task)

    def answer(self, heard: Callable[[Any], object] = lambda _: None, patience_s: float = _PATIENCE_S) -> Any:
        """The answer to the last task; `heard` gets what the desk tells before that."""
        while True:
            if not _until(self.lane, self._process, self._connection, patience_s):
                self.reopen()
                raise Died
            ends, said = self._received()
            if ends:
                return said
            heard(said)

    def heard(self) -> Any:
        """What the desk tells next before the end of its task, whatever is held of it."""
        if not wait([self._connection], _PATIENCE_S):
            raise Stuck(f"nothing said within {_PATIENCE_S} s")
        ends, said = self._received()
        if ends:
            raise Stuck(f"it ended without a word: {said}")
        return said

    def held(self) -> None:
        """Wait until a request of the desk is held. It is killed with the next `answer`."""
        if self.lane.someone_held not in wait([self.lane.someone_held, self._connection], _PATIENCE_S):
            raise Stuck("the desk never sent the request that was to be held")

    def reopen(self) -> None:
        """Kill the desk where it is still there, and open it again."""
        self.lane.rest()
        self._end()
        self._open()

    def close(self) -> None:
        """Close the desk in order."""
        with suppress(BrokenPipeError):
            self._connection.send(None)
            self._process.join(_PATIENCE_S)
        self._end()

    def kill(self) -> None:
        """End the desk for good, at once."""
        self._end()

    def _received(self) -> tuple[bool, Any]:
        try:
            ends, said = self._connection.recv()
        except EOFError:
            raise Stuck("a desk ended by itself; its error is above") from None
        return ends, said

    def _open(self) -> None:
        self._connection, its_end = self._machine.context.Pipe()
        self._process = self._machine.start(_desk, its_end, *self._opened_with)
        its_end.close()
        if not _until(self.lane, self._process, self._connection):
            raise Stuck("a desk did not open")
        self._received()

    def _end(self) -> None:
        self._connection.close()
        with closed(self._process):
            pass


@contextmanager
def closed(process: BaseProcess) -> Iterator[None]:
    """Kill a process at the end of the block where it still runs, and forget it."""
    try:
        yield
    finally:
        if process.is_alive():
            process.kill()
        process.join()
        process.close()


def _until(lane: Lane, process: BaseProcess, event: Connection | int, patience_s: float = _PATIENCE_S) -> bool:
    """Wait for the event of a process; False where it was killed, because a request of it was held."""
    ready = wait({event, process.sentinel, lane.someone_held}, patience_s)
    if not ready:
        raise Stuck(f"no answer within {patience_s} s")
    if event in ready:
        return True
    if lane.someone_held not in ready:
        raise Stuck(f"a process ended by itself with {process.exitcode}")
    process.kill()
    return False


def _context() -> BaseContext:
    ways = multiprocessing.get_all_start_methods()
    if "forkserver" not in ways:
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_LOADED)
    return context


def at_home(folder: str) -> None:
    """Let this process see no setting of this machine or user, and keep passwords in memory."""
    os.environ |= dict.fromkeys(_HOMES, folder) | {"PYTHON_KEYRING_BACKEND": "tests.memory_keyring.MemoryKeyring"}


def _command(arguments: list[str], home: str, out: str) -> None:
    """In a process of its own: one command, its output into a file."""
    at_home(home)
    with open(out, "w", encoding="utf-8") as file:
        sys.stdout = file
        with open(os.devnull, "w", encoding="utf-8") as sys.stderr:
            status = run_command_line(arguments)
        file.flush()
    sys.stdout = sys.__stdout__
    sys.exit(status)


def _desk(connection: Connection, profile: str, data: str, home: str, opening: Opening) -> None:
    """In a process of its own: a desk that does what it is told until it is told nothing."""
    at_home(home)
    logging.disable(logging.CRITICAL)
    if opening.protocol is not None:
        for name in _KNOW_THE_PROTOCOL:
            vars(importlib.import_module(f"console.workflows.{name}"))["PROTOCOL"] = opening.protocol
    asyncio.run(_at_work(connection, Path(profile), Path(data), opening))


async def _at_work(connection: Connection, profile: Path, data: Path, opening: Opening) -> None:
    async with open_services(load_profile(profile), data, at_a_desk=opening.at_a_desk) as desk:
        at = At(desk, await desk.me(), lambda said: connection.send((False, said)))
        connection.send((True, "open"))
        while task := await asyncio.to_thread(connection.recv):
            what, *rest = task
            if what == "race" and opening.barrier:
                await asyncio.to_thread(opening.barrier.wait)
            connection.send((True, await TASKS[what](at, *rest)))
