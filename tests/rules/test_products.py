"""Approved for online sale, priced as in the catalogue, set up in billing."""

from typing import Any

import pytest

from console.models.catalogue import ProductKind
from console.models.check import Result
from console.models.money import Money
from console.models.order import OrderItem, OrderKind
from console.rules.products import products
from tests.rules.cases import FEE, PLAN, evidence, item, order, product, says, yen

_FEE = item(FEE[ProductKind.VPN], 2)


def check_line(line: OrderItem) -> tuple[Result, str | None]:
    """What the rule says of a VPN order with this line beside a sound one."""
    return says(products(evidence(order(OrderKind.VPN, items=(_FEE, line)))))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"active": False}, "CAT-01"),
        ({"sold_online": False}, "CAT-01"),
        ({"price": None}, "CAT-01"),
        ({"price": yen(1001)}, "CAT-02"),
        ({"price": Money.model_validate("1000 USD")}, "CAT-02"),
        ({"whmcs_product_id": None}, "CAT-03"),
        ({"billing_cycle": None}, "CAT-03"),
        ({"sold_online": False, "price": yen(1), "whmcs_product_id": None}, "CAT-01"),
        ({"price": yen(1), "whmcs_product_id": None}, "CAT-02"),
    ],
)
def test_one_product_that_is_not_in_order_stops_the_order(changes: dict[str, Any], code: str) -> None:
    assert check_line(item(product(ProductKind.VPN, **changes))) == (Result.STOP, code)


def test_a_product_that_cannot_be_read_counts_as_withdrawn() -> None:
    assert check_line(item(None)) == (Result.STOP, "CAT-01")


def test_the_same_amount_with_other_zeros_is_the_same_price() -> None:
    line = item(PLAN[ProductKind.VPN], unit_price=Money.model_validate("1000.00 JPY"))
    assert check_line(line) == (Result.PASS, None)


def test_both_prices_stand_in_the_evidence() -> None:
    line = item(product(ProductKind.VPN, price=yen(1280), name="Hashi VPN"), unit_price=yen(980))
    words = products(evidence(order(OrderKind.VPN, items=(_FEE, line)))).evidence.en
    assert words == "Price differs: Hashi VPN 980 JPY, catalogue 1280 JPY."


def test_the_evidence_counts_the_lines() -> None:
    assert products(evidence()).evidence.en == "2 of 2 for sale, prices equal to the catalogue."
