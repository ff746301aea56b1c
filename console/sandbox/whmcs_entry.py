"""Who may call which action of the sandbox WHMCS: address list, credentials, API roles.

Every refusal is a 4xx status with a body. Source: whmcs-api.md 2 and 3.2.
"""

from collections.abc import Collection, Mapping

from console.sandbox.whmcs_call import ApiCredential, Call, Refused


class Denied(Exception):
    """An access error: a 4xx status with a body."""

    def __init__(self, message: str, status: int = 403) -> None:
        """Keep the words and the status."""
        super().__init__(message)
        self.message = message
        self.status = status


def allowed_action(call: Call, actions: Mapping[str, tuple[int, ...]]) -> str:
    """The documented name of the action that is asked for. `actions` says since which version each is there.

    One that does not exist is one that no role allows.
    """
    _check_address(call)
    credential = _credential(call)
    action = call.params.text("action").lower()
    if not action:
        raise Denied("Empty action request", 400)
    name = next((one for one in actions if one.lower() == action), "")
    if not name or not call.server.switches.since(*actions[name]) or not _in_a_role(call, credential, name):
        raise Denied(f'Invalid Permissions: API action "{action}" is not allowed')
    if _has(call.server.switches.internal_actions, name):
        raise Refused("API Command Restricted to Internal API")
    return name


def _check_address(call: Call) -> None:
    """The access key goes past the list of addresses."""
    switches = call.server.switches
    listed = switches.allowed_addresses is None or call.caller in switches.allowed_addresses
    if not (listed and switches.ip_allowed) and call.params.text("accesskey") != call.server.credentials.access_key:
        raise Denied(f"Invalid IP {call.caller}")


def _credential(call: Call) -> ApiCredential:
    """Whose identifier and secret were sent, under these names or as username and password."""
    params, server = call.params, call.server
    own = ApiCredential(identifier=server.credentials.identifier, secret=server.credentials.secret)
    known = {one.identifier: one for one in (own, *server.switches.credentials)}
    for name, word in (("identifier", "secret"), ("username", "password")):
        found = known.get(params.text(name))
        if found and found.secret == params.text(word):
            return _active(found)
    if expected := server.switches.admin_passwords.get(params.text("username")):
        return _with_password(params.text("username"), expected, params.text("password"))
    raise Denied("Authentication Failed" if server.switches.old_messages else "Invalid or missing credentials")


def _with_password(username: str, expected: str, sent: str) -> ApiCredential:
    """An administrator's own login, which may do everything."""
    if sent != expected:
        raise Denied("Invalid password provided")
    return ApiCredential(identifier=username, secret=expected)


def _active(credential: ApiCredential) -> ApiCredential:
    """A credential goes no further than the administrator to whom it belongs."""
    if credential.admin == "disabled":
        raise Denied("Administrator Account Disabled")
    if credential.admin == "without_api_access":
        raise Denied("Access Denied")
    return credential


def _in_a_role(call: Call, credential: ApiCredential, action: str) -> bool:
    """Whether any of the credential's roles allows the action; one without roles may do everything."""
    switches = call.server.switches
    if _has(switches.disabled_actions, action):
        return False
    roles = (switches.api_roles.get(role, frozenset()) for role in credential.roles)
    return not credential.roles or any(_has(role, action) for role in roles)


def _has(names: Collection[str], action: str) -> bool:
    return action.lower() in {name.lower() for name in names}
