"""Going through every connection and right, and saying what to do about each that fails."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple
from urllib.parse import urlsplit

from console.clocks import ServerClock
from console.errors import AccessRefused, ConsoleError, Missing, System, SystemFault, Unavailable
from console.integrations.portal.portal import Portal
from console.integrations.reach import proxy_for
from console.integrations.salesforce.org import Salesforce
from console.integrations.whmcs.access import access_problem, what_to_do
from console.integrations.whmcs.actions import Whmcs
from console.integrations.whmcs.rights import PROBES, SEEN_WHEN_USED
from console.integrations.whmcs.versions import OLDEST_SUPPORTED, is_supported
from console.models.connection import Spending
from console.models.failure import FailureCatalogue
from console.models.record import Record, Sentence
from console.models.staff import RIGHTS, Right, StaffMember
from console.settings import Profile
from console.workflows import doctor_words as words
from console.workflows.diagnosis import Diagnosis
from console.workflows.marker_proof import NothingToProve, prove_marker

_OLDEST = ".".join(str(part) for part in OLDEST_SUPPORTED)
# Longer than a system's own time-out, shorter than that with the repetitions of a read.
_PATIENCE_S = 45.0
# What is more shows in ages and in the order of events.
_MOST_SKEW_S = 60


class DoctorCheck(Record):
    """One connection or right: whether it works, what was seen, and what to do where it does not.

    fix          empty where there is nothing to do
    code         the failure code, None where it is no fault of a system
    unreachable  whether it failed because the system did not answer, so that nothing is known of it
    shut         whether every other check of the system would fail in the same way
    """

    name: Sentence
    ok: bool
    detail: Sentence
    fix: Sentence = words.NOTHING
    code: str | None = None
    unreachable: bool = False
    shut: bool = False


Told = Callable[[DoctorCheck], None]


class _Wrong(ConsoleError):
    """The systems answer, but the set-up is not as it has to be; `fix` is what to do."""

    def __init__(self, detail: Sentence, fix: Sentence, code: str | None = None) -> None:
        super().__init__(detail.en)
        self.detail = detail
        self.fix = fix
        self.code = code


class _Step(NamedTuple):
    """One check, of a system unless it is None."""

    name: Sentence
    look: Callable[[], Awaitable[Sentence]]
    system: System | None = None


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
    ) -> None:
        """Look at the systems of `profile`."""
        self._profile = profile
        self._salesforce = salesforce
        self._whmcs = whmcs
        self._portal = portal
        self._diagnosis = diagnosis
        self._catalogue = catalogue

    def names(self) -> list[Sentence]:
        """What `examine` looks at, in its order."""
        return [step.name for system in self._systems([]) for step in system] + [words.CLOCK]

    def facts(self) -> list[tuple[Sentence, str]]:
        """Which systems these are, as label and value."""
        profile = self._profile
        return [
            (words.PROFILE, f"{profile.id} ({profile.environment})"),
            (words.SALESFORCE_ADDRESS, self._salesforce.session.instance_url),
            (words.WHMCS_ADDRESS, profile.whmcs.url),
        ]

    async def examine(self, prove_marker_on: int | None = None, told: Told = lambda _: None) -> list[DoctorCheck]:
        """Every check, in order; `told` hears of each as soon as it is known.

        The systems are looked at side by side. Where one does not answer at all, or keeps us out, its other checks
        are not tried: their time-outs would add up. `prove_marker_on` is the WHMCS id of a test client, for whom one
        order is made and cancelled.
        """
        self._whmcs.ask_afresh()
        checks = await asyncio.gather(*[self._system(steps, told) for steps in self._systems([])])
        last = [_Step(words.CLOCK, self._clock)]
        if prove_marker_on is not None:
            last.append(_Step(words.MARKER, partial(self._marker, prove_marker_on)))
        return [one for system in checks for one in system] + [await self._check(step, told) for step in last]

    def _systems(self, seen: list[StaffMember]) -> tuple[tuple[_Step, ...], ...]:
        """The checks of each system; the first tells whether it can be asked at all."""
        return (
            (_Step(words.PORTAL, self._portal_database, "portal"),),
            (
                _Step(words.SALESFORCE_NETWORK, self._salesforce_network, "salesforce"),
                _Step(words.SALESFORCE_PERSON, partial(self._salesforce_person, seen), "salesforce"),
                _Step(words.SALESFORCE_KIND, self._salesforce_kind, "salesforce"),
                *(
                    _Step(name, partial(self._salesforce_object, record, seen), "salesforce")
                    for record, name in words.SALESFORCE_OBJECTS.items()
                ),
                _Step(words.SALESFORCE_CALLS, self._salesforce_calls, "salesforce"),
            ),
            (
                _Step(words.WHMCS_CONNECTION, self._whmcs_connection, "whmcs"),
                _Step(words.WHMCS_CLIENTS, self._whmcs_clients, "whmcs"),
                _Step(words.WHMCS_CUSTOMER_NUMBER, self._whmcs_customer_number, "whmcs"),
                _Step(words.WHMCS_PRODUCTS, self._whmcs_products, "whmcs"),
                _Step(words.WHMCS_ACTIONS, self._whmcs_actions, "whmcs"),
            ),
        )

    async def _system(self, steps: Sequence[_Step], told: Told) -> list[DoctorCheck]:
        checks: list[DoctorCheck] = []
        for step in steps:
            shut = next((one for one in checks if one.shut), None)
            checks.append(_not_tried(step, shut, told) if shut else await self._check(step, told))
        return checks

    async def _check(self, step: _Step, told: Told) -> DoctorCheck:
        check = await self._looked(step)
        told(check)
        return check

    async def _looked(self, step: _Step) -> DoctorCheck:
        try:
            return DoctorCheck(name=step.name, ok=True, detail=await _in_time(step))
        except SystemFault as fault:
            known = self._catalogue[self._diagnosis.failure(fault).code]
            return DoctorCheck(
                name=step.name,
                ok=False,
                detail=words.with_cause(known.title, str(fault)),
                fix=self._fix(fault, known.code),
                code=known.code,
                unreachable=isinstance(fault, Unavailable),
                shut=isinstance(fault, Unavailable) or known.code == "SYN-03" or _keeps_us_out(fault),
            )
        except _Wrong as wrong:
            return DoctorCheck(name=step.name, ok=False, detail=wrong.detail, fix=wrong.fix, code=wrong.code)

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

    async def _salesforce_network(self) -> Sentence:
        wanted = self._profile.salesforce.api_version
        versions = [version["version"] for version in await self._salesforce.transport.reachable()]
        if wanted not in versions:
            raise _Wrong(words.no_version(wanted), words.set_version(", ".join(versions[-3:]) or "–"))
        return words.reached(wanted, proxy_for(self._salesforce.session.instance_url))

    async def _salesforce_person(self, seen: list[StaffMember]) -> Sentence:
        """Who is signed in, also put into `seen` for the checks that follow."""
        me = await self._salesforce.reads.me()
        seen.append(me)
        if not me.roles:
            raise _Wrong(words.no_role(me.name), words.BY_CODE["ACC-02"], "ACC-02")
        return words.plain(f"{me.name}: {', '.join(sorted(me.roles))}")

    async def _salesforce_kind(self) -> Sentence:
        org = await self._salesforce.reads.organization()
        if not org.is_of(self._profile.environment):
            raise _Wrong(words.other_kind(self._profile.environment, org.name, org.is_sandbox), words.CORRECT_KIND)
        return words.kind(org.name, org.is_sandbox)

    async def _salesforce_object(self, record: str, seen: Sequence[StaffMember]) -> Sentence:
        """One object: there, each field that we read shown, each that this person writes to be changed."""
        rights: frozenset[Right] = frozenset().union(*(RIGHTS[role] for me in seen for role in me.roles))
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
        # Every answer tells, and the checks before have got some.
        calls = self._salesforce.session.calls_of_the_org
        if calls is None:
            raise _Wrong(words.CALLS_UNKNOWN, words.BY_SYSTEM["salesforce"])
        told = words.calls(calls.used, calls.allowed)
        if calls.spending is Spending.ALMOST_ALL:
            raise _Wrong(told, words.FIND_SPENDER, "SYN-02")
        return told

    async def _whmcs_connection(self) -> Sentence:
        server = await self._whmcs.admin_details()
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

    async def _whmcs_actions(self) -> Sentence:
        """Each action that the console uses is asked for once, in a way that changes nothing."""
        missing = [action for action in PROBES if not await self._whmcs.may_call(action)]
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


def _keeps_us_out(fault: SystemFault) -> bool:
    """Whether WHMCS refuses whoever we are or wherever we come from, not one action."""
    if fault.system != "whmcs" or not isinstance(fault, AccessRefused):
        return False
    return not access_problem(fault).is_about_one_action


async def _in_time(step: _Step) -> Sentence:
    if step.system is None:
        return await step.look()
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return await step.look()
    except TimeoutError:
        raise Unavailable(step.system, "doctor", f"no answer within {_PATIENCE_S:g} s") from None


def _not_tried(step: _Step, shut: DoctorCheck, told: Told) -> DoctorCheck:
    """A check that could only wait for the same again."""
    check = shut.model_copy(update={"name": step.name, "detail": words.not_tried(shut.name)})
    told(check)
    return check


def _skew_s(clock: ServerClock) -> float:
    return abs((clock.now() - datetime.now(UTC)).total_seconds())
