"""GetStats of the sandbox WHMCS: what came in and what waits, over its own days. Source: whmcs-api.md 5."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal

from console.sandbox.whmcs_billing import money
from console.sandbox.whmcs_call import Answer, Call, Handler
from console.sandbox.whmcs_catalogue import ORDER_STATUSES

_USUAL_DAYS, _MOST_DAYS = 7, 90
_TICKETS = {
    "tickets_open": "Open",
    "tickets_answered": "Answered",
    "tickets_customerreply": "Customer-Reply",
    "tickets_closed": "Closed",
    "tickets_onhold": "On Hold",
    "tickets_inprogress": "In Progress",
}


def get_stats(call: Call) -> Answer:
    """GetStats: incomes with their currency, counts as numbers, a timeline of at most 90 days."""
    return {**_incomes(call), **_orders(call), **_waiting(call), "timeline_data": _timeline(call)}


def _incomes(call: Call) -> dict[str, str]:
    currency, today = call.books.currencies[0], call.server.today()
    spans = {"today": today, "thismonth": today[:7], "thisyear": today[:4], "alltime": ""}
    sums = {name: _received(call, start) for name, start in spans.items()}
    shown = currency.suffix or currency.code
    return {f"income_{name}": f"{currency.prefix}{money(total)} {shown}" for name, total in sums.items()}


def _received(call: Call, start: str) -> Decimal:
    """What came in, on days that begin like this."""
    rows = (row for row in call.books.transactions if row.date.startswith(start))
    return sum((Decimal(row.amountin) for row in rows), Decimal(0))


def _orders(call: Call) -> dict[str, int]:
    today = date.fromisoformat(call.server.today())
    counts: dict[str, int] = {"orders_pending": sum(order.status == "Pending" for order in call.books.orders)}
    for name, day in (("today", today), ("yesterday", today - timedelta(days=1))):
        of_day = Counter(order.status for order in call.books.orders if order.date.startswith(day.isoformat()))
        counts |= {f"orders_{name}_{status.lower()}": of_day[status] for status in ORDER_STATUSES}
        counts[f"orders_{name}_total"] = of_day.total()
    for name, start in (("thismonth", f"{today:%Y-%m}"), ("thisyear", f"{today:%Y}")):
        counts[f"orders_{name}_total"] = sum(order.date.startswith(start) for order in call.books.orders)
    return counts


def _waiting(call: Call) -> dict[str, int]:
    statuses = Counter(ticket.status for ticket in call.books.tickets)
    return {
        "tickets_allactive": statuses.total() - statuses["Closed"],
        "tickets_awaitingreply": statuses["Open"] + statuses["Customer-Reply"],
        "tickets_flaggedtickets": 0,
        **{name: statuses[status] for name, status in _TICKETS.items()},
        "cancellations_pending": 0,
        "todoitems_due": 0,
        "networkissues_open": 0,
        "billableitems_uninvoiced": len(call.books.billable_items),
        "quotes_valid": 0,
        "staff_online": 1,
    }


def _timeline(call: Call) -> Answer:
    today = date.fromisoformat(call.server.today())
    asked = call.params.integer("timeline_days") or _USUAL_DAYS
    days = [(today - timedelta(days=back)).isoformat() for back in range(min(max(asked, 1), _MOST_DAYS))]
    orders, tickets = call.books.orders, call.books.tickets
    placed = Counter(order.date[:10] for order in orders)
    accepted = Counter(order.date[:10] for order in orders if order.status == "Active")
    opened = Counter(ticket.date[:10] for ticket in tickets)

    def by_day(value: Callable[[str], int | str]) -> dict[str, int | str]:
        return {day: value(day) for day in days}

    return {
        "new_orders": by_day(lambda day: placed[day]),
        "accepted_orders": by_day(lambda day: accepted[day]),
        "income": by_day(lambda day: money(_received(call, day))),
        "expenditure": by_day(lambda _day: "0.00"),
        "new_tickets": by_day(lambda day: opened[day]),
    }


ACTIONS: Mapping[str, Handler] = {"GetStats": get_stats}
