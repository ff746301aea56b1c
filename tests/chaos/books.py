"""What the sandboxes' own books say of an order: kept the promise, or what is wrong. No answer of a desk counts here.

The promise: an approved order ends Activated with exactly one WHMCS order, or Paused with a true code.
Source: architecture.md, "Safety and liveness of provisioning".
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from console.failure_catalogue import load_catalogue
from console.sandbox.server import Sandbox
from console.sandbox.whmcs_store import Order as BillingOrder
from console.sandbox.whmcs_store import Service

_DEAD = frozenset({"Cancelled", "Fraud"})
_DUPLICATE, _DEAD_ORDER = "PRV-07", "PRV-08"


class Verdict(NamedTuple):
    """How an order stands at rest: its Provisioning_Status__c with its code, and what of it breaks the promise."""

    order_id: str
    status: str
    code: str
    message: str
    whmcs_orders: tuple[int, ...]
    wrong: tuple[str, ...]


@dataclass
class Books:
    """Copies of what is needed of both systems' books. `first_new` is the lowest WHMCS order id that is of today."""

    orders: dict[str, dict[str, Any]]
    items: dict[str, list[dict[str, Any]]]
    claims: dict[str, list[dict[str, Any]]]
    billing_orders: dict[int, BillingOrder]
    services: list[Service]
    first_new: int = 1

    def __post_init__(self) -> None:
        """Sort services by the order item that they carry the marker of."""
        self.by_item: dict[str, list[Service]] = defaultdict(list)
        for service in self.services:
            for value in service.customfields.values():
                self.by_item[value.partition(".")[0]].append(service)

    @classmethod
    def of(cls, sandbox: Sandbox, first_new: int = 1) -> "Books":
        """Read the books of a sandbox."""
        tables, whmcs = sandbox.salesforce.tables, sandbox.world.whmcs
        return cls(
            orders={key: dict(row) for key, row in list(tables["Order"].items())},
            items=_grouped(tables["OrderItem"].values(), "OrderId"),
            claims=_grouped(tables["Order_Claim__c"].values(), "Order_Id__c"),
            billing_orders={one.id: one for one in whmcs.orders},
            services=list(whmcs.services),
            first_new=first_new,
        )

    def verdict(self, order_id: str) -> Verdict:
        """Judge one order."""
        order = self.orders[order_id]
        marked = sorted({one.orderid for one in self._services(order_id)})
        status, code = order["Provisioning_Status__c"], order.get("Provisioning_Error_Code__c") or ""
        message = order.get("Provisioning_Error__c") or ""
        wrong = [*self._wrong_number(marked, code), *self._wrong_status(order, self._live(marked))]
        return Verdict(order_id, status, code, message, tuple(marked), tuple(wrong))

    def unmarked(self) -> list[int]:
        """WHMCS orders of today that carry no marker at all: ordered twice, and nobody could tell."""
        marked = {one.orderid for found in self.by_item.values() for one in found}
        return [one for one in self.billing_orders if one >= self.first_new and one not in marked]

    def _services(self, order_id: str) -> list[Service]:
        return [service for item in self.items[order_id] for service in self.by_item[item["Id"]]]

    def _live(self, marked: Sequence[int]) -> list[int]:
        return [one for one in marked if one in self.billing_orders and self.billing_orders[one].status not in _DEAD]

    def _wrong_number(self, marked: Sequence[int], code: str) -> Iterable[str]:
        live = self._live(marked)
        if len(live) > 1:
            yield f"{len(live)} live WHMCS orders: {', '.join(map(str, live))}"
        if code == _DUPLICATE and len(live) < 2:
            yield f"{code}, but there is no second WHMCS order"
        if code == _DEAD_ORDER and (live or not marked):
            yield f"{code}, but no WHMCS order of it is dead"

    def _wrong_status(self, order: Mapping[str, Any], live: Sequence[int]) -> Iterable[str]:
        status = order["Provisioning_Status__c"]
        if status == "Activated":
            yield from self._wrongly_active(order, live)
        elif status == "Paused":
            yield from _wrongly_paused(order)
        elif status == "Activating":
            yield "left half-way, Activating"
        else:
            yield f"silent: {status}" + (f" although WHMCS order {live[0]} is there" if live else ", nothing ordered")
        newest = max((one for one in self.claims[order["Id"]] if _purpose(one) == "work"), key=_number, default=None)
        if newest and not newest.get("Closed_At__c") and status != "Activating":
            yield "its claim is still open"

    def _wrongly_active(self, order: Mapping[str, Any], live: Sequence[int]) -> Iterable[str]:
        if not live:
            yield "Activated, but there is no live WHMCS order"
            return
        if order.get("Whmcs_Order_Id__c") != str(live[0]):
            yield f"Activated, names WHMCS order {order.get('Whmcs_Order_Id__c')} instead of {live[0]}"
        if self.billing_orders[live[0]].status != "Active":
            yield f"Activated, but WHMCS order {live[0]} is {self.billing_orders[live[0]].status}"
        if order.get("Customer_Status__c") != "active" or order.get("Provisioning_Error_Code__c"):
            yield f"Activated, but the customer sees {order.get('Customer_Status__c')}"
        for item in self.items[order["Id"]]:
            services = self.by_item[item["Id"]]
            states = Counter(one.status for one in services)
            if states["Active"] != item["Quantity"] or states.total() != item["Quantity"]:
                yield f"Activated, but of {item['Quantity']:g} services of line {item['Id']} there are {dict(states)}"
            if any(one.setups_done > 1 for one in services):
                yield f"line {item['Id']} was set up more than once"
            if set((item.get("Whmcs_Service_Ids__c") or "").split(",")) != {str(one.id) for one in services}:
                yield f"line {item['Id']} names services {item.get('Whmcs_Service_Ids__c')}"


def _wrongly_paused(order: Mapping[str, Any]) -> Iterable[str]:
    code = order.get("Provisioning_Error_Code__c")
    if code not in load_catalogue() or code == "UNK-00":
        yield f"Paused with the code {code}"
    if not order.get("Provisioning_Error__c"):
        yield "Paused without a word"
    if order.get("Customer_Status__c") == "active":
        yield "Paused, but the customer sees active"


def _grouped(rows: Iterable[Mapping[str, Any]], column: str) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row[column]].append(dict(row))
    return groups


def _purpose(claim: Mapping[str, Any]) -> str:
    return str(claim["Claim_Key__c"]).partition(":")[0]


def _number(claim: Mapping[str, Any]) -> int:
    return int(str(claim["Claim_Key__c"]).rpartition(":")[2])
