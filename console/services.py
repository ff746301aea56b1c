"""The composition root without Qt: settings → integrations → workflows. Desk and commands start from here."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from console import paths
from console.errors import SettingsError, Unavailable
from console.failure_catalogue import load_catalogue, load_customer_statuses, load_rules
from console.integrations.holders import Holder
from console.integrations.keyring_store import read_secret
from console.integrations.portal.portal import Portal
from console.integrations.portal.practice import PracticePortal
from console.integrations.salesforce.org import Salesforce
from console.integrations.salesforce.session import SalesforceSession
from console.integrations.whmcs.actions import Whmcs
from console.models.failure import FailureCatalogue
from console.models.staff import StaffMember
from console.rules.status import StatusWords
from console.settings import PracticeUser, Profile
from console.workflows.activity import Activity
from console.workflows.approve import Deciding
from console.workflows.billing_side import BillingSide
from console.workflows.claims import Claims
from console.workflows.connections import Connections
from console.workflows.customer_page import CustomerPages
from console.workflows.diagnosis import Diagnosis
from console.workflows.doctor import Doctor
from console.workflows.evidence import EvidenceGatherer
from console.workflows.failures import FailureDesk
from console.workflows.linking import Linking
from console.workflows.lookup import Lookup
from console.workflows.orders import Orders
from console.workflows.prechecks import Prechecks
from console.workflows.provision import Provisioning
from console.workflows.review import Reviewing
from console.workflows.sync import Sync


@dataclass(frozen=True)
class Services:
    """Everything that a signed-in person can do, ready to be called."""

    profile: Profile
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
    failures: FailureDesk
    prechecks: Prechecks
    activity: Activity
    connections: Connections
    doctor: Doctor

    async def me(self) -> StaffMember:
        """Who is signed in. Raises `AccessRefused` where the sign-in does not hold any more."""
        return await self.salesforce.reads.me()


@contextlib.asynccontextmanager
async def open_services(profile: Profile, data_dir: Path, signed_in_as: str = "") -> AsyncIterator[Services]:
    """Open the systems of a profile for one person and close them in order.

    `signed_in_as` picks one of the sandbox's invented staff by role or name, else the first supervisor.
    Raises `SettingsError`, and `Unavailable` where the Portal database cannot be opened.
    """
    try:
        await asyncio.to_thread(data_dir.mkdir, mode=0o700, parents=True, exist_ok=True)
        holder = Holder(paths.lock_dir())
    except OSError as error:
        raise SettingsError(f"The data folder {data_dir} cannot be used: {error.strerror}.") from None
    session = _session(profile, signed_in_as)
    salesforce = Salesforce(session, paths.resources() / "field_map.toml", profile.salesforce.currency)
    whmcs = _whmcs(profile)
    portal = Portal(profile.portal.database_url or f"sqlite:///{data_dir / 'portal.db'}")
    try:
        await portal.open()
        await _fill_practice(profile, portal)
        yield _compose(profile, salesforce, whmcs, portal, holder)
    finally:
        await whmcs.aclose()
        await salesforce.aclose()
        await portal.aclose()
        holder.release()


async def _fill_practice(profile: Profile, portal: Portal) -> None:
    """In practice nobody else writes the Portal's users and links: take the sandbox's into an empty database."""
    if profile.practice is None or await portal.links.users():
        return
    # A sandbox that is down shows in whatever is asked of it next.
    with contextlib.suppress(Unavailable):
        users, links = await PracticePortal(profile.practice.control_url).users_and_links()
        await portal.links.load(users, links, "practice")


def _compose(profile: Profile, salesforce: Salesforce, whmcs: Whmcs, portal: Portal, holder: Holder) -> Services:
    catalogue = load_catalogue()
    words = StatusWords(load_customer_statuses(), catalogue)
    diagnosis = Diagnosis(load_rules(), catalogue)
    settings = profile.whmcs
    sync = Sync(salesforce, whmcs, portal)
    linking = Linking(salesforce.reads, whmcs, portal.links, diagnosis, settings.customer_number_field_id)
    claims = Claims(salesforce, holder, profile.provisioning, settings.timeout_s + settings.max_run_time_s)
    evidence = EvidenceGatherer(salesforce, whmcs, linking, diagnosis, profile.review)
    orders = Orders(salesforce.reads, portal.directory, sync)
    reviewing = Reviewing(orders, evidence, words)
    billing = BillingSide(salesforce, whmcs, claims, diagnosis, settings)
    provisioning = Provisioning(salesforce, portal, billing, claims, evidence, diagnosis, words)
    return Services(
        profile=profile,
        salesforce=salesforce,
        whmcs=whmcs,
        portal=portal,
        catalogue=catalogue,
        diagnosis=diagnosis,
        sync=sync,
        lookup=Lookup(portal.directory, sync),
        customers=CustomerPages(salesforce, whmcs, portal, sync, linking, diagnosis),
        orders=orders,
        reviewing=reviewing,
        deciding=Deciding(salesforce, portal, reviewing, claims, diagnosis, words),
        provisioning=provisioning,
        failures=FailureDesk(salesforce, portal, claims, sync, catalogue, provisioning),
        prechecks=Prechecks(reviewing),
        activity=Activity(portal.journal),
        connections=Connections(salesforce, whmcs, portal, diagnosis),
        doctor=Doctor(profile, salesforce, whmcs, portal, diagnosis, catalogue),
    )


def _session(profile: Profile, signed_in_as: str) -> SalesforceSession:
    return SalesforceSession(
        profile.salesforce.instance_url, _access_token(profile, signed_in_as), profile.salesforce.api_version
    )


def _access_token(profile: Profile, signed_in_as: str) -> SecretStr:
    if profile.practice is None:
        raise SettingsError("Sign-in to a real Salesforce org is not part of this version; use a sandbox profile.")
    return _practice_user(profile.practice.users, signed_in_as.strip() or "supervisor").access_token


def _practice_user(users: tuple[PracticeUser, ...], wanted: str) -> PracticeUser:
    for user in users:
        if wanted.casefold() in (user.role.casefold(), user.name.casefold()):
            return user
    known = ", ".join(f"{user.name} ({user.role})" for user in users)
    raise SettingsError(f"Nobody in practice is called {wanted[:40]!r}. There are: {known}.")


def _whmcs(profile: Profile) -> Whmcs:
    if profile.practice:
        identifier, secret = profile.practice.whmcs_identifier, profile.practice.whmcs_secret
    else:
        identifier = read_secret(profile.id, "WHMCS identifier")
        secret = read_secret(profile.id, "WHMCS secret")
    return Whmcs(profile.whmcs.url, identifier, secret, timeout_s=profile.whmcs.timeout_s)
