"""Every parser of the WHMCS client, each with a short answer that it reads."""

from collections.abc import Callable

from console.integrations.whmcs.mapping import billing, clients, messaging, orders, services, system
from console.integrations.whmcs.shapes import Row, page

Parser = Callable[[Row], object]

_URL = "https://billing.example.com/includes/api.php"


def _each(plural: str, singular: str, mapped: Callable[[Row], object]) -> Parser:
    return lambda answer: [mapped(row) for row in page(answer, plural, singular).rows]


# By action; what is thrown at a parser is made from the answer beside it.
PARSERS: dict[str, tuple[Parser, Row]] = {
    "WhmcsDetails": (system.server_version, {"whmcs": {"version": "8.12.1"}}),
    "GetAdminDetails": (
        system.server,
        {
            "adminid": "1",
            "allowedpermissions": "API Access",
            "requesttime": "2026-11-23 12:00:00",
            "whmcs": {"version": "8.12.1"},
        },
    ),
    "GetHealthStatus": (
        system.health_checks,
        {"checks": {"success": [{"name": "Cron", "body": "<b>fine</b>"}], "error": None}},
    ),
    "GetCurrencies": (system.currencies, {"currencies": {"currency": [{"id": 1, "code": "JPY", "rate": "1.0"}]}}),
    "GetPaymentMethods": (
        system.gateways,
        {"totalresults": 1, "paymentmethods": {"paymentmethod": [{"module": "cards", "displayname": "Cards"}]}},
    ),
    "GetOrderStatuses": (
        system.order_statuses,
        {"totalresults": 1, "statuses": {"status": [{"title": "Pending", "count": 2}]}},
    ),
    "GetProducts": (
        system.products,
        {"products": {"product": [{"pid": 1, "paytype": "recurring", "pricing": {"JPY": {"monthly": "4980.00"}}}]}},
    ),
    "GetClients": (
        clients.client_page,
        {"totalresults": 1, "numreturned": 1, "clients": {"client": [{"id": 7, "email": "hanako@example.jp"}]}},
    ),
    "GetClientsDetails": (
        clients.client,
        {"client": {"id": 7, "owner_user_id": 3, "customfields": [{"id": 1, "value": "C-0000007"}]}},
    ),
    "AddClient": (clients.client_id, {"clientid": "7"}),
    "GetContacts": (
        _each("contacts", "contact", clients.contact),
        {"totalresults": 1, "contacts": {"contact": [{"id": 1, "userid": 7}]}},
    ),
    "GetUsers": (
        _each("users", "user", clients.user),
        {"totalresults": 1, "users": [{"id": 3, "clients": [{"id": 7, "isOwner": True}]}]},
    ),
    "ValidateLogin": (clients.login_proof, {"userid": "3", "twoFactorEnabled": "false"}),
    "CreateSsoToken": (
        lambda answer: clients.sign_on_address(answer, _URL),
        {"redirect_url": "https://billing.example.com/oauth/singlesignon.php?access_token=x"},
    ),
    "GetOrders": (
        _each("orders", "order", orders.order),
        {
            "totalresults": 1,
            "orders": {
                "order": [
                    {
                        "id": 41,
                        "userid": 7,
                        "date": "2026-11-23 09:15:00",
                        "amount": "8280.00",
                        "currencysuffix": " JPY",
                        "lineitems": {"lineitem": [{"relid": "91"}]},
                    }
                ]
            },
        },
    ),
    "AddOrder": (orders.added_order, {"orderid": "41", "serviceids": "91,92", "invoiceid": "3"}),
    "GetClientsProducts": (
        _each("products", "product", lambda row: services.service(row, "JPY")),
        {
            "totalresults": 1,
            "products": {
                "product": [
                    {
                        "id": "91",
                        "clientid": "7",
                        "orderid": "41",
                        "pid": "21",
                        "recurringamount": "4980.00",
                        "nextduedate": "2026-12-01",
                        "customfields": {"customfield": [{"id": 501, "value": "a.1"}]},
                    }
                ]
            },
        },
    ),
    "GetClientsAddons": (
        lambda answer: services.addons(answer, "JPY"),
        {"totalresults": "1", "addons": {"addon": [{"id": 1, "userid": 7, "serviceid": 91, "recurring": "330.00"}]}},
    ),
    "GetModuleQueue": (
        services.module_failures,
        {"count": 1, "queue": [{"id": "1", "serviceType": "service", "serviceId": "91"}]},
    ),
    "GetPayMethods": (
        billing.pay_methods,
        {"paymethods": [{"id": 31, "type": "CreditCard", "card_last_four": "4242", "expiry_date": "11/27"}]},
    ),
    "GetInvoices": (
        _each("invoices", "invoice", billing.invoice),
        {
            "totalresults": 1,
            "invoices": {"invoice": [{"id": 3, "userid": 7, "total": "4980.00", "currencycode": "JPY"}]},
        },
    ),
    "GetInvoice": (
        lambda answer: billing.invoice_details(answer, "JPY"),
        {
            "invoiceid": 3,
            "userid": 7,
            "total": "4980.00",
            "balance": "0.00",
            "items": {"item": [{"id": 1, "type": "Hosting", "relid": 91, "amount": "4980.00"}]},
            "transactions": "",
        },
    ),
    "GetTransactions": (
        lambda answer: [billing.transaction(row, "JPY") for row in billing.transaction_rows(answer)],
        {
            "totalresults": 1,
            "transactions": {
                "transaction": [
                    {"id": "5", "userid": "7", "currency": "0", "amountin": "1.00", "fees": "0", "amountout": "0"}
                ]
            },
        },
    ),
    "GetTickets": (
        _each("tickets", "ticket", messaging.ticket),
        {"totalresults": "1", "tickets": {"ticket": [{"id": "1", "userid": "7", "deptid": "1"}]}},
    ),
    "OpenTicket": (messaging.opened_ticket, {"id": "1", "tid": "516757"}),
    "GetEmails": (
        _each("emails", "email", messaging.sent_mail),
        {"totalresults": 1, "emails": {"email": [{"id": "1", "userid": "7", "subject": "Hello"}]}},
    ),
    "GetActivityLog": (
        _each("activity", "entry", messaging.log_line),
        {"totalresults": 1, "activity": {"entry": [{"id": 2, "clientId": 7, "description": "claimed"}]}},
    ),
}
