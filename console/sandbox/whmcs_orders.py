"""The WHMCS actions on orders. AddOrder makes a new Pending order on every call and never accepts it.

Source: whmcs-api.md 7.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from console.sandbox.php import Array
from console.sandbox.whmcs_billing import capture, charge, money
from console.sandbox.whmcs_call import Answer, Call, Handler, Params, Refused, page, wanted
from console.sandbox.whmcs_catalogue import CYCLES
from console.sandbox.whmcs_fields import sent_fields
from console.sandbox.whmcs_messages import record_mail
from console.sandbox.whmcs_modules import set_up
from console.sandbox.whmcs_store import Client, Invoice, Order, Product, Service
from console.sandbox.whmcs_tables import find, where

DISPLAYED_CYCLES: Mapping[str, str] = {
    "free": "Free Account",
    "onetime": "One-Time",
    "monthly": "Monthly",
    "quarterly": "Quarterly",
    "semiannually": "Semi-Annually",
    "annually": "Annually",
    "biennially": "Biennially",
    "triennially": "Triennially",
}

_NOT_PENDING = "Order ID not found or Status not Pending"
_PARALLEL = ("pid", "qty", "billingcycle", "domain", "priceoverride", "customfields", "configoptions")
# The documents name no order for GetOrders; a fixed scramble shows a client that counts on one.
_SCRAMBLE, _SCRAMBLE_MODULUS = 7919, 1009


@dataclass(frozen=True)
class _Line:
    """One item of an order, priced."""

    product: Product
    quantity: int
    cycle: str
    domain: str
    price: Decimal
    setup_fee: Decimal
    customfields: Mapping[int, str]


def add_order(call: Call) -> Answer:
    """AddOrder: a Pending order and services, an Unpaid invoice unless `noinvoice` or nothing is to pay."""
    client = wanted(find(call.books.clients, call.params.integer("clientid")), "Client ID Not Found")
    if client.status == "Closed":
        raise Refused("Unable to add order when client status is Closed")
    gateway = call.params.text("paymentmethod")
    if call.server.gateway(gateway) is None:
        options = ",".join(known.module for known in call.books.gateways)
        raise Refused(f"Invalid Payment Method. Valid options include {options}")
    lines = _lines(call, client)
    if not lines:
        raise Refused("No items added to cart so order cannot proceed")
    order = new_order(call, client, gateway)
    services = [_new_service(call, order, line) for line in lines for _ in range(line.quantity)]
    order.amount = money(sum((Decimal(service.firstpaymentamount) for service in services), Decimal(0)))
    invoice = _invoice(call, client, order, services)
    if not call.params.flag("noemail"):
        record_mail(call.server, client, "Order Confirmation", f"<p>Order {order.ordernum}</p>")
    return {
        "orderid": str(order.id),
        "serviceids": ",".join(str(service.id) for service in services),
        "addonids": "",
        "domainids": "",
        "invoiceid": str(invoice.id) if invoice else 0,
    }


def _lines(call: Call, client: Client) -> list[_Line]:
    """The items that can be ordered, from parallel arrays that line up by index (whmcs-api.md 4.5)."""
    arrays = {name: _parallel(call, name) for name in _PARALLEL}
    currency = call.server.currency_of(client).code
    items = [{name: array.get(index, "") for name, array in arrays.items()} for index in arrays["pid"]]
    lines = [_line(call, Params(item), currency) for item in items]
    return [line for line in lines if line is not None]


def _parallel(call: Call, name: str) -> Array:
    value = call.params.form.get(name, {})
    if isinstance(value, dict):
        return value
    if call.server.switches.since(8, 6):
        raise Refused(f"Expecting parameter '{name}' to be an array")
    return {0: value}


def _line(call: Call, item: Params, currency: str) -> _Line | None:
    product = find(call.books.products, item.integer("pid"))
    cycle = _cycle(product, item.text("billingcycle")) if product else None
    if product is None or cycle is None:
        return None
    prices = product.pricing.get(currency, {})
    column = "monthly" if cycle == "onetime" else cycle
    price = Decimal(0) if cycle == "free" else Decimal(prices.get(column, "-1.00"))
    override = _amount(item.text("priceoverride"))
    if price < 0 and override is None:
        return None
    counts = call.server.switches.since(8, 12)
    return _Line(
        product=product,
        quantity=max(item.integer("qty"), 1) if counts else 1,
        cycle=cycle,
        domain=item.text("domain"),
        price=price if override is None else override,
        setup_fee=Decimal(prices.get(f"{column[0]}setupfee", "0.00")) if override is None else Decimal(0),
        customfields=_order_fields(call, product, item.text("customfields")),
    )


def _cycle(product: Product, sent: str) -> str | None:
    """How the product will be billed; None for a cycle that WHMCS does not know."""
    if product.paytype != "recurring":
        return product.paytype
    return sent.lower() if sent.lower() in CYCLES else None


def _amount(text: str) -> Decimal | None:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and amount >= 0 else None


def _order_fields(call: Call, product: Product, text: str) -> dict[int, str]:
    dropped = call.server.switches.admin_only_field_ignored
    known = {field.id for field in product.customfields if not (dropped and field.admin_only)}
    return sent_fields(text, known)


def new_order(call: Call, client: Client, gateway: str) -> Order:
    """A Pending order without items."""
    order = Order(
        id=call.server.new_id("orders"),
        ordernum=str(call.server.chance.randint(1_000_000_000, 9_999_999_999)),
        userid=client.id,
        date=call.server.moment(),
        status="Pending",
        paymentmethod=gateway,
        amount="0.00",
        notes="" if call.server.switches.notes_ignored else call.params.text("notes"),
        ipaddress=call.params.text("clientip") or call.caller,
    )
    call.books.orders.append(order)
    return order


def _new_service(call: Call, order: Order, line: _Line) -> Service:
    today = call.server.today()
    recurring = Decimal(0) if line.cycle in ("free", "onetime") else line.price
    service = Service(
        id=call.server.new_id("services"),
        clientid=order.userid,
        orderid=order.id,
        pid=line.product.id,
        regdate=today,
        domain=line.domain,
        firstpaymentamount=money(line.price + line.setup_fee),
        recurringamount=money(recurring),
        paymentmethod=order.paymentmethod,
        billingcycle=DISPLAYED_CYCLES[line.cycle],
        nextduedate=today,
        status="Pending",
        customfields=dict(line.customfields),
    )
    call.books.services.append(service)
    return service


def _invoice(call: Call, client: Client, order: Order, services: Sequence[Service]) -> Invoice | None:
    if call.params.flag("noinvoice") or Decimal(order.amount) == 0:
        return None
    invoice = charge(call.server, order, services)
    order.invoiceid = invoice.id
    if not call.params.flag("noinvoiceemail"):
        record_mail(call.server, client, "Invoice Created", f"<p>Invoice {invoice.id}: {invoice.total}</p>")
    if call.server.switches.capture_at == "AddOrder":
        capture(call.server, invoice)
    return invoice


def accept_order(call: Call) -> Answer:
    """AcceptOrder: Pending only; charges the stored method, and with `autosetup` creates each service.

    A module that fails leaves its service Pending and an entry in the module queue. One that refuses ends the
    call with its own text: what was done before stays done and the order stays Pending.
    """
    order = _pending_order(call)
    services = _services_of(call, order)
    for service in services:
        service.username = call.params.text("serviceusername") or service.username
        service.password = call.params.text("servicepassword") or service.password
    _capture_at_accept(call, order)
    if call.params.flag("autosetup"):
        for service in services:
            set_up(call.server, service)
    order.status = "Active"
    return {}


def _capture_at_accept(call: Call, order: Order) -> None:
    invoice = find(call.books.invoices, order.invoiceid)
    if invoice and call.server.switches.capture_at == "AcceptOrder":
        capture(call.server, invoice)


def _pending_order(call: Call) -> Order:
    order = find(call.books.orders, call.params.integer("orderid"))
    if order is None or order.status != "Pending":
        raise Refused(_NOT_PENDING)
    return order


def _services_of(call: Call, order: Order) -> Sequence[Service]:
    return where(call.books.services, "orderid", order.id)


def pending_order(call: Call) -> Answer:
    """PendingOrder: the order and its services go back to Pending."""
    order = wanted(find(call.books.orders, call.params.integer("orderid")), "Order ID Not Found")
    _set_status(call, order, "Pending")
    return {}


def cancel_order(call: Call) -> Answer:
    """CancelOrder: Pending only."""
    order = _pending_order(call)
    _set_status(call, order, "Cancelled")
    _cancel_invoice(call, order)
    return {}


def fraud_order(call: Call) -> Answer:
    """FraudOrder."""
    order = wanted(find(call.books.orders, call.params.integer("orderid")), "Order ID Not Found")
    _set_status(call, order, "Fraud")
    _cancel_invoice(call, order)
    return {}


def _set_status(call: Call, order: Order, status: str) -> None:
    order.status = status
    for service in _services_of(call, order):
        service.status = status


def _cancel_invoice(call: Call, order: Order) -> None:
    invoice = find(call.books.invoices, order.invoiceid)
    if invoice and invoice.status == "Unpaid":
        invoice.status, invoice.date_cancelled = "Cancelled", call.server.moment()


def delete_order(call: Call) -> Answer:
    """DeleteOrder: Cancelled or Fraud only; its services and its invoice go with it."""
    order = wanted(find(call.books.orders, call.params.integer("orderid")), "Order ID not found")
    if order.status not in ("Cancelled", "Fraud"):
        raise Refused("The order status must be in Cancelled or Fraud to be deleted")
    books = call.books
    call.server.keep_ids("orders", "services", "invoices")
    books.orders[:] = [one for one in books.orders if one is not order]
    books.services[:] = [service for service in books.services if service.orderid != order.id]
    books.invoices[:] = [invoice for invoice in books.invoices if invoice.id != order.invoiceid]
    return {}


def get_orders(call: Call) -> Answer:
    """GetOrders: filters `id`, `userid`, `status`; in no order that a client could use."""
    wanted_id, client, status = (
        call.params.integer("id"),
        call.params.integer("userid"),
        call.params.text("status"),
    )
    orders = call.books.orders
    kept = where(orders, "userid", client) if client else orders
    found = [
        order
        for order in (where(orders, "id", wanted_id) if wanted_id else kept)
        if wanted_id in (0, order.id) and client in (0, order.userid) and status in ("", order.status)
    ]
    found.sort(key=lambda order: order.id * _SCRAMBLE % _SCRAMBLE_MODULUS)
    paging, shown = page(call, found)
    return {**paging, "orders": {"order": [_order(call, order) for order in shown]}}


def _order(call: Call, order: Order) -> Answer:
    client = find(call.books.clients, order.userid)
    currency = call.server.currency_of(client) if client else call.books.currencies[0]
    invoice = find(call.books.invoices, order.invoiceid)
    return {
        "id": order.id,
        "ordernum": int(order.ordernum),
        "userid": order.userid,
        "contactid": 0,
        "requestor_id": client.owner_user_id if client else 0,
        "admin_requestor_id": 0,
        "date": order.date,
        "nameservers": "",
        "transfersecret": "",
        "renewals": "",
        "renewalsByType": {"domains": [], "services": [], "addons": []},
        "promocode": "",
        "promotype": "",
        "promovalue": "",
        "orderdata": "[]",
        "amount": order.amount,
        "paymentmethod": order.paymentmethod,
        "invoiceid": order.invoiceid,
        "status": order.status,
        "ipaddress": order.ipaddress,
        "fraudmodule": "",
        "fraudoutput": "",
        "notes": order.notes,
        "paymentmethodname": call.server.gateway_name(order.paymentmethod),
        "paymentstatus": invoice.status if invoice else None,
        "name": f"{client.firstname} {client.lastname}" if client else "",
        "currencyprefix": currency.prefix,
        "currencysuffix": currency.suffix,
        "frauddata": "",
        "validationdata": "",
        "lineitems": {"lineitem": [_line_item(call, service) for service in _services_of(call, order)]},
    }


def _line_item(call: Call, service: Service) -> dict[str, Any]:
    product = find(call.books.products, service.pid)
    return {
        "type": "product",
        "relid": service.id,
        "producttype": "Other Product/Service",
        "product": f"{product.groupname} - {product.name}" if product else "",
        "domain": service.domain,
        "billingcycle": service.billingcycle,
        "amount": service.firstpaymentamount,
        "status": service.status,
    }


ACTIONS: Mapping[str, Handler] = {
    "AddOrder": add_order,
    "AcceptOrder": accept_order,
    "PendingOrder": pending_order,
    "CancelOrder": cancel_order,
    "FraudOrder": fraud_order,
    "DeleteOrder": delete_order,
    "GetOrders": get_orders,
}
