"""The next version meets what this one was killed in; and silence would show."""

from datetime import UTC, datetime
from typing import Any

import pytest

from console.models.command import Command, CommandState
from console.models.provisioning import ProvisionOutcome, ProvisionResult
from console.workflows.engine import PROTOCOL
from tests.chaos.books import Verdict
from tests.chaos.shared import WHEEL
from tests.chaos.versions import Handover, handover, told

_KEPT = Verdict("1", "Activated", "", "", (7,), ())
_THEN = datetime(2026, 1, 5, tzinfo=UTC)
_CASE = f"It was begun by another version of the console (protocol {PROTOCOL}, here {PROTOCOL + 1})."
_FAILED = Command(
    id="c", kind="provision", subject="1", arguments="{}", asked_by="Yuki", asked_as="005", protocol=PROTOCOL,
    state=CommandState.FAILED, not_before=None, created_at=_THEN, started_at=_THEN, finished_at=_THEN,
    changed_at=_THEN, executor="", result="", bulk_id=None, position=None,
)  # fmt: skip
_ACTIVATED = ProvisionResult(order_id="1", outcome=ProvisionOutcome.ACTIVATED)
_WELL = Handover(killed=True, command=_FAILED, case=("PRV-01", _CASE), sent=0, retried=_ACTIVATED, verdict=_KEPT)


@pytest.mark.slow
@pytest.mark.parametrize("database", ["", WHEEL])
def test_what_another_version_was_killed_in_becomes_a_case_and_its_retry_one_billing_order(database: str) -> None:
    found = handover("commit_then_hold", database)
    assert found.wrong == (), told(found, "")


def test_a_handover_that_is_told_is_not_wrong() -> None:
    assert _WELL.wrong == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"killed": False},
        {"case": ("", "")},
        {"case": ("PRV-01", "Provisioning stopped half-way.")},
        {"command": _FAILED.model_copy(update={"state": CommandState.RUNNING})},
        {"sent": 1},
        {"retried": None},
        {"retried": _ACTIVATED.model_copy(update={"outcome": ProvisionOutcome.UNKNOWN})},
        {"verdict": _KEPT._replace(status="Paused", code="PRV-01")},
        {"verdict": _KEPT._replace(wrong=("2 live WHMCS orders: 7, 8",))},
    ],
)
def test_a_handover_in_silence_is_wrong(changes: dict[str, Any]) -> None:
    assert "WRONG" in told(_WELL._replace(**changes), "hold")
