"""One form for what is written in many ways."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.integrations.portal.folding import fold, phone_digits


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("ＭＯＲＩ　Ａｏｉ", "mori aoi"),
        ("モリ アオイ", "もり あおい"),
        ("ﾓﾘ ｱｵｲ", "もり あおい"),
        ("ガ", "が"),
        ("ｶﾞｷﾞﾊﾟ", "がぎぱ"),
        ("ヴァイオレット", "ゔぁいおれっと"),
        ("José Müller", "jose muller"),
        ("Straße", "strasse"),
        ("  Aoi \t  Mori\n", "aoi mori"),
        ("Ｃ－００４０００１", "c-0040001"),
        ("髙橋", "髙橋"),
        ("", ""),
        ("Aoi\x00\u200e\ufeff Mo\u00adri\ud800", "aoi mori"),
    ],
)
def test_width_case_accents_and_kana_do_not_matter(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_voiced_and_unvoiced_kana_stay_apart() -> None:
    assert fold("カキ") != fold("ガキ")
    assert fold("ハナ") != fold("バナ") != fold("パナ")


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_folding_twice_changes_nothing_more_and_leaves_no_line_break(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    assert "\n" not in once


@given(st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=20))
def test_full_width_is_found_as_half_width(text: str) -> None:
    full_width = "".join(chr(ord(char) + 0xFEE0) for char in text)
    assert unicodedata.normalize("NFKC", full_width) == text
    assert fold(full_width) == fold(text)


@pytest.mark.parametrize(
    "written",
    [
        "090-1234-5678",
        "09012345678",
        "(090) 1234 5678",
        "+81 90-1234-5678",
        "+81.9012345678",
        "+819012345678",
        "０９０－１２３４－５６７８",
        "０９０ー１２３４ー５６７８",
        "090−1234−5678",
        "+81 (0)90-1234-5678",
    ],
)
def test_a_phone_number_is_one_number_however_it_is_written(written: str) -> None:
    assert phone_digits(written) == "09012345678"


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("03-1234-5678", "0312345678"),
        ("+81.312345678", "0312345678"),
        ("+1 212 555 0123", "2125550123"),
        ("5678", "5678"),
        ("1234-5678", "12345678"),
        ("", ""),
        ("no number", ""),
        ("-----", ""),
    ],
)
def test_other_numbers_and_parts_of_numbers(written: str, digits: str) -> None:
    assert phone_digits(written) == digits


@given(st.text(max_size=60))
def test_any_text_has_phone_digits_or_none(text: str) -> None:
    assert not phone_digits(text) or phone_digits(text).isdecimal()
