"""How customers get in and pay: stored payment methods, sign-in and single sign-on of the sandbox WHMCS.

Card and account numbers are cut to their last four digits on receipt. Source: whmcs-api.md 6 and 10.
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlencode

from console.sandbox.whmcs_call import Answer, Call, Handler, Params, Refused, SsoToken, WhmcsServer, wanted
from console.sandbox.whmcs_store import Client, PayMethod
from console.sandbox.whmcs_tables import find, where

SSO_PATH = "/oauth/singlesignon.php"
CUSTOM_REDIRECT = "sso:custom_redirect"

_SSO_LIFE = timedelta(seconds=60)
_AREAS = (
    "profile",
    "billing_info",
    "emails",
    "announcements",
    "downloads",
    "knowledgebase",
    "network_status",
    "services",
    "product_details",
    "domains",
    "domain_details",
    "invoices",
    "tickets",
    "submit_ticket",
    "shopping_cart",
    "shopping_cart_addons",
    "shopping_cart_domain_register",
    "shopping_cart_domain_transfer",
)
_DESTINATIONS = frozenset({"", CUSTOM_REDIRECT, *(f"clientarea:{area}" for area in _AREAS)})
_CARDS = ("CreditCard", "RemoteCreditCard")
_BANKS = ("BankAccount", "RemoteBankAccount")
_ADDABLE = ("BankAccount", "CreditCard", "RemoteCreditCard")
_EXPIRY = re.compile(r"(0[1-9]|1[0-2])/?([0-9]{2})")
# As in the test cards of payment gateways: this ending is declined by every bank.
_DECLINED_ENDING = "0002"


def get_pay_methods(call: Call) -> Answer:
    """GetPayMethods: an unwrapped list; `type` BankAccount and CreditCard include the remote ones."""
    if not call.params.given("clientid"):
        raise Refused("Client ID Is Required")
    client = wanted(find(call.books.clients, call.params.integer("clientid")), "Client Not Found")
    kind, method_id = call.params.text("type"), call.params.integer("paymethodid")
    if kind not in ("", "BankAccount", "CreditCard"):
        raise Refused("Invalid Pay Method Type. Type should be one of 'BankAccount' or 'CreditCard'")
    rows = [
        _pay_method(method)
        for method in where(call.books.paymethods, "clientid", client.id)
        if method_id in (0, method.id) and method.type.endswith(kind)
    ]
    return {"clientid": str(client.id), "paymethods": rows}


def _pay_method(method: PayMethod) -> Answer:
    common = {
        "id": method.id,
        "type": method.type,
        "description": method.description,
        "gateway_name": method.gateway_name,
        "contact_type": "Client",
        "contact_id": method.clientid,
    }
    if method.type in _CARDS:
        common |= {
            "card_last_four": method.card_last_four,
            "expiry_date": method.expiry,
            "start_date": "",
            "issue_number": "",
            "card_type": method.card_type,
        }
    else:
        common["bank_name"] = method.bank_name
    return {**common, "remote_token": method.remote_token, "last_updated": method.last_updated}


def add_pay_method(call: Call) -> Answer:
    """AddPayMethod, for a person or a test; a number that ends in 0002 is declined at every capture."""
    params = call.params
    if not params.given("clientid"):
        raise Refused("Client ID Is Required")
    client = wanted(find(call.books.clients, params.integer("clientid")), "Invalid Client ID")
    kind = params.text("type") or "CreditCard"
    if kind not in _ADDABLE:
        choice = "'BankAccount', 'CreditCard', or 'RemoteCreditCard'"
        raise Refused(f"Invalid Pay Method Type. Type should be one of {choice}")
    gateway = _storing_gateway(call, kind)
    number = params.text("bank_account") if kind in _BANKS else _card_number(params)
    method = PayMethod(
        id=call.server.new_id("paymethods"),
        clientid=client.id,
        type=kind,
        description=params.text("description"),
        gateway_name=gateway,
        bank_name=params.text("bank_name"),
        last_updated=call.server.moment(),
        declines=number.endswith(_DECLINED_ENDING),
    )
    if kind in _CARDS:
        method.card_last_four, method.card_type, method.expiry = number[-4:], _brand(number), _expiry(params)
    call.books.paymethods.append(method)
    return {"clientid": str(client.id), "paymethodid": str(method.id)}


def _storing_gateway(call: Call, kind: str) -> str:
    module = call.params.text("gateway_module_name")
    if kind == "RemoteCreditCard" and not module:
        raise Refused("Gateway is Required for RemoteCreditCard type")
    if module and call.server.gateway(module) is None:
        known = ", ".join(gateway.module for gateway in call.books.gateways)
        raise Refused(f"Invalid Gateway Module Name. Must be one of: {known}")
    return module


def _card_number(params: Params) -> str:
    number = re.sub(r"[ -]", "", params.text("card_number"))
    if not number:
        raise Refused("Card Number is required for 'CreditCard' or 'RemoteCreditCard' type")
    return number


def _expiry(params: Params) -> str:
    sent = params.text("card_expiry")
    if not sent:
        raise Refused("Expiry Date is required for 'CreditCard' or 'RemoteCreditCard' type")
    match = _EXPIRY.fullmatch(sent)
    if not match:
        raise Refused("Expiry Date is invalid")
    return f"{match[1]}/{match[2]}"


def _brand(number: str) -> str:
    brands = {"3": "JCB", "4": "Visa", "5": "MasterCard"}
    return brands.get(number[:1], "")


def validate_login(call: Call) -> Answer:
    """ValidateLogin: no password hash where a second factor is asked for."""
    email, password = call.params.text("email").lower(), call.params.text("password2")
    client = next(iter(where(call.books.clients, "email", email)), None)
    if client is None or not password or client.password != password:
        raise Refused("Email or Password Invalid")
    client.lastlogin = f"Date: {call.server.moment()}<br>IP Address: {call.caller}<br>Host: {call.caller}"
    answer: Answer = {"userid": str(client.owner_user_id or client.id)}
    if not client.two_factor:
        answer["passwordhash"] = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest()
    return {**answer, "twoFactorEnabled": "true" if client.two_factor else "false"}


def create_sso_token(call: Call) -> Answer:
    """CreateSsoToken: a way into the client area that works once within 60 seconds."""
    client = _sso_client(call)
    destination = call.params.text("destination")
    if destination not in _DESTINATIONS:
        raise Refused("Invalid destination")
    if not client.allow_sso or client.status == "Closed":
        raise Refused(f"SSO authentication blocked for client {client.id}")
    if call.server.switches.sso_unavailable:
        raise Refused("Token could not be provisioned: invalid_client. client credentials are required")
    token = f"{call.server.chance.getrandbits(160):040x}"
    target = call.params.text("sso_redirect_path") if destination == CUSTOM_REDIRECT else destination
    expires = call.server.clock.now() + _SSO_LIFE
    call.server.sso_tokens[token] = SsoToken(client.id, target, expires)
    address = f"{call.system_url}{SSO_PATH}?{urlencode({'access_token': token})}"
    return {"access_token": token, "redirect_url": address}


def _sso_client(call: Call) -> Client:
    """The client, or the first one that the user owns where only a user is named."""
    params = call.params
    if not params.given("client_id") and not params.given("user_id"):
        raise Refused("A valid client_id or user_id is required")
    client = find(call.books.clients, params.integer("client_id"))
    if params.given("client_id") and client is None:
        raise Refused("Invalid client_id")
    if not params.given("user_id"):
        return wanted(client, "Invalid client_id")
    user = wanted(find(call.books.users, params.integer("user_id")), "Invalid user_id")
    seen = {*user.client_ids, *user.owned_client_ids}
    if client is not None and client.id not in seen:
        raise Refused("Invalid user_id for client")
    owned = (find(call.books.clients, number) for number in user.owned_client_ids)
    return wanted(client or next(owned, None), "Invalid user_id")


def redeem(server: WhmcsServer, token: str) -> SsoToken | None:
    """The way in that a token stands for, used up by this; None where it is unknown, used or too old."""
    found = server.sso_tokens.pop(token, None)
    return found if found and server.clock.now() <= found.expires else None


ACTIONS: Mapping[str, Handler] = {
    "GetPayMethods": get_pay_methods,
    "AddPayMethod": add_pay_method,
    "ValidateLogin": validate_login,
    "CreateSsoToken": create_sso_token,
}
