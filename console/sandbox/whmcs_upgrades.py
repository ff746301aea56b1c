"""Changes of a service's product and its extras in the sandbox WHMCS. Source: whmcs-api.md 9."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from console.sandbox.whmcs_billing import charge, money
from console.sandbox.whmcs_call import Answer, Call, Handler, Refused, wanted
from console.sandbox.whmcs_catalogue import CYCLES
from console.sandbox.whmcs_orders import new_order
from console.sandbox.whmcs_store import Currency, Product, Service, ServiceAddon
from console.sandbox.whmcs_tables import find, where

_TYPES = ("product", "configoptions")
_DAYS_OF_A_CYCLE = 30


def get_clients_addons(call: Call) -> Answer:
    """GetClientsAddons: `serviceid` may be several, with commas; counts and ids are text; never paged."""
    params = call.params
    client, addon = params.integer("clientid"), params.integer("addonid")
    services = {part.strip() for part in params.text("serviceid").split(",")} - {""}
    rows = [
        _addon(call, row)
        for row in (where(call.books.addons, "userid", client) if client else call.books.addons)
        if addon in (0, row.addonid) and (not services or str(row.serviceid) in services)
    ]
    return {
        "serviceid": params.text("serviceid"),
        "clientid": params.text("clientid"),
        "totalresults": str(len(rows)),
        "addons": {"addon": rows},
    }


def _addon(call: Call, row: ServiceAddon) -> dict[str, str]:
    return {
        "id": str(row.id),
        "qty": "1",
        "userid": str(row.userid),
        "orderid": str(row.orderid),
        "serviceid": str(row.serviceid),
        "addonid": str(row.addonid),
        "name": row.name,
        "setupfee": row.setupfee,
        "recurring": row.recurring,
        "billingcycle": row.billingcycle,
        "tax": "",
        "status": row.status,
        "regdate": row.regdate,
        "nextduedate": row.nextduedate,
        "nextinvoicedate": row.nextduedate,
        "paymentmethod": row.paymentmethod,
        "paymentmethodname": call.server.gateway_name(row.paymentmethod),
        "notes": row.notes,
    }


def upgrade_product(call: Call) -> Answer:
    """UpgradeProduct: what the change costs for the days that are left, and unless `calconly` an order for it."""
    params = call.params
    service = wanted(find(call.books.services, params.integer("serviceid")), "Service ID Not Found")
    _check(call, service)
    client = wanted(find(call.books.clients, service.clientid), "Service ID Not Found")
    currency = call.server.currency_of(client)
    old = wanted(find(call.books.products, service.pid), "Service ID Not Found")
    new = find(call.books.products, params.integer("newproductid")) or old
    days = max((date.fromisoformat(service.nextduedate) - date.fromisoformat(call.server.today())).days, 0)
    price = (_price(call, new, currency) - Decimal(service.recurringamount)) * days / _DAYS_OF_A_CYCLE
    answer = {
        "oldproductid": str(old.id),
        "oldproductname": old.name,
        "newproductid": new.id,
        "newproductname": new.name,
        "daysuntilrenewal": days,
        "totaldays": _DAYS_OF_A_CYCLE,
        "newproductbillingcycle": params.text("newproductbillingcycle") or "monthly",
        "price": _formatted(price, currency),
    }
    return answer if params.flag("calconly") else answer | _ordered(call, service, price)


def _check(call: Call, service: Service) -> None:
    if call.params.text("type") not in _TYPES:
        raise Refused("Invalid Upgrade Type")
    if call.server.gateway(call.params.text("paymentmethod")) is None:
        options = ",".join(known.module for known in call.books.gateways)
        raise Refused(f"Invalid Payment Method. Valid options include {options}")
    unpaid = (
        invoice for invoice in where(call.books.invoices, "userid", service.clientid) if invoice.status == "Unpaid"
    )
    if any(item.type == "Upgrade" and item.relid == service.id for invoice in unpaid for item in invoice.items):
        refusal = "Unable to accept upgrade order."
        raise Refused(f"{refusal} Previous upgrade invoice for service is still unpaid.")


def _price(call: Call, product: Product, currency: Currency) -> Decimal:
    cycle = call.params.text("newproductbillingcycle")
    prices = product.pricing.get(currency.code, {})
    return max(Decimal(prices.get(cycle if cycle in CYCLES else "monthly", "0.00")), Decimal(0))


def _formatted(price: Decimal, currency: Currency) -> str:
    """The sign is inside: `$-8.67 USD`."""
    return f"{currency.prefix}{money(price)} {currency.suffix or currency.code}"


def _ordered(call: Call, service: Service, price: Decimal) -> Answer:
    client = wanted(find(call.books.clients, service.clientid), "Service ID Not Found")
    order = new_order(call, client, call.params.text("paymentmethod"))
    order.amount = money(max(price, Decimal(0)))
    invoice = None
    if price > 0:
        invoice = charge(call.server, order, [service])
        invoice.items[0].type, invoice.items[0].amount = "Upgrade", order.amount
        invoice.subtotal = invoice.total = order.amount
        order.invoiceid = invoice.id
    return {
        "id": str(order.id),
        "orderid": order.id,
        "order_number": order.ordernum,
        "invoiceid": invoice.id if invoice else None,
    }


ACTIONS: Mapping[str, Handler] = {
    "GetClientsAddons": get_clients_addons,
    "UpgradeProduct": upgrade_product,
}
