"""What staff read of a payment method and of a billing account."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from console.models.address import Address
from console.models.billing import Client, PayMethod


def method(**changes: Any) -> PayMethod:
    """A card on file, changed."""
    values: dict[str, Any] = {
        "id": 1,
        "type": "CreditCard",
        "description": "",
        "gateway": "stripe",
        "card_type": "Visa",
        "last_four": "4242",
        "expires": date(2027, 11, 30),
    }
    return PayMethod(**values | changes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "Visa ending 4242, valid to 11/27"),
        ({"expires": date(2030, 1, 31)}, "Visa ending 4242, valid to 01/30"),
        ({"description": "The blue one"}, "Visa ending 4242, valid to 11/27"),
        ({"expires": None}, "Visa ending 4242"),
        ({"last_four": ""}, "Visa, valid to 11/27"),
        ({"card_type": "", "last_four": "", "expires": None}, "CreditCard"),
        ({"type": "BankAccount", "card_type": "", "description": "Ao Bank", "expires": None}, "Ao Bank ending 4242"),
    ],
)
def test_a_payment_method_is_said_with_what_is_known_of_it(changes: dict[str, Any], words: str) -> None:
    assert method(**changes).words() == words


@pytest.mark.parametrize("secret", ["remote_token", "card_number", "cvv"])
def test_a_payment_method_has_no_place_for_what_could_be_used_to_pay(secret: str) -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        method(**{secret: "tok_1"})


@pytest.mark.parametrize(("status", "is_open"), [("Active", True), ("Inactive", False), ("Closed", False), ("", False)])
def test_whmcs_takes_orders_for_an_active_client_only(status: str, is_open: bool) -> None:
    client = Client(
        id=5521,
        first_name="Kenji",
        last_name="Sato",
        company="",
        email="kenji.sato@example.jp",
        phone="",
        address=Address(),
        status=status,
        currency="JPY",
        default_gateway="stripe",
        custom_fields={},
    )
    assert client.is_open == is_open
