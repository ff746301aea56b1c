"""Troubles keyed by order and request, whichever process sends it: of a team one executes what all have asked for.

The n-th request of a name for an order is counted from the first time that anybody works on it. So a seed repeats the
same troubles at the same places, whatever the clock shows and whoever dies.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import parse_qs, unquote_plus

from starlette.requests import Request as WebRequest

from console.sandbox.faults import Fault
from console.sandbox.server import Sandbox
from console.sandbox.whmcs import action_of as whmcs_action_of
from tests.chaos.lanes import Lane, Request, salesforce_name
from tests.chaos.troubles import Trouble

# Ids of orders, their lines, claims and accounts, as they stand in an address or a body.
_ID = re.compile(r"\b(?:801|802|a0X|001)[0-9A-Za-z]{15}\b")
_MARK = "@"
_BEGIN = "insert work"
# A request that is in one process's hands for longer than a process of these runs waits for WHMCS.
_TOO_LATE_MS = 3600


class Hit(NamedTuple):
    """A trouble that met its request, on the lane of this number."""

    order_id: str
    trouble: Trouble
    lane: int
    at: datetime


class Troubles:
    """What is planned for each order, what has been sent for it, and what has hit. Used in the sandbox's own thread."""

    def __init__(self) -> None:
        """Nothing is planned. `at_begin` is called once, when the work on its order begins."""
        self.plans: Mapping[str, Mapping[Request, Trouble]] = {}
        self.at_begin: dict[str, Callable[[], None]] = {}
        self.hits: list[Hit] = []
        self._sent: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)

    def sent(self, order_id: str) -> list[Request]:
        """The requests for an order up to now, those of one name together."""
        return [
            Request(system, name, number)
            for (system, name), times in self._sent[order_id].items()
            for number in range(1, times + 1)
        ]

    def times(self, order_id: str, system: str, name: str) -> int:
        """How often a request was sent for an order."""
        return self._sent[order_id][system, name]

    def take(self, order_id: str, system: str, name: str, lane: int) -> Fault | None:
        """Count a request, and break it where that is planned."""
        self._sent[order_id][system, name] += 1
        if name == _BEGIN and order_id in self.at_begin:
            self.at_begin.pop(order_id)()
        trouble = self.plans.get(order_id, {}).get(Request(system, name, self._sent[order_id][system, name]))
        if trouble is None or trouble.fault is None:
            return None
        self.hits.append(Hit(order_id, trouble, lane, datetime.now(UTC)))
        late = {"delay_ms": _TOO_LATE_MS} if trouble.fault.kind == "answer_late" else {}
        return trouble.fault.model_copy(update=late)


class OrderLane(Lane):
    """A process's way into both systems, broken by what is planned for the orders that it works on."""

    def __init__(self, troubles: Troubles, number: int) -> None:
        """`number` tells its process from the others."""
        super().__init__()
        self._troubles = troubles
        self._number = number

    def take(self, system: str, action: str) -> Fault | None:
        """The fault of this request, known by its name and its order."""
        name, _, order_id = action.partition(_MARK)
        return self._troubles.take(order_id, system, name, self._number) if order_id else None


class OrderNames:
    """Names requests by what they are for and by their order, as `AddOrder@801…`; one for several is nobody's."""

    def __init__(self, sandbox: Sandbox) -> None:
        """Know no order yet."""
        self._claims = sandbox.salesforce.tables["Order_Claim__c"]
        self._items = sandbox.salesforce.tables["OrderItem"]
        self._orders = sandbox.salesforce.tables["Order"]
        self._accounts = sandbox.salesforce.tables["Account"]
        self._whmcs = sandbox.world.whmcs
        self._by_id: dict[str, str] = {}
        self._by_client: dict[str, str] = {}

    def know(self, order_ids: Collection[str]) -> None:
        """Tell these orders apart; each has an account of its own."""
        for order_id in order_ids:
            account_id = self._orders[order_id]["AccountId"]
            self._by_id |= {order_id: order_id, account_id: order_id}
            self._by_client[str(self._accounts[account_id]["Whmcs_Client_Id__c"])] = order_id
        known = set(order_ids)
        self._by_id |= {key: row["OrderId"] for key, row in self._items.items() if row["OrderId"] in known}

    async def salesforce_name(self, request: WebRequest) -> str:
        """The name of a request to Salesforce."""
        name = await salesforce_name(request)
        text = unquote_plus(f"{request.url.path} {request.url.query}") + (await request.body()).decode()
        orders = {self._by_id.get(one) or self._of_claim(one) for one in _ID.findall(text)} - {""}
        return f"{name}{_MARK}{orders.pop()}" if len(orders) == 1 else name

    async def whmcs_name(self, request: WebRequest) -> str:
        """The name of a request to WHMCS."""
        name = await whmcs_action_of(request)
        values = {key: found[0] for key, found in parse_qs((await request.body()).decode()).items()}
        client = values.get("clientid") or values.get("userid") or self._client_of(values)
        order_id = self._by_client.get(client)
        return f"{name}{_MARK}{order_id}" if order_id else name

    def _of_claim(self, claim_id: str) -> str:
        row = self._claims.get(claim_id)
        return self._by_id.get(row["Order_Id__c"], "") if row else ""

    def _client_of(self, values: Mapping[str, str]) -> str:
        """By the WHMCS order that is named; ids are counted from 1."""
        number = values.get("orderid") or values.get("id") or ""
        orders = self._whmcs.orders
        if number.isdigit() and 0 < int(number) <= len(orders) and orders[int(number) - 1].id == int(number):
            return str(orders[int(number) - 1].userid)
        return ""
