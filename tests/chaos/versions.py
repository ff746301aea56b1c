"""A workflow that is killed under one protocol and restarted under the next becomes a case, and a retry finishes it."""

import contextlib
import tempfile
from pathlib import Path
from typing import NamedTuple

from console.models.command import Command
from console.models.provisioning import ProvisionOutcome, ProvisionResult
from console.sandbox.faults import Fault
from console.workflows.engine import PROTOCOL
from tests.chaos.books import Books, Verdict
from tests.chaos.desks import Desk, Died, Machine, Opening
from tests.chaos.lanes import Lane, Request, laned_sandbox
from tests.chaos.shared import shared_database
from tests.chaos.tasks import Standing

_ADD_ORDER = Request("whmcs", "AddOrder")
_NEXT = PROTOCOL + 1
_CODE = "PRV-01"


class Handover(NamedTuple):
    """What the next version found of an order that was in the middle of AddOrder.

    killed    whether the one before was killed there, by the name of the fault that held it
    command   its command as the next version left it, and the case it opened: code and detail, "" for none
    sent      how many AddOrder requests the next version sent by itself
    retried   what the button of the case came to
    """

    killed: bool
    command: Command
    case: tuple[str, str]
    sent: int
    retried: ProvisionResult | None
    verdict: Verdict

    @property
    def wrong(self) -> tuple[str, ...]:
        """What breaks the promise."""
        found = list(self.verdict.wrong)
        code, detail = self.case
        if not self.killed:
            found.append("the first version was not killed in the middle: this proves nothing")
        if code != _CODE or any(f"{one}" not in detail for one in (f"protocol {PROTOCOL}", f"here {_NEXT}")):
            found.append(f"the case is {code!r}: {detail}")
        if self.command.is_open:
            found.append(f"its command is {self.command.state.value}: nobody is told")
        if self.sent:
            found.append(f"the next version sent AddOrder {self.sent} times by itself")
        if self.retried is None or self.retried.outcome is not ProvisionOutcome.ACTIVATED:
            found.append(f"the retry came to {self.retried}")
        if self.verdict.status != "Activated":
            found.append(f"{self.verdict.status} {self.verdict.code} {self.verdict.message}")
        return tuple(found)


def handover(kind: str, database_url: str = "") -> Handover:
    """Kill this version in the middle of AddOrder, held by a fault of this kind, and start the next one.

    They share a data folder, or with `database_url` a database as in `shared_database`.
    """
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        portal = {"portal": {"database_url": stack.enter_context(shared_database(database_url))}}
        laned = stack.enter_context(laned_sandbox(folder, 2, 1, portal))
        machine, order_id = Machine(folder), laned.ordinary_orders()[0]
        this_lane, next_lane = laned.lanes
        killed = _killed(Desk(machine, laned.profiles[0], folder / "data", this_lane), order_id, kind)
        following = Desk(machine, laned.profiles[1], folder / "data", next_lane, Opening(protocol=_NEXT))
        stack.enter_context(contextlib.closing(following))
        standing: Standing = following.ask("attend")
        sent = _orders_sent(next_lane)
        [command] = [one for one in standing.commands if one.subject == order_id]
        retried = following.ask("retry", order_id)
        verdict = Books.of(laned.sandbox).verdict(order_id)
        return Handover(killed, command, standing.cases.get(order_id, ("", "")), sent, retried, verdict)


def _killed(desk: Desk, order_id: str, kind: str) -> bool:
    """Whether the desk was killed in the middle of AddOrder; it is not opened again."""
    try:
        desk.lane.begin({_ADD_ORDER: Fault.model_validate({"system": "whmcs", "kind": kind})})
        desk.ask("ask", order_id)
    except Died:
        return True
    finally:
        desk.kill()
    return False


def _orders_sent(lane: Lane) -> int:
    return sum(one.name == _ADD_ORDER.name for one in lane.sent)


def told(found: Handover, kind: str) -> str:
    """In one line."""
    wrong = "; ".join(found.wrong)
    code, detail = found.case
    return f"protocol {PROTOCOL} killed ({kind}), then {_NEXT}: {code} {detail} " + (
        f"WRONG {wrong}" if wrong else "kept"
    )
