"""The installation and its catalogue. Source: whmcs-api.md 5."""

import html
import re
from datetime import datetime, timedelta

from console.integrations.whmcs.mapping.parts import money
from console.integrations.whmcs.records import Currency, Gateway
from console.integrations.whmcs.shapes import Row, decimal, integer, moment, rows, section, text, whole_list
from console.models.billing import BillingProduct, BillingServer, HealthCheck, OrderStatus
from console.models.money import Money

_CYCLES = ("monthly", "quarterly", "semiannually", "annually", "biennially", "triennially")
_RECURRING = {cycle: cycle for cycle in _CYCLES}
# Where a product is not billed again, WHMCS keeps its only price in the monthly column.
_COLUMNS = {"onetime": {"onetime": "monthly"}, "free": {}}
_TAG = re.compile(r"<[^<>]{0,500}>")
_ZONE_STEP = timedelta(minutes=15)
_WIDEST_ZONE = timedelta(hours=14)
_CLOCK_ERROR = timedelta(minutes=5)


def server_version(answer: Row) -> str:
    """WHMCS's version (WhmcsDetails and GetAdminDetails)."""
    return text(section(answer, "whmcs"), "version")


def server(answer: Row) -> BillingServer:
    """What the connection test tells (GetAdminDetails)."""
    listed = text(answer, "allowedpermissions").split(",")
    permissions = dict.fromkeys(name.strip() for name in listed if name.strip())
    return BillingServer(
        version=server_version(answer),
        admin_id=text(answer, "adminid"),
        permissions=tuple(permissions),
        wall_clock=moment(answer.get("requesttime")),
    )


def utc_offset(wall_clock: datetime, utc: datetime) -> timedelta | None:
    """What the server's zone is ahead of UTC: zones differ by quarters of an hour, so the rest is the clocks' error.

    None where the two clocks are too far apart to tell. Source: whmcs-api.md 4.4.
    """
    ahead = wall_clock - utc.replace(tzinfo=None)
    offset = round(ahead / _ZONE_STEP) * _ZONE_STEP
    believable = abs(ahead - offset) <= _CLOCK_ERROR and abs(offset) <= _WIDEST_ZONE
    return offset if believable else None


def health_checks(answer: Row) -> tuple[HealthCheck, ...]:
    """WHMCS's own checks. A group may be null or absent, and bodies are HTML."""
    groups = section(answer, "checks")
    return tuple(
        HealthCheck(name=text(row, "name"), severity=severity, text=_without_tags(text(row, "body")))
        for severity in groups
        for row in rows(groups, severity)
    )


def _without_tags(written: str) -> str:
    return " ".join(html.unescape(_TAG.sub(" ", written)).split())


def currencies(answer: Row) -> tuple[Currency, ...]:
    """The currencies (GetCurrencies)."""
    return tuple(
        Currency(
            id=integer(row.get("id")),
            code=text(row, "code"),
            prefix=text(row, "prefix"),
            suffix=text(row, "suffix"),
            rate=decimal(row.get("rate")),
        )
        for row in whole_list(answer, "currencies", "currency")
    )


def gateways(answer: Row) -> tuple[Gateway, ...]:
    """The payment gateways (GetPaymentMethods)."""
    return tuple(
        Gateway(module=text(row, "module"), name=text(row, "displayname"))
        for row in whole_list(answer, "paymentmethods", "paymentmethod")
    )


def order_statuses(answer: Row) -> tuple[OrderStatus, ...]:
    """The statuses that administrators have made, with their counts (GetOrderStatuses)."""
    return tuple(
        OrderStatus(title=text(row, "title"), count=integer(row.get("count")))
        for row in whole_list(answer, "statuses", "status")
    )


def products(answer: Row) -> tuple[BillingProduct, ...]:
    """The whole catalogue (GetProducts). `group` is the group's id: no reply names it."""
    return tuple(
        BillingProduct(
            id=integer(row.get("pid")),
            name=text(row, "name"),
            group=text(row, "gid"),
            pay_type=text(row, "paytype"),
            prices=_prices(row),
        )
        for row in whole_list(answer, "products", "product")
    )


def _prices(product: Row) -> dict[str, dict[str, Money]]:
    """Prices by currency and cycle; -1.00 marks a cycle that is not offered."""
    columns = _COLUMNS.get(text(product, "paytype"), _RECURRING)
    pricing = section(product, "pricing")
    return {currency: _cycle_prices(section(pricing, currency), currency, columns) for currency in pricing}


def _cycle_prices(listed: Row, currency: str, columns: dict[str, str]) -> dict[str, Money]:
    prices = {cycle: money(listed[column], currency) for cycle, column in columns.items() if column in listed}
    return {cycle: price for cycle, price in prices.items() if price.amount >= 0}
