"""Going through every connection and right in turn, and saying what to do about each that fails."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from console.errors import AccessRefused, ConsoleError, Rejected, SystemFault, Unavailable
from console.integrations.portal.portal import Portal
from console.integrations.salesforce.org import Salesforce
from console.integrations.whmcs.access import what_to_do
from console.integrations.whmcs.actions import Whmcs
from console.integrations.whmcs.versions import OLDEST_SUPPORTED, is_supported
from console.models.failure import FailureCatalogue
from console.models.record import Record
from console.settings import Profile
from console.workflows.diagnosis import Diagnosis

_BY_CODE = {
    "ACC-02": "Have a Salesforce administrator deploy the console's metadata and assign you a Staff Console "
    "permission set.",
    "SYN-02": "Wait until Salesforce's daily limit of calls resets, or have an administrator raise it.",
    "SYN-03": "Sign in to Salesforce again.",
    "SYN-05": "Check the network and the Salesforce address in the profile; if both are right, wait for Salesforce.",
    "PRV-02": "Check the network and the WHMCS address in the profile; if both are right, have the WHMCS server looked "
    "at.",
}

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
    """Reads only; writes nothing anywhere."""

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

    async def examine(self) -> list[DoctorCheck]:
        """Every check in turn, also after one that failed."""
        steps: list[tuple[str, Callable[[], Awaitable[str]]]] = [
            ("Portal database", self._portal_database),
            ("Salesforce network", self._salesforce_network),
            ("Salesforce sign-in and roles", self._salesforce_person),
            ("Salesforce orders and fields", self._salesforce_orders),
            ("Salesforce claims", self._salesforce_claims),
            ("WHMCS connection and credential", self._whmcs_connection),
            ("Clock", self._clock),
            ("WHMCS clients", self._whmcs_clients),
            ("WHMCS products and marker fields", self._whmcs_products),
            ("WHMCS read rights", self._whmcs_read_rights),
        ]
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
                fix=_fix(fault, words.code),
                code=words.code,
                unreachable=isinstance(fault, Unavailable),
            )
        except _Wrong as wrong:
            return DoctorCheck(name=name, ok=False, detail=str(wrong), fix=wrong.fix, code=wrong.code)

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
        return f"reached, API {wanted}"

    async def _salesforce_person(self) -> str:
        me = await self._salesforce.reads.me()
        if not me.roles:
            raise _Wrong(f"{me.name} has none of the Staff Console permission sets.", _BY_CODE["ACC-02"], "ACC-02")
        return f"{me.name}: {', '.join(sorted(me.roles))}"

    async def _salesforce_orders(self) -> str:
        await self._salesforce.reads.orders_readable()
        return "every field of the field map can be read"

    async def _salesforce_claims(self) -> str:
        await self._salesforce.reads.claim("work:none:0")
        return "claim rows can be read"

    async def _whmcs_connection(self) -> str:
        server = await self._whmcs.admin_details()
        if not is_supported(server.version):
            raise _Wrong(f"This is WHMCS {server.version}.", f"Have WHMCS brought to {_OLDEST} or later.")
        return f"WHMCS {server.version}"

    async def _clock(self) -> str:
        skew_s = abs((self._whmcs.clock.now() - datetime.now(UTC)).total_seconds())
        if skew_s > _MOST_SKEW_S:
            raise _Wrong(
                f"This machine's clock and that of WHMCS are {skew_s:.0f} seconds apart.",
                "Set this machine's clock by network time; if it is right, have the WHMCS server's set.",
            )
        return "this machine's clock agrees with the servers'"

    async def _whmcs_clients(self) -> str:
        page = await self._whmcs.get_clients(limit=1)
        return f"{page.total} clients"

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


def _fix(fault: SystemFault, code: str) -> str:
    """What a person can do about a fault."""
    if isinstance(fault, AccessRefused) and fault.system == "whmcs":
        return what_to_do(fault)
    return _BY_CODE.get(code) or _BY_SYSTEM[fault.system]
