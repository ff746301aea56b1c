"""Orders. Source: whmcs-api.md 7."""

import re
from collections.abc import Sequence

from console.integrations.whmcs.mapping.parts import money
from console.integrations.whmcs.records import Currency
from console.integrations.whmcs.shapes import Row, ShapeError, id_list, integer, moment, optional_id, rows, text
from console.models.billing import AddedOrder, BillingLine, BillingOrder

_CURRENCY_CODE = re.compile(r"[A-Z]{3}")


def order_currency(row: Row, known: Sequence[Currency] = ()) -> str | None:
    """The currency of a GetOrders row: its suffix where that is a code, else the known one written so."""
    prefix, suffix = text(row, "currencyprefix").strip(), text(row, "currencysuffix").strip()
    if _CURRENCY_CODE.fullmatch(suffix):
        return suffix
    written_so = (one.code for one in known if (one.prefix.strip(), one.suffix.strip()) == (prefix, suffix))
    return next(written_so, None)


def order(row: Row, known: Sequence[Currency] = ()) -> BillingOrder:
    """One row of GetOrders."""
    currency = order_currency(row, known)
    if currency is None:
        raise ShapeError(f"the currency of order {text(row, 'id')} is not known")
    return BillingOrder(
        id=integer(row.get("id")),
        number=text(row, "ordernum"),
        client_id=integer(row.get("userid")),
        placed_at=moment(row.get("date")),
        status=text(row, "status"),
        amount=money(row.get("amount"), currency),
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


def added_order(answer: Row) -> AddedOrder:
    """AddOrder's answer; `productids` is the older name of `serviceids`."""
    return AddedOrder(
        order_id=integer(answer.get("orderid")),
        service_ids=id_list(answer.get("serviceids", answer.get("productids"))),
        invoice_id=optional_id(answer.get("invoiceid")),
    )
