"""The WHMCS actions that show and change a service's record, never its module. Source: whmcs-api.md 9."""

from collections.abc import Mapping

from console.sandbox.whmcs_call import Answer, Call, Handler, page, wanted
from console.sandbox.whmcs_fields import sent_fields
from console.sandbox.whmcs_store import ZERO_DATE, ZERO_MOMENT, Product, Service
from console.sandbox.whmcs_tables import find, where

_COLUMNS: Mapping[str, str] = {
    "regdate": "regdate",
    "nextduedate": "nextduedate",
    "domain": "domain",
    "firstpaymentamount": "firstpaymentamount",
    "recurringamount": "recurringamount",
    "paymentmethod": "paymentmethod",
    "billingcycle": "billingcycle",
    "status": "status",
    "notes": "notes",
    "serviceusername": "username",
    "servicepassword": "password",
    "suspendreason": "suspensionreason",
}
_CLEARABLE = frozenset({"domain", "notes", "suspendreason", "serviceusername", "servicepassword"})
# The example shows these on every service; the sandbox has no servers, no addresses and no traffic.
_NOT_KEPT: Mapping[str, str] = {
    "subscriptionid": "",
    "promoid": "0",
    "overideautosuspend": "",
    "overidesuspenduntil": ZERO_DATE,
    "ns1": "",
    "ns2": "",
    "assignedips": "",
}
_NO_TRAFFIC: Mapping[str, str] = {
    "diskusage": "0",
    "disklimit": "0",
    "bwusage": "0",
    "bwlimit": "0",
    "lastupdate": ZERO_MOMENT,
}


def get_clients_products(call: Call) -> Answer:
    """GetClientsProducts: filters are echoed, as text or null; ids are text."""
    params = call.params
    client, service_id, product = (params.integer(name) for name in ("clientid", "serviceid", "pid"))
    services = call.books.services
    kept = where(services, "clientid", client) if client else services
    found = [
        service
        for service in (where(kept, "id", service_id) if service_id else kept)
        if client in (0, service.clientid)
        and service_id in (0, service.id)
        and product in (0, service.pid)
        and params.text("domain") in ("", service.domain)
        and params.text("username2") in ("", service.username)
    ]
    paging, shown = page(call, found)
    return {
        **{name: params.text(name) or None for name in ("clientid", "serviceid", "pid", "domain")},
        **paging,
        "totalresults": str(paging["totalresults"]),
        "products": {"product": [_service(call, service) for service in shown]},
    }


def _service(call: Call, service: Service) -> Answer:
    product = find(call.books.products, service.pid)
    order = find(call.books.orders, service.orderid)
    name, group = (product.name, product.groupname) if product else ("", "")
    quantity = {"qty": str(service.qty)} if call.server.switches.since(8, 12) else {}
    return {
        "id": str(service.id),
        **quantity,
        "clientid": str(service.clientid),
        "orderid": str(service.orderid),
        "ordernumber": order.ordernum if order else "",
        "pid": str(service.pid),
        "regdate": service.regdate,
        "name": name,
        "translated_name": name,
        "groupname": group,
        "translated_groupname": group,
        "domain": service.domain,
        "dedicatedip": "",
        "serverid": "0",
        "servername": "",
        "serverip": "",
        "serverhostname": "",
        "suspensionreason": service.suspensionreason,
        "firstpaymentamount": service.firstpaymentamount,
        "recurringamount": service.recurringamount,
        "paymentmethod": service.paymentmethod,
        "paymentmethodname": call.server.gateway_name(service.paymentmethod),
        "billingcycle": service.billingcycle,
        "nextduedate": service.nextduedate,
        "status": service.status,
        "username": service.username,
        "password": service.password,
        **_NOT_KEPT,
        "notes": service.notes,
        **_NO_TRAFFIC,
        "customfields": {"customfield": _custom_fields(product, service)},
        "configoptions": {"configoption": []},
    }


def _custom_fields(product: Product | None, service: Service) -> list[dict[str, str]]:
    """Every field of the product, admin-only ones too, with the service's value or nothing."""
    return [
        {
            "id": str(field.id),
            "name": field.name,
            "translated_name": field.name,
            "value": service.customfields.get(field.id, ""),
        }
        for field in (product.customfields if product else ())
    ]


def update_client_product(call: Call) -> Answer:
    """UpdateClientProduct: the record only; `customfields` is one serialised string, an array goes unread."""
    service = wanted(find(call.books.services, call.params.integer("serviceid")), "Service ID Not Found")
    service.pid = call.params.integer("pid") or service.pid
    for name, column in _COLUMNS.items():
        if call.params.given(name):
            setattr(service, column, call.params.text(name))
    for cleared in _CLEARABLE.intersection(map(str, call.params.array("unset").values())):
        setattr(service, _COLUMNS[cleared], "")
    product = find(call.books.products, service.pid)
    known = {field.id for field in product.customfields} if product else set()
    service.customfields.update(sent_fields(call.params.text("customfields"), known))
    return {"serviceid": str(service.id)}


ACTIONS: Mapping[str, Handler] = {
    "GetClientsProducts": get_clients_products,
    "UpdateClientProduct": update_client_product,
}
