"""The headless twin of the desk: the same workflows as commands. The contract is design/cli.md."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from console import __version__, cli_output, crash, logs, paths
from console.cli_options import (
    CommonOptions,
    DataDir,
    Demo,
    Json,
    Profiled,
    SignedInAs,
    environment,
    with_common_options,
)
from console.cli_output import Document
from console.errors import ConsoleError, SystemFault, Unavailable
from console.models.order import Activation, OrderState
from console.models.provisioning import DecisionOutcome, ProvisionOutcome, ProvisionResult
from console.services import Services, open_services
from console.workflows.bulk import provision_many
from console.workflows.doctor import Doctor

DONE, DEFECT, USAGE, STOPPED, UNREACHABLE = 0, 1, 2, 3, 4

_ACTIVE = frozenset({ProvisionOutcome.ACTIVATED, ProvisionOutcome.ALREADY_ACTIVE})
_WAITING = frozenset({Activation.NONE, Activation.CREATED})
_MAX_PACE = 1000
_MAX_CASE = 2**31 - 1

OrderArgument = Annotated[str, typer.Argument(metavar="ORDER", help="Order number or Salesforce id.")]
Printed = tuple[Document, list[str]]
Work = Callable[[Services], Awaitable[tuple[Printed, int]]]

app = typer.Typer(add_completion=False, no_args_is_help=False, pretty_exceptions_enable=False)


@app.callback(invoke_without_command=True)
def desk(
    context: typer.Context,
    profile: Profiled = "",
    data_dir: DataDir = None,
    demo: Demo = False,
    json: Json = False,
    signed_in_as: SignedInAs = "",
    trace_startup: Annotated[bool, typer.Option("--trace-startup", help="Say when the desk takes keys.")] = False,
) -> None:
    """Staff Console: one screen for customers, orders and provisioning. Without a command the desk opens."""
    context.obj = CommonOptions(profile, data_dir, demo, json, signed_in_as)
    if context.invoked_subcommand is None:
        raise typer.BadParameter("Name a command; --json is for commands alone.")
    if trace_startup:
        raise typer.BadParameter("--trace-startup is for the desk, which opens without a command.")


@app.command()
@with_common_options
def sandbox(
    options: CommonOptions,
    port_salesforce: Annotated[int, typer.Option(min=0, max=65535)] = 0,
    port_whmcs: Annotated[int, typer.Option(min=0, max=65535)] = 0,
    customers: Annotated[int, typer.Option(min=50, max=100_000)] = 200,
    orders: Annotated[int, typer.Option(min=100, max=200_000)] = 300,
    seed: int = 1,
    latency_ms: Annotated[str, typer.Option(help="Salesforce,WHMCS in milliseconds.")] = "0,0",
    faults: Annotated[Path | None, typer.Option(help="JSON file with a list of faults.")] = None,
    profile_out: Annotated[Path | None, typer.Option(help="Write a profile that points at the sandbox.")] = None,
    until_input_ends: Annotated[bool, typer.Option("--until-input-ends", hidden=True)] = False,
) -> None:
    """Run both simulators in the foreground on 127.0.0.1 until Ctrl+C."""
    from console import sandbox_command  # noqa: PLC0415 - the sandbox's libraries are an extra

    built = sandbox_command.options(
        port_salesforce=port_salesforce,
        port_whmcs=port_whmcs,
        customers=customers,
        orders=orders,
        seed=seed,
        latency_ms=latency_ms,
        faults=faults,
    )
    sandbox_command.serve(built, profile_out, as_json=options.json, until_input_ends=until_input_ends)


@app.command()
@with_common_options
def doctor(options: CommonOptions) -> None:
    """Check each connection and right in turn."""

    async def work(desk: Services) -> tuple[Printed, int]:
        examination = Doctor(desk.profile, desk.salesforce, desk.whmcs, desk.portal, desk.diagnosis, desk.catalogue)
        checks = await examination.examine()
        return cli_output.doctor(checks), DONE if all(check.ok for check in checks) else STOPPED

    _run(options, work)


@app.command()
@with_common_options
def sync(options: CommonOptions, full: Annotated[bool, typer.Option("--full")] = False) -> None:
    """Bring the directory and the queue up to date."""

    async def work(desk: Services) -> tuple[Printed, int]:
        report = await desk.sync.run(full=full)
        calls = {"salesforce": desk.salesforce.session.calls.total(), "whmcs": desk.whmcs.calls.total()}
        return cli_output.sync(report, calls), DONE

    _run(options, work)


@app.command()
@with_common_options
def lookup(options: CommonOptions, text: str, limit: Annotated[int, typer.Option(min=1, max=500)] = 20) -> None:
    """Find customers by anything they can say on the phone."""

    async def work(desk: Services) -> tuple[Printed, int]:
        return cli_output.lookup(await desk.lookup.find(text, limit)), DONE

    _run(options, work)


@app.command()
@with_common_options
def customer(options: CommonOptions, customer: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Show the customer page as data; ID is any of the three ids or the customer number."""

    async def work(desk: Services) -> tuple[Printed, int]:
        return cli_output.customer(await desk.customers.page(customer)), DONE

    _run(options, work)


@app.command()
@with_common_options
def orders(options: CommonOptions, state: Annotated[OrderState | None, typer.Option()] = None) -> None:
    """List orders, oldest first."""

    async def work(desk: Services) -> tuple[Printed, int]:
        await desk.sync.ensure()
        await desk.sync.orders()
        return cli_output.orders(await desk.portal.directory.orders(state)), DONE

    _run(options, work)


@app.command()
@with_common_options
def review(options: CommonOptions, order: OrderArgument) -> None:
    """Run every check of one order."""

    async def work(desk: Services) -> tuple[Printed, int]:
        order_id = await desk.orders.resolve(order)
        return cli_output.review(await desk.reviewing.review(order_id, await desk.me())), DONE

    _run(options, work)


@app.command()
@with_common_options
def approve(
    options: CommonOptions,
    order: OrderArgument,
    provision: Annotated[bool, typer.Option("--provision", help="Provision it at once.")] = False,
    reason: Annotated[str, typer.Option(help="Needed to override a look.")] = "",
) -> None:
    """Approve an order."""

    async def work(desk: Services) -> tuple[Printed, int]:
        order_id, me = await desk.orders.resolve(order), await desk.me()
        decided = await desk.deciding.approve(order_id, me, reason)
        if decided.outcome is DecisionOutcome.REFUSED:
            return cli_output.decision(decided), _stop(decided.code, decided.message)
        if not provision:
            return cli_output.decision(decided), DONE
        result = await desk.provisioning.provision(order_id, me)
        return cli_output.decision(decided, result), _status([result])

    _run(options, work)


@app.command()
@with_common_options
def reject(options: CommonOptions, order: OrderArgument, reason: Annotated[str, typer.Option()] = "") -> None:
    """Reject an order; a reason is required."""

    async def work(desk: Services) -> tuple[Printed, int]:
        decided = await desk.deciding.reject(await desk.orders.resolve(order), await desk.me(), reason)
        refused = decided.outcome is DecisionOutcome.REFUSED
        return cli_output.decision(decided), _stop(decided.code, decided.message) if refused else DONE

    _run(options, work)


@app.command()
@with_common_options
def provision(
    options: CommonOptions,
    orders: Annotated[list[str] | None, typer.Argument(metavar="ORDER...")] = None,
    all_approved: Annotated[bool, typer.Option("--all-approved")] = False,
    pace: Annotated[str, typer.Option(help="Orders to start a second, as N/s.")] = "",
    parallel: Annotated[int, typer.Option(min=1, max=32)] = 1,
) -> None:
    """Provision approved orders to WHMCS."""
    if bool(orders) == all_approved:
        raise typer.BadParameter("Name orders, or use --all-approved.")
    pause = _seconds_between(pace)

    async def work(desk: Services) -> tuple[Printed, int]:
        me = await desk.me()
        chosen = [await desk.orders.resolve(order) for order in orders or ()]
        if all_approved:
            await desk.sync.ensure()
            await desk.sync.orders()
            chosen = [
                row.order_id
                for row in await desk.portal.directory.orders(OrderState.APPROVED)
                if row.activation in _WAITING
            ]
        results = await provision_many(desk.provisioning, chosen, me, parallel, pause)
        return cli_output.provision(results), _status(results)

    _run(options, work)


@app.command()
@with_common_options
def failures(options: CommonOptions, code: Annotated[str, typer.Option()] = "") -> None:
    """List what is stuck."""

    async def work(desk: Services) -> tuple[Printed, int]:
        return cli_output.failures(await desk.failures.all_open(code.upper() or None)), DONE

    _run(options, work)


@app.command()
@with_common_options
def retry(
    options: CommonOptions, cases: Annotated[list[int], typer.Argument(metavar="CASE...", min=1, max=_MAX_CASE)]
) -> None:
    """Try stuck orders again."""

    async def work(desk: Services) -> tuple[Printed, int]:
        me = await desk.me()
        chosen = [await desk.failures.open_case(case) for case in cases]
        results = [await desk.failures.retry(case, me) for case in chosen]
        return cli_output.provision(results), _status(results)

    _run(options, work)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status is that of design/cli.md."""
    logs.set_up()
    try:
        app(args=None if arguments is None else list(arguments))
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else DONE
    except ConsoleError as error:
        return _told(error)
    except Exception as error:  # noqa: BLE001 - the crash funnel: what nothing else knows is a defect
        file = crash.write_report(error, paths.config_dir() / "crash", __version__)
        _say(f"This is a defect. A report without customer data is in {file}")
        return DEFECT
    return DONE


def _run(options: CommonOptions, work: Work) -> None:
    """Open the profile's systems, do the work, print its document, and leave with its status."""

    async def opened() -> tuple[Printed, int]:
        with environment(options) as (profile, data_dir):
            async with open_services(profile, data_dir, options.signed_in_as) as desk:
                return await _coded(desk, work)

    try:
        (document, lines), status = asyncio.run(opened())
    except ConsoleError as error:
        if options.json:
            typer.echo(cli_output.json_text({"error": {"code": None, "message": str(error)}}))
        raise
    typer.echo(cli_output.json_text(document) if options.json else "\n".join(lines))
    raise typer.Exit(status)


async def _coded(desk: Services, work: Work) -> tuple[Printed, int]:
    """Do the work; a system's fault becomes a document with its code instead of a trace."""
    try:
        return await work(desk)
    except SystemFault as fault:
        failure = desk.diagnosis.failure(fault)
        words = desk.catalogue[failure.code]
        _say(f"{failure.code} {words.title.en}: {fault}")
        document = {"error": {"code": failure.code, "message": words.meaning.en, "detail": str(fault)}}
        status = UNREACHABLE if isinstance(fault, Unavailable) else STOPPED
        return (document, [f"{failure.code} {words.title.en}"]), status


def _told(error: ConsoleError) -> int:
    """Say on standard error what a person can correct."""
    _say(str(error))
    return UNREACHABLE if isinstance(error, Unavailable) else USAGE


def _status(results: Sequence[ProvisionResult]) -> int:
    stopped = [result for result in results if result.outcome not in _ACTIVE]
    for result in stopped:
        _stop(result.code, f"{result.order_id}: {result.message}")
    return STOPPED if stopped else DONE


def _stop(code: str | None, message: str) -> int:
    _say(f"{code or 'refused'}: {message}")
    return STOPPED


def _seconds_between(pace: str) -> float:
    """`N/s` as the pause between two starts. Raises a usage error for anything else."""
    if not pace:
        return 0.0
    number, _, unit = pace.partition("/")
    try:
        per_second = float(number)
    except ValueError:
        per_second = 0.0
    if unit not in ("", "s") or not 0 < per_second < _MAX_PACE:
        raise typer.BadParameter(f"{pace!r} is not a pace such as 2/s.")
    return 1 / per_second


def _say(text: str) -> None:
    typer.echo(text, err=True)
