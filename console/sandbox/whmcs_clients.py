"""The WHMCS actions on clients. Source: whmcs-api.md 6."""

import re
import uuid
from collections.abc import Mapping
from operator import attrgetter

from console.sandbox.whmcs_call import Answer, Call, Handler, Refused, page, wanted
from console.sandbox.whmcs_fields import sent_fields
from console.sandbox.whmcs_messages import record_mail
from console.sandbox.whmcs_store import Client, User
from console.sandbox.whmcs_tables import find, where

# Asked for in this order; the two spaces are the vendor's.
_REQUIRED: Mapping[str, str] = {
    "firstname": "You did not enter your first name",
    "lastname": "You did not enter your last name",
    "email": "You did not enter your email address",
    "address1": "You did not enter your  address line 1",
    "city": "You did not enter your city",
    "state": "You did not enter your state",
    "postcode": "You did not enter your postcode",
    "country": "Valid country required",
    "phonenumber": "You did not enter your phone number",
}
_TEXT_COLUMNS = (*_REQUIRED, "companyname", "address2", "language", "notes")
_ORDERABLE = ("id", "firstname", "lastname", "companyname", "email", "groupid", "datecreated", "status")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_BAD_EMAIL = "The email address you entered was not valid"
_PREFERENCES = ("general", "invoice", "support", "product", "domain", "affiliate")


def get_clients(call: Call) -> Answer:
    """GetClients: `search` matches the start of e-mail, first, last, full or company name, only."""
    params = call.params
    search, status = params.text("search").lower(), params.text("status")
    found = [
        client
        for client in call.books.clients
        if status in ("", client.status) and (not search or _starts(client, search))
    ]
    column = params.text("orderby") if call.server.switches.since(8, 2) else "id"
    column = column if column in _ORDERABLE else "id"
    found.sort(key=attrgetter(column, "id"), reverse=params.text("sorting").upper() == "DESC")
    paging, shown = page(call, found)
    return {**paging, "clients": {"client": [_summary(client) for client in shown]}}


def _starts(client: Client, search: str) -> bool:
    first, last = client.firstname, client.lastname
    return f"\n{search}" in f"\n{client.email}\n{first}\n{last}\n{first} {last}\n{client.companyname}".lower()


def _summary(client: Client) -> Answer:
    names = ("id", "firstname", "lastname", "companyname", "email", "datecreated", "groupid", "status")
    return {name: getattr(client, name) for name in names}


def get_clients_details(call: Call) -> Answer:
    """GetClientsDetails: the client, and the same fields once more at the top level."""
    params = call.params
    if not params.given("clientid") and not params.given("email"):
        raise Refused("Either clientid Or email Is Required")
    found = (
        find(call.books.clients, params.integer("clientid"))
        if params.given("clientid")
        else _with_email(call, params.text("email"))
    )
    client = _details(call, wanted(found, "Client Not Found"))
    stats = {"stats": _stats(call, client["id"])} if params.flag("stats") else {}
    return {**client, "client": client, **stats}


def _with_email(call: Call, email: str) -> Client | None:
    return next(iter(where(call.books.clients, "email", email.lower())), None)


def _details(call: Call, client: Client) -> Answer:
    fields = [{"id": field.id, "value": client.customfields.get(field.id, "")} for field in call.books.client_fields]
    numbered = {f"customfields{number}": field["value"] for number, field in enumerate(fields, 1)}
    return {
        "client_id": client.id,
        "owner_user_id": client.owner_user_id,
        "userid": client.id,
        "id": client.id,
        "uuid": client.uuid,
        "firstname": client.firstname,
        "lastname": client.lastname,
        "fullname": f"{client.firstname} {client.lastname}",
        "companyname": client.companyname,
        "email": client.email,
        **_address(client),
        "tax_id": "",
        "email_preferences": dict.fromkeys(_PREFERENCES, "1"),
        **_account(call, client),
        "customfields": fields,
        **numbered,
        "users": {"user": _users_of(call, client)},
    }


def _address(client: Client) -> Answer:
    digits = re.sub(r"[^0-9]", "", client.phonenumber)
    return {
        "address1": client.address1,
        "address2": client.address2,
        "city": client.city,
        "fullstate": client.state,
        "state": client.state,
        "postcode": client.postcode,
        "countrycode": client.country,
        "country": client.country,
        "phonenumber": client.phonenumber,
        "statecode": client.state,
        "countryname": "Japan" if client.country == "JP" else client.country,
        "phonecc": 81,
        "phonenumberformatted": f"+81.{digits.removeprefix('81').removeprefix('0')}",
        "telephoneNumber": f"+81.{digits.removeprefix('81').removeprefix('0')}",
    }


def _account(call: Call, client: Client) -> Answer:
    return {
        "billingcid": 0,
        "notes": client.notes,
        "currency": client.currency,
        "currency_code": call.server.currency_of(client).code,
        "defaultgateway": client.defaultgateway,
        "groupid": client.groupid,
        "status": client.status,
        "credit": client.credit,
        "taxexempt": False,
        "latefeeoveride": False,
        "overideduenotices": False,
        "separateinvoices": False,
        "disableautocc": False,
        "emailoptout": False,
        "marketing_emails_opt_in": False,
        "isOptedInToMarketingEmails": False,
        "overrideautoclose": False,
        "email_verified": True,
        "allowSingleSignOn": int(client.allow_sso),
        "language": client.language,
        "lastlogin": client.lastlogin,
    }


def _users_of(call: Call, client: Client) -> list[Answer]:
    return [
        {
            "id": user.id,
            "name": f"{user.firstname} {user.lastname}",
            "email": user.email,
            "is_owner": client.id in user.owned_client_ids,
        }
        for user in where(call.books.users, "client_ids", client.id)
    ]


def _stats(call: Call, client_id: int) -> Answer:
    invoices = [invoice.status for invoice in where(call.books.invoices, "userid", client_id)]
    services = [service.status for service in where(call.books.services, "clientid", client_id)]
    return {
        "numpaidinvoices": invoices.count("Paid"),
        "numunpaidinvoices": invoices.count("Unpaid"),
        "numcancelledinvoices": invoices.count("Cancelled"),
        "productsnumactive": services.count("Active"),
        "productsnumtotal": len(services),
        "numtickets": 0,
        "incredit": False,
        "isAffiliate": False,
    }


def add_client(call: Call) -> Answer:
    """AddClient: the one creation that refuses a repeat, by its e-mail address (whmcs-api.md 8.4)."""
    params = call.params
    owner = _owner(call)
    if not params.flag("skipvalidation"):
        _validate_new(call)
    email = params.text("email")
    if _with_email(call, email) is not None:
        raise Refused("The email address entered is not available for use.")
    if owner is None and where(call.books.users, "email", email.lower()):
        raise Refused("A user already exists with that email address")
    client = _new_client(call)
    owner = owner or _new_user(call, client)
    owner.client_ids.append(client.id)
    owner.owned_client_ids.append(client.id)
    call.books.changed("users")
    client.owner_user_id = owner.id
    if not params.flag("noemail"):
        record_mail(call.server, client, "Welcome", "<p>Welcome.</p>")
    return {"clientid": str(client.id)}


def _owner(call: Call) -> User | None:
    if not call.params.given("owner_user_id"):
        return None
    return wanted(find(call.books.users, call.params.integer("owner_user_id")), "Invalid Owner User ID")


def _validate_new(call: Call) -> None:
    params = call.params
    for name, message in _REQUIRED.items():
        if not params.given(name):
            raise Refused(message)
    if not _EMAIL.fullmatch(params.text("email")):
        raise Refused(_BAD_EMAIL)
    if not re.fullmatch(r"[A-Za-z]{2}", params.text("country")):
        raise Refused("Valid country required")
    if not re.fullmatch(r"[+0-9 .()-]+", params.text("phonenumber")):
        raise Refused("Invalid telephone phone number")
    sent = sent_fields(params.text("customfields"), [field.id for field in call.books.client_fields])
    for field in call.books.client_fields:
        if field.required and not sent.get(field.id):
            raise Refused(f"You did not provide required custom field value for {field.name}")


def _new_client(call: Call) -> Client:
    params = call.params
    client = Client(
        id=call.server.new_id("clients"),
        uuid=str(uuid.UUID(int=call.server.chance.getrandbits(128), version=4)),
        firstname="",
        lastname="",
        email="",
        currency=params.integer("currency") or call.books.currencies[0].id,
        groupid=params.integer("groupid"),
        datecreated=call.server.today(),
        password=params.text("password2"),
    )
    _change(call, client)
    call.books.clients.append(client)
    return client


def _new_user(call: Call, client: Client) -> User:
    user = User(
        id=call.server.new_id("users"),
        firstname=client.firstname,
        lastname=client.lastname,
        email=client.email,
        datecreated=call.server.moment(),
    )
    call.books.users.append(user)
    return user


def _change(call: Call, client: Client) -> None:
    """Take over what was sent; `customfields` is one serialised string here, an array goes unread."""
    for name in _TEXT_COLUMNS:
        if call.params.given(name):
            setattr(client, name, call.params.text(name))
    known = [field.id for field in call.books.client_fields]
    client.customfields.update(sent_fields(call.params.text("customfields"), known))


def update_client(call: Call) -> Answer:
    """UpdateClient: what is not sent stays."""
    params = call.params
    found = (
        find(call.books.clients, params.integer("clientid"))
        if params.given("clientid")
        else _with_email(call, params.text("clientemail"))
    )
    client = wanted(found, "Client ID Not Found")
    if params.given("email"):
        holder = _with_email(call, params.text("email"))
        if holder is not None and holder is not client:
            raise Refused("Duplicate Email Address")
        if not _EMAIL.fullmatch(params.text("email")):
            raise Refused("The email address entered is not valid")
    _change(call, client)
    if params.given("email"):
        call.books.changed("clients")
    client.status = params.text("status") or client.status
    client.defaultgateway = params.text("paymentmethod") or client.defaultgateway
    client.groupid = params.integer("groupid") if params.given("groupid") else client.groupid
    return {"clientid": str(client.id)}


ACTIONS: Mapping[str, Handler] = {
    "GetClients": get_clients,
    "GetClientsDetails": get_clients_details,
    "AddClient": add_client,
    "UpdateClient": update_client,
}
