"""Whether the API role of our credential allows an action. No action tells, so each is asked for once.

Source: whmcs-api.md 2, "Introspection", and the refusals in 5 to 10.
"""

from collections.abc import Mapping

from console.errors import AccessRefused, Rejected
from console.integrations.whmcs.access import access_problem
from console.integrations.whmcs.php import Params
from console.integrations.whmcs.transport import Transport

_NOBODY = 0
_ONE = {"limitnum": 1}
# Each read with as little to answer as it can be asked for; each change in a form that is refused by its documented
# text before anything is done: without what it needs, or for a record with the id 0, which is nobody's.
PROBES: Mapping[str, Params] = {
    "WhmcsDetails": {},
    "GetAdminDetails": {},
    "GetHealthStatus": {},
    "GetCurrencies": {},
    "GetPaymentMethods": {},
    "GetOrderStatuses": {},
    "GetProducts": {"pid": _NOBODY},
    "GetClients": _ONE,
    "GetClientsDetails": {"clientid": _NOBODY},
    "GetContacts": {"userid": _NOBODY, **_ONE},
    "GetUsers": _ONE,
    "GetPayMethods": {"clientid": _NOBODY},
    "GetOrders": {"id": _NOBODY, **_ONE},
    "GetClientsProducts": {"clientid": _NOBODY, **_ONE},
    "GetClientsAddons": {"clientid": _NOBODY},
    "GetModuleQueue": {"serviceType": "service", "relatedId": _NOBODY},
    "GetInvoices": {"userid": _NOBODY, **_ONE},
    "GetInvoice": {"invoiceid": _NOBODY},
    "GetTransactions": {"clientid": _NOBODY},
    "GetTickets": {"clientid": _NOBODY, **_ONE},
    "GetEmails": {"clientid": _NOBODY, **_ONE},
    "GetActivityLog": _ONE,
    "AddClient": {},
    "UpdateClient": {"clientid": _NOBODY},
    "ResetPassword": {},
    "ValidateLogin": {"email": "", "password2": ""},
    "AddOrder": {"clientid": _NOBODY},
    "AcceptOrder": {"orderid": _NOBODY},
    "CancelOrder": {"orderid": _NOBODY},
    "ModuleCreate": {"serviceid": _NOBODY},
    "ModuleSuspend": {"serviceid": _NOBODY},
    "ModuleUnsuspend": {"serviceid": _NOBODY},
    "UpdateClientProduct": {"serviceid": _NOBODY},
    "OpenTicket": {},
    "SendEmail": {},
}
# No refusal of theirs is documented that comes before they do something.
SEEN_WHEN_USED = ("CreateSsoToken", "LogActivity")


async def may_call(transport: Transport, action: str) -> bool:
    """Whether the role allows one of `PROBES`. Raises AccessRefused where it is not about this action alone."""
    try:
        await transport.ask(action, PROBES[action], lambda _: None)
    except AccessRefused as refused:
        if not access_problem(refused).is_about_one_action:
            raise
        return False
    except Rejected:
        # It was looked at, and only then refused for what was asked.
        return True
    return True
