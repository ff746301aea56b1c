"""Answers of WHMCS turned into our models. Raises ValueError where one cannot be read; sends nothing."""

import re
from collections.abc import Sequence
from typing import Any

from console.integrations.whmcs.records import ClientPage, Currency, Gateway, InvoiceWithBalance
from console.integrations.whmcs.shapes import (
    Row,
    ShapeError,
    card_expiry,
    day,
    decimal,
    id_list,
    integer,
    moment,
    optional_id,
    page,
    rows,
    section,
    text,
)
from console.models.address import Address
from console.models.billing import (
    AddedOrder,
    BillingLine,
    BillingOrder,
    BillingProduct,
    BillingServer,
    Client,
    ClientSummary,
    Invoice,
    ModuleFailure,
    PayMethod,
    Service,
)
from console.models.money import Money

_CYCLES = ("monthly", "quarterly", "semiannually", "annually", "biennially", "triennially")
_RECURRING = {cycle: cycle for cycle in _CYCLES}
# Where a product is not billed again, WHMCS keeps its only price in the monthly column.
_COLUMNS = {"onetime": {"onetime": "monthly"}, "free": {}}
_CURRENCY_CODE = re.compile(r"[A-Z]{3}")


def server_version(answer: Row) -> str:
    """WHMCS's version. Source: whmcs-api.md 5, WhmcsDetails and GetAdminDetails."""
    return text(section(answer, "whmcs"), "version")


def server(answer: Row) -> BillingServer:
    """What the connection test tells. Source: whmcs-api.md 5, GetAdminDetails."""
    listed = text(answer, "allowedpermissions").split(",")
    permissions = dict.fromkeys(name.strip() for name in listed if name.strip())
    return BillingServer(
        version=server_version(answer), admin_id=text(answer, "adminid"), permissions=tuple(permissions)
    )


def currencies(answer: Row) -> tuple[Currency, ...]:
    """Source: whmcs-api.md 5, GetCurrencies."""
    return tuple(
        Currency(
            id=integer(row.get("id")),
            code=text(row, "code"),
            prefix=text(row, "prefix"),
            suffix=text(row, "suffix"),
            rate=decimal(row.get("rate")),
        )
        for row in rows(answer, "currencies", "currency")
    )


def gateways(answer: Row) -> tuple[Gateway, ...]:
    """Source: whmcs-api.md 5, GetPaymentMethods."""
    return tuple(
        Gateway(module=text(row, "module"), name=text(row, "displayname"))
        for row in rows(answer, "paymentmethods", "paymentmethod")
    )


def products(answer: Row) -> tuple[BillingProduct, ...]:
    """The whole catalogue. `group` is the group's id: no reply names it. Source: whmcs-api.md 5."""
    return tuple(
        BillingProduct(
            id=integer(row.get("pid")),
            name=text(row, "name"),
            group=text(row, "gid"),
            pay_type=text(row, "paytype"),
            prices=_prices(row),
        )
        for row in rows(answer, "products", "product")
    )


def _prices(product: Row) -> dict[str, dict[str, Money]]:
    """Prices by currency and cycle; -1.00 marks a cycle that is not offered."""
    columns = _COLUMNS.get(text(product, "paytype"), _RECURRING)
    pricing = section(product, "pricing")
    return {currency: _cycle_prices(section(pricing, currency), currency, columns) for currency in pricing}


def _cycle_prices(listed: Row, currency: str, columns: dict[str, str]) -> dict[str, Money]:
    prices = {cycle: _money(listed[column], currency) for cycle, column in columns.items() if column in listed}
    return {cycle: price for cycle, price in prices.items() if price.amount >= 0}


def client_page(answer: Row) -> ClientPage:
    """Source: whmcs-api.md 6, GetClients."""
    found = page(answer, "clients", "client")
    return ClientPage(clients=tuple(client_summary(row) for row in found.rows), total=found.total)


def client_summary(row: Row) -> ClientSummary:
    """One row of GetClients."""
    return ClientSummary(
        id=integer(row.get("id")),
        first_name=text(row, "firstname"),
        last_name=text(row, "lastname"),
        company=text(row, "companyname"),
        email=text(row, "email"),
        status=text(row, "status"),
    )


def client(answer: Row) -> Client:
    """A client, read from `client` or, as older servers answer, from the root. Source: whmcs-api.md 6."""
    row = section(answer, "client") or answer
    street = (text(row, "address1"), text(row, "address2"))
    return Client(
        id=integer(row.get("client_id", row.get("id", row.get("userid")))),
        first_name=text(row, "firstname"),
        last_name=text(row, "lastname"),
        company=text(row, "companyname"),
        email=text(row, "email"),
        phone=text(row, "phonenumber"),
        address=Address(
            street=", ".join(part for part in street if part),
            city=text(row, "city"),
            state=text(row, "fullstate") or text(row, "state"),
            postal_code=text(row, "postcode"),
            country=text(row, "countrycode") or text(row, "country"),
        ),
        status=text(row, "status"),
        currency=text(row, "currency_code"),
        default_gateway=text(row, "defaultgateway"),
        custom_fields=_custom_fields(row),
    )


def _custom_fields(row: Row) -> dict[int, str]:
    fields = rows(row, "customfields", "customfield")
    return {integer(field.get("id")): text(field, "value") for field in fields}


def pay_methods(answer: Row) -> tuple[PayMethod, ...]:
    """Type, last four and expiry; nothing that could be used to pay. Source: whmcs-api.md 10."""
    return tuple(
        PayMethod(
            id=integer(row.get("id")),
            type=text(row, "type"),
            description=text(row, "description") or text(row, "bank_name"),
            gateway=text(row, "gateway_name"),
            card_type=text(row, "card_type"),
            last_four=text(row, "card_last_four"),
            expires=card_expiry(row.get("expiry_date")),
        )
        for row in rows(answer, "paymethods")
    )


def order_currency(row: Row, known: Sequence[Currency] = ()) -> str | None:
    """The currency of a GetOrders row: its suffix where that is a code, else the known one written so."""
    prefix, suffix = text(row, "currencyprefix").strip(), text(row, "currencysuffix").strip()
    if _CURRENCY_CODE.fullmatch(suffix):
        return suffix
    written_so = (one.code for one in known if (one.prefix.strip(), one.suffix.strip()) == (prefix, suffix))
    return next(written_so, None)


def order(row: Row, known: Sequence[Currency] = ()) -> BillingOrder:
    """One row of GetOrders. Source: whmcs-api.md 7."""
    currency = order_currency(row, known)
    if currency is None:
        raise ShapeError(f"the currency of order {text(row, 'id')} is not known")
    return BillingOrder(
        id=integer(row.get("id")),
        number=text(row, "ordernum"),
        client_id=integer(row.get("userid")),
        placed_at=moment(row.get("date")),
        status=text(row, "status"),
        amount=_money(row.get("amount"), currency),
        invoice_id=optional_id(row.get("invoiceid")),
        payment_status=text(row, "paymentstatus"),
        notes=text(row, "notes"),
        lines=tuple(_line(line) for line in rows(row, "lineitems", "lineitem")),
    )


def _line(row: Row) -> BillingLine:
    return BillingLine(
        type=text(row, "type"),
        service_id=integer(row.get("relid")),
        product=text(row, "product"),
        status=text(row, "status"),
    )


def _money(value: Any, currency: str) -> Money:
    return Money(amount=decimal(value), currency=currency)


def added_order(answer: Row) -> AddedOrder:
    """AddOrder's answer; `productids` is the older name of `serviceids`. Source: whmcs-api.md 7."""
    return AddedOrder(
        order_id=integer(answer.get("orderid")),
        service_ids=id_list(answer.get("serviceids", answer.get("productids"))),
        invoice_id=optional_id(answer.get("invoiceid")),
    )


def service(row: Row, currency: str) -> Service:
    """One row of GetClientsProducts, which names no currency: it is the client's. Source: whmcs-api.md 9."""
    return Service(
        id=integer(row.get("id")),
        client_id=integer(row.get("clientid")),
        order_id=integer(row.get("orderid")),
        product_id=integer(row.get("pid")),
        name=text(row, "name"),
        group=text(row, "groupname"),
        domain=text(row, "domain"),
        status=text(row, "status"),
        billing_cycle=text(row, "billingcycle"),
        recurring_amount=_money(row.get("recurringamount"), currency),
        next_due=day(row.get("nextduedate")),
        registered=day(row.get("regdate")),
        quantity=integer(row.get("qty", 1)),
        custom_fields=_custom_fields(row),
    )


def module_failures(answer: Row) -> tuple[ModuleFailure, ...]:
    """Failed module actions of services. Source: whmcs-api.md 9, GetModuleQueue."""
    return tuple(
        ModuleFailure(
            id=integer(row.get("id")),
            service_id=integer(row.get("serviceId")),
            action=text(row, "moduleAction"),
            last_attempt=moment(row.get("lastAttempt")),
            error=text(row, "lastAttemptError"),
        )
        for row in rows(answer, "queue")
        if text(row, "serviceType") == "service"
    )


def invoice(row: Row) -> Invoice:
    """One row of GetInvoices. Source: whmcs-api.md 10."""
    return Invoice(**_invoice_fields(row, "id", "last_capture_attempt", text(row, "currencycode")))


def invoice_with_balance(answer: Row, currency: str) -> InvoiceWithBalance:
    """GetInvoice's answer, which names no currency: it is the client's. Source: whmcs-api.md 10."""
    fields = _invoice_fields(answer, "invoiceid", "lastcaptureattempt", currency)
    return InvoiceWithBalance(**fields, balance=_money(answer.get("balance"), currency))


def _invoice_fields(row: Row, id_name: str, capture_name: str, currency: str) -> dict[str, Any]:
    return {
        "id": integer(row.get(id_name)),
        "number": text(row, "invoicenum"),
        "client_id": integer(row.get("userid")),
        "issued": day(row.get("date")),
        "due": day(row.get("duedate")),
        "paid_at": moment(row.get("datepaid")),
        "total": _money(row.get("total"), currency),
        "status": text(row, "status"),
        "payment_method": text(row, "paymentmethod"),
        "last_capture_attempt": moment(row.get(capture_name)),
    }
