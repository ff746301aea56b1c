"""What is noted stays, in the order in which it happened, and belongs to its order or subject."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from console.integrations.portal.portal import Portal
from console.models.activity import ActivityEntry
from console.models.case import StepState
from console.models.money import Money
from console.models.order import Activation, OrderKind, OrderState, OrderSummary
from tests.integrations.portal.portal_bench import ACCOUNT, OTHER_ACCOUNT, PortalBench, books, person

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


def summary(order_id: str = _ORDER, account_id: str = ACCOUNT) -> OrderSummary:
    return OrderSummary(
        order_id=order_id,
        order_number="00000042",
        account_id=account_id,
        customer="森 葵",
        state=OrderState.APPROVED,
        activation=Activation.CREATED,
        error_code=None,
        kind=OrderKind.SIM,
        placed_at=datetime(2026, 11, 20, 3, 0, tzinfo=UTC),
        changed_at=datetime(2026, 11, 20, 3, 0, tzinfo=UTC),
        total=Money(amount=Decimal(5280), currency="JPY"),
    )


async def done(opened: Portal) -> None:
    await books(opened).put_orders([summary()], (), 1)
    for action, subject in (("approved", _ORDER), ("link", OTHER_ACCOUNT), ("pause", _OTHER), ("link", ACCOUNT)):
        await opened.journal.audit("Yuki Shirai", action, subject, "")


def test_the_newest_lines_come_first_with_the_names_of_what_they_are_about(portal: PortalBench) -> None:
    async def recent(opened: Portal) -> list[ActivityEntry]:
        await done(opened)
        return await opened.journal.recent(10)

    portal.fill([person(salesforce_account_id=OTHER_ACCOUNT, name="José O'Neil")])
    lines = [(one.action, one.order_id, one.order_number, one.account_id, one.customer) for one in portal.run(recent)]
    assert lines == [
        ("link", None, "", ACCOUNT, ""),
        ("pause", _OTHER, "", None, ""),
        ("link", None, "", OTHER_ACCOUNT, "José O'Neil"),
        ("approved", _ORDER, "00000042", ACCOUNT, "森 葵"),
    ]


def test_no_more_lines_come_than_are_asked_for_and_none_from_before(portal: PortalBench) -> None:
    async def twice(opened: Portal) -> tuple[list[ActivityEntry], list[ActivityEntry], datetime]:
        await done(opened)
        newest = await opened.journal.recent(2)
        return newest, await opened.journal.recent(10, newest[1].at), newest[0].at

    newest, after, last = portal.run(twice)
    assert [one.action for one in newest] == ["link", "pause"]
    assert [one.at for one in after] == [last]


def test_what_was_done_to_an_account_includes_its_orders(portal: PortalBench) -> None:
    async def of_account(opened: Portal) -> list[ActivityEntry]:
        await done(opened)
        return await opened.journal.of_account(ACCOUNT)

    assert [(one.action, one.subject) for one in portal.run(of_account)] == [("approved", _ORDER), ("link", ACCOUNT)]
