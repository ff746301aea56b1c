"""Going through every connection and right in turn, and saying what to do about each that fails."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from console.clocks import ServerClock
from console.errors import AccessRefused, ConsoleError, Missing, Obstacle, Rejected, SystemFault, Unavailable
from console.integrations.portal.portal import Portal
from console.integrations.reach import proxy_for
from console.integrations.salesforce.org import Salesforce
from console.integrations.whmcs.access import what_to_do
from console.integrations.whmcs.actions import Whmcs
from console.integrations.whmcs.versions import OLDEST_SUPPORTED, is_supported
from console.models.connection import Spending
from console.models.failure import FailureCatalogue
from console.models.record import Record
from console.models.staff import RIGHTS, Right, StaffMember
from console.settings import Profile
from console.workflows.diagnosis import Diagnosis
from console.workflows.marker_proof import NothingToProve, prove_marker

_DEPLOY = "Have a Salesforce administrator deploy the console's metadata (resources/salesforce)"
_BY_CODE = {
    "ACC-02": f"{_DEPLOY} and assign you a Staff Console permission set.",
    "SYN-02": "Wait until Salesforce's daily limit of calls resets, or have an administrator raise it.",
    "SYN-03": "Sign in to Salesforce again.",
    "SYN-05": "Check the network and the Salesforce address in the profile; if both are right, wait for Salesforce.",
    "PRV-02": "Check the network and the WHMCS address in the profile; if both are right, have the WHMCS server looked "
    "at.",
}
_BY_OBSTACLE = {
    Obstacle.NAME: "Nobody knows the name {host}. Check the address in the profile for a slip, then this machine's "
    "network and VPN.",
    Obstacle.CERTIFICATE: "This machine does not trust the certificate of {host}. Have your company's root certificate "
    "put into the operating system's store, or the server's certificate renewed; check this machine's date.",
    Obstacle.PROXY: "The proxy {proxy} does not let us through to {host}. Have it allowed there, or correct the proxy "
    "in the operating system's settings.",
}
_THROUGH_PROXY = "Nothing answers, perhaps as the proxy {proxy} does not. Check that it runs, or correct the proxy in "\
    "the operating system's settings."  # fmt: skip

_BY_SYSTEM = {
    "portal": "Check that the Portal database runs, that its disk has room, and its address in the profile.",
    "salesforce": "Pass the detail on to your Salesforce administrator.",
    "whmcs": "Pass the detail on to your WHMCS administrator.",
}

_OLDEST = ".".join(str(part) for part in OLDEST_SUPPORTED)
# What is more shows in ages and in the order of events.
_MOST_SKEW_S = 60

# Any id will do for a probe: that there is no such record is told only to who may ask.
_SOME_ID = 1

# The records of the field map and what people call them.
_OBJECTS = {
    "account": "accounts",
    "contact": "contacts",
    "order": "orders",
    "order_item": "order items",
    "product": "products",
    "price_book_entry": "prices",
    "order_claim": "claims",
    "user": "users",
    "permission_assignment": "permission sets",
}


class DoctorCheck(Record):
    """One connection or right: whether it works, what was seen, and what to do where it does not.

    code         the failure code, None where it is no fault of a system
    unreachable  whether it failed because the system did not answer, so that nothing is known of it
    """

    name: str
    ok: bool
    detail: str
    fix: str = ""
    code: str | None = None
    unreachable: bool = False


class _Wrong(ConsoleError):
    """The systems answer, but the set-up is not as it has to be; `fix` is what to do."""

    def __init__(self, detail: str, fix: str, code: str | None = None) -> None:
        super().__init__(detail)
        self.fix = fix
        self.code = code


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

    async def examine(self, prove_marker_on: int | None = None) -> list[DoctorCheck]:
        """Every check in turn, also after one that failed.

        `prove_marker_on` is the WHMCS id of a test client, for whom one order is made and cancelled.
        """
        seen: list[StaffMember] = []
        steps: list[tuple[str, Callable[[], Awaitable[str]]]] = [
            ("Portal database", self._portal_database),
            ("Salesforce network", self._salesforce_network),
            ("Salesforce sign-in and roles", partial(self._salesforce_person, seen)),
            ("Salesforce kind of org", self._salesforce_kind),
            *((f"Salesforce {what}", partial(self._salesforce_object, one, seen)) for one, what in _OBJECTS.items()),
            ("Salesforce calls", self._salesforce_calls),
            ("WHMCS connection and credential", self._whmcs_connection),
            ("WHMCS clients", self._whmcs_clients),
            ("WHMCS customer number field", self._whmcs_customer_number),
            ("WHMCS products and marker fields", self._whmcs_products),
            ("WHMCS read rights", self._whmcs_read_rights),
            ("Clock", self._clock),
        ]
        if prove_marker_on is not None:
            steps.append(("WHMCS keeps the marker", partial(self._marker, prove_marker_on)))
        return [await self._run(name, step) for name, step in steps]

    async def _run(self, name: str, step: Callable[[], Awaitable[str]]) -> DoctorCheck:
        try:
            return DoctorCheck(name=name, ok=True, detail=await step())
        except SystemFault as fault:
            words = self._catalogue[self._diagnosis.failure(fault).code]
            return DoctorCheck(
                name=name,
                ok=False,
                detail=f"{words.title.en} ({fault})",
                fix=self._fix(fault, words.code),
                code=words.code,
                unreachable=isinstance(fault, Unavailable),
            )
        except _Wrong as wrong:
            return DoctorCheck(name=name, ok=False, detail=str(wrong), fix=wrong.fix, code=wrong.code)

    def _fix(self, fault: SystemFault, code: str) -> str:
        """What a person can do about a fault."""
        if isinstance(fault, AccessRefused) and fault.system == "whmcs":
            return what_to_do(fault)
        if isinstance(fault, Unavailable) and fault.obstacle and (told := self._around(fault)):
            return told
        return _BY_CODE.get(code) or _BY_SYSTEM[fault.system]

    def _around(self, fault: Unavailable) -> str | None:
        """What to do about an obstacle on the way, None where no more is known than that there is one."""
        address = self._profile.whmcs.url if fault.system == "whmcs" else self._salesforce.session.instance_url
        names = {"host": urlsplit(address).hostname or address, "proxy": proxy_for(address)}
        if fault.obstacle in _BY_OBSTACLE:
            return _BY_OBSTACLE[fault.obstacle].format(**names)
        return _THROUGH_PROXY.format(**names) if names["proxy"] else None

    async def _portal_database(self) -> str:
        return f"{await self._portal.directory.count()} people in the directory"

    async def _salesforce_network(self) -> str:
        wanted = self._profile.salesforce.api_version
        versions = [version["version"] for version in await self._salesforce.transport.reachable()]
        if wanted not in versions:
            offered = ", ".join(versions[-3:]) or "none"
            raise _Wrong(
                f"The org does not offer API version {wanted}.",
                f"Set api_version in the profile to one that the org offers; its newest are {offered}.",
            )
        return f"reached{_through_proxy(self._salesforce.session.instance_url)}, API {wanted}"

    async def _salesforce_person(self, seen: list[StaffMember]) -> str:
        """Who is signed in, also put into `seen` for the checks that follow."""
        me = await self._salesforce.reads.me()
        seen.append(me)
        if not me.roles:
            raise _Wrong(f"{me.name} has none of the Staff Console permission sets.", _BY_CODE["ACC-02"], "ACC-02")
        return f"{me.name}: {', '.join(sorted(me.roles))}"

    async def _salesforce_kind(self) -> str:
        org = await self._salesforce.reads.organization()
        kind = "a sandbox" if org.is_sandbox else "the production org"
        if org.is_sandbox is (self._profile.environment == "production"):
            raise _Wrong(
                f"The profile says {self._profile.environment}, but {org.name} is {kind}.",
                "Correct salesforce.instance_url or the environment in the profile before anybody works with it.",
            )
        return f"{org.name}, {kind}"

    async def _salesforce_object(self, record: str, seen: Sequence[StaffMember]) -> str:
        """One object: there, each field that we read shown, each that this person writes to be changed."""
        rights: frozenset[Right] = frozenset().union(*(RIGHTS[role] for me in seen for role in me.roles))
        try:
            access = await self._salesforce.reads.access(record, rights)
        except Missing as missing:
            detail = f"The object {missing.action.partition(':')[2]} is not there, or this person may not see it."
            raise _Wrong(detail, _BY_CODE["ACC-02"], "ACC-02") from None
        wrong = [(access.hidden, "not there or hidden"), (access.fixed, "not to be changed by this person")]
        if told := [f"{', '.join(names)} {what}" for names, what in wrong if names]:
            fix = f"{_DEPLOY}, and check this person's permission set for these fields."
            raise _Wrong(f"On {access.sobject}: {'; '.join(told)}.", fix, "ACC-02")
        return f"{access.readable} fields of {access.sobject}"

    async def _salesforce_calls(self) -> str:
        # Every answer tells, and the checks before have got some.
        calls = self._salesforce.session.calls_of_the_org
        if calls is None:
            raise _Wrong("No answer has told how many calls are left.", _BY_SYSTEM["salesforce"])
        told = f"{calls.used:,} of {calls.allowed:,} calls of the last 24 hours used by the whole org"
        if calls.spending is Spending.ALMOST_ALL:
            fix = (
                "Find out with an administrator which integration uses them up; the desk reads by hand only meanwhile."
            )
            raise _Wrong(f"{told}.", fix, "SYN-02")
        return told

    async def _whmcs_connection(self) -> str:
        server = await self._whmcs.admin_details()
        if not is_supported(server.version):
            raise _Wrong(f"This is WHMCS {server.version}.", f"Have WHMCS brought to {_OLDEST} or later.")
        return f"WHMCS {server.version}{_through_proxy(self._profile.whmcs.url)}"

    async def _clock(self) -> str:
        apart = {name: _skew_s(clock) for name, clock in self._clocks().items()}
        far = {name: skew_s for name, skew_s in apart.items() if skew_s > _MOST_SKEW_S}
        if far:
            told = " and ".join(f"{skew_s:.0f} seconds from that of {name}" for name, skew_s in far.items())
            raise _Wrong(
                f"This machine's clock is {told}.",
                f"Set this machine's clock by network time; if it is right, have that of {' and '.join(far)} set.",
            )
        return f"agrees with {' and '.join(apart)}"

    def _clocks(self) -> dict[str, ServerClock]:
        clocks = {"Salesforce": self._salesforce.session.clock, "WHMCS": self._whmcs.clock}
        known = {name: clock for name, clock in clocks.items() if clock.is_known}
        if not known:
            raise _Wrong("No system has told the time.", "See to the connections above first.")
        return known

    async def _whmcs_clients(self) -> str:
        page = await self._whmcs.get_clients(limit=1)
        return f"{page.total} clients"

    async def _whmcs_customer_number(self) -> str:
        """WHMCS lists no custom fields, but each client comes with all of them."""
        page = await self._whmcs.get_clients(limit=1)
        if not page.clients:
            return "no client to look at yet"
        fields = (await self._whmcs.get_client(page.clients[0].id)).custom_fields
        wanted = self._profile.whmcs.customer_number_field_id
        if wanted not in fields:
            known = ", ".join(str(one) for one in sorted(fields)) or "none"
            raise _Wrong(
                f"Clients have no custom field with id {wanted}.",
                f"Set customer_number_field_id in the profile to the id of that field; clients have {known}. "
                "It is listed in WHMCS under Custom Client Fields.",
            )
        return f"clients have field {wanted}"

    async def _whmcs_products(self) -> str:
        known = {product.id for product in await self._whmcs.get_products()}
        markers = self._profile.whmcs.marker_field_ids
        unknown = sorted(set(markers) - known)
        if unknown:
            raise _Wrong(
                f"The profile names WHMCS products that do not exist: {', '.join(map(str, unknown))}.",
                "Correct marker_field_ids in the profile.",
            )
        proved = "proved" if self._profile.whmcs.marker_proved else "not proved"
        return f"{len(known)} products, {len(markers)} with a marker field, storing it is {proved}"

    async def _marker(self, client_id: int) -> str:
        try:
            proof = await prove_marker(self._whmcs, client_id, self._profile.whmcs.marker_field_ids)
        except NothingToProve as nothing:
            raise _Wrong(str(nothing), "Set marker_field_ids in the profile, or name another test client.") from None
        told = f"WHMCS order {proof.order_id} of {proof.product}, cancelled again"
        if not proof.stored:
            raise _Wrong(
                f"{told}: its marker was not stored.",
                "Make the marker field of the product an admin-only text field in WHMCS; leave marker_proved out of "
                "the profile until this check works.",
            )
        return f"{told}: stored. Set marker_proved = true under [whmcs] in the profile"

    async def _whmcs_read_rights(self) -> str:
        """No action tells what an API role allows, so each one that the console reads with is tried once."""
        probes: dict[str, Callable[[], Awaitable[Any]]] = {
            "GetClientsDetails": lambda: self._whmcs.get_client(_SOME_ID),
            "GetPayMethods": lambda: self._whmcs.get_pay_methods(_SOME_ID),
            "GetOrders": lambda: self._whmcs.get_orders(order_id=_SOME_ID),
            "GetClientsProducts": lambda: self._whmcs.get_services(
                service_id=_SOME_ID, currency=self._profile.salesforce.currency
            ),
            "GetInvoices": lambda: self._whmcs.get_invoices(_SOME_ID),
            "GetModuleQueue": lambda: self._whmcs.get_module_queue(_SOME_ID),
            "GetCurrencies": self._whmcs.get_currencies,
        }
        missing = [action for action, probe in probes.items() if not await _allowed(probe)]
        if missing:
            raise _Wrong(
                f"The credential may not use {', '.join(missing)}.",
                f"Allow {', '.join(missing)} in the API role of the credential in WHMCS: API Credentials, API Roles.",
                "ACC-01",
            )
        return f"{len(probes)} read actions allowed; those that change something are not tried"


async def _allowed(probe: Callable[[], Awaitable[Any]]) -> bool:
    """Whether the API role allows an action. Every other fault is raised; a mere no was an answer."""
    try:
        await probe()
    except AccessRefused as refused:
        if not refused.message.strip().casefold().startswith("invalid permissions"):
            raise
        return False
    except Rejected:
        return True
    return True


def _skew_s(clock: ServerClock) -> float:
    return abs((clock.now() - datetime.now(UTC)).total_seconds())


def _through_proxy(address: str) -> str:
    proxy = proxy_for(address)
    return f" through the proxy {proxy}" if proxy else ""
