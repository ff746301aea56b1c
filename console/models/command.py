"""Commands: what somebody asked the engine to carry out, and the runs over many orders that they belong to."""

from datetime import datetime
from enum import StrEnum

from console.models.record import Record


class CommandState(StrEnum):
    """How a command stands; the first two are open."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN_COMMANDS = frozenset({CommandState.WAITING, CommandState.RUNNING})


class Command(Record):
    """One thing to carry out. `id` is also that of its workflow.

    kind, subject    for example "provision" and an order id; of a kind only one is open for a subject
    arguments        a JSON object, plain data of our models and never a secret
    asked_by         the name of the person who asked; `asked_as` is the Salesforce user id
    protocol         the version of the engine's procedure that it was asked for
    executor         which process carries it out or did so; "" before that
    result           a JSON object, "" until it has ended
    bulk_id          the run over many orders that it belongs to, and its `position` there from 0
    changed_at       when this row last changed, on the database's clock
    """

    id: str
    kind: str
    subject: str
    arguments: str
    asked_by: str
    asked_as: str
    protocol: int
    state: CommandState
    not_before: datetime | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    changed_at: datetime
    executor: str
    result: str
    bulk_id: str | None
    position: int | None

    @property
    def is_open(self) -> bool:
        """Whether it still waits or runs."""
        return self.state in OPEN_COMMANDS


class BulkState(StrEnum):
    """How a run over many orders stands. STOPPED is a pause that it took itself, after failures in a row.

    OUTAGE ends by itself once all systems answer.
    """

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    OUTAGE = "outage"
    CANCELLED = "cancelled"
    DONE = "done"


ENDED_RUNS = frozenset({BulkState.CANCELLED, BulkState.DONE})


class BulkRun(Record):
    """A run over a list that does not change; the list is the commands that name it.

    parallel    how many orders are under way at once
    pause_s     seconds between two starts
    stop_after  it stops after so many orders in a row that did not become active; 0 lets it go on
    """

    id: str
    asked_by: str
    created_at: datetime
    state: BulkState
    parallel: int
    pause_s: float
    stop_after: int


class EngineHolder(Record):
    """The process that executes commands for everyone.

    name         who or what it is, for people: the person at that desk, or the worker
    port         where it tells on its own machine how it is doing, None where it does not
    """

    token: str
    name: str
    machine: str
    pid: int
    since: datetime
    protocol: int
    port: int | None
