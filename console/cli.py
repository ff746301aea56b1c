"""The headless twin of the desk: the same workflows as commands. The contract is design/cli.md."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from console import __version__, cli_output, crash, logs, paths
from console.cli_exit import (
    DEFECT,
    DONE,
    INTERRUPTED,
    OUTAGES,
    STOPPED,
    UNREACHABLE,
    USAGE,
    Printed,
    failed,
    failure,
    say,
    show,
)
from console.cli_job import Job, status_of
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
from console.cli_output import ProgressLine
from console.cli_worker import worker
from console.errors import ConsoleError, SettingsError, SystemFault, Unavailable
from console.integrations.keyring_store import (
    PORTAL_PASSWORD,
    WHMCS_ACCESS_KEY,
    WHMCS_IDENTIFIER,
    WHMCS_SECRET,
    find_secret,
    write_secret,
)
from console.integrations.portal.database import Database
from console.integrations.portal.roles import Roles
from console.integrations.salesforce.sign_in import system_browser
from console.models.audit import AuditFinding, AuditState
from console.models.check import Review
from console.models.order import Activation, OrderState
from console.models.page import BlockState
from console.models.provisioning import DecisionOutcome
from console.models.staff import Role, StaffMember
from console.services import Services, open_services, portal_of
from console.settings import Profile
from console.tasks import Tasks
from console.workflows.audit import AuditWatch, heads_file, words_of
from console.workflows.customer_page import CustomerPage
from console.workflows.doctor import DoctorCheck
from console.workflows.durable import migrate_workflows
from console.workflows.engine import PROTOCOL

_WAITING = frozenset({Activation.NONE, Activation.CREATED})
_MAX_PACE = 1000
_MAX_CASE = 2**31 - 1

OrderArgument = Annotated[str, typer.Argument(metavar="ORDER", help="Order number or Salesforce id.")]
Work = Callable[[Services], Awaitable[tuple[Printed, int]]]

app = typer.Typer(add_completion=False, no_args_is_help=False, pretty_exceptions_enable=False)
admin = typer.Typer(help="What an administrator does once for everybody.")
app.add_typer(admin, name="admin")
app.command()(with_common_options(worker))


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
def credential(options: CommonOptions) -> None:
    """Ask once for WHMCS's API credential and a Portal server's password; the password store keeps them."""
    with environment(options) as (profile, _):
        kept = []
        optional = [WHMCS_ACCESS_KEY, *([PORTAL_PASSWORD] if profile.portal.database_url else [])]
        for name in (WHMCS_IDENTIFIER, WHMCS_SECRET, *optional):
            hint = " (Enter for none)" if name in optional else ""
            given = typer.prompt(f"{name}{hint}", default="", show_default=False, hide_input=True, err=True).strip()
            if given:
                write_secret(profile.id, name, SecretStr(given))
                kept.append(name)
            elif not hint:
                raise SettingsError(f"Nothing was given for the {name}.")
    show(cli_output.json_text({"kept": kept}) if options.json else f"Kept: {', '.join(kept)}.")


@admin.command()
@with_common_options
def migrate(options: CommonOptions) -> None:
    """Bring the tables of the Portal database to this version of the console."""

    async def migrated() -> None:
        with environment(options) as (profile, data_dir), _own_database(profile, data_dir):
            portal = portal_of(profile, data_dir)
            try:
                await portal.migrate()
                await asyncio.to_thread(migrate_workflows, portal.workflow_database, PROTOCOL)
                # What came new has to be granted, too.
                await portal.renew_roles()
            finally:
                await portal.aclose()

    asyncio.run(migrated())
    show(cli_output.json_text({"migrated": True}) if options.json else "The tables are those of this version.")


@admin.command("create-roles")
@with_common_options
def create_roles(options: CommonOptions) -> None:
    """Make the roles of a shared Portal database, or bring them to this version."""
    _with_roles(options, lambda roles: roles.create())
    show(cli_output.json_text({"created": True}) if options.json else "The roles are those of this version.")


@admin.command("assign-role")
@with_common_options
def assign_role(
    options: CommonOptions,
    login: Annotated[str, typer.Argument(metavar="LOGIN", help="A login that the database server has.")],
    role: Annotated[Role, typer.Argument(metavar="ROLE", help="support, back_office, supervisor or worker.")],
    name: Annotated[str, typer.Option(help="The person's name, as Salesforce has it.")],
    salesforce_user: Annotated[str, typer.Option(metavar="ID", help="The person's Salesforce user id.")],
) -> None:
    """Say who a login of a shared Portal database is, and what that person may do there."""
    person = StaffMember(user_id=salesforce_user, name=name, username="", roles=frozenset({role}))
    _with_roles(options, lambda roles: roles.assign(login, role, person))
    document = {"login": login, "role": role.value, "name": name}
    show(cli_output.json_text(document) if options.json else f"{login} is {name}, {role.value}.")


@admin.command("verify-audit")
@with_common_options
def verify_audit(options: CommonOptions) -> None:
    """Go through the whole audit log: is every row as it was written, and is none gone from its end?"""

    async def verified() -> AuditFinding:
        with _own_files(), environment(options) as (profile, data_dir), _own_database(profile, data_dir):
            portal = portal_of(profile, data_dir)
            try:
                await portal.open()
                file = heads_file(data_dir, profile.portal.database_url)
                return await AuditWatch(portal.journal.chain, file).verify()
            finally:
                await portal.aclose()

    finding = asyncio.run(verified())
    words = words_of(finding).en
    show(cli_output.json_text(finding.model_dump(mode="json") | {"message": words}) if options.json else f"{words}.")
    raise typer.Exit(DONE if finding.state is AuditState.WHOLE else STOPPED)


@app.command("sign-in")
@with_common_options
def sign_in(options: CommonOptions) -> None:
    """Sign in to Salesforce in the browser; later commands and the desk use that sign-in."""

    async def work(desk: Services) -> tuple[Printed, int]:
        return cli_output.sign_in(await desk.sign_in.sign_in()), DONE

    _run(options, work, open_browser=system_browser)


@app.command("sign-out")
@with_common_options
def sign_out(options: CommonOptions) -> None:
    """Sign out of Salesforce on this machine."""

    async def work(desk: Services) -> tuple[Printed, int]:
        return cli_output.sign_in(await desk.sign_in.sign_out()), DONE

    _run(options, work)


@app.command()
@with_common_options
def doctor(
    options: CommonOptions,
    prove_marker: Annotated[
        int | None,
        typer.Option("--prove-marker", min=1, metavar="ID", help="Order for this WHMCS test client and cancel it."),
    ] = None,
) -> None:
    """Check each connection and right in turn."""

    async def work(desk: Services) -> tuple[Printed, int]:
        def told(check: DoctorCheck) -> None:
            # One after the other as they are known: a system that hangs takes its time.
            if not options.json:
                show("\n".join(cli_output.doctor_lines(check)))

        checks = await desk.doctor.examine(prove_marker, told)
        return (cli_output.doctor(checks), []), _health(checks)

    _run(options, work, without_portal=True)


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
        page = await desk.customers.page(customer)
        return cli_output.customer(page), _completeness(page)

    _run(options, work)


@app.command()
@with_common_options
def orders(options: CommonOptions, state: Annotated[OrderState | None, typer.Option()] = None) -> None:
    """List orders, oldest first."""

    async def work(desk: Services) -> tuple[Printed, int]:
        await desk.orders.refresh()
        return cli_output.orders(await desk.orders.queue(state)), DONE

    _run(options, work)


@app.command()
@with_common_options
def review(options: CommonOptions, order: OrderArgument) -> None:
    """Run every check of one order."""

    async def work(desk: Services) -> tuple[Printed, int]:
        reviewed, found = await desk.reviewing.examine(await desk.orders.resolve(order), await desk.me())
        account = await desk.salesforce.reads.account(reviewed.account_id)
        return cli_output.review(reviewed, account.name if account else "", found), _certainty(found)

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
    job = Job()

    async def work(desk: Services) -> tuple[Printed, int]:
        order_id, me = await desk.orders.resolve(order), await desk.me()
        numbers = await _numbers(desk, [order_id])
        decided = await job.decide(numbers[order_id], desk.deciding.approve(order_id, me, reason))
        if provision and decided.outcome is DecisionOutcome.APPROVED:
            await job.provision(desk, numbers, me)
        return job.told()

    _run(options, work, job)


@app.command()
@with_common_options
def reject(options: CommonOptions, order: OrderArgument, reason: Annotated[str, typer.Option()] = "") -> None:
    """Reject an order; a reason is required."""
    job = Job()

    async def work(desk: Services) -> tuple[Printed, int]:
        order_id, me = await desk.orders.resolve(order), await desk.me()
        numbers = await _numbers(desk, [order_id])
        await job.decide(numbers[order_id], desk.deciding.reject(order_id, me, reason))
        return job.told()

    _run(options, work, job)


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
    job = Job(parallel, _seconds_between(pace))

    async def work(desk: Services) -> tuple[Printed, int]:
        me = await desk.me()
        numbers = await _numbers(desk, [await desk.orders.resolve(order) for order in orders or ()])
        if all_approved:
            await desk.orders.refresh()
            waiting = await desk.orders.queue(OrderState.APPROVED)
            numbers = {row.order_id: row.order_number for row in waiting if row.activation in _WAITING}
        await job.provision(desk, numbers, me)
        return job.told()

    _run(options, work, job)


@app.command()
@with_common_options
def failures(
    options: CommonOptions,
    code: Annotated[str, typer.Option()] = "",
    compare: Annotated[
        int | None,
        typer.Option(min=1, max=366, metavar="DAYS", help="First compare both systems' orders of so many days."),
    ] = None,
) -> None:
    """List what is stuck."""

    async def work(desk: Services) -> tuple[Printed, int]:
        if compare is not None:
            await desk.sync.ensure()
            report = await desk.status_sweep.run(compare)
            say(f"{report.compared} orders compared, {len(report.differences)} differ.")
        return cli_output.failures(await desk.failures.all_open(code.upper() or None)), DONE

    _run(options, work)


@app.command()
@with_common_options
def retry(
    options: CommonOptions, cases: Annotated[list[int], typer.Argument(metavar="CASE...", min=1, max=_MAX_CASE)]
) -> None:
    """Try stuck orders again."""
    job = Job()

    async def work(desk: Services) -> tuple[Printed, int]:
        me = await desk.me()
        chosen = [await desk.failures.open_case(case) for case in cases]
        await job.provision(desk, {case.order_id: case.order_number for case in chosen}, me)
        return job.told()

    _run(options, work, job)


@app.command()
@with_common_options
def settle(
    options: CommonOptions,
    order: OrderArgument,
    adopt: Annotated[int | None, typer.Option(min=1, metavar="ID", help="Take this WHMCS order for its own.")] = None,
    send_again: Annotated[bool, typer.Option("--send-again", help="None of the orders shown is its own.")] = False,
    anew: Annotated[bool, typer.Option("--anew", help="Give up what was cancelled in WHMCS.")] = False,
    reject: Annotated[str | None, typer.Option(metavar="REASON", help="Reject it; nothing of it is in WHMCS.")] = None,
) -> None:
    """Settle an order that only a person may decide on; without an option, show what is known."""
    if sum((adopt is not None, send_again, anew, reject is not None)) > 1:
        raise typer.BadParameter("Choose one of --adopt, --send-again, --anew and --reject.")

    async def work(desk: Services) -> tuple[Printed, int]:
        order_id, me = await desk.orders.resolve(order), await desk.me()
        seen = await desk.settlement.look(order_id, me)
        if adopt is not None:
            result = await desk.settlement.adopt(order_id, adopt, me)
        elif send_again:
            result = await desk.settlement.send_again(order_id, me, [one.billing_order.id for one in seen.candidates])
        elif anew:
            result = await desk.settlement.provision_anew(order_id, me)
        elif reject is not None:
            decided = await desk.settlement.reject(order_id, me, reject)
            return cli_output.decision(seen.order_number, decided), DONE
        else:
            return cli_output.settlement(seen), DONE
        return cli_output.provision([result], {order_id: seen.order_number}), status_of([result], {order_id: order})

    _run(options, work)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status is that of design/cli.md."""
    logs.set_up()
    given = sys.argv[1:] if arguments is None else list(arguments)
    if not all(_is_text(argument) for argument in given):
        say("An argument cannot be read: it is not text in UTF-8.")
        return USAGE
    try:
        app(args=given)
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else DONE
    except ConsoleError as error:
        return _told(error)
    except Exception as error:  # noqa: BLE001 - the crash funnel: what nothing else knows is a defect
        say(f"This is a defect. {_reported(error)}")
        return DEFECT
    return DONE


def _run(
    options: CommonOptions,
    work: Work,
    job: Job | None = None,
    open_browser: Callable[[str], bool] | None = None,
    *,
    without_portal: bool = False,
) -> None:
    """Open the profile's systems, do the work, print its document, and leave with its status.

    Without `open_browser` nobody is asked to sign in: what finds no sign-in ends with SYN-03.
    """
    job = job or Job()

    async def opened() -> tuple[Printed, int]:
        with _own_files(), environment(options) as (profile, data_dir), _own_database(profile, data_dir):
            services = open_services(
                profile, data_dir, options.signed_in_as, open_browser, without_portal=without_portal
            )
            async with _telling(job.line), services as desk:
                return await _coded(desk, work, job.line)

    try:
        printed, status = asyncio.run(opened())
    except (KeyboardInterrupt, asyncio.CancelledError):
        job.line.clear()
        printed, status = job.told() if job.begun else (failed("Interrupted; nothing was begun."), INTERRUPTED)
    except ConsoleError as error:
        if options.json:
            show(cli_output.json_text(failure(str(error))))
        raise
    document, lines = printed
    if options.json or lines:
        show(cli_output.json_text(document) if options.json else "\n".join(lines))
    raise typer.Exit(status)


def _with_roles(options: CommonOptions, work: Callable[[Roles], Awaitable[None]]) -> None:
    """Work on the roles of the database that a team shares, as the login of the profile's address."""

    async def worked() -> None:
        with environment(options) as (profile, _):
            if not profile.portal.database_url:
                raise SettingsError("Only a server has roles: set database_url in the profile's section portal.")
            database = Database(profile.portal.database_url, find_secret(profile.id, PORTAL_PASSWORD))
            try:
                await database.open()
                await work(Roles(database))
            finally:
                await database.aclose()

    asyncio.run(worked())


async def _coded(desk: Services, work: Work, line: ProgressLine) -> tuple[Printed, int]:
    """Do the work; a system's fault becomes a document with its code instead of a trace."""
    try:
        return await work(desk)
    except SystemFault as fault:
        if _is_own_database(desk.profile, fault):
            raise
        words = desk.catalogue[desk.diagnosis.failure(fault).code]
        line.clear()
        say(f"{words.code} {words.title.en}: {fault}")
        document = {"error": {"code": words.code, "message": words.meaning.en, "detail": str(fault)}}
        status = UNREACHABLE if isinstance(fault, Unavailable) else STOPPED
        return (document, [f"{words.code} {words.title.en}"]), status


@contextlib.asynccontextmanager
async def _telling(line: ProgressLine) -> AsyncIterator[None]:
    """Keep the progress line going."""
    tasks = Tasks()
    tasks.spawn(line.keep_telling(), "progress line")
    try:
        yield
    finally:
        await tasks.aclose()
        line.clear()


@contextlib.contextmanager
def _own_files() -> Iterator[None]:
    """A full disk, or a folder where nothing may be written, is a matter of settings and no defect."""
    try:
        yield
    except (ConnectionError, TimeoutError):
        raise
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        raise SettingsError(f"A file or folder cannot be used: {error.strerror or error}{where}.") from error


@contextlib.contextmanager
def _own_database(profile: Profile, data_dir: Path) -> Iterator[None]:
    """A file of our own that cannot be used is a matter of settings, not of a system that is down."""
    try:
        yield
    except SystemFault as fault:
        if not _is_own_database(profile, fault):
            raise
        # A fault without a sentence only names what the database library raised.
        why = fault.message if " " in fault.message else "is the disk full, or may you not write there?"
        raise SettingsError(f"The data in {data_dir} cannot be used: {why}") from fault


def _is_own_database(profile: Profile, fault: SystemFault) -> bool:
    return isinstance(fault, Unavailable) and fault.system == "portal" and not profile.portal.database_url


async def _numbers(desk: Services, order_ids: Sequence[str]) -> dict[str, str]:
    """The numbers of orders by their id, read live where no sync has read the order."""
    rows = {order_id: await desk.portal.directory.order(order_id) for order_id in order_ids}
    return {
        order_id: row.order_number if row else (await desk.orders.read(order_id)).number
        for order_id, row in rows.items()
    }


def _health(checks: Sequence[DoctorCheck]) -> int:
    if any(check.unreachable for check in checks):
        return UNREACHABLE
    return DONE if all(check.ok for check in checks) else STOPPED


def _completeness(page: CustomerPage) -> int:
    """Whether the page holds all that it should; a part that an outage left out comes before one that was refused."""
    blocks = [getattr(page, name) for name in type(page).model_fields]
    if any(block.message.startswith(tuple(OUTAGES)) for block in blocks):
        return UNREACHABLE
    return STOPPED if any(block.state in (BlockState.REFUSED, BlockState.FAILED) for block in blocks) else DONE


def _certainty(review: Review) -> int:
    return UNREACHABLE if any(check.code in OUTAGES for check in review.checks) else DONE


def _told(error: ConsoleError) -> int:
    """Say on standard error what a person can correct."""
    say(str(error))
    return UNREACHABLE if isinstance(error, Unavailable) else USAGE


def _reported(error: Exception) -> str:
    try:
        file = crash.write_report(error, paths.config_dir() / "crash", __version__)
    except OSError as why:
        return f"No report could be written: {why.strerror}."
    return f"A report without customer data is in {file}"


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


def _is_text(argument: str) -> bool:
    """Whether an argument is whole text; bytes that are not reach Python as lone surrogates."""
    try:
        argument.encode()
    except UnicodeEncodeError:
        return False
    return True
