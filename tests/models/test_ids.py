"""Identifiers are brought into one form, and what is none of them is not taken for one."""

import string
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.models.ids import ACCOUNT_PREFIX, ORDER_PREFIX, portal_user_id, salesforce_id, whmcs_id

_SHORT, _FULL = "0015g00000AbCdE", "0015g00000AbCdEAAV"
_USER = "7f3a0000-0000-4000-8000-00000000000b"
stems = st.text(alphabet=string.ascii_letters + string.digits, min_size=15, max_size=15)


@pytest.mark.parametrize(
    ("short", "suffix"),
    [
        ("001000000000000", "AAA"),
        ("A01000000000000", "BAA"),
        ("00000A000000000", "ABA"),
        ("0000A0000000000", "QAA"),
        ("ABCDEFGHIJKLMNO", "555"),
        ("abcdefghijklmno", "AAA"),
        ("Z0000000000000Z", "BAQ"),
        ("0000AB0000CC000", "QBD"),
        (_SHORT, "AAV"),
    ],
)
def test_the_suffix_says_which_letters_are_capitals(short: str, suffix: str) -> None:
    assert salesforce_id(short) == short + suffix


@given(stems)
def test_a_short_id_and_its_long_form_are_one_id(stem: str) -> None:
    full = salesforce_id(stem)
    assert full is not None
    assert (len(full), full[:15]) == (18, stem)
    assert salesforce_id(full) == full
    assert salesforce_id(stem + full[15:].lower()) == full


@given(stems, stems)
def test_ids_that_differ_in_case_alone_stay_apart_when_case_is_ignored(stem: str, other: str) -> None:
    for second in (other, stem.swapcase(), stem.upper()):
        one, two = salesforce_id(stem), salesforce_id(second)
        assert one is not None
        assert two is not None
        assert (one.casefold() == two.casefold()) == (stem == second)


@given(stems, st.text(alphabet=string.ascii_uppercase + string.digits, min_size=3, max_size=3))
def test_a_wrong_suffix_is_a_typing_error_and_no_id(stem: str, suffix: str) -> None:
    full = salesforce_id(stem)
    assert salesforce_id(stem + suffix) == (full if full == stem + suffix else None)


@pytest.mark.parametrize(
    "text",
    ["", _SHORT[:-1], _SHORT + "A", _FULL + "A", _FULL + "\n", _SHORT[:-1] + "-", _SHORT[:-1] + "ａ", " " + _SHORT],
)
def test_other_text_is_no_salesforce_id(text: str) -> None:
    assert salesforce_id(text) is None


@pytest.mark.parametrize(
    ("prefix", "found"),
    [(ACCOUNT_PREFIX, _FULL), (ORDER_PREFIX, None), ("", _FULL)],
)
def test_an_id_of_another_object_is_not_taken(prefix: str, found: str | None) -> None:
    assert salesforce_id(_SHORT, prefix) == found
    assert salesforce_id(_FULL, prefix) == found


@given(st.uuids())
def test_every_form_of_a_portal_user_id_is_one_id(user: uuid.UUID) -> None:
    for written in (str(user), str(user).upper(), user.hex, user.hex.upper()):
        assert portal_user_id(written) == str(user)


@pytest.mark.parametrize("text", ["", _USER[:-1], _USER + "0", _USER[:-1] + "g", f"{{{_USER}}}", "Sato Kenji", "5521"])
def test_other_text_is_no_portal_user_id(text: str) -> None:
    assert portal_user_id(text) is None


@given(st.integers(1, 2**31 - 1))
def test_a_number_of_whmcs_reads_back(number: int) -> None:
    assert whmcs_id(str(number)) == number


@pytest.mark.parametrize(
    "text",
    ["", "0", "-1", "+1", "1.0", " 1", "1\n", "1_0", "１２", "٣", "²", "2147483648", "9999999999", "12345678901", "x"],
)
def test_other_text_is_no_whmcs_id(text: str) -> None:
    assert whmcs_id(text) is None


def test_leading_zeros_do_not_make_another_id() -> None:
    assert whmcs_id("0005521") == 5521


@given(st.text(max_size=40))
def test_any_text_is_answered(text: str) -> None:
    for found in (salesforce_id(text), portal_user_id(text), whmcs_id(text)):
        assert found is None or found


@pytest.mark.parametrize(
    "text", ["0x" + "1" * 30, "urn:" + "1" * 32, "１" * 32, "1" * 31 + "_", "1-" * 18, " " + "1" * 31]
)
def test_what_only_resembles_a_uuid_is_none(text: str) -> None:
    assert portal_user_id(text) is None
