"""Who may call the sandbox WHMCS: addresses, credentials and API roles, each as the reference's table has it."""

import hashlib
from typing import Any

import pytest

from console.sandbox.whmcs_call import ApiCredential
from tests.sandbox.whmcs_bench import CREDENTIALS, HANAKO, WhmcsBench

SUPPORT: dict[str, Any] = {"identifier": "support-identifier", "secret": "support-secret"}
ROLES = {"reader": frozenset({"GetClients", "GetOrders"}), "biller": frozenset({"GetInvoices"})}


def denied(whmcs: WhmcsBench, action: str = "GetClients", status: int = 403, **params: Any) -> str:
    """The message of a call that must be refused as access."""
    response = whmcs.post(action, **params)
    assert response.status_code == status, response.text
    assert response.json()["result"] == "error"
    return str(response.json()["message"])


def with_support(whmcs: WhmcsBench, **changes: Any) -> None:
    """Give the server a second credential."""
    given = {**SUPPORT, "roles": ("reader",), **changes}
    whmcs.server.switches.credentials = (ApiCredential.model_validate(given),)
    whmcs.server.switches.api_roles = ROLES


def test_a_credential_may_do_what_any_of_its_roles_allows(whmcs: WhmcsBench) -> None:
    with_support(whmcs, roles=("reader", "biller"))
    for action in ("GetClients", "GetOrders", "GetInvoices"):
        whmcs.call(action, **SUPPORT)
    message = denied(whmcs, "AddOrder", **SUPPORT)
    assert message == 'Invalid Permissions: API action "addorder" is not allowed'


def test_the_quotation_marks_of_a_missing_right_arrive_escaped(whmcs: WhmcsBench) -> None:
    with_support(whmcs)
    assert "\\u0022getinvoices\\u0022" in whmcs.post("GetInvoices", **SUPPORT).text


def test_a_role_can_be_changed_while_the_server_runs(whmcs: WhmcsBench) -> None:
    with_support(whmcs)
    assert whmcs.post("GetInvoices", **SUPPORT).status_code == 403
    whmcs.server.switches.api_roles = {"reader": frozenset({"getinvoices"})}
    assert whmcs.post("GetInvoices", **SUPPORT).status_code == 200


def test_a_role_that_there_is_not_allows_nothing(whmcs: WhmcsBench) -> None:
    with_support(whmcs, roles=("janitor",))
    assert denied(whmcs, **SUPPORT) == 'Invalid Permissions: API action "getclients" is not allowed'


def test_the_secret_of_one_credential_does_not_open_another(whmcs: WhmcsBench) -> None:
    with_support(whmcs)
    assert denied(whmcs, **{**SUPPORT, "secret": CREDENTIALS.secret}) == "Invalid or missing credentials"


def test_old_servers_say_it_in_other_words(whmcs: WhmcsBench) -> None:
    whmcs.server.switches.old_messages = True
    assert denied(whmcs, secret="wrong") == "Authentication Failed"


@pytest.mark.parametrize(
    ("admin", "message"), [("disabled", "Administrator Account Disabled"), ("without_api_access", "Access Denied")]
)
def test_a_credential_goes_no_further_than_its_administrator(whmcs: WhmcsBench, admin: str, message: str) -> None:
    with_support(whmcs, admin=admin)
    assert denied(whmcs, **SUPPORT) == message
    whmcs.call("GetClients")


def test_an_administrators_own_login_is_let_in_with_the_md5_of_the_password(whmcs: WhmcsBench) -> None:
    whmcs.server.switches.admin_passwords = {"kanno": _md5("a password")}
    login: dict[str, Any] = {"identifier": "", "secret": "", "username": "kanno"}
    whmcs.call("GetClients", **login, password=_md5("a password"))
    assert denied(whmcs, **login, password=_md5("another")) == "Invalid password provided"


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def test_an_address_that_is_not_listed_is_named_in_the_refusal(whmcs: WhmcsBench) -> None:
    whmcs.server.switches.allowed_addresses = frozenset({"192.0.2.7"})
    assert denied(whmcs) == "Invalid IP 127.0.0.1"
    whmcs.server.switches.allowed_addresses = frozenset({"192.0.2.7", "127.0.0.1"})
    whmcs.call("GetClients")


def test_a_listed_ipv4_address_says_nothing_of_the_ipv6_one(whmcs: WhmcsBench) -> None:
    whmcs.server.switches.allowed_addresses = frozenset({"127.0.0.1"})
    whmcs.server.switches.seen_address = "2001:db8::7"
    assert denied(whmcs) == "Invalid IP 2001:db8::7"


def test_the_access_key_goes_past_the_list_of_addresses_and_no_further(whmcs: WhmcsBench) -> None:
    whmcs.server.switches.allowed_addresses = frozenset()
    whmcs.call("GetClients", accesskey=CREDENTIALS.access_key)
    message = denied(whmcs, accesskey=CREDENTIALS.access_key, secret="wrong")
    assert message == "Invalid or missing credentials"


def test_no_action_is_a_bad_request(whmcs: WhmcsBench) -> None:
    assert denied(whmcs, "", status=400) == "Empty action request"


def test_an_action_for_local_use_is_a_business_error(whmcs: WhmcsBench) -> None:
    whmcs.server.switches.internal_actions = frozenset({"GetClients"})
    assert whmcs.refusal("GetClients") == "API Command Restricted to Internal API"


def test_access_errors_of_old_servers_are_text(whmcs: WhmcsBench) -> None:
    whmcs.server.switches.access_as_nvp = True
    assert whmcs.post("GetClients", secret="wrong").text == "result=error;message=Invalid or missing credentials;"


def test_action_and_credentials_are_read_from_the_address_too(whmcs: WhmcsBench) -> None:
    query: dict[str, str | int] = {"action": "getclientsdetails", "clientid": HANAKO, "responsetype": "json"}
    response = whmcs.http.post(f"{whmcs.url}/includes/api.php", params=query, data=dict(whmcs.signed_in))
    assert response.json()["id"] == HANAKO


def test_what_is_posted_goes_before_what_the_address_says(whmcs: WhmcsBench) -> None:
    sent = {**whmcs.signed_in, "action": "GetClients", "responsetype": "json"}
    response = whmcs.http.post(f"{whmcs.url}/includes/api.php", params={"action": "GetOrders"}, data=sent)
    assert "clients" in response.json()
