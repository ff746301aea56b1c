"""The words that a customer sees at each point of an order's life."""

import pytest

from console.failure_catalogue import load_catalogue, load_customer_statuses
from console.models.order import Activation, CustomerStatus, OrderState
from console.rules.status import StatusWords
from tests.rules.cases import order

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
