"""WHMCS goes away in the middle of many orders and comes back; and a broken promise would show."""

import pytest

from console.models.provisioning import ProvisionOutcome, ProvisionResult
from tests.chaos.books import Verdict
from tests.chaos.outage import Outage, run

_ORDERS = 12
# Refused calls until WHMCS is back: six make the desk spare it, two more are its tries.
_CALLS = 8
_KEPT = Verdict("1", "Activated", "", "", (7,), ())
_LEFT = _KEPT._replace(status="Paused", code="PRV-01", message="order 9 may be ours")
_STOPPED = ProvisionResult(order_id="1", outcome=ProvisionOutcome.PAUSED, code="PRV-02")


@pytest.mark.chaos
@pytest.mark.slow
def test_after_an_outage_everything_goes_on_by_retries() -> None:
    outage = run(_ORDERS, _CALLS)
    assert outage.wrong == [], outage.told()
    assert len(outage.verdicts) == _ORDERS
    assert 0 < len(outage.sent) < _ORDERS


@pytest.mark.parametrize(
    "outage",
    [
        Outage([_STOPPED], frozenset(), [_KEPT._replace(wrong=("2 live WHMCS orders: 7, 8",))], []),
        Outage([_STOPPED], frozenset(), [_KEPT._replace(status="Paused", code="PRV-02")], []),
        Outage([_STOPPED], frozenset(), [_LEFT], []),
        Outage([_STOPPED], frozenset(), [_KEPT], [9]),
        Outage([_STOPPED.model_copy(update={"code": "UNK-00"})], frozenset(), [_KEPT], []),
        Outage([_STOPPED.model_copy(update={"code": None})], frozenset(), [_KEPT], []),
    ],
)
def test_an_outage_that_breaks_the_promise_is_told(outage: Outage) -> None:
    assert outage.wrong
    assert all(one in outage.told() for one in outage.wrong)


def test_what_was_sent_and_cannot_be_settled_waits_for_a_person() -> None:
    outage = Outage([_STOPPED], frozenset({"1"}), [_LEFT], [])
    assert outage.wrong == []
    assert "order 9 may be ours" in outage.told()
