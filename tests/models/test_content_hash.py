"""The hash that an approval signs changes with what was reviewed and with nothing else."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from console.models.content_hash import content_hash

_ORDER = {
    "AccountId": "0015g00000000010AA",
    "Address_Changed__c": False,
    "EffectiveDate": "2026-05-20",
    "Mnp_Holder_Name__c": None,
    "ShippingStreet": "緑町2丁目1番3号",
    "TotalAmount": 12980.0,
}
_PLAN = {"Product2Id": "01t5g00000000010AA", "Quantity": 1.0, "UnitPrice": 4980.0}
_FEE = {"Product2Id": "01t5g00000000020AA", "Quantity": 1.0, "UnitPrice": 8000.0}

# A field keeps its type on the wire, so a value is only ever compared with another of its kind.
_values = st.one_of(
    st.tuples(st.text(max_size=12), st.text(max_size=12)),
    st.tuples(st.booleans(), st.booleans()),
    st.tuples(st.decimals(0, 10**9, places=2), st.decimals(0, 10**9, places=2)),
)
_items = st.lists(
    st.fixed_dictionaries(
        {
            "Product2Id": st.sampled_from(["01t5g00000000010AA", "01t5g00000000020AA"]),
            "Quantity": st.integers(1, 3).map(float),
            "UnitPrice": st.none() | st.integers(0, 3).map(float),
        }
    ),
    max_size=5,
)


def signed(items: tuple[Mapping[str, Any], ...] = (_PLAN, _FEE), **changes: Any) -> str:
    """The hash of the order with other values."""
    return content_hash(_ORDER | changes, items)


def test_the_canonical_form_is_fixed_since_signed_hashes_are_kept() -> None:
    text = (
        '{"items":[{"Product2Id":"01t5g00000000010AA","Quantity":"1","UnitPrice":"4980"},'
        '{"Product2Id":"01t5g00000000020AA","Quantity":"1","UnitPrice":"8000"}],'
        '"order":{"AccountId":"0015g00000000010AA","Address_Changed__c":false,"EffectiveDate":"2026-05-20",'
        '"Mnp_Holder_Name__c":null,"ShippingStreet":"緑町2丁目1番3号","TotalAmount":"12980"}}'
    )
    assert signed() == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("AccountId", "0015g00000000020AA"),
        ("Address_Changed__c", True),
        ("EffectiveDate", "2026-05-21"),
        ("EffectiveDate", None),
        ("Mnp_Holder_Name__c", "佐藤 健二"),
        ("ShippingStreet", "緑町2丁目1番8号"),
        ("ShippingStreet", "緑町２丁目1番3号"),
        ("TotalAmount", 12980.5),
        ("TotalAmount", 0),
        ("TotalAmount", None),
    ],
)
def test_another_value_is_another_version(field: str, value: Any) -> None:
    assert signed(**{field: value}) != signed()


@pytest.mark.parametrize("total", [12980, 12980.0, Decimal("12980"), Decimal("12980.00"), Decimal("1.298E+4")])
def test_a_number_counts_by_its_value_however_it_was_read(total: float | Decimal) -> None:
    assert signed(TotalAmount=total) == signed()


def test_empty_text_is_no_value() -> None:
    assert signed(Mnp_Holder_Name__c="") == signed(Mnp_Holder_Name__c=None)


def test_false_and_zero_are_not_nothing() -> None:
    assert len({signed(Address_Changed__c=value) for value in (False, 0, None)}) == 3


@given(_values)
def test_the_hash_changes_exactly_when_a_reviewed_value_does(pair: tuple[Any, Any]) -> None:
    one, other = pair
    assert (content_hash({"Field__c": one}, ()) == content_hash({"Field__c": other}, ())) == (one == other)


@given(_items.flatmap(lambda items: st.tuples(st.just(items), st.permutations(items))))
def test_the_order_of_the_items_does_not_matter(pair: tuple[list[dict[str, Any]], list[dict[str, Any]]]) -> None:
    one, other = pair
    assert content_hash(_ORDER, one) == content_hash(_ORDER, other)


@given(_items, _items)
def test_other_items_are_another_version(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> None:
    assume(Counter(frozenset(item.items()) for item in one) != Counter(frozenset(item.items()) for item in other))
    assert content_hash(_ORDER, one) != content_hash(_ORDER, other)


def test_the_same_line_twice_is_not_the_line_once() -> None:
    assert signed((_PLAN, _PLAN)) != signed((_PLAN,))


def test_prices_that_change_places_are_another_version() -> None:
    swapped = (_PLAN | {"UnitPrice": 8000.0}, _FEE | {"UnitPrice": 4980.0})
    assert signed(swapped) != signed()


def test_the_order_of_the_fields_does_not_matter() -> None:
    assert content_hash(dict(reversed(_ORDER.items())), (_PLAN, _FEE)) == signed()
