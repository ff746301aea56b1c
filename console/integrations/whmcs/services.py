"""Actions on services and their server modules. Source: whmcs-api.md 9."""

from collections.abc import Mapping
from functools import partial

from console.integrations.whmcs.mapping import services as mapping
from console.integrations.whmcs.paging import Listing, all_rows
from console.integrations.whmcs.php import Params, serialised_map
from console.integrations.whmcs.shapes import nothing
from console.integrations.whmcs.system import SystemActions
from console.models.billing import Addon, ModuleFailure, Service


class ServiceActions(SystemActions):
    """Services: read, marked, set up, stopped and started."""

    async def get_services(
        self, client_id: int | None = None, *, service_id: int | None = None, currency: str
    ) -> tuple[Service, ...]:
        """All services of a client, or the one with this id. `currency` is the client's."""
        params: Params = {"clientid": client_id, "serviceid": service_id}
        listing = Listing("GetClientsProducts", params, "products", "product")
        found = all_rows(self._transport, listing, partial(mapping.service, currency=currency))
        # A parameter that a server does not know is ignored without a word (whmcs-api.md 1).
        return tuple(
            [
                service
                async for service in found
                if client_id in (None, service.client_id) and service_id in (None, service.id)
            ]
        )

    async def get_addons(self, client_id: int, *, currency: str) -> tuple[Addon, ...]:
        """All add-ons of a client's services. `currency` is the client's."""
        mapped = partial(mapping.addons, currency=currency)
        found = await self._transport.read("GetClientsAddons", {"clientid": client_id}, mapped)
        return tuple(addon for addon in found if addon.client_id == client_id)

    async def get_module_queue(self, service_id: int | None = None) -> tuple[ModuleFailure, ...]:
        """Failed module actions of services, or of one service, that wait for a person."""
        params: Params = {"serviceType": "service", "relatedId": service_id}
        waiting = await self._transport.read("GetModuleQueue", params, mapping.module_failures)
        return tuple(failure for failure in waiting if service_id in (None, failure.service_id))

    async def module_create(self, service_id: int, *, send_before: float | None = None) -> None:
        """Run a service's set-up. Not repeat-safe: read the service first. Source: whmcs-api.md 8.4."""
        await self._transport.change("ModuleCreate", {"serviceid": service_id}, nothing, send_before=send_before)

    async def module_suspend(self, service_id: int, reason: str) -> None:
        """Stop a service for a while; the customer sees `reason` in the client area. Sets a state: repeat-safe."""
        params: Params = {"serviceid": service_id, "suspendreason": reason}
        await self._transport.change("ModuleSuspend", params, nothing)

    async def module_unsuspend(self, service_id: int) -> None:
        """Start a suspended service again. Sets a state: repeat-safe."""
        await self._transport.change("ModuleUnsuspend", {"serviceid": service_id}, nothing)

    async def update_client_product(self, service_id: int, custom_fields: Mapping[int, str]) -> None:
        """Set custom fields of a service by field id; the others stay. Changes the record only."""
        params: Params = {"serviceid": service_id, "customfields": serialised_map(custom_fields)}
        await self._transport.change("UpdateClientProduct", params, nothing)
