"""Going through every connection and right in turn, and saying what to do about each that fails."""

from collections.abc import Awaitable, Callable

from console.errors import ConsoleError, SystemFault
from console.integrations.portal.portal import Portal
from console.integrations.salesforce.org import Salesforce
from console.integrations.whmcs.actions import Whmcs
from console.models.failure import FailureCatalogue
from console.models.record import Record
from console.settings import Profile
from console.workflows.diagnosis import Diagnosis


class DoctorCheck(Record):
    """One connection or right: whether it works, what was seen, and what to do where it does not."""

    name: str
    ok: bool
    detail: str
    fix: str = ""


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
            ("WHMCS clients", self._whmcs_clients),
            ("WHMCS products and marker fields", self._whmcs_products),
        ]
        return [await self._run(name, step) for name, step in steps]

    async def _run(self, name: str, step: Callable[[], Awaitable[str]]) -> DoctorCheck:
        try:
            return DoctorCheck(name=name, ok=True, detail=await step())
        except SystemFault as fault:
            code = self._catalogue[self._diagnosis.failure(fault).code]
            return DoctorCheck(
                name=name, ok=False, detail=str(fault), fix=f"{code.code} {code.title.en}: {code.meaning.en}"
            )
        except ConsoleError as error:
            return DoctorCheck(name=name, ok=False, detail=str(error), fix="Correct the profile.")

    async def _portal_database(self) -> str:
        return f"{await self._portal.directory.count()} people in the directory"

    async def _salesforce_network(self) -> str:
        versions = [version["version"] for version in await self._salesforce.transport.reachable()]
        if self._profile.salesforce.api_version not in versions:
            raise ConsoleError(f"The org does not offer API version {self._profile.salesforce.api_version}.")
        return f"reached, API {self._profile.salesforce.api_version}"

    async def _salesforce_person(self) -> str:
        me = await self._salesforce.reads.me()
        if not me.roles:
            raise ConsoleError(f"{me.name} has none of the Staff Console permission sets; assign one.")
        return f"{me.name}: {', '.join(sorted(me.roles))}"

    async def _salesforce_orders(self) -> str:
        await self._salesforce.reads.orders_readable()
        return "every field of the field map can be read"

    async def _salesforce_claims(self) -> str:
        await self._salesforce.reads.claim("work:none:0")
        return "claim rows can be read"

    async def _whmcs_connection(self) -> str:
        server = await self._whmcs.admin_details()
        return f"WHMCS {server.version}"

    async def _whmcs_clients(self) -> str:
        page = await self._whmcs.get_clients(limit=1)
        return f"{page.total} clients"

    async def _whmcs_products(self) -> str:
        known = {product.id for product in await self._whmcs.get_products()}
        markers = self._profile.whmcs.marker_field_ids
        unknown = sorted(set(markers) - known)
        if unknown:
            raise ConsoleError(f"The profile names WHMCS products that do not exist: {unknown}.")
        proved = "proved" if self._profile.whmcs.marker_proved else "not proved"
        return f"{len(known)} products, {len(markers)} with a marker field, storing it is {proved}"
