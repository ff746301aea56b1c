"""Requests are counted for their order, whichever process sends them, and broken where that is planned."""

import contextlib
from pathlib import Path

from console.models.provisioning import ProvisionOutcome
from console.sandbox.server import Sandbox
from tests.chaos.by_order import OrderLane, OrderNames, Troubles
from tests.chaos.desks import Desk, Machine
from tests.chaos.lanes import Request, Wiring, laned_sandbox
from tests.chaos.troubles import Trouble

_LOST = Trouble("answer lost", Request("whmcs", "AcceptOrder"))
_OF_ONE_ORDER = {"insert work", "query Account", "insert send", "AddOrder", "record order", "AcceptOrder", "GetOrders",
                 "GetClientsProducts", "GetInvoices", "close row", "set Activated"}  # fmt: skip


def test_a_trouble_meets_the_order_that_it_is_planned_for_on_any_lane(tmp_path: Path) -> None:
    troubles, wired, began = Troubles(), list[OrderNames](), list[str]()

    def wiring(sandbox: Sandbox) -> Wiring:
        wired.append(names := OrderNames(sandbox))
        numbers = iter(range(2))
        return Wiring(lambda: OrderLane(troubles, next(numbers)), names.salesforce_name, names.whmcs_name)

    with laned_sandbox(tmp_path, 2, 3, wiring=wiring) as laned, contextlib.ExitStack() as stack:
        first, second = (
            stack.enter_context(contextlib.closing(Desk(Machine(tmp_path), profile, tmp_path / profile.stem, lane)))
            for profile, lane in zip(laned.profiles, laned.lanes, strict=True)
        )
        well, broken, unknown = laned.ordinary_orders()[:3]
        wired[0].know([well, broken])
        troubles.plans = {broken: {_LOST.request: _LOST}}
        troubles.at_begin = {well: lambda: began.append(well)}
        outcomes = [first.ask("provision", well), second.ask("provision", broken), first.ask("provision", unknown)]
    assert [one.outcome for one in outcomes] == [ProvisionOutcome.ACTIVATED] * 3
    assert [(hit.order_id, hit.trouble, hit.lane) for hit in troubles.hits] == [(broken, _LOST, 1)]
    assert began == [well]
    assert {one.name for one in troubles.sent(well)} >= _OF_ONE_ORDER
    assert troubles.times(well, "whmcs", "AcceptOrder") == 1
    assert troubles.sent(unknown) == []
