"""Comparing addresses, and the checks on the installation address."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.models.address import Address
from console.models.catalogue import ProductKind
from console.models.check import Result
from console.models.order import OrderKind
from console.rules.address import address, eligibility, fold_address, fold_postcode, same_place
from tests.rules.cases import (
    JAPANESE,
    PLAN,
    ROMANISED,
    account,
    evidence,
    item,
    order,
    product,
    says,
)

_KANJI = "一二三四五六七八九"
blocks = st.tuples(st.integers(1, 9), st.integers(1, 99), st.integers(1, 99))
flats = st.integers(1, 999)
towns = st.sampled_from(["緑町", "港町", "栄町", "センター北", "Midoricho", "Sakae-cho"])


def place(street: str, like: Address = JAPANESE, **changes: Any) -> Address:
    """The invented address with another street."""
    return like.model_copy(update={"street": street, **changes})


@pytest.mark.parametrize(
    "street",
    [
        "緑町2-1-3",
        "緑町２－１－３",
        "緑町 2‐1‐3",
        "緑町2ー1ー3",
        "緑町2−1−3",
        "緑町2丁目1-3",
        "緑町2丁目1番3号",
        "緑町 2 丁目 1 番 3 号",
        "緑町二丁目1番地3",
        "緑町二丁目１番地の３",
        "緑町2丁目1番3",
    ],
)
def test_the_ways_to_write_one_japanese_address_are_one_place(street: str) -> None:
    assert same_place(place("緑町2丁目1番3号"), place(street))


@pytest.mark.parametrize(
    "street",
    ["Midoricho 2-1-3", "MIDORICHO 2-1-3", "Midoricho, 2-1-3", "Midoricho 2 Chome 1 Ban 3 Go", "midoricho 2-chome 1-3"],
)
def test_the_ways_to_write_one_romanised_address_are_one_place(street: str) -> None:
    assert same_place(ROMANISED, place(street, ROMANISED))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("緑町2-1-3", "緑町2-1-8"),
        ("緑町2-1-3", "緑町2-1-3 402"),
        ("緑町1-23 4", "緑町1-2 34"),
        ("緑町2-13", "緑町21-3"),
        ("緑町2-1-3", "港町2-1-3"),
        ("Midoricho 2-1-3", "Minatomachi 2-1-3"),
        ("緑町2-1-3", "Midoricho 2-1-8"),
        ("緑町十二丁目1-3", "緑町二丁目1-3"),
    ],
)
def test_another_number_town_or_flat_is_another_place(one: str, other: str) -> None:
    assert not same_place(place(one), place(other))


@given(towns, blocks, flats)
def test_width_case_and_notation_never_alarm(town: str, block: tuple[int, int, int], flat: int) -> None:
    street = f"{town}{block[0]}-{block[1]}-{block[2]} {flat}"
    wide = "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in street)
    blocky = f"{town}{block[0]}丁目{block[1]}番{block[2]}号 {flat}号室"
    kanji = f"{town}{_KANJI[block[0] - 1]}丁目{block[1]}番地{block[2]}－{flat}"
    for written in (wide, blocky, kanji, street.upper(), f"  {street} ", unicodedata.normalize("NFD", street)):
        assert same_place(place(street, city="架空市"), place(written, city="架空市"))


@given(blocks, flats)
def test_script_alone_never_alarms(block: tuple[int, int, int], flat: int) -> None:
    japanese = place(f"緑町{_KANJI[block[0] - 1]}丁目{block[1]}番{block[2]}号 {flat}号室")
    romanised = place(f"Midoricho {block[0]}-{block[1]}-{block[2]} #{flat}", ROMANISED)
    assert same_place(japanese, romanised)
    assert same_place(romanised, japanese)


@given(blocks, blocks)
def test_other_numbers_always_alarm_whatever_the_script(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    written = [f"{block[0]}-{block[1]}-{block[2]}" for block in (one, other)]
    for second, like in ((f"緑町{written[1]}", JAPANESE), (f"Midoricho {written[1]}", ROMANISED)):
        assert same_place(place(f"緑町{written[0]}"), place(second, like)) == (one == other)


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing_and_nothing_breaks_it(text: str) -> None:
    assert same_place(place(text), place(text))
    assert fold_address(text) == fold_address(unicodedata.normalize("NFKC", text))


def test_the_postcode_tells_places_apart_but_its_form_does_not() -> None:
    assert same_place(JAPANESE, place(JAPANESE.street, postal_code="〒１９０ー０００１"))
    assert same_place(JAPANESE, place(JAPANESE.street, postal_code="1900001"))
    assert not same_place(JAPANESE, place(JAPANESE.street, postal_code="190-0002"))
    assert fold_postcode("〒190-0001") == "1900001"


def test_a_prefecture_in_the_other_script_is_no_other_place() -> None:
    assert same_place(JAPANESE, place(JAPANESE.street, state="Tokyo"))


def test_an_empty_address_equals_only_an_empty_one() -> None:
    assert same_place(Address(), Address())
    assert not same_place(Address(), JAPANESE)
    assert not same_place(Address(), Address(country="JP"))
    assert not same_place(Address(country="JP"), Address())
    assert not same_place(JAPANESE, Address())


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (Result.PASS, None)),
        ({"address_confirmed": False}, (Result.PASS, None)),
        ({"address_changed": True}, (Result.LOOK, "ADR-01")),
        ({"address_changed": True, "address_confirmed": False}, (Result.STOP, "ADR-01")),
        ({"installation": place("緑町2-1-8")}, (Result.LOOK, "ADR-01")),
        ({"installation": place("緑町2-1-8"), "address_confirmed": False}, (Result.STOP, "ADR-01")),
        ({"billing_snapshot": Address(), "address_confirmed": False}, (Result.STOP, "ADR-01")),
        ({"installation": place("")}, (Result.STOP, "ADR-02")),
        ({"installation": place("緑町")}, (Result.STOP, "ADR-02")),
        ({"installation": place("緑町2-1-3", city=" ")}, (Result.STOP, "ADR-02")),
        ({"installation": place("緑町2-1-3", postal_code="")}, (Result.STOP, "ADR-02")),
    ],
)
def test_the_installation_address_is_complete_and_confirmed(
    changes: dict[str, Any], expected: tuple[Result, str | None]
) -> None:
    assert says(address(evidence(order(**changes)))) == expected


@pytest.mark.parametrize(
    ("where", "words"),
    [
        (place("緑町"), "Missing: house number."),
        (place("緑町2-1-3", postal_code="", city=""), "Missing: city, postal code."),
    ],
)
def test_what_is_missing_in_an_address_is_named(where: Address, words: str) -> None:
    assert address(evidence(order(installation=where))).evidence.en == words


def test_a_house_number_may_be_in_kanji() -> None:
    rural = order(installation=place("緑町二丁目"), billing_snapshot=place("Midoricho 2", ROMANISED))
    assert says(address(evidence(rural))) == (Result.PASS, None)


def test_both_addresses_stand_in_the_evidence() -> None:
    words = address(evidence(order(installation=place("緑町2-1-8")))).evidence.en
    assert "Midoricho 2-1-3" in words
    assert "緑町2-1-8" in words


def test_only_internet_is_installed_at_an_address() -> None:
    nowhere = order(OrderKind.SIM, installation=Address())
    assert address(evidence(nowhere)).result is Result.NOT_APPLICABLE
    assert eligibility(evidence(nowhere)).result is Result.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("offered", "needed", "expected"),
    [
        ("10g", "10g", (Result.PASS, None)),
        ("10g", "1g", (Result.PASS, None)),
        ("1g", "1g", (Result.PASS, None)),
        ("1g", "10g", (Result.STOP, "ADR-03")),
        ("none", "1g", (Result.STOP, "ADR-03")),
        (None, "1g", (Result.LOOK, "ADR-03")),
        ("25g", "1g", (Result.LOOK, "ADR-03")),
    ],
)
def test_the_plan_needs_what_the_address_offers(
    offered: str | None, needed: str, expected: tuple[Result, str | None]
) -> None:
    lines = (item(product(ProductKind.INTERNET, required_eligibility=needed)),)
    assert says(eligibility(evidence(order(items=lines), account=account(offered)))) == expected


def test_the_fastest_plan_on_the_order_decides() -> None:
    fast = product(ProductKind.INTERNET, id="fast", required_eligibility="10g")
    lines = (item(PLAN[ProductKind.INTERNET]), item(fast, 2))
    assert eligibility(evidence(order(items=lines), account=account("1g"))).code == "ADR-03"
