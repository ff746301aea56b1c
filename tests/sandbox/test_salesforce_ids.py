"""Record ids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.sandbox.salesforce_ids import KEY_PREFIXES, long_id, new_id


@pytest.mark.parametrize(
    "long", ["001D000000IqhSLIAZ", "003RO0000035WQgYAM", "005D00000015rY9IAI", "04iD0000000Cw6SIAS"]
)
def test_documented_ids_get_their_suffix(long: str) -> None:
    assert long_id(long[:15]) == long_id(long) == long


@pytest.mark.parametrize("text", ["", "001", "001D000000IqhSLIAA", "001D000000IqhS-", "001D000000IqhSLI", "é" * 15])
def test_what_is_no_id_is_none(text: str) -> None:
    assert long_id(text) is None


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_ids_differ_and_sort_like_their_numbers(first: int, second: int) -> None:
    assert (new_id("Order", first) < new_id("Order", second)) == (first < second)
    assert long_id(new_id("Order", first)[:15]) == new_id("Order", first)


def test_every_object_has_its_own_prefix() -> None:
    assert len(set(KEY_PREFIXES.values())) == len(KEY_PREFIXES)
    assert new_id("Order_Claim__c", 1).startswith("a0X")


def test_a_number_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="fit"):
        new_id("Order", 62**8)
