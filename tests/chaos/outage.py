"""An outage of WHMCS in the middle of many orders: what was under way ends Activated once it is back, or as PRV-01."""

import contextlib
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from console.models.provisioning import ProvisionResult
from console.sandbox.faults import Fault
from tests.chaos.books import Books, Verdict
from tests.chaos.campaign import clean_up
from tests.chaos.desks import Desk, Machine
from tests.chaos.lanes import Request, laned_sandbox

# Of ten orders that are under way, WHMCS goes down with the AddOrder of the first.
_SHARE_BEFORE = 10
# So many orders are carried out although WHMCS never answers.
_DONE_UNSEEN = 5
FOR_EVER = 1_000_000
_FOR_A_PERSON = "PRV-01"
_DESERVED = frozenset({"", "PRV-01", "PRV-02"})
# Two hundred orders of one desk wait for each other's calls, so they get more time to leave than one alone.
_PROFILE = {"provisioning": {"send_window_s": 5, "claim_lease_s": 60}, "whmcs": {"max_connections": 20}}
_LEASE_OVER_S = 61


@dataclass
class Outage:
    """What came of it: the codes of the first run, whether each order had sent, and the books at the end."""

    first: Sequence[ProvisionResult]
    sent: frozenset[str]
    verdicts: Sequence[Verdict]
    unmarked: Sequence[int]

    @property
    def for_a_person(self) -> list[Verdict]:
        """What the rule for sending again could not settle."""
        return [one for one in self.verdicts if one.status == "Paused" and one.code == _FOR_A_PERSON]

    @property
    def wrong(self) -> list[str]:
        """What breaks the promise, and what should have gone on without a person."""
        found = [f"{one.order_id}: {text}" for one in self.verdicts for text in one.wrong]
        found += [f"WHMCS order {one} carries no marker" for one in self.unmarked]
        found += [f"{one.order_id} stopped with {one.code}" for one in self.first if (one.code or "") not in _DESERVED]
        for one in self.verdicts:
            left = one in self.for_a_person
            if one.status != "Activated" and not (left and one.order_id in self.sent):
                found.append(f"{one.order_id} had {'' if left else 'to go on: '}{one.status} {one.code}")
        if not any(one.code for one in self.first):
            found.append("the outage stopped nothing: this run proves nothing")
        return found

    def told(self) -> str:
        """Totals, what waits for a person, and everything that is wrong."""
        first = Counter(one.code or "no code" for one in self.first)
        ended = Counter(one.status for one in self.verdicts)
        lines = [
            f"{len(self.verdicts)} in flight, {len(self.sent)} had a send row when WHMCS was down",
            f"during the outage: {', '.join(f'{number} {code}' for code, number in first.most_common())}",
            f"afterwards: {', '.join(f'{number} {status}' for status, number in ended.most_common())};"
            f" {len(self.for_a_person)} wait for a person",
            *(f"  {one.order_id}: {one.message}" for one in self.for_a_person),
            f"wrong {len(self.wrong)}",
            *(f"  {one}" for one in self.wrong),
        ]
        return "\n".join(lines)


def run(orders: int, calls: int = FOR_EVER, tell: Callable[[str], None] = lambda _: None) -> Outage:
    """Take WHMCS away while one desk works on so many orders at once, give it back, and retry.

    It comes back by itself after so many refused `calls`, else once the desk has given up.
    """
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        laned = stack.enter_context(laned_sandbox(folder, 1, orders, _PROFILE))
        lane = laned.lanes[0]
        desk = Desk(Machine(folder), laned.profiles[0], folder / "data", lane)
        stack.enter_context(contextlib.closing(desk))
        order_ids, first_new = laned.ordinary_orders()[:orders], len(laned.sandbox.world.whmcs.orders) + 1
        lane.begin({})
        lane.break_from(
            Request("whmcs", "AddOrder", 1 + orders // _SHARE_BEFORE),
            [
                Fault(system="whmcs", action="AddOrder", kind="commit_then_drop", count=_DONE_UNSEEN),
                Fault(system="whmcs", kind="status", status=503, count=calls),
            ],
        )
        first = desk.ask("all", order_ids)
        tell("WHMCS is back")
        lane.remove()
        claims = laned.sandbox.salesforce.tables["Order_Claim__c"].values()
        sent = frozenset(row["Order_Id__c"] for row in claims if row["Claim_Key__c"].startswith("send:"))
        laned.sandbox.clock.advance(_LEASE_OVER_S)
        clean_up(desk, order_ids, tell)
        books = Books.of(laned.sandbox, first_new)
        return Outage(first, sent, [books.verdict(one) for one in order_ids], books.unmarked())


def main(orders: int) -> int:
    """Print an outage; returns the exit status."""
    outage = run(orders, tell=lambda text: print(text, flush=True))  # noqa: T201 - a command for a terminal
    sys.stdout.write(outage.told() + "\n")
    return 1 if outage.wrong else 0
