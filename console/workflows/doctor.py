"""Going through every connection and right, and saying what to do about each that fails."""

import asyncio
import platform
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from textwrap import shorten
from typing import NamedTuple, TypeVar
from urllib.parse import urlsplit

from console.clocks import ServerClock
from console.errors import AccessRefused, ConsoleError, Missing, SettingsError, System, SystemFault, Unavailable
from console.integrations.portal.portal import Portal
from console.integrations.reach import proxy_for
from console.integrations.salesforce.org import Salesforce
from console.integrations.whmcs.access import access_problem, what_to_do
from console.integrations.whmcs.actions import Whmcs
from console.integrations.whmcs.rights import PROBES, SEEN_WHEN_USED
from console.integrations.whmcs.versions import OLDEST_SUPPORTED, is_supported
from console.models.audit import AuditState
from console.models.connection import Spending
from console.models.failure import FailureCatalogue
from console.models.record import Record, Sentence
from console.models.salesforce_access import Organization
from console.models.staff import RIGHTS, Right, StaffMember
from console.settings import Profile
from console.worker_health import read_health
from console.workflows import doctor_words as words
from console.workflows.audit import AuditWatch, words_of
from console.workflows.diagnosis import Diagnosis
from console.workflows.marker_proof import NothingToProve, prove_marker

T = TypeVar("T")

_OLDEST = ".".join(str(part) for part in OLDEST_SUPPORTED)
# Longer than a system's own time-out, shorter than that with the repetitions of a read.
_PATIENCE_S = 45.0
# What is more shows in ages and in the order of events.
_MOST_SKEW_S = 60
# Custom fields show on what has them only; so many clients and their services are looked at.
_SAMPLE = 12
_LONGEST_CAUSE = 200
# Some million rows.
_LONG_LOG_S = 60.0


class DoctorCheck(Record):
    """One connection or right: whether it works, what was seen, and what to do where it does not.

    system       None where it is about more than one
    fix          empty where there is nothing to do
    code         the failure code, None where it is no fault of a system
    unreachable  whether it failed because the system did not answer, so that nothing is known of it
    shut         whether every other check of the system would fail in the same way
    tried        False where it was spared, since another check of the system is shut
    """

    name: Sentence
    ok: bool
    detail: Sentence
    system: System | None = None
    fix: Sentence = words.NOTHING
    code: str | None = None
    unreachable: bool = False
    shut: bool = False
    tried: bool = True


Told = Callable[[DoctorCheck], None]


class _Wrong(ConsoleError):
    """The systems answer, but the set-up is not as it has to be; `fix` is what to do."""

    def __init__(self, detail: Sentence, fix: Sentence, code: str | None = None) -> None:
        super().__init__(detail.en)
        self.detail = detail
        self.fix = fix
        self.code = code


class _Step(NamedTuple):
    """One check, of a system unless it is None; `more_s` is how much longer than others it may take."""

    name: Sentence
    look: Callable[[], Awaitable[Sentence]]
    system: System | None = None
    more_s: float = 0


@dataclass
class _Seen:
    """What the last look has found out about the systems themselves; None or empty before."""

    me: StaffMember | None = None
    org: Organization | None = None
    org_id: str = ""
    whmcs_version: str = ""


# Checks of one system: those of a stage are tried side by side, a stage after what it rests on.
_Stages = tuple[tuple[_Step, ...], ...]


class Doctor:
    """Reads only, and writes nothing anywhere unless it is asked to prove the marker on a test client."""

    def __init__(
        self,
        profile: Profile,
        salesforce: Salesforce,
        whmcs: Whmcs,
        portal: Portal,
        diagnosis: Diagnosis,
        catalogue: FailureCatalogue,
        audit: AuditWatch,
    ) -> None:
        """Look at the systems of `profile`."""
        self._profile = profile
        self._salesforce = salesforce
        self._whmcs = whmcs
        self._portal = portal
        self._diagnosis = diagnosis
        self._catalogue = catalogue
        self._audit = audit
        self._seen = _Seen()

    def outline(self) -> list[tuple[System | None, Sentence]]:
        """The checks of `examine` in their order: the system that each is about, and its name."""
        steps = [step for stages in self._systems() for stage in stages for step in stage]
        return [(step.system, step.name) for step in (*steps, *self._last(None))]

    def facts(self, me: StaffMember) -> list[tuple[Sentence, Sentence]]:
        """Which systems these are and who works with them, as label and value; `examine` finds out the rest."""
        profile, session, seen = self._profile, self._salesforce.session, self._seen
        calls = session.calls_of_the_org
        return [
            (words.PROFILE, words.profile(profile.id, profile.environment)),
            (words.SIGNED_IN, words.person(me.name, me.roles)),
            (words.SALESFORCE_ADDRESS, words.plain(session.instance_url)),
            (words.WHMCS_ADDRESS, words.plain(profile.whmcs.url)),
            (words.SALESFORCE_ORG, words.kind(seen.org.name, seen.org.is_sandbox) if seen.org else words.UNKNOWN),
            (words.WHMCS_VERSION, words.plain(seen.whmcs_version or str(words.UNKNOWN))),
            (words.SALESFORCE_ORG_ID, words.plain(seen.org_id or str(words.UNKNOWN))),
            (words.SALESFORCE_CALLS, words.calls_in_short(calls.used, calls.allowed) if calls else words.UNKNOWN),
        ]

    async def examine(self, prove_marker_on: int | None = None, told: Told = lambda _: None) -> list[DoctorCheck]:
        """Every check, in order; `told` hears of each as soon as it is known.

        The systems are looked at side by side. Where one does not answer at all, or keeps us out, its other checks
        are not tried: their time-outs would add up. `prove_marker_on` is the WHMCS id of a test client, for whom one
        order is made and cancelled.
        """
        self._whmcs.ask_afresh()
        checks = await asyncio.gather(*[self._system(stages, told) for stages in self._systems()])
        last = [await self._check(step, told) for step in self._last(prove_marker_on)]
        return [check for system in checks for check in system] + last

    def _systems(self) -> tuple[_Stages, ...]:
        """The checks of each system; the first tells whether it can be asked at all."""
        return (self._of_portal(), self._of_salesforce(), self._of_whmcs())

    def _of_portal(self) -> _Stages:
        step = partial(_Step, system="portal")
        return (
            (step(words.PORTAL, self._portal_database),),
            (step(words.ENGINE, self._engine), step(words.AUDIT, self._audit_log, more_s=_LONG_LOG_S)),
        )

    def _of_salesforce(self) -> _Stages:
        step = partial(_Step, system="salesforce")
        objects = words.SALESFORCE_OBJECTS.items()
        return (
            (step(words.SALESFORCE_NETWORK, self._salesforce_network),),
            (step(words.SALESFORCE_PERSON, self._salesforce_person),),
            (
                step(words.SALESFORCE_KIND, self._salesforce_kind),
                *(step(name, partial(self._salesforce_object, record)) for record, name in objects),
            ),
            # Every answer tells, and the checks before have got some.
            (step(words.SALESFORCE_CALLS, self._salesforce_calls),),
        )

    def _of_whmcs(self) -> _Stages:
        step = partial(_Step, system="whmcs")
        pace = self._profile.whmcs.calls_per_s
        # Turns are handed out to all calls of a stage together.
        paced = partial(step, more_s=(len(PROBES) + 2 * _SAMPLE) / pace if pace else 0)
        return (
            (step(words.WHMCS_CONNECTION, self._whmcs_connection),),
            (
                paced(words.WHMCS_CLIENTS, self._whmcs_clients),
                paced(words.WHMCS_CUSTOMER_NUMBER, self._whmcs_customer_number),
                paced(words.WHMCS_PRODUCTS, self._whmcs_products),
                paced(words.WHMCS_MARKERS, self._whmcs_markers),
                paced(words.WHMCS_ACTIONS, self._whmcs_actions),
            ),
        )

    def _last(self, prove_marker_on: int | None) -> list[_Step]:
        """What comes after all systems have answered."""
        clock = _Step(words.CLOCK, self._clock)
        if prove_marker_on is None:
            return [clock]
        return [clock, _Step(words.MARKER, partial(self._marker, prove_marker_on))]

    async def _system(self, stages: _Stages, told: Told) -> list[DoctorCheck]:
        checks: list[DoctorCheck] = []
        for stage in stages:
            shut = next((one for one in checks if one.shut), None)
            if shut:
                checks += [_not_tried(step, shut, told) for step in stage]
            else:
                checks += await asyncio.gather(*[self._check(step, told) for step in stage])
        return checks

    async def _check(self, step: _Step, told: Told) -> DoctorCheck:
        check = await self._looked(step)
        told(check)
        return check

    async def _looked(self, step: _Step) -> DoctorCheck:
        made = partial(DoctorCheck, name=step.name, system=step.system)
        try:
            return made(ok=True, detail=await _in_time(step))
        except SystemFault as fault:
            known = self._catalogue[self._diagnosis.failure(fault).code]
            return made(
                ok=False,
                detail=words.with_cause(known.title, _cause(fault)),
                fix=self._fix(fault, known.code),
                code=known.code,
                unreachable=isinstance(fault, Unavailable),
                shut=isinstance(fault, Unavailable) or known.code == "SYN-03" or _keeps_us_out(fault),
            )
        except _Wrong as wrong:
            return made(ok=False, detail=wrong.detail, fix=wrong.fix, code=wrong.code)
        except SettingsError as error:
            # As where the password store is locked; its text says what to do, and others need what it holds too.
            return made(ok=False, detail=words.of_this_machine(str(error)), fix=words.CORRECT_MACHINE, shut=True)

    def _fix(self, fault: SystemFault, code: str) -> Sentence:
        """What a person can do about a fault."""
        if isinstance(fault, AccessRefused) and fault.system == "whmcs":
            return what_to_do(fault)
        if isinstance(fault, Unavailable) and fault.obstacle and (told := self._around(fault)):
            return told
        return words.BY_CODE.get(code) or words.BY_SYSTEM[fault.system]

    def _around(self, fault: Unavailable) -> Sentence | None:
        """What to do about an obstacle on the way, None where no more is known than that there is one."""
        address = self._profile.whmcs.url if fault.system == "whmcs" else self._salesforce.session.instance_url
        return words.around(fault.obstacle, urlsplit(address).hostname or address, proxy_for(address))

    async def _portal_database(self) -> Sentence:
        return words.people(await self._portal.directory.count())

    async def _engine(self) -> Sentence:
        """Who carries commands out; for a team that must be somebody. A worker of this machine is asked itself."""
        holder = await self._portal.engine_lease.holder()
        if holder is None:
            if self._profile.portal.database_url:
                raise _Wrong(words.NOBODY_EXECUTES, words.START_WORKER)
            return words.EXECUTES_ITSELF
        health = await read_health(holder.port) if holder.port and holder.machine == platform.node() else None
        return words.executes(holder.name, holder.machine, health)

    async def _audit_log(self) -> Sentence:
        finding = await self._audit.verify()
        if finding.state is not AuditState.WHOLE:
            raise _Wrong(words_of(finding), words.KEEP_FOR_COMPARISON)
        return words_of(finding)

    async def _salesforce_network(self) -> Sentence:
        wanted = self._profile.salesforce.api_version
        versions = [version["version"] for version in await self._salesforce.transport.reachable()]
        if wanted not in versions:
            raise _Wrong(words.no_version(wanted), words.set_version(", ".join(versions[-3:]) or "–"))
        return words.reached(wanted, proxy_for(self._salesforce.session.instance_url))

    async def _salesforce_person(self) -> Sentence:
        """Who is signed in: whose rights the checks that follow look at."""
        me = self._seen.me = await self._salesforce.reads.me()
        if not me.roles:
            raise _Wrong(words.no_role(me.name), words.BY_CODE["ACC-02"], "ACC-02")
        return words.person(me.name, me.roles)

    async def _salesforce_kind(self) -> Sentence:
        org = self._seen.org = await self._salesforce.reads.organization()
        self._seen.org_id = str((await self._salesforce.transport.userinfo()).get("organization_id", ""))
        if not org.is_of(self._profile.environment):
            raise _Wrong(words.other_kind(self._profile.environment, org.name, org.is_sandbox), words.CORRECT_KIND)
        return words.kind(org.name, org.is_sandbox)

    async def _salesforce_object(self, record: str) -> Sentence:
        """One object: there, each field that we read shown, each that this person writes to be changed."""
        roles = self._seen.me.roles if self._seen.me else frozenset()
        rights: frozenset[Right] = frozenset().union(*(RIGHTS[role] for role in roles))
        try:
            access = await self._salesforce.reads.access(record, rights)
        except Missing as missing:
            hidden = words.no_object(missing.action.partition(":")[2])
            raise _Wrong(hidden, words.BY_CODE["ACC-02"], "ACC-02") from None
        if access.hidden or access.fixed:
            raise _Wrong(
                words.fields_lacking(access.sobject, access.hidden, access.fixed), words.DEPLOY_AND_CHECK, "ACC-02"
            )
        return words.fields(access.readable, access.sobject)

    async def _salesforce_calls(self) -> Sentence:
        calls = self._salesforce.session.calls_of_the_org
        if calls is None:
            raise _Wrong(words.CALLS_UNKNOWN, words.BY_SYSTEM["salesforce"])
        told = words.calls(calls.used, calls.allowed)
        if calls.spending is Spending.ALMOST_ALL:
            raise _Wrong(told, words.FIND_SPENDER, "SYN-02")
        return told

    async def _whmcs_connection(self) -> Sentence:
        server = await self._whmcs.admin_details()
        self._seen.whmcs_version = server.version
        if not is_supported(server.version):
            raise _Wrong(words.plain(f"WHMCS {server.version}"), words.update_whmcs(_OLDEST))
        return words.whmcs(server.version, proxy_for(self._profile.whmcs.url))

    async def _clock(self) -> Sentence:
        apart = {name: _skew_s(clock) for name, clock in self._clocks().items()}
        far = {name: round(skew_s) for name, skew_s in apart.items() if skew_s > _MOST_SKEW_S}
        if far:
            raise _Wrong(words.clock_off(far), words.set_clock(list(far)))
        return words.clock_agrees(list(apart))

    def _clocks(self) -> dict[str, ServerClock]:
        clocks = {"Salesforce": self._salesforce.session.clock, "WHMCS": self._whmcs.clock}
        known = {name: clock for name, clock in clocks.items() if clock.is_known}
        if not known:
            raise _Wrong(words.NO_TIME, words.CONNECTIONS_FIRST)
        return known

    async def _whmcs_clients(self) -> Sentence:
        page = await self._whmcs.get_clients(limit=1)
        return words.clients(page.total)

    async def _whmcs_customer_number(self) -> Sentence:
        """WHMCS lists no custom fields, but each client comes with all of them."""
        page = await self._whmcs.get_clients(limit=1)
        if not page.clients:
            return words.NO_CLIENT_YET
        fields = (await self._whmcs.get_client(page.clients[0].id)).custom_fields
        wanted = self._profile.whmcs.customer_number_field_id
        if wanted not in fields:
            raise _Wrong(words.no_client_field(wanted), words.set_client_field(sorted(fields)))
        return words.client_field(wanted)

    async def _whmcs_products(self) -> Sentence:
        known = {product.id for product in await self._whmcs.get_products()}
        settings = self._profile.whmcs
        unknown = sorted(set(settings.marker_field_ids) - known)
        if unknown:
            raise _Wrong(words.no_products(unknown), words.CORRECT_MARKERS)
        return words.products(len(known), len(settings.marker_field_ids), proved=settings.marker_proved)

    async def _whmcs_markers(self) -> Sentence:
        """WHMCS lists no field that only administrators see, but each service comes with all of its product's."""
        wanted = self._profile.whmcs.marker_field_ids
        total = (await self._whmcs.get_clients(limit=1)).total
        # Far from each other, for old and new clients.
        places = sorted({total * number // _SAMPLE for number in range(_SAMPLE)})
        pages = await _all_of([self._whmcs.get_clients(limit=1, offset=place) for place in places])
        clients = {one.id for page in pages for one in page.clients}
        found = await _all_of([self._whmcs.get_services(client_id, currency="") for client_id in clients])
        fields = {service.product_id: service.custom_fields for services in found for service in services}
        wrong = {product: sorted(fields[product]) for product in wanted if _lacks(fields.get(product), wanted[product])}
        if wrong:
            raise _Wrong(words.no_markers({product: wanted[product] for product in wrong}), words.set_markers(wrong))
        return words.markers(len(set(wanted) & set(fields)), len(wanted))

    async def _whmcs_actions(self) -> Sentence:
        """Each action that the console uses is asked for once, in a way that changes nothing."""
        allowed = await _all_of([self._whmcs.may_call(action) for action in PROBES])
        missing = [action for action, may in zip(PROBES, allowed, strict=True) if not may]
        if missing:
            raise _Wrong(words.no_actions(missing), words.allow_actions(missing), "ACC-01")
        return words.actions(len(PROBES), SEEN_WHEN_USED)

    async def _marker(self, client_id: int) -> Sentence:
        try:
            proof = await prove_marker(self._whmcs, client_id, self._profile.whmcs.marker_field_ids)
        except NothingToProve as nothing:
            raise _Wrong(words.plain(str(nothing)), words.NAME_ANOTHER_CLIENT) from None
        if not proof.stored:
            raise _Wrong(words.not_stored(proof.order_id, proof.product), words.MAKE_ADMIN_ONLY)
        return words.stored(proof.order_id, proof.product)


def _lacks(fields: Collection[int] | None, wanted: int) -> bool:
    """Whether a product whose services have these fields does not have the wanted one; None where none was seen."""
    return fields is not None and wanted not in fields


def _keeps_us_out(fault: SystemFault) -> bool:
    """Whether WHMCS refuses whoever we are or wherever we come from, not one action."""
    if fault.system != "whmcs" or not isinstance(fault, AccessRefused):
        return False
    return not access_problem(fault).is_about_one_action


async def _in_time(step: _Step) -> Sentence:
    if step.system is None:
        return await step.look()
    patience_s = _PATIENCE_S + step.more_s
    try:
        async with asyncio.timeout(patience_s):
            return await step.look()
    except TimeoutError:
        raise Unavailable(step.system, "doctor", f"no answer within {patience_s:g} s") from None


async def _all_of(asked: Iterable[Awaitable[T]]) -> list[T]:
    """The answers to all; the first that failed is raised once none is under way any more."""
    answers = await asyncio.gather(*asked, return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
    return [answer for answer in answers if not isinstance(answer, BaseException)]


def _cause(fault: SystemFault) -> str:
    """What the system said; of a web page that came instead, and of a long text, only what a person can use."""
    said = f"HTTP {fault.status}" if fault.message.lstrip().startswith("<") else fault.message
    return shorten(f"{fault.system} {fault.action}: {said}", _LONGEST_CAUSE, placeholder="…")


def _not_tried(step: _Step, shut: DoctorCheck, told: Told) -> DoctorCheck:
    """A check that could only wait for the same again."""
    told_of = {"name": step.name, "detail": words.not_tried(shut.name), "tried": False}
    check = shut.model_copy(update=told_of)
    told(check)
    return check


def _skew_s(clock: ServerClock) -> float:
    return abs((clock.now() - datetime.now(UTC)).total_seconds())
