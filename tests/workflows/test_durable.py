"""DBOS as the engine uses it: a command's workflow runs once, is gone on with by another process, keeps plain JSON."""

import asyncio
import sqlite3
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

from console.integrations.portal.portal import Portal
from console.workflows.durable import DurableWorkflows, migrate_workflows
from tests.postgres import new_database, server


class Step:
    """What the workflows do: note the command, and stop with an error where that is wanted."""

    def __init__(self, fails: bool = False) -> None:
        """Nothing is done yet."""
        self.done: list[str] = []
        self.fails = fails
        self._came = threading.Condition()

    def __call__(self, command_id: str) -> None:
        """On a thread of DBOS."""
        with self._came:
            self.done.append(command_id)
            self._came.notify_all()
        if self.fails:
            raise LookupError("a secret that must not be kept")

    def wait_for(self, times: int) -> None:
        """Until so many were done."""
        with self._came:
            assert self._came.wait_for(lambda: len(self.done) >= times, timeout=30)


def opened(file: Path, executor: str, step: Step, work: Callable[[DurableWorkflows], Awaitable[None]]) -> None:
    """Do something with workflows that are launched for it and closed after it."""

    async def at_work() -> None:
        workflows = DurableWorkflows(file, executor, 1, step)
        await workflows.launch()
        try:
            await work(workflows)
        finally:
            await workflows.close()

    asyncio.run(at_work())


def test_a_command_runs_once_in_one_process_and_again_where_it_is_not_known_to_have_ended(tmp_path: Path) -> None:
    step = Step()

    async def run(workflows: DurableWorkflows) -> None:
        await workflows.run("a")
        await asyncio.to_thread(step.wait_for, 1)

    async def again(workflows: DurableWorkflows) -> None:
        # Our commands say that it has not ended: they are right, whatever was remembered.
        await workflows.run("a")
        await asyncio.to_thread(step.wait_for, 2)

    opened(tmp_path / "engine.db", "first", step, run)
    opened(tmp_path / "engine.db", "second", step, again)
    assert step.done == ["a", "a"]


def test_a_process_recovers_nobodys_work_by_itself(tmp_path: Path) -> None:
    first, second = Step(), Step()

    async def run(workflows: DurableWorkflows) -> None:
        await workflows.run("a")
        await asyncio.to_thread(first.wait_for, 1)

    async def idle(workflows: DurableWorkflows) -> None:
        await workflows.run("b")
        await asyncio.to_thread(second.wait_for, 1)

    opened(tmp_path / "engine.db", "first", first, run)
    with sqlite3.connect(tmp_path / "engine.db") as books:
        books.execute("UPDATE workflow_status SET status = 'PENDING'")
    books.close()
    opened(tmp_path / "engine.db", "second", second, idle)
    assert second.done == ["b"]


def test_nothing_but_ids_and_kinds_of_errors_is_kept_and_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    step, file = Step(fails=True), tmp_path / "engine.db"

    async def run(workflows: DurableWorkflows) -> None:
        await workflows.run("a")
        await asyncio.to_thread(step.wait_for, 1)

    opened(file, "first", step, run)
    kept = file.read_bytes()
    assert b'"args": ["a"]' in kept
    assert b"LookupError" in kept
    assert b"a secret that must not be kept" not in kept
    assert file.stat().st_mode & 0o077 == 0


def test_a_shared_database_is_prepared_once_and_for_all(tmp_path: Path) -> None:
    step = Step()

    async def at_work(url: str) -> None:
        portal = Portal(url)
        try:
            for _ in range(2):
                await asyncio.to_thread(migrate_workflows, portal.workflow_database, 1)
            workflows = DurableWorkflows(portal.workflow_database, "first", 1, step)
            await workflows.launch()
            await workflows.run("a")
            await asyncio.to_thread(step.wait_for, 1)
            await workflows.close()
        finally:
            await portal.aclose()

    migrate_workflows(tmp_path / "engine.db", 1)
    assert not (tmp_path / "engine.db").exists()
    with server() as uri:
        asyncio.run(at_work(new_database(uri)))
    assert step.done == ["a"]
