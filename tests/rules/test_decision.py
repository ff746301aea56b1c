"""Whether an order may be decided on now."""

from collections.abc import Sequence
from typing import Any

import pytest

from console.models.check import Check, Result, Review, Source, Verdict
from console.models.order import Activation, CustomerStatus, OrderState
from console.models.staff import StaffMember
from console.rules.decision import why_not_approvable, why_not_given_up, why_not_rejectable
from tests.rules.cases import NOW, SUPERVISOR, SUPPORT, order, said

_SEEN = CustomerStatus(slug="in_review", en="In review", ja="審査中")
_HASH = order().content_hash


def check(result: Result, code: str | None = None) -> Check:
    """A check that says so."""
    return Check(id="one", result=result, code=code, evidence=said("Seen."), source=Source.RULE, checked_at=NOW)


def review(checks: Sequence[Check] = (), content_hash: str = _HASH) -> Review:
    """A review of the order with these checks."""
    return Review(
        order_id=order().id,
        verdict=Verdict.READY,
        checks=tuple(checks),
        content_hash=content_hash,
        customer_sees=_SEEN,
        customer_will_see=_SEEN,
    )


def test_a_clean_review_of_this_version_may_be_approved_without_a_reason() -> None:
    assert why_not_approvable(review([check(Result.PASS)]), order(), "", _HASH) is None


def test_a_stop_is_final_whatever_the_reason() -> None:
    found = why_not_approvable(
        review([check(Result.LOOK, "ADR-01"), check(Result.STOP, "PAY-01")]), order(), "Ok", _HASH
    )
    assert found is not None
    assert found.code == "PAY-01"


@pytest.mark.parametrize(("reason", "code"), [("", "ADR-01"), ("  ", "ADR-01"), ("Called the customer", None)])
def test_a_look_needs_a_reason(reason: str, code: str | None) -> None:
    found = why_not_approvable(review([check(Result.LOOK, "ADR-01")]), order(), reason, _HASH)
    assert (found.code if found else None) == code


@pytest.mark.parametrize(
    ("now", "reviewed", "signed"),
    [("new", _HASH, _HASH), (_HASH, "old", _HASH), (_HASH, _HASH, "old"), ("new", "new", _HASH)],
)
def test_only_the_reviewed_version_may_be_approved(now: str, reviewed: str, signed: str) -> None:
    found = why_not_approvable(review(content_hash=reviewed), order(content_hash=now), "", signed)
    assert found is not None
    assert found.code == "APR-02"


def test_only_a_supervisor_rejects_and_only_while_in_review() -> None:
    assert why_not_rejectable(order(), SUPERVISOR) is None
    not_allowed = why_not_rejectable(order(), SUPPORT)
    decided = why_not_rejectable(order(state=OrderState.APPROVED), SUPERVISOR)
    assert not_allowed is not None
    assert decided is not None
    assert (not_allowed.code, decided.code) == ("APR-05", "APR-06")


@pytest.mark.parametrize(
    ("changes", "person", "code"),
    [
        ({}, SUPERVISOR, None),
        ({}, SUPPORT, "APR-05"),
        ({"created_by": SUPERVISOR.user_id}, SUPERVISOR, "APR-01"),
        ({"captured_by": SUPERVISOR.user_id}, SUPERVISOR, "APR-01"),
        ({"state": OrderState.IN_REVIEW}, SUPERVISOR, "APR-06"),
        ({"state": OrderState.REJECTED}, SUPERVISOR, "APR-06"),
        ({"activation": Activation.ACTIVATED}, SUPERVISOR, "APR-06"),
    ],
)
def test_an_approved_order_is_given_up_by_a_supervisor_who_did_not_capture_it(
    changes: dict[str, Any], person: StaffMember, code: str | None
) -> None:
    approved = order(**({"state": OrderState.APPROVED, "activation": Activation.PAUSED} | changes))
    found = why_not_given_up(approved, person)
    assert (found.code if found else None) == code
