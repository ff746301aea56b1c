"""Rivals for a short while; a seed repeats its troubles; and every kind of broken promise would show."""

from typing import Any

import pytest

from tests.chaos.books import Verdict
from tests.chaos.lanes import PATIENT, Request
from tests.chaos.rivals import SPARED, Attempt, Campaign, Work, planned, run
from tests.chaos.shared import WHEEL
from tests.chaos.troubles import KILLED, Trouble

_ORDERS, _SEED = 8, 20
_ADD_ORDER = Request("whmcs", "AddOrder")
_REQUESTS = [_ADD_ORDER, Request("whmcs", "GetOrders"), Request("salesforce", "insert send")]
_KEPT = Verdict("1", "Activated", "", "", (7,), ())
_WELL = Attempt(0, 1, (), "", "")


@pytest.mark.slow
def test_orders_of_desks_on_one_database_keep_the_promise_under_faults_and_kills() -> None:
    campaign = run(_SEED, _ORDERS, processes=3, database_url=WHEEL, profile=PATIENT)
    assert campaign.wrong == [], campaign.told()
    assert len(campaign.verdicts) == _ORDERS
    assert {KILLED, ""} < {attempt.said for attempt in campaign.attempts}
    assert sum(len(attempt.hit) for attempt in campaign.attempts) > _ORDERS / 2


def test_a_seed_repeats_its_troubles_and_another_has_others() -> None:
    plans = [[planned(seed, Work(order, 1), _REQUESTS) for order in range(50)] for seed in (1, 1, 2)]
    assert plans[0] == plans[1] != plans[2]
    assert {len(plan) for plan in plans[0]} == {0, 1, 2}


@pytest.mark.parametrize(
    "verdict",
    [
        _KEPT._replace(wrong=("2 live WHMCS orders: 7, 8",), whmcs_orders=(7, 8)),
        _KEPT._replace(status="Created", wrong=("silent: Created, nothing ordered",)),
        _KEPT._replace(status="Paused", code="PRV-02"),
    ],
)
def test_a_verdict_that_breaks_the_promise_is_told(verdict: Verdict) -> None:
    campaign = Campaign(1, [_WELL], [_KEPT, verdict], [])
    assert campaign.wrong
    assert all(one in campaign.told() for one in campaign.wrong)


def test_a_billing_order_without_a_marker_is_wrong() -> None:
    assert Campaign(1, [_WELL], [_KEPT], [9]).wrong == ["WHMCS order 9 carries no marker"]


def test_what_waits_for_a_person_is_listed_with_its_reason_and_is_not_wrong() -> None:
    waits = _KEPT._replace(status="Paused", code="PRV-01", message="No answer; order 9 may be ours.")
    campaign = Campaign(1, [_WELL], [waits], [])
    assert (campaign.wrong, campaign.for_a_person) == ([], [waits])
    assert "order 9 may be ours" in campaign.told()


@pytest.mark.parametrize(
    "changes",
    [
        {"said": "UNK-00", "hit": (Trouble("reset", _ADD_ORDER),)},
        {"said": "PRV-02", "hit": ()},
        {"said": "ACC-01", "hit": (Trouble("reset", _ADD_ORDER),)},
        {"said": KILLED, "hit": (Trouble("reset", _ADD_ORDER),)},
        {"said": "", "hit": (Trouble("killed after", _ADD_ORDER),)},
        {"said": "SYN-06", "hit": ()},
    ],
)
def test_a_code_that_no_trouble_deserves_is_wrong(changes: dict[str, Any]) -> None:
    assert Campaign(1, [_WELL._replace(**changes)], [_KEPT], []).wrong


@pytest.mark.parametrize(
    "changes",
    [
        {"said": "PRV-01", "hit": (Trouble("reset", _ADD_ORDER),)},
        {"said": KILLED, "hit": (Trouble("killed after", _ADD_ORDER),)},
        {"said": "SYN-06", "after": frozenset({KILLED})},
        {"said": "PRV-02", "after": frozenset({SPARED})},
        {"said": "PRV-06"},
    ],
)
def test_a_code_that_is_deserved_is_not(changes: dict[str, Any]) -> None:
    assert not Campaign(1, [_WELL._replace(**changes)], [_KEPT], []).wrong
