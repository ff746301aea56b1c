"""Desks as real processes: a command that runs once, or a desk that stays open and provisions when it is told to.

Every one is forked from a process that has loaded the program already, where the system can do that, so that hundreds
of them are affordable; each can be killed with SIGKILL at any moment.
"""

import asyncio
import json
import logging
import multiprocessing
import os
import sys
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any, NamedTuple

from console.cli import main as run_command_line
from console.models.order import Activation, OrderState
from console.models.provisioning import ProvisionResult
from console.models.staff import StaffMember
from console.services import Services, open_services
from console.settings import load_profile
from tests.chaos.lanes import Lane

_HOMES = (
    "HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME",
    "XDG_CACHE_HOME", "XDG_RUNTIME_DIR",
)  # fmt: skip
# What the program loads on first use; loaded once here, before the processes are forked.
_LOADED = [
    "tests.chaos.desks",
    "sqlalchemy.dialects.sqlite",
    "psycopg",
    "alembic.command",
    "simple_salesforce",
    "requests",
]
_PATIENCE_S = 300
_AT_ONCE = 6
_WAITING = (Activation.NONE, Activation.CREATED)


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
        with _closed(process):
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


class Desk:
    """A desk that stays open. It is opened again after it was killed."""

    def __init__(self, machine: Machine, profile: Path, data: Path, lane: Lane, barrier: Barrier | None = None) -> None:
        """Open it; `barrier` is waited at before each "race"."""
        self.lane = lane
        self._machine = machine
        self._opened_with = (str(profile), str(data), str(machine.folder), barrier)
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

    def answer(self) -> Any:
        """The answer to the last task."""
        if _until(self.lane, self._process, self._connection):
            try:
                return self._connection.recv()
            except EOFError:
                raise Stuck("a desk ended by itself; its error is above") from None
        self.lane.rest()
        self._end()
        self._open()
        raise Died

    def close(self) -> None:
        """Close the desk in order."""
        with suppress(BrokenPipeError):
            self._connection.send(None)
            self._process.join(_PATIENCE_S)
        self._end()

    def _open(self) -> None:
        self._connection, its_end = self._machine.context.Pipe()
        self._process = self._machine.start(_desk, its_end, *self._opened_with)
        its_end.close()
        if not _until(self.lane, self._process, self._connection):
            raise Stuck("a desk did not open")
        self._connection.recv()

    def _end(self) -> None:
        self._connection.close()
        with _closed(self._process):
            pass


@contextmanager
def _closed(process: BaseProcess) -> Iterator[None]:
    try:
        yield
    finally:
        if process.is_alive():
            process.kill()
        process.join()
        process.close()


def _until(lane: Lane, process: BaseProcess, event: Connection | int) -> bool:
    """Wait for the event of a process; False where it was killed, because a request of it was held."""
    ready = wait({event, process.sentinel, lane.someone_held}, _PATIENCE_S)
    if not ready:
        raise Stuck(f"no answer within {_PATIENCE_S} s")
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


def _at_home(folder: str) -> None:
    os.environ |= dict.fromkeys(_HOMES, folder) | {"PYTHON_KEYRING_BACKEND": "tests.memory_keyring.MemoryKeyring"}


def _command(arguments: list[str], home: str, out: str) -> None:
    """In a process of its own: one command, its output into a file."""
    _at_home(home)
    with open(out, "w", encoding="utf-8") as file:
        sys.stdout = file
        with open(os.devnull, "w", encoding="utf-8") as sys.stderr:
            status = run_command_line(arguments)
        file.flush()
    sys.stdout = sys.__stdout__
    sys.exit(status)


def _desk(connection: Connection, profile: str, data: str, home: str, barrier: Barrier | None) -> None:
    """In a process of its own: a desk that does what it is told until it is told nothing."""
    _at_home(home)
    logging.disable(logging.CRITICAL)
    asyncio.run(_at_work(connection, Path(profile), Path(data), barrier))


async def _at_work(connection: Connection, profile: Path, data: Path, barrier: Barrier | None) -> None:
    async with open_services(load_profile(profile), data) as desk:
        me = await desk.me()
        connection.send("open")
        while task := await asyncio.to_thread(connection.recv):
            what, *rest = task
            if what == "race" and barrier:
                await asyncio.to_thread(barrier.wait)
            connection.send(await _TASKS[what](desk, me, *rest))


async def _provision(desk: Services, me: StaffMember, order_id: str) -> ProvisionResult:
    # A refused credential of the order before would otherwise stop this one too.
    desk.whmcs.ask_afresh()
    return await desk.provisioning.provision(order_id, me)


async def _provision_all(desk: Services, me: StaffMember, order_ids: Sequence[str]) -> list[ProvisionResult]:
    return list(await asyncio.gather(*[desk.provisioning.provision(order_id, me) for order_id in order_ids]))


async def _clean_up(desk: Services, me: StaffMember, most: int, only: Collection[str]) -> list[ProvisionResult]:
    """What a person does afterwards: retry every case, and provision what still waits."""
    desk.whmcs.ask_afresh()
    cases = {one.case.order_id: one.case for one in await desk.failures.all_open()}
    queue = await desk.orders.queue(OrderState.APPROVED)
    waiting = dict.fromkeys(row.order_id for row in queue if row.activation in _WAITING)
    stuck = [order_id for order_id in {**waiting, **cases} if order_id in only]
    at_once = asyncio.Semaphore(_AT_ONCE)

    async def again(order_id: str) -> ProvisionResult:
        async with at_once:
            if case := cases.get(order_id):
                return await desk.failures.retry(case, me)
            return await desk.provisioning.provision(order_id, me)

    return list(await asyncio.gather(*[again(order_id) for order_id in stuck[:most]]))


_TASKS: Mapping[str, Callable[..., Awaitable[Any]]] = {
    "provision": _provision,
    "race": _provision,
    "all": _provision_all,
    "clean up": _clean_up,
}
