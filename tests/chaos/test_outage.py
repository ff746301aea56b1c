"""WHMCS goes away in the middle of many orders and comes back; and a broken promise would show."""

from dataclasses import replace
from typing import Any

import pytest

from console.models.provisioning import ProvisionOutcome, ProvisionResult
from console.workflows.bulk import Halt
from tests.chaos.books import Verdict
from tests.chaos.outage import Outage, run

_ORDERS = 10
_KEPT = Verdict("1", "Activated", "", "", (7,), ())
_LEFT = _KEPT._replace(status="Paused", code="PRV-01", message="order 9 may be ours")
_STOPPED = ProvisionResult(order_id="1", outcome=ProvisionOutcome.PAUSED, code="PRV-02")
_DONE = ProvisionResult(order_id="1", outcome=ProvisionOutcome.ACTIVATED)
_ENDED_WELL = Outage([_DONE], [_STOPPED], [None, Halt.OUTAGE, None], frozenset(), [_KEPT], [])


@pytest.mark.slow
def test_after_an_outage_a_run_goes_on_by_itself() -> None:
    outage = run(_ORDERS, short=True)
    assert outage.wrong == [], outage.told()
    assert len(outage.verdicts) == _ORDERS
    assert 0 < len(outage.sent) < _ORDERS


def test_an_outage_that_ends_well_is_not_wrong() -> None:
    assert _ENDED_WELL.wrong == []


@pytest.mark.parametrize(
    "changes",
    [
        {"verdicts": [_KEPT._replace(wrong=("2 live WHMCS orders: 7, 8",))]},
        {"verdicts": [_KEPT._replace(status="Paused", code="PRV-02")], "results": [_STOPPED]},
        {"verdicts": [_LEFT], "results": [_STOPPED]},
        {"results": [_STOPPED]},
        {"unmarked": [9]},
        {"stopped": [_STOPPED.model_copy(update={"code": "UNK-00"})]},
        {"stopped": []},
        {"halts": [None]},
        {"halts": [None, Halt.FAILURES]},
        {"halts": [None, Halt.OUTAGE, None, Halt.OUTAGE, None]},
    ],
)
def test_an_outage_that_breaks_the_promise_is_told(changes: dict[str, Any]) -> None:
    outage = replace(_ENDED_WELL, **changes)
    assert outage.wrong
    assert all(one in outage.told() for one in outage.wrong)


def test_what_was_sent_and_cannot_be_settled_waits_for_a_person() -> None:
    outage = replace(_ENDED_WELL, sent=frozenset({"1"}), verdicts=[_LEFT], results=[_STOPPED])
    assert outage.wrong == []
    assert "order 9 may be ours" in outage.told()
