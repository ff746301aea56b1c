"""What the states of commands and runs mean."""

from datetime import UTC, datetime

import pytest

from console.models.command import ENDED_RUNS, BulkState, Command, CommandState

_NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def command(state: CommandState) -> Command:
    return Command(
        id="c1d6a0c2-5b1e-4f6e-8a3c-3f2b1a0d9e01",
        kind="provision",
        subject="8015g0000000001AAA",
        arguments="{}",
        asked_by="Sara",
        asked_as="0055g0000000001AAA",
        protocol=1,
        state=state,
        not_before=None,
        created_at=_NOW,
        started_at=None,
        finished_at=None,
        changed_at=_NOW,
        executor="",
        result="",
        bulk_id=None,
        position=None,
    )


@pytest.mark.parametrize("state", CommandState)
def test_a_command_is_open_until_it_is_done_failed_or_cancelled(state: CommandState) -> None:
    assert command(state).is_open == (state in (CommandState.WAITING, CommandState.RUNNING))


def test_a_run_that_stands_still_may_go_on_and_has_not_ended() -> None:
    assert set(BulkState) - ENDED_RUNS == {BulkState.RUNNING, BulkState.PAUSED, BulkState.STOPPED, BulkState.OUTAGE}
