"""What a text in the search box can mean, and why a person is said to be found."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from console.integrations.portal.search_text import SearchText, exact_ids, folded_fields
from tests.integrations.portal.portal_bench import ACCOUNT, USER, person

_AOI = person(
    portal_user_id=USER,
    whmcs_client_id=5001,
    salesforce_account_id=ACCOUNT,
    customer_number="C-0040001",
    name="森 葵",
    reading="モリ アオイ",
    company="例示商事",
    email="aoi.mori@example.jp",
    phone="090-1234-5678",
)


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("090-1234-5678", "09012345678"),
        ("+81 90 1234 5678", "09012345678"),
        ("０９０ー１２３４ー５６７８", "09012345678"),
        ("5678", "5678"),
        ("567", ""),
        ("C-0040001", ""),
        ("aoi 5678", ""),
        ("()", ""),
    ],
)
def test_only_what_looks_like_a_phone_number_is_one(text: str, digits: str) -> None:
    assert SearchText.of(text).digits == digits


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (USER, "portal_user_id"),
        (USER.upper(), "portal_user_id"),
        (USER[:8], "portal_user_id"),
        ("5001", "whmcs_client_id"),
        ("５００１", "whmcs_client_id"),
        (ACCOUNT, "salesforce_account_id"),
        (ACCOUNT[:15], "salesforce_account_id"),
        ("c-0040001", "customer_number"),
        ("森", "name"),
        ("森葵", "name"),
        ("もり", "reading"),
        ("商事", "company"),
        ("aoi.mori@", "email"),
        ("1234-5678", "phone"),
        ("00000042", "order_number"),
        ("森 aoi", "text"),
    ],
)
def test_the_reason_names_the_field(text: str, field: str) -> None:
    assert SearchText.of(text).reason(_AOI) == field


def test_every_field_is_on_a_line_of_its_own_and_names_also_without_their_space() -> None:
    assert folded_fields(_AOI) == "\nc-0040001\naoi.mori@example.jp\n森 葵\nもり あおい\n例示商事\n森葵\nもりあおい\n"


@given(st.text(max_size=30))
def test_any_text_can_be_searched_for(text: str) -> None:
    query = SearchText.of(text)
    assume(query.folded)
    assert query.reason(_AOI)


@pytest.mark.parametrize(
    ("text", "conditions"), [("森", 1), ("5001", 2), (ACCOUNT, 2), (USER, 2), (ACCOUNT[:15], 2), ("00599999999", 1)]
)
def test_a_text_is_compared_only_with_the_ids_that_it_can_be(text: str, conditions: int) -> None:
    assert len(exact_ids(text)) == conditions
