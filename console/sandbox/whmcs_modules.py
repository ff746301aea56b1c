"""Services and their provisioning modules: what ModuleCreate and its kin do, and the queue of what failed.

Knows no orders. Source: whmcs-api.md 9.
"""

from collections.abc import Mapping

from console.sandbox.whmcs_call import Answer, Call, Handler, Refused, WhmcsServer, wanted
from console.sandbox.whmcs_store import Product, QueueEntry, Service
from console.sandbox.whmcs_tables import find

_USUAL_FAILURE = "The module could not set up the service"


def set_up(server: WhmcsServer, service: Service) -> None:
    """Create the service as AcceptOrder does. Refused where the module's refusal ends the call.

    A service that is Active already is left alone; a product without a module needs no set-up.
    """
    product = _product(server, service)
    if service.status == "Active" or product.setup == "pending":
        return
    service.setup_attempts += 1
    if not _broken(product, service):
        _activate(server, service)
    elif product.setup == "refuse":
        raise Refused(product.setup_message or _USUAL_FAILURE)
    else:
        _queue(server, service, product, "CreateAccount")


def module_create(call: Call) -> Answer:
    """ModuleCreate. Not repeat-safe: on an Active service it sets up once more (whmcs-api.md 8.4)."""
    service, product = _service_with_module(call)
    service.setup_attempts += 1
    if product.setup == "fail" and _broken(product, service):
        _queue(call.server, service, product, "CreateAccount")
        raise Refused(product.setup_message or _USUAL_FAILURE)
    _activate(call.server, service)
    return {}


def _broken(product: Product, service: Service) -> bool:
    """Whether this attempt is one of those that fail."""
    if product.setup not in ("fail", "refuse"):
        return False
    return product.setup_fails is None or service.setup_attempts <= product.setup_fails


def _activate(server: WhmcsServer, service: Service) -> None:
    service.status = "Active"
    service.setups_done += 1
    service.username = service.username or f"svc{service.id:06d}"
    service.password = service.password or f"{server.chance.getrandbits(48):012x}"
    _leave_queue(server, service, "CreateAccount")


def _queue(server: WhmcsServer, service: Service, product: Product, action: str) -> None:
    """One entry for a service and an action: a repeated failure replaces the last one."""
    _leave_queue(server, service, action)
    entry = QueueEntry(
        id=server.new_id("module_queue"),
        serviceid=service.id,
        modulename=product.module,
        moduleaction=action,
        lastattempt=server.moment(),
        lastattempterror=product.setup_message or _USUAL_FAILURE,
    )
    server.books.module_queue.append(entry)


def _leave_queue(server: WhmcsServer, service: Service, action: str) -> None:
    queue = server.books.module_queue
    server.keep_ids("module_queue")
    queue[:] = [entry for entry in queue if (entry.serviceid, entry.moduleaction) != (service.id, action)]


def module_suspend(call: Call) -> Answer:
    """ModuleSuspend."""
    service, _ = _service_with_module(call)
    service.status, service.suspensionreason = "Suspended", call.params.text("suspendreason")
    return {}


def module_unsuspend(call: Call) -> Answer:
    """ModuleUnsuspend."""
    service, _ = _service_with_module(call)
    service.status, service.suspensionreason = "Active", ""
    return {}


def module_terminate(call: Call) -> Answer:
    """ModuleTerminate."""
    service, _ = _service_with_module(call)
    service.status = "Terminated"
    return {}


def _service_with_module(call: Call) -> tuple[Service, Product]:
    if not call.params.given("serviceid"):
        raise Refused("Service ID is required")
    service = wanted(find(call.books.services, call.params.integer("serviceid")), "Service ID not found")
    product = _product(call.server, service)
    if not product.module:
        raise Refused("Service not assigned to a module")
    return service, product


def _product(server: WhmcsServer, service: Service) -> Product:
    return wanted(find(server.books.products, service.pid), "Service not assigned to a module")


def module_queue(call: Call) -> Answer:
    """GetModuleQueue: failed module actions that wait for a person; ids are text."""
    params = call.params
    related, kind = params.integer("relatedId"), params.text("serviceType")
    found = [
        entry
        for entry in call.books.module_queue
        if kind in ("", "service")
        and related in (0, entry.serviceid)
        and params.text("moduleName") in ("", entry.modulename)
        and params.text("moduleAction") in ("", entry.moduleaction)
        and entry.lastattempt >= params.text("since")
    ]
    return {"count": len(found), "queue": [_entry(entry) for entry in found]}


def _entry(entry: QueueEntry) -> dict[str, str]:
    return {
        "id": str(entry.id),
        "serviceType": "service",
        "serviceId": str(entry.serviceid),
        "moduleName": entry.modulename,
        "moduleAction": entry.moduleaction,
        "lastAttempt": entry.lastattempt,
        "lastAttemptError": entry.lastattempterror,
    }


ACTIONS: Mapping[str, Handler] = {
    "ModuleCreate": module_create,
    "ModuleSuspend": module_suspend,
    "ModuleUnsuspend": module_unsuspend,
    "ModuleTerminate": module_terminate,
    "GetModuleQueue": module_queue,
}
