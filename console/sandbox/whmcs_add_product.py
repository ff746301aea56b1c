"""AddProduct of the sandbox WHMCS, which makes a product on every call. Source: whmcs-api.md 5."""

import re
from collections.abc import Mapping

from console.sandbox.whmcs_call import Answer, Call, Handler, Params, Refused
from console.sandbox.whmcs_store import Product
from console.sandbox.whmcs_tables import find

_CHOICES = {
    "type": (
        ("hostingaccount", "reselleraccount", "server", "other"),
        'Invalid product type. Must be one of "hostingaccount", "reselleraccount", "server" or "other"',
    ),
    "paytype": (
        ("free", "onetime", "recurring"),
        'Invalid pay type. Must be one of "free", "onetime" or "recurring"',
    ),
    "autosetup": (
        ("on", "payment", "order"),
        'Invalid autosetup value. Must be one of "", "on", "order" or "payment"',
    ),
}
_COLOUR = re.compile(r"#?([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})")


def add_product(call: Call) -> Answer:
    """AddProduct: `pricing` is currency id → cycle → price; the new id is in the answer."""
    params = call.params
    group = next((one for one in call.books.products if one.gid == params.integer("gid")), None)
    if not params.given("name"):
        raise Refused("You must supply a name for the product")
    if group is None:
        raise Refused("You must supply a valid Product Group ID")
    _check(call, params)
    product = Product(
        id=call.server.new_id("products"),
        gid=group.gid,
        groupname=group.groupname,
        name=params.text("name"),
        pricing=_pricing(call),
        type=params.text("type") or "hostingaccount",
        description=params.text("description"),
        module=params.text("module"),
        paytype=params.text("paytype") or "recurring",
    )
    call.books.products.append(product)
    return {"pid": product.id}


def _check(call: Call, params: Params) -> None:
    if params.given("welcomeemail") and params.integer("welcomeemail") not in _template_ids(call):
        raise Refused("You must supply a valid welcome email ID")
    for name, (choices, refusal) in _CHOICES.items():
        if params.given(name) and params.text(name) not in choices:
            raise Refused(refusal)
    if params.given("color") and not _COLOUR.fullmatch(params.text("color")):
        raise Refused("The color must be a valid hexadecimal value.")
    for entry in params.array("recommendations").values():
        sent = Params({"id": entry.get("id", "")} if isinstance(entry, dict) else {"id": entry})
        if find(call.books.products, sent.integer("id")) is None:
            raise Refused("The recommendation product ID is invalid. This must be an existing product ID.")


def _template_ids(call: Call) -> range:
    """Templates have no ids of their own here: they are numbered from 1."""
    return range(1, len(call.books.email_templates) + 1)


def _pricing(call: Call) -> dict[str, dict[str, str]]:
    sent = call.params.array("pricing")
    found: dict[str, dict[str, str]] = {}
    for currency in call.books.currencies:
        prices = sent.get(currency.id, {})
        if isinstance(prices, dict):
            found[currency.code] = {str(cycle): str(price) for cycle, price in prices.items()}
    return found


ACTIONS: Mapping[str, Handler] = {"AddProduct": add_product}
