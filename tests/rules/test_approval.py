"""Whether the person at the desk may approve."""

from typing import Any

import pytest

from console.models.check import Result
from console.models.order import OrderState
from console.models.staff import Role
from console.rules.approval import may_approve
from tests.rules.cases import SUPERVISOR, SUPPORT, evidence, order, says

_ME = SUPERVISOR.user_id


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"created_by": _ME}, "APR-01"),
        ({"captured_by": _ME}, "APR-01"),
        ({"state": OrderState.APPROVED}, "APR-06"),
        ({"state": OrderState.REJECTED}, "APR-06"),
        ({"state": OrderState.CANCELLED}, "APR-06"),
        ({"state": OrderState.PROCESSED}, "APR-06"),
    ],
)
def test_an_own_or_decided_order_cannot_be_approved(changes: dict[str, Any], code: str) -> None:
    assert says(may_approve(evidence(order(**changes)))) == (Result.STOP, code)


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.BACK_OFFICE, Role.WORKER])
def test_only_a_supervisor_may_approve(role: Role) -> None:
    someone = SUPPORT.model_copy(update={"roles": frozenset({role})})
    assert says(may_approve(evidence(reviewer=someone))) == (Result.STOP, "APR-05")


def test_another_supervisors_order_may_be_approved() -> None:
    assert says(may_approve(evidence(order(created_by="0055g00000000030AA")))) == (Result.PASS, None)


def test_a_decided_order_says_how_it_stands() -> None:
    assert may_approve(evidence(order(state=OrderState.REJECTED))).evidence.en == "The order is rejected already."
