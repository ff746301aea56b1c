"""The words that a customer sees at each point of an order's life."""

import pytest

from console.failure_catalogue import load_catalogue, load_customer_statuses
from console.models.check import Check, Result, Source
from console.models.order import Activation, CustomerStatus, OrderState
from console.rules.status import StatusWords
from tests.rules.cases import NOW, order, said

_WORDS = StatusWords(load_customer_statuses(), load_catalogue())


@pytest.mark.parametrize(
    ("state", "activation", "slug"),
    [
        (OrderState.IN_REVIEW, Activation.CREATED, "in_review"),
        (OrderState.APPROVED, Activation.CREATED, "approved"),
        (OrderState.APPROVED, Activation.ACTIVATING, "activating"),
        (OrderState.APPROVED, Activation.ACTIVATED, "active"),
        (OrderState.PROCESSED, Activation.NONE, "active"),
        (OrderState.REJECTED, Activation.CREATED, "rejected"),
        (OrderState.CANCELLED, Activation.CREATED, "cancelled"),
    ],
)
def test_an_order_without_written_words_shows_what_its_state_means(
    state: OrderState, activation: Activation, slug: str
) -> None:
    assert _WORDS.of_order(order(state=state, activation=activation)).slug == slug


def test_what_is_written_on_the_order_is_what_the_customer_sees() -> None:
    written = CustomerStatus(slug="awaiting_payment_method", en="Awaiting payment method", ja="お支払い方法")
    assert _WORDS.of_order(order(customer_status=written)) == written


def test_a_failure_has_words_or_leaves_the_last_ones() -> None:
    missing = _WORDS.of_failure("PAY-01")
    assert missing is not None
    assert missing.en == "Awaiting payment method"
    assert _WORDS.of_failure("SYN-01") is None


def test_a_status_that_every_order_passes_must_be_in_the_catalogue() -> None:
    statuses = {slug: words for slug, words in load_customer_statuses().items() if slug != "active"}
    with pytest.raises(KeyError, match="active"):
        StatusWords(statuses, load_catalogue())


def check(result: Result, code: str | None = None) -> Check:
    return Check(id="any", result=result, code=code, evidence=said(""), source=Source.RULE, checked_at=NOW)


_PASS, _LOOK = check(Result.PASS), check(Result.LOOK, "PAY-05")
_NO_CARD, _UNSHOWN, _DECIDED = (check(Result.STOP, code) for code in ("PAY-01", "SYN-01", "APR-06"))


@pytest.mark.parametrize(
    ("state", "activation", "checks", "slug"),
    [
        (OrderState.IN_REVIEW, Activation.CREATED, [_PASS, _LOOK], "approved"),
        (OrderState.IN_REVIEW, Activation.CREATED, [_PASS, _NO_CARD], "awaiting_payment_method"),
        (OrderState.IN_REVIEW, Activation.CREATED, [_UNSHOWN, _NO_CARD], "in_review"),
        (OrderState.IN_REVIEW, Activation.CREATED, [_DECIDED], "in_review"),
        (OrderState.IN_REVIEW, Activation.CREATED, [check(Result.STOP)], "in_review"),
        (OrderState.APPROVED, Activation.CREATED, [_PASS, _DECIDED], "active"),
        (OrderState.APPROVED, Activation.CREATED, [_DECIDED, _NO_CARD], "awaiting_payment_method"),
        (OrderState.APPROVED, Activation.CREATED, [_UNSHOWN], "approved"),
        (OrderState.APPROVED, Activation.ACTIVATING, [], "active"),
        (OrderState.APPROVED, Activation.PAUSED, [_PASS], "active"),
        (OrderState.APPROVED, Activation.ACTIVATED, [_NO_CARD], "active"),
        (OrderState.PROCESSED, Activation.NONE, [_NO_CARD], "active"),
        (OrderState.REJECTED, Activation.CREATED, [_NO_CARD], "rejected"),
        (OrderState.CANCELLED, Activation.CREATED, [], "cancelled"),
    ],
)
def test_what_comes_next_fits_where_the_order_stands(
    state: OrderState, activation: Activation, checks: list[Check], slug: str
) -> None:
    assert _WORDS.after(order(state=state, activation=activation), checks).slug == slug


def test_an_order_that_nothing_more_is_done_to_goes_on_showing_what_is_written_on_it() -> None:
    written = CustomerStatus(slug="partly_active", en="Partly active; finishing the rest", ja="一部ご利用いただけます")
    assert _WORDS.after(order(activation=Activation.ACTIVATED, customer_status=written), []) == written
