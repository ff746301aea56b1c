"""Required items and choices of each kind of order."""

import pytest

from console.models.catalogue import ItemRole, Product, ProductKind
from console.models.check import Result
from console.models.order import OrderItem, OrderKind
from console.rules.items import choices, required_items
from tests.rules.cases import FEE, INSTALLATION, PLAN, evidence, item, order, product, says

_VOICEMAIL = product(ProductKind.SIM, ItemRole.OPTION)


@pytest.mark.parametrize(
    ("kind", "products", "missing"),
    [
        (OrderKind.INTERNET, (INSTALLATION,), "internet service plan"),
        (OrderKind.SIM, (PLAN[ProductKind.SIM],), "sim activation fee"),
        (OrderKind.SIM, (FEE[ProductKind.SIM],), "sim service plan"),
        (OrderKind.SIM, (_VOICEMAIL,), "sim service plan, sim activation fee"),
        (OrderKind.SIM, (PLAN[ProductKind.SIM], FEE[ProductKind.VPN]), "sim activation fee, vpn service plan"),
        (OrderKind.VPN, (PLAN[ProductKind.VPN],), "vpn activation fee"),
    ],
)
def test_what_is_missing_stops_the_order_by_name(kind: OrderKind, products: tuple[Product, ...], missing: str) -> None:
    lines = tuple(item(one, number) for number, one in enumerate(products, start=1))
    check = required_items(evidence(order(kind, items=lines)))
    assert says(check) == (Result.STOP, "CAT-04")
    assert check.evidence.en == f"Missing: {missing}."


@pytest.mark.parametrize("items", [(), (item(None),)])
def test_an_order_without_any_known_product_has_no_plan(items: tuple[OrderItem, ...]) -> None:
    assert says(required_items(evidence(order(items=items)))) == (Result.STOP, "CAT-04")


def test_internet_needs_no_activation_fee_and_options_are_free() -> None:
    assert says(required_items(evidence(order(items=(item(PLAN[ProductKind.INTERNET]),))))) == (Result.PASS, None)
    with_option = (*order(OrderKind.SIM).items, item(_VOICEMAIL, 3))
    assert says(required_items(evidence(order(OrderKind.SIM, items=with_option)))) == (Result.PASS, None)


@pytest.mark.parametrize(
    ("kind", "field"),
    [(OrderKind.INTERNET, "installation_option"), (OrderKind.SIM, "sim_type"), (OrderKind.VPN, "vpn_region")],
)
def test_each_kind_needs_its_own_choice_only(kind: OrderKind, field: str) -> None:
    fields = {"installation_option", "sim_type", "vpn_region"}
    others = dict.fromkeys(fields - {field})
    assert says(choices(evidence(order(kind, **others)))) == (Result.PASS, None)
    assert says(choices(evidence(order(kind, **{field: None})))) == (Result.STOP, "CAT-05")


def test_a_mixed_order_needs_the_choices_of_every_kind_on_it() -> None:
    lines = (*order(OrderKind.VPN).items, *order(OrderKind.SIM).items)
    check = choices(evidence(order(OrderKind.VPN, items=lines, sim_type=None)))
    assert check.evidence.en == "Not chosen: SIM type."


def test_the_kind_written_on_the_order_does_not_hide_what_its_lines_need() -> None:
    mislabelled = order(OrderKind.SIM, items=order(OrderKind.VPN).items, vpn_region=None)
    assert says(choices(evidence(mislabelled))) == (Result.STOP, "CAT-05")
