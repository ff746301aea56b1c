"""Services, their add-ons and the module queue; replies name no currency. Source: whmcs-api.md 9."""

from console.integrations.whmcs.mapping.parts import custom_fields, money
from console.integrations.whmcs.shapes import Row, day, integer, moment, optional_id, text, whole_list
from console.models.billing import Addon, ModuleFailure, Service


def service(row: Row, currency: str) -> Service:
    """One row of GetClientsProducts."""
    return Service(
        id=integer(row.get("id")),
        client_id=integer(row.get("clientid")),
        order_id=integer(row.get("orderid")),
        product_id=integer(row.get("pid")),
        name=text(row, "name"),
        group=text(row, "groupname"),
        domain=text(row, "domain"),
        status=text(row, "status"),
        billing_cycle=text(row, "billingcycle"),
        recurring_amount=money(row.get("recurringamount"), currency),
        next_due=day(row.get("nextduedate")),
        registered=day(row.get("regdate")),
        quantity=integer(row.get("qty", 1)),
        custom_fields=custom_fields(row),
    )


def addons(answer: Row, currency: str) -> tuple[Addon, ...]:
    """GetClientsAddons, in one reply."""
    return tuple(
        Addon(
            id=integer(row.get("id")),
            client_id=integer(row.get("userid")),
            order_id=optional_id(row.get("orderid")),
            service_id=integer(row.get("serviceid")),
            name=text(row, "name"),
            status=text(row, "status"),
            billing_cycle=text(row, "billingcycle"),
            recurring_amount=money(row.get("recurring"), currency),
            next_due=day(row.get("nextduedate")),
        )
        for row in whole_list(answer, "addons", "addon")
    )


def module_failures(answer: Row) -> tuple[ModuleFailure, ...]:
    """Failed module actions of services (GetModuleQueue)."""
    return tuple(
        ModuleFailure(
            id=integer(row.get("id")),
            service_id=integer(row.get("serviceId")),
            action=text(row, "moduleAction"),
            last_attempt=moment(row.get("lastAttempt")),
            error=text(row, "lastAttemptError"),
        )
        for row in whole_list(answer, "queue", count="count")
        if text(row, "serviceType") == "service"
    )
