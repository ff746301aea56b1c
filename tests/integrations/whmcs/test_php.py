"""PHP's encodings as written by the client, read back by the sandbox's own reader of them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.integrations.whmcs.php import form, serialised_map
from console.sandbox.php import parse_form
from console.sandbox.php import serialised_map as read_map

_texts = st.text(st.characters(exclude_categories=["Cs"]))


def test_lists_become_indexed_pairs_that_line_up() -> None:
    sent = form({"pid": [7, 9], "billingcycle": ["monthly", "onetime"]})

    assert sent == {"pid[0]": "7", "pid[1]": "9", "billingcycle[0]": "monthly", "billingcycle[1]": "onetime"}


def test_maps_are_keyed_by_their_own_keys() -> None:
    assert form({"itemamount": {13: Decimal("4980.00")}}) == {"itemamount[13]": "4980.00"}


@pytest.mark.parametrize(("value", "written"), [(True, "1"), (False, "0"), (5, "5"), ("", ""), ("a&b", "a&b")])
def test_a_boolean_is_one_or_zero_and_the_rest_is_plain(value: bool | int | str, written: str) -> None:
    assert form({"noinvoice": value}) == {"noinvoice": written}


def test_what_is_not_given_is_left_out() -> None:
    assert form({"clientid": 4, "email": None, "pid": [None, 2]}) == {"clientid": "4", "pid[1]": "2"}


@pytest.mark.parametrize("amount", ["1E+3", "0.10", "-5", "12980"])
def test_an_amount_never_has_an_exponent(amount: str) -> None:
    assert "E" not in form({"amount": Decimal(amount)})["amount"]


@given(st.lists(_texts.filter(bool), min_size=1, max_size=5))
def test_php_reads_a_list_back_in_order(values: list[str]) -> None:
    sent = form({"customfields": values})

    assert parse_form(sent.items()) == {"customfields": dict(enumerate(values))}


def test_the_documented_map_is_written_as_documented() -> None:
    assert serialised_map({1: "Google"}) == "YToxOntpOjE7czo2OiJHb29nbGUiO30="


@given(st.dictionaries(st.integers(min_value=1, max_value=2**31 - 1), _texts, max_size=6))
def test_php_reads_a_map_of_field_ids_back_unchanged(values: dict[int, str]) -> None:
    assert read_map(serialised_map(values)) == values


@given(st.dictionaries(_texts.filter(lambda name: not name.lstrip("-").isdecimal()), _texts, max_size=6))
def test_php_reads_a_map_of_names_back_unchanged(values: dict[str, str]) -> None:
    assert read_map(serialised_map(values)) == values


def test_a_name_that_is_written_as_an_integer_is_one_in_php() -> None:
    assert serialised_map({"12": "x"}) == serialised_map({12: "x"})
