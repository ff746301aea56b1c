"""Money keeps its exact amount and its currency."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from console.models.money import Money

yen = st.integers(-(10**12), 10**12).map(lambda amount: Money(amount=Decimal(amount), currency="JPY"))
cents = st.integers(-(10**12), 10**12).map(lambda amount: Money(amount=Decimal(amount) / 100, currency="EUR"))


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        ("12980", "JPY", "12980 JPY"),
        ("12980.00", "JPY", "12980 JPY"),
        ("1.298E+4", "JPY", "12980 JPY"),
        ("0", "JPY", "0 JPY"),
        ("-4980", "JPY", "-4980 JPY"),
        ("5", "KRW", "5 KRW"),
        ("5", "VND", "5 VND"),
        ("5", "USD", "5.00 USD"),
        ("5.1", "EUR", "5.10 EUR"),
        ("0.01", "EUR", "0.01 EUR"),
    ],
)
def test_an_amount_has_the_places_of_its_currency(amount: str, currency: str, words: str) -> None:
    money = Money(amount=Decimal(amount), currency=currency)
    assert str(money) == words
    assert money.model_dump_json() == f'"{words}"'


@given(yen | cents)
def test_what_is_written_reads_back_as_the_same_money(money: Money) -> None:
    assert Money.model_validate(str(money)) == money
    assert Money.model_validate_json(money.model_dump_json()) == money


def test_the_same_amount_in_another_currency_is_other_money() -> None:
    assert Money.model_validate("1000 JPY") != Money.model_validate("1000 USD")
    assert Money.model_validate("1000 JPY") == Money.model_validate("1000.00 JPY")


@pytest.mark.parametrize("text", ["", "JPY", "twelve JPY", "JPY 12980", "12,980 JPY"])
def test_other_text_is_no_money(text: str) -> None:
    with pytest.raises(ValidationError, match="amount"):
        Money.model_validate(text)
