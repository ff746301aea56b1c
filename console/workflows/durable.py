"""Durable workflows on DBOS: for each command one workflow of one journalled step, so that a death is gone on from.

The only module that knows DBOS. Source: architecture.md, "Liveness" and "Tried on this stack".
"""

import asyncio
import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from console.errors import Unavailable

if TYPE_CHECKING:
    from dbos import DBOSConfig, Serializer

    from console.integrations.portal.portal import WorkflowDatabase

_NAME = "staff-console"
_WORKFLOW = "run_command"
_UNHEARD = logging.NullHandler()


class DurableWorkflows:
    """DBOS as this program uses it: for each command one workflow of one journalled step, under the command's id.

    Our commands say what is to be done; where DBOS remembers an end that they do not, they are right. Source:
    architecture.md, "Tried on this stack".
    """

    def __init__(self, place: "WorkflowDatabase", executor: str, protocol: int, step: Callable[[str], None]) -> None:
        """`place` holds its tables; `executor` is this process's own, so that it recovers nobody's work by itself.

        `step` carries a command out and ends when that has ended; it is called on a thread of DBOS.
        """
        self._place = place
        self._executor = executor
        self._protocol = protocol
        self._step = step
        self._workflow: Any = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="workflows")

    async def launch(self) -> None:
        """Load and start DBOS; where that fails, nothing of it is left. Like the rest it raises `Unavailable`."""
        try:
            await self._on_thread(self._launch)
        except BaseException:
            await self._on_thread(self._close)
            self._thread.shutdown(wait=False)
            raise

    async def run(self, command_id: str) -> None:
        """Begin a command's workflow. One that a dead process has left is begun anew: its one step reads first."""
        await self._on_thread(self._start, command_id)

    async def cancel(self, command_id: str) -> None:
        """Let nobody go on with a workflow."""
        from dbos import DBOS

        await self._on_thread(DBOS.cancel_workflow, command_id)

    async def close(self) -> None:
        """Stop DBOS; steps that wait for the loop must have ended."""
        await self._on_thread(self._close)
        self._thread.shutdown(wait=True)

    async def _on_thread(self, work: Callable[..., None], *arguments: object) -> None:
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)
        except Exception as error:
            # Whatever the library could not do with its tables, our commands are still there for the next try.
            raise Unavailable("portal", "durable workflows", type(error).__name__) from error

    def _launch(self) -> None:
        from dbos import DBOS

        config = _config(self._executor, self._protocol)
        if isinstance(self._place, Path):
            self._place.touch(mode=0o600)
            config["system_database_url"] = f"sqlite:///{self._place.as_posix()}"
        else:
            config |= {"system_database_engine": self._place, "use_listen_notify": False, "run_migrations": False}
        DBOS(config=config)
        step = DBOS.step(name="carry_out")(self._step)

        def workflow(command_id: str) -> None:
            step(command_id)

        self._workflow = DBOS.workflow(name=_WORKFLOW)(workflow)
        DBOS.launch()

    def _start(self, command_id: str) -> None:
        from dbos import DBOS, SetWorkflowID

        if DBOS.get_workflow_status(command_id):
            DBOS.delete_workflow(command_id)
        with SetWorkflowID(command_id):
            DBOS.start_workflow(self._workflow, command_id)

    def _close(self) -> None:
        from dbos import DBOS

        DBOS.destroy(destroy_registry=True)
        if not isinstance(self._place, Path):
            self._place.dispose()


def migrate_workflows(place: "WorkflowDatabase", protocol: int) -> None:
    """Create or upgrade the tables of DBOS in a database that a team shares; a file needs nothing of it. Blocks."""
    from dbos import DBOS

    if isinstance(place, Path):
        return
    DBOS(config=_config("migration", protocol) | {"system_database_engine": place, "use_listen_notify": False})
    try:
        DBOS.launch()
    finally:
        DBOS.destroy(destroy_registry=True)
        place.dispose()


def _config(executor: str, protocol: int) -> "DBOSConfig":
    # With a handler of its own it would write to the terminal; this way it goes where our logs go.
    logging.getLogger("dbos").addHandler(_UNHEARD)
    return {
        "name": _NAME,
        "executor_id": executor,
        "application_version": str(protocol),
        "serializer": cast("Serializer", _Json()),
        "enable_otlp": False,
        "log_level": "CRITICAL",
        # Nothing of ours listens there; closing waits for the end of this pause.
        "notification_listener_polling_interval_sec": 0.25,
    }


class _Json:
    """What DBOS keeps of arguments, results and errors: JSON, never pickle; of an error only its kind."""

    def name(self) -> str:
        """How DBOS notes which serializer it was."""
        return "staff-console-json"

    def serialize(self, data: Any) -> str:
        """Plain data, or the kind of an error."""
        return json.dumps(data, default=lambda other: {"error": type(other).__name__})

    def deserialize(self, serialized_data: str) -> Any:
        """Plain data."""
        return json.loads(serialized_data)
