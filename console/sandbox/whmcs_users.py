"""The WHMCS actions on users, the logins of clients. Source: whmcs-api.md 6."""

from collections.abc import Mapping

from console.sandbox.whmcs_call import Answer, Call, Handler, Refused, page, wanted
from console.sandbox.whmcs_messages import record_mail_to
from console.sandbox.whmcs_store import User
from console.sandbox.whmcs_tables import find, where

_PERMISSIONS = (
    *("profile", "contacts", "products", "manageproducts", "productsso", "domains", "managedomains"),
    *("invoices", "quotes", "tickets", "affiliates", "emails", "orders"),
)


def get_users(call: Call) -> Answer:
    """GetUsers: an unwrapped list (whmcs-api.md 4.2)."""
    search = call.params.text("search").lower()
    found = [
        user
        for user in call.books.users
        if any(text.lower().startswith(search) for text in (user.email, user.firstname, user.lastname))
    ]
    found.sort(key=lambda user: user.id, reverse=call.params.text("sorting").upper() == "DESC")
    paging, shown = page(call, found)
    return {**paging, "users": [_user(user) for user in shown]}


def _user(user: User) -> Answer:
    clients = sorted({*user.client_ids, *user.owned_client_ids})
    return {
        "id": user.id,
        "firstname": user.firstname,
        "lastname": user.lastname,
        "email": user.email,
        "datecreated": user.datecreated,
        "validationdata": "",
        "clients": [{"id": number, "isOwner": number in user.owned_client_ids} for number in clients],
    }


def get_user_permissions(call: Call) -> Answer:
    """GetUserPermissions: only `result` is documented, so nothing else is told."""
    user = wanted(find(call.books.users, call.params.integer("user_id")), "Invalid user id")
    client = wanted(find(call.books.clients, call.params.integer("client_id")), "Invalid client id")
    if client.id not in {*user.client_ids, *user.owned_client_ids}:
        raise Refused("User is not associated with client")
    return {}


def get_permissions_list(_call: Call) -> Answer:
    """GetPermissionsList: its success says `status`, not `result` (whmcs-api.md 3.1)."""
    return {"permissions": {"permission": list(_PERMISSIONS)}}


def reset_password(call: Call) -> Answer:
    """ResetPassword: mails the user."""
    params = call.params
    if not params.given("id") and not params.given("email"):
        raise Refused("Please enter the email address or provide the id")
    if not params.given("id") and "@" not in params.text("email"):
        raise Refused("Please provide a valid email address")
    by_email = where(call.books.users, "email", params.text("email").lower())
    found = find(call.books.users, params.integer("id")) if params.given("id") else next(iter(by_email), None)
    user = wanted(found, "User Not Found")
    clients = [*user.owned_client_ids, *user.client_ids, 0]
    record_mail_to(call.server, clients[0], user.email, "Password reset", "<p>Follow the link to reset it.</p>")
    return {}


ACTIONS: Mapping[str, Handler] = {
    "GetUsers": get_users,
    "GetUserPermissions": get_user_permissions,
    "GetPermissionsList": get_permissions_list,
    "ResetPassword": reset_password,
}
