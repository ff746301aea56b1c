"""The composition root without Qt: settings → integrations → workflows. Desk and commands start from here."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pydantic import SecretStr

from console import paths
from console.errors import SettingsError, Unavailable
from console.failure_catalogue import load_catalogue, load_customer_statuses, load_rules
from console.integrations.holders import Holder
from console.integrations.keyring_store import (
    PORTAL_PASSWORD,
    WHMCS_ACCESS_KEY,
    WHMCS_IDENTIFIER,
    WHMCS_SECRET,
    find_secret,
    read_secret,
)
from console.integrations.portal.portal import Portal
from console.integrations.portal.practice import PracticePortal
from console.integrations.salesforce.jwt_bearer import KeyRenewal, key_reader
from console.integrations.salesforce.oauth import ClientApp, OAuthWire
from console.integrations.salesforce.org import Salesforce
from console.integrations.salesforce.session import SalesforceSession
from console.integrations.salesforce.sign_in import BrowserSignIn
from console.integrations.salesforce.tokens import SignInStore, StoredRenewal
from console.integrations.whmcs.actions import Whmcs
from console.integrations.whmcs.pace import Pacing
from console.models.failure import FailureCatalogue
from console.models.staff import StaffMember
from console.rules.status import StatusWords
from console.settings import PracticeUser, Profile
from console.workflows.activity import Activity
from console.workflows.approve import Deciding
from console.workflows.audit import AuditWatch, heads_file
from console.workflows.billing_side import BillingSide
from console.workflows.bulk import Bulk
from console.workflows.bulk_preview import BulkPreviews
from console.workflows.claims import Claims
from console.workflows.connections import Connections
from console.workflows.customer_page import CustomerPages
from console.workflows.diagnosis import Diagnosis
from console.workflows.doctor import Doctor
from console.workflows.engine import Engine, EngineLimits
from console.workflows.evidence import EvidenceGatherer
from console.workflows.failures import FailureDesk
from console.workflows.linking import Linking
from console.workflows.lookup import Lookup
from console.workflows.orders import Orders
from console.workflows.polling import Polling
from console.workflows.prechecks import Prechecks
from console.workflows.provision import Provisioning
from console.workflows.review import Reviewing
from console.workflows.settlement import Settlement, Ways
from console.workflows.sign_in import SignIn, refuse_approver, refuse_other_kind
from console.workflows.status_sweep import RegularSweep, StatusSweep
from console.workflows.sync import Sync


@dataclass(frozen=True)
class Services:
    """Everything that a signed-in person can do, ready to be called."""

    profile: Profile
    sign_in: SignIn
    salesforce: Salesforce
    whmcs: Whmcs
    portal: Portal
    catalogue: FailureCatalogue
    diagnosis: Diagnosis
    sync: Sync
    lookup: Lookup
    customers: CustomerPages
    orders: Orders
    reviewing: Reviewing
    deciding: Deciding
    provisioning: Provisioning
    engine: Engine
    bulk: Bulk
    previews: BulkPreviews
    failures: FailureDesk
    settlement: Settlement
    status_sweep: StatusSweep
    regular_sweep: RegularSweep
    prechecks: Prechecks
    activity: Activity
    connections: Connections
    polling: Polling
    doctor: Doctor
    audit: AuditWatch

    async def me(self) -> StaffMember:
        """Who is signed in. Waits while a sign-in is needed and somebody is there; else raises `AccessRefused`.

        Raises `SettingsError` where a worker may do what only people may, and where the org is not of the kind that the
        profile says: nobody works in production by mistake.
        """
        me = await self.salesforce.reads.me()
        if self.profile.environment != "practice":
            refuse_other_kind(await self.salesforce.reads.organization(), self.profile.environment)
        if self.profile.sign_in_way == "key":
            refuse_approver(me)
        return me


@contextlib.asynccontextmanager
async def open_services(
    profile: Profile,
    data_dir: Path,
    signed_in_as: str = "",
    open_browser: Callable[[str], bool] | None = None,
    *,
    without_portal: bool = False,
    at_a_desk: bool = False,
) -> AsyncIterator[Services]:
    """Open the systems of a profile for one person and close them in order.

    `signed_in_as` picks one of the sandbox's invented staff by role or name, else the first supervisor; where people
    sign in themselves it is a Salesforce username. `open_browser` sends a person to an address: with it, work that
    finds nobody signed in waits until `Services.sign_in` has; without it such work fails.
    Raises `SettingsError`, and `Unavailable` where the Portal database cannot be opened, unless it is to go on
    `without_portal`, as the doctor has to: what needs that database then fails by itself.
    `at_a_desk` of a team commands are only put: the worker carries them out.
    """
    try:
        await asyncio.to_thread(data_dir.mkdir, mode=0o700, parents=True, exist_ok=True)
        holder = Holder(paths.lock_dir())
    except OSError as error:
        raise SettingsError(f"The data folder {data_dir} cannot be used: {error.strerror}.") from None
    session, sign_in = await _signing_in(profile, signed_in_as.strip(), open_browser)
    salesforce = Salesforce(session, paths.resources() / "field_map.toml", profile.salesforce.currency)
    whmcs = _whmcs(profile)
    portal = portal_of(profile, data_dir)
    audit = AuditWatch(portal.journal.chain, heads_file(data_dir, profile.portal.database_url))
    try:
        try:
            await portal.open()
            with contextlib.suppress(SettingsError, Unavailable):
                # The doctor tells what is wrong with the log or its copy; nobody's work waits for it.
                await audit.copy_head()
            await _fill_practice(profile, portal)
        except Unavailable:
            if not without_portal:
                raise
        limits = EngineLimits(executes=not (at_a_desk and profile.portal.database_url))
        yield _compose(profile, sign_in, _Systems(salesforce, whmcs, portal), holder, limits, audit)
    finally:
        await whmcs.aclose()
        await salesforce.aclose()
        await portal.aclose()
        holder.release()


def portal_of(profile: Profile, data_dir: Path) -> Portal:
    """The Portal database of a profile: a file in the data folder, or the server that a team shares."""
    if not profile.portal.database_url:
        return Portal(f"sqlite:///{data_dir / 'portal.db'}")
    return Portal(profile.portal.database_url, find_secret(profile.id, PORTAL_PASSWORD))


async def _fill_practice(profile: Profile, portal: Portal) -> None:
    """In practice nobody else writes the Portal's users and links: take the sandbox's into an empty database."""
    if profile.practice is None or await portal.links.users():
        return
    # A sandbox that is down shows in whatever is asked of it next.
    with contextlib.suppress(Unavailable):
        users, links = await PracticePortal(profile.practice.control_url).users_and_links()
        await portal.links.load(users, links, "practice")


class _Systems(NamedTuple):
    """The three systems, opened."""

    salesforce: Salesforce
    whmcs: Whmcs
    portal: Portal


def _compose(
    profile: Profile, sign_in: SignIn, systems: _Systems, holder: Holder, limits: EngineLimits, audit: AuditWatch
) -> Services:
    salesforce, whmcs, portal = systems
    catalogue = load_catalogue()
    words = StatusWords(load_customer_statuses(), catalogue)
    diagnosis = Diagnosis(load_rules(), catalogue)
    settings = profile.whmcs
    sync = Sync(salesforce, whmcs, portal, settings)
    linking = Linking(salesforce.reads, whmcs, portal.links, diagnosis, settings.customer_number_field_id)
    claims = Claims(salesforce, holder, profile.provisioning, settings.timeout_s + settings.max_run_time_s)
    evidence = EvidenceGatherer(salesforce, whmcs, linking, diagnosis, profile.review)
    orders = Orders(salesforce.reads, portal.directory, sync)
    reviewing = Reviewing(orders, evidence, words)
    billing = BillingSide(salesforce, whmcs, claims, diagnosis, settings)
    provisioning = Provisioning(salesforce, portal, billing, claims, evidence, diagnosis, words)
    connections = Connections(salesforce, whmcs, portal, diagnosis)
    engine = Engine(portal, provisioning, diagnosis, connections.all_answer, limits)
    deciding = Deciding(salesforce, portal, reviewing, claims, diagnosis, words)
    prechecks = Prechecks(reviewing)
    polling = Polling(salesforce.session, profile.desk.refresh_s)
    status_sweep = StatusSweep(salesforce, whmcs, portal)
    return Services(
        profile=profile,
        sign_in=sign_in,
        salesforce=salesforce,
        whmcs=whmcs,
        portal=portal,
        catalogue=catalogue,
        diagnosis=diagnosis,
        sync=sync,
        lookup=Lookup(portal.directory, sync, salesforce.reads),
        customers=CustomerPages(salesforce, whmcs, portal, sync, linking, diagnosis),
        orders=orders,
        reviewing=reviewing,
        deciding=deciding,
        provisioning=provisioning,
        engine=engine,
        bulk=Bulk(portal, engine),
        previews=BulkPreviews(portal, orders, reviewing, prechecks, diagnosis, catalogue, evidence.today),
        failures=FailureDesk(salesforce, portal, claims, sync, catalogue, engine),
        status_sweep=status_sweep,
        regular_sweep=RegularSweep(status_sweep, polling, profile.desk.compare_every_h),
        settlement=Settlement(salesforce, whmcs, portal, claims, evidence, Ways(engine, deciding), words),
        prechecks=prechecks,
        activity=Activity(portal.journal),
        connections=connections,
        polling=polling,
        doctor=Doctor(profile, salesforce, whmcs, portal, diagnosis, catalogue, audit),
        audit=audit,
    )


async def _signing_in(
    profile: Profile, person: str, open_browser: Callable[[str], bool] | None
) -> tuple[SalesforceSession, SignIn]:
    """The session of the profile's way to sign in, and what the desk shows of it."""
    settings = profile.salesforce
    if profile.sign_in_way == "given":
        session = SalesforceSession(settings.instance_url, _given_token(profile, person), settings.api_version)
        return session, SignIn(profile, session)
    session = SalesforceSession(settings.instance_url, None, settings.api_version)
    wire = OAuthWire(_client_app(profile), session.clock)
    if profile.sign_in_way == "key":
        if not settings.username:
            raise SettingsError("The profile has no salesforce.username: the integration user of the worker.")
        reader = key_reader(profile.id, settings.key_folder)
        session.renew_with(KeyRenewal(wire, settings.username, reader))
        return session, SignIn(profile, session)
    store = SignInStore(profile.id, person or settings.username, paths.lock_dir())
    session.renew_with(StoredRenewal(wire, store))
    session.gate.attended = open_browser is not None
    browser = BrowserSignIn(wire, store, settings.redirect_ports, open_browser or _no_browser)
    sign_in = SignIn(profile, session, browser, person)
    stored = await asyncio.to_thread(store.load)
    sign_in.recall(stored.identity if stored else None)
    return session, sign_in


def _client_app(profile: Profile) -> ClientApp:
    settings = profile.salesforce
    if not settings.client_id:
        raise SettingsError(
            "The profile has no salesforce.client_id: the consumer key of the External Client App in this org."
        )
    return ClientApp(client_id=settings.client_id, login_url=settings.login_address, environment=profile.environment)


def _no_browser(_address: str) -> bool:
    return False


def _given_token(profile: Profile, person: str) -> SecretStr:
    users = profile.practice.users if profile.practice else ()
    return _practice_user(users, person or "supervisor").access_token


def _practice_user(users: tuple[PracticeUser, ...], wanted: str) -> PracticeUser:
    for user in users:
        if wanted.casefold() in (user.role.casefold(), user.name.casefold()):
            return user
    known = ", ".join(f"{user.name} ({user.role})" for user in users)
    raise SettingsError(f"Nobody in practice is called {wanted[:40]!r}. There are: {known}.")


def _whmcs(profile: Profile) -> Whmcs:
    settings, access_key = profile.whmcs, None
    if profile.practice:
        identifier, secret = profile.practice.whmcs_identifier, profile.practice.whmcs_secret
    else:
        identifier = read_secret(profile.id, WHMCS_IDENTIFIER)
        secret = read_secret(profile.id, WHMCS_SECRET)
        access_key = find_secret(profile.id, WHMCS_ACCESS_KEY)
    return Whmcs(
        settings.url,
        identifier,
        secret,
        access_key=access_key,
        timeout_s=settings.timeout_s,
        max_connections=settings.max_connections,
        pacing=Pacing(calls_per_s=settings.calls_per_s, burst=settings.burst),
    )
