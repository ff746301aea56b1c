"""The main journey in practice, printed: find, review, approve, provision; then an order without a payment method."""

import typer

from console import cli_output
from console.cli_options import CommonOptions, environment
from console.models.case import StepState
from console.models.check import Verdict
from console.models.order import Activation, OrderState
from console.models.provisioning import ProvisionOutcome
from console.services import Services, open_services


async def run(options: CommonOptions) -> int:
    """Run the journey on a sandbox of its own; 0 where it ended as it should, 3 where it did not."""
    with environment(options) as (profile, data_dir):
        async with open_services(profile, data_dir, options.signed_in_as) as desk:
            activated = await _approve_and_provision(desk)
            paused = await _pause_without_payment_method(desk)
    return 0 if activated and paused else 3


async def _approve_and_provision(desk: Services) -> bool:
    """The clerk's day: who is it, what waits, is it right, yes."""
    me = await desk.me()
    _say(f"Signed in as {me.name}.")
    await desk.sync.ensure()
    for row in await desk.portal.directory.orders(OrderState.IN_REVIEW):
        review = await desk.reviewing.review(row.order_id, me)
        if review.verdict is Verdict.READY:
            break
    else:
        _say("No order in review is ready.")
        return False
    found = await desk.lookup.find(row.customer)
    _show(f"Looking up {row.customer}", cli_output.lookup(found)[1][:1])
    _show(f"Reviewing order {row.order_number}", cli_output.review(review)[1])
    decided = await desk.deciding.approve(row.order_id, me)
    result = await desk.provisioning.provision(row.order_id, me)
    _show("Approving and provisioning", cli_output.decision(decided, result)[1])
    steps = await desk.portal.journal.steps(row.order_id)
    _show("Steps", [f"{one.step} ({one.at:%H:%M:%S})" for one in steps if one.state is StepState.DONE])
    return result.outcome is ProvisionOutcome.ACTIVATED


async def _pause_without_payment_method(desk: Services) -> bool:
    """The first approved order whose customer has no payment method is paused with words for both sides."""
    me = await desk.me()
    for row in await desk.portal.directory.orders(OrderState.APPROVED, Activation.CREATED):
        review = await desk.reviewing.review(row.order_id, me)
        if any(check.code == "PAY-01" for check in review.checks):
            result = await desk.provisioning.provision(row.order_id, me)
            _show(f"Provisioning order {row.order_number}", cli_output.provision([result])[1])
            _show("Failures", cli_output.failures(await desk.failures.all_open("PAY-01"))[1])
            return result.code == "PAY-01"
    _say("No approved order lacks a payment method.")
    return False


def _show(title: str, lines: list[str]) -> None:
    _say(f"\n{title}\n" + "\n".join(f"  {line}" for line in lines))


def _say(text: str) -> None:
    typer.echo(text)
