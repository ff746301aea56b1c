"""The WHMCS actions that show the installation: version, admin, currencies, gateways, statuses, products.

They change nothing. Source: whmcs-api.md 5.
"""

import re
from collections.abc import Mapping

from console.sandbox.whmcs_call import Answer, Call, Handler
from console.sandbox.whmcs_store import Currency, Product, ProductField

CYCLES = ("monthly", "quarterly", "semiannually", "annually", "biennially", "triennially")
ORDER_STATUSES = ("Pending", "Active", "Fraud", "Cancelled")

_PERMISSIONS = "View Orders,Add New Order,View Clients Products/Services,Perform Server Operations,API Access"


def whmcs_details(call: Call) -> Answer:
    """WhmcsDetails: the version."""
    return {"whmcs": _version(call)}


def admin_details(call: Call) -> Answer:
    """GetAdminDetails: whom the credential belongs to, and the server's clock as `requesttime`."""
    return {
        "adminid": "1",
        "name": "Console Integration",
        "notes": "",
        "signature": "",
        "allowedpermissions": _PERMISSIONS,
        "departments": ",1,",
        "requesttime": call.server.moment(),
        "whmcs": _version(call),
    }


def _version(call: Call) -> dict[str, str]:
    version = call.server.switches.version
    return {"version": version, "canonicalversion": f"{version}-release.1"}


def health_status(_call: Call) -> Answer:
    """GetHealthStatus: checks by severity; bodies are HTML, and a group may be null."""
    check = {
        "name": "Cron Status",
        "type": "Cron",
        "severityLevel": "notice",
        "body": "The cron job last ran <strong>5 minutes ago</strong>.",
    }
    return {"checks": {"success": [check], "warning": [], "error": None}}


def currencies(call: Call) -> Answer:
    """GetCurrencies; counts and ids are text."""
    rows = [_currency(currency) for currency in call.books.currencies]
    return {"totalresults": str(len(rows)), "currencies": {"currency": rows}}


def _currency(currency: Currency) -> dict[str, str]:
    return {
        "id": str(currency.id),
        "code": currency.code,
        "prefix": currency.prefix,
        "suffix": currency.suffix,
        "format": str(currency.format),
        "rate": currency.rate,
    }


def payment_methods(call: Call) -> Answer:
    """GetPaymentMethods: the gateways that are switched on."""
    rows = [{"module": gateway.module, "displayname": gateway.displayname} for gateway in call.books.gateways]
    return {"totalresults": len(rows), "paymentmethods": {"paymentmethod": rows}}


def order_statuses(call: Call) -> Answer:
    """GetOrderStatuses: titles and how many orders have each."""
    found = [order.status for order in call.books.orders]
    rows = [{"title": title, "count": found.count(title)} for title in ORDER_STATUSES]
    return {"totalresults": len(rows), "statuses": {"status": rows}}


def products(call: Call) -> Answer:
    """GetProducts: the whole catalogue in one reply, without the admin-only custom fields."""
    pids = {part.strip() for part in call.params.text("pid").split(",")} - {""}
    group, module = call.params.integer("gid"), call.params.text("module")
    rows = [
        _product(call, product)
        for product in call.books.products
        if (not pids or str(product.id) in pids) and group in (0, product.gid) and module in ("", product.module)
    ]
    return {"totalresults": len(rows), "products": {"product": rows}}


def _product(call: Call, product: Product) -> Answer:
    switches = call.server.switches
    slug = re.sub(r"[^a-z0-9]+", "-", product.name.lower()).strip("-")
    group_slug = re.sub(r"[^a-z0-9]+", "-", product.groupname.lower()).strip("-")
    return {
        "pid": product.id,
        "gid": product.gid,
        "type": product.type,
        "name": product.name,
        **({"slug": slug} if switches.since(8, 3) else {}),
        "product-url": f"{call.system_url}/store/{group_slug}/{slug}",
        "description": product.description,
        "module": product.module,
        "paytype": product.paytype,
        **({"allowqty": 0, "quantity_available": 0} if switches.since(8, 12) else {}),
        "pricing": {
            currency.code: _pricing(currency, product.pricing[currency.code])
            for currency in call.books.currencies
            if currency.code in product.pricing
        },
        "customfields": {
            "customfield": [_custom_field(field) for field in product.customfields if not field.admin_only]
        },
        "configoptions": {"configoption": []},
    }


def _pricing(currency: Currency, prices: Mapping[str, str]) -> dict[str, str]:
    setup_fees = {f"{cycle[0]}setupfee": prices.get(f"{cycle[0]}setupfee", "0.00") for cycle in CYCLES}
    return {
        "prefix": currency.prefix,
        "suffix": currency.suffix,
        **setup_fees,
        **{cycle: prices.get(cycle, "-1.00") for cycle in CYCLES},
    }


def _custom_field(field: ProductField) -> Answer:
    return {
        "id": field.id,
        "name": field.name,
        "description": field.description,
        "required": "on" if field.required else "",
    }


ACTIONS: Mapping[str, Handler] = {
    "WhmcsDetails": whmcs_details,
    "GetAdminDetails": admin_details,
    "GetHealthStatus": health_status,
    "GetCurrencies": currencies,
    "GetPaymentMethods": payment_methods,
    "GetOrderStatuses": order_statuses,
    "GetProducts": products,
}
