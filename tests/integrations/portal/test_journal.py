"""What is noted stays, in the order in which it happened, and belongs to its order or subject."""

from datetime import UTC, datetime, timedelta

from console.integrations.portal.portal import Portal
from console.models.case import StepState
from tests.integrations.portal.portal_bench import ACCOUNT, OTHER_ACCOUNT, PortalBench

_ORDER, _OTHER = "8015g0000000001AAA", "8015g0000000002AAA"


def test_steps_come_in_the_order_in_which_they_were_noted(portal: PortalBench) -> None:
    async def run(opened: Portal) -> None:
        for step, state in (("check", StepState.STARTED), ("check", StepState.DONE), ("send", StepState.STOPPED)):
            await opened.journal.note(_ORDER, "run-1", step, state, f"{step} of 注文")
        await opened.journal.note(_OTHER, "run-2", "check", StepState.STARTED)

    portal.run(run)
    steps = portal.run(lambda opened: opened.journal.steps(_ORDER))
    assert [(step.step, step.state, step.run) for step in steps] == [
        ("check", StepState.STARTED, "run-1"),
        ("check", StepState.DONE, "run-1"),
        ("send", StepState.STOPPED, "run-1"),
    ]
    assert steps[0].detail == "check of 注文"
    assert all(timedelta(0) <= datetime.now(UTC) - step.at < timedelta(minutes=1) for step in steps)


def test_a_step_may_say_nothing(portal: PortalBench) -> None:
    portal.run(lambda opened: opened.journal.note(_ORDER, "run", "look", StepState.DONE))
    assert portal.run(lambda opened: opened.journal.steps(_ORDER))[0].detail == ""


def test_the_audit_log_tells_who_did_what_to_whom(portal: PortalBench) -> None:
    async def run(opened: Portal) -> None:
        await opened.journal.audit("Yuki Shirai", "approved", ACCOUNT, "looks right")
        await opened.journal.audit("Sara Ono", "link", OTHER_ACCOUNT, "")
        await opened.journal.audit("Marta Lindgren", "rejected", ACCOUNT, "'; DROP TABLE audit_log; --")

    portal.run(run)
    entries = portal.run(lambda opened: opened.journal.audited(ACCOUNT))
    assert [(entry.actor, entry.action, entry.detail) for entry in entries] == [
        ("Yuki Shirai", "approved", "looks right"),
        ("Marta Lindgren", "rejected", "'; DROP TABLE audit_log; --"),
    ]
    assert portal.run(lambda opened: opened.journal.audited("nobody")) == []
