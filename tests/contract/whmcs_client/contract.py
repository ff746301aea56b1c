"""Drives the WHMCS sandbox with whmcs-api-client and whmcspy: one function for each thing that is asked of a server.

python contract.py <address of the sandbox> <identifier> <secret>
Prints one JSON line for each step and ends with 1 where one failed. install.py gets the libraries.
"""

import json
import sys
import traceback
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent / ".env"))

import whmcs_client  # type: ignore[import-not-found]
import whmcspy  # type: ignore[import-not-found]

ADDRESS, IDENTIFIER, SECRET = sys.argv[1:]
PER_PAGE = 40

_api = whmcs_client.DefaultApi(whmcs_client.ApiClient(whmcs_client.Configuration(host=f"{ADDRESS}/includes")))
_plain = whmcspy.WHMCS(f"{ADDRESS}/includes/api.php", IDENTIFIER, SECRET)


def ask(action: str, **params: Any) -> dict[str, Any]:
    """One action of the typed client, which refuses an answer whose fields have other types than it knows."""
    signed = {"username": IDENTIFIER, "password": SECRET, "responsetype": "json"}
    answer: dict[str, Any] = getattr(_api, action)(**{**signed, **params}).to_dict()
    assert answer["result"] == "success", answer
    return answer


def every_page(action: str, plural: str, singular: str) -> list[dict[str, Any]]:
    """All rows of a paged action."""
    rows: list[dict[str, Any]] = []
    while True:
        answer = ask(action, limitstart=len(rows), limitnum=PER_PAGE)
        rows += answer[plural][singular]
        if len(rows) >= answer["totalresults"]:
            return rows


def typed_clients() -> Any:
    """Every client, page after page; then one by its number and by its address."""
    clients = every_page("get_clients", "clients", "client")
    first = clients[0]
    assert len({client["id"] for client in clients}) == len(clients)
    by_id = ask("get_clients_details", clientid=first["id"])["client"]
    by_email = ask("get_clients_details", email=first["email"])["client"]
    assert by_id["email"] == by_email["email"] == first["email"]
    found = ask("get_clients", search=first["email"])["clients"]["client"]
    assert [client["id"] for client in found] == [first["id"]]
    return {"clients": len(clients)}


def typed_products() -> Any:
    """The catalogue with its prices, currencies and ways to pay."""
    products = ask("get_products")["products"]["product"]
    currency = ask("get_currencies")["currencies"]["currency"][0]["code"]
    assert all(currency in product["pricing"] for product in products)
    methods = ask("get_payment_methods")["paymentmethods"]["paymentmethod"]
    return {"products": len(products), "currency": currency, "methods": [one["module"] for one in methods]}


def typed_invoices() -> Any:
    """Every invoice; the unpaid ones among them."""
    invoices = every_page("get_invoices", "invoices", "invoice")
    unpaid = ask("get_invoices", status="Unpaid", limitnum=1000)["invoices"]["invoice"]
    assert {one["id"] for one in unpaid} == {one["id"] for one in invoices if one["status"] == "Unpaid"}
    ask("get_transactions", invoiceid=invoices[0]["id"])
    return {"invoices": len(invoices), "unpaid": len(unpaid)}


def typed_orders() -> Any:
    """Every order with its items, and the services of one of its clients."""
    orders = every_page("get_orders", "orders", "order")
    assert all(order["lineitems"]["lineitem"] for order in orders)
    (found,) = ask("get_orders", id=orders[0]["id"])["orders"]["order"]
    assert found["ordernum"] == orders[0]["ordernum"]
    assert ask("get_clients_products", clientid=found["userid"])["products"]["product"]
    return {"orders": len(orders)}


def typed_writes() -> Any:
    """A new client with an order for two products, which is then cancelled and deleted."""
    person = {
        "firstname": "Emi",
        "lastname": "Hara",
        "email": "emi.hara@example.com",
        "address1": "1-2-3 Sakura",
        "city": "Nagoya",
        "state": "Aichi",
        "postcode": "460-0001",
        "country": "JP",
        "phonenumber": "052-555-0100",
        "password2": "correct horse",
    }
    client = ask("add_client", **person)["clientid"]
    ask("update_client", clientid=client, companyname="Hara Works")
    pids = [one["pid"] for one in ask("get_products")["products"]["product"] if one["paytype"] == "recurring"][:2]
    placed = ask("add_order", clientid=client, paymentmethod="stripe", pid=pids, billingcycle=["monthly"] * 2)
    order = int(placed["orderid"])
    services = ask("get_clients_products", clientid=client)["products"]["product"]
    assert {int(service["orderid"]) for service in services} == {order}
    ask("cancel_order", orderid=order)
    ask("delete_order", orderid=order)
    assert not ask("get_orders", userid=client)["orders"]["order"]
    return {"services": len(services)}


def typed_refusals() -> Any:
    """A wrong secret is 403 with a body, and a business error is 200 with a message."""
    try:
        ask("get_clients", password="wrong")
    except whmcs_client.exceptions.ForbiddenException as error:
        assert json.loads(error.body)["message"] == "Invalid or missing credentials"
    else:
        raise AssertionError("a wrong secret was let in")
    signed = {"username": IDENTIFIER, "password": SECRET, "responsetype": "json"}
    refused = _api.get_clients_details(**signed, clientid=1)
    assert (refused.result, refused.message) == ("error", "Client Not Found")
    return {"message": refused.message}


def plain_reads() -> Any:
    """Everything that whmcspy can read, by its own paging, which goes on until a page is empty."""
    orders = list(_plain.get_orders())
    services = list(_plain.get_clients_products(active=True))
    invoice = _plain.get_invoice(_plain.call("GetInvoices", limitnum=1)["invoices"]["invoice"][0]["id"])
    assert invoice["items"]["item"]
    _plain.get_transactions(invoiceid=invoice["invoiceid"])
    assert {service["status"] for service in services} == {"Active"}
    return {"orders": len(orders), "services": len(services)}


def plain_writes() -> Any:
    """An order that is put, accepted, set up, mailed about, and put back."""
    clientid = _plain.call("GetClients", limitnum=1)["clients"]["client"][0]["id"]
    pid = _plain.call("GetProducts")["products"]["product"][0]["pid"]
    wanted = {"pid": [pid], "billingcycle": ["monthly"]}
    placed = _plain.add_order(clientid, paymentmethod="stripe", **wanted)
    _plain.accept_order(placed["orderid"])
    _plain.module_create(placed["serviceids"])
    _plain.update_client_product(placed["serviceids"], notes="seen")
    _plain.send_email(messagename="Order Confirmation", id=clientid)
    _plain.pending_order(placed["orderid"])
    (service,) = _plain.get_clients_products(serviceid=placed["serviceids"])
    return {"status": service["status"], "notes": service["notes"]}


def plain_refusals() -> Any:
    """A business error has its message; a missing right is told apart by its status."""
    try:
        _plain.accept_order(999_999)
    except whmcspy.exceptions.Error as error:
        told = str(error)
    try:
        _plain.get_servers()
    except whmcspy.exceptions.MissingPermission as error:
        return {"refused": told, "denied": str(error)}
    raise AssertionError("an action that is not there was answered")


STEPS = (
    *(typed_clients, typed_products, typed_invoices, typed_orders, typed_writes, typed_refusals),
    *(plain_reads, plain_writes, plain_refusals),
)

for step in STEPS:
    try:
        line = {"step": step.__name__, "found": step()}
    except Exception:  # noqa: BLE001 - whatever goes wrong in a library that is not ours is what the step tells
        line = {"step": step.__name__, "failed": traceback.format_exc()}
    sys.stdout.write(f"{json.dumps(line)}\n")
