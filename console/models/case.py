"""Failure cases, and the steps of provisioning as they happened."""

from datetime import datetime
from enum import StrEnum

from console.models.record import Record


class FailureCase(Record):
    """One thing that is stuck, open while `closed_at` is None. `attempts` counts the runs that ended in this code."""

    case_id: int
    order_id: str
    order_number: str
    code: str
    detail: str
    raw: str
    opened_at: datetime
    closed_at: datetime | None
    owner: str
    attempts: int


class StepState(StrEnum):
    """How a step of provisioning stands."""

    STARTED = "started"
    DONE = "done"
    STOPPED = "stopped"


class JournalEntry(Record):
    """One line of an order's provisioning journal: the only source of what is shown as progress."""

    order_id: str
    run: str
    at: datetime
    step: str
    state: StepState
    detail: str
