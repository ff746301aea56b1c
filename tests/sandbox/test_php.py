"""How PHP reads form names and serialised maps."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.sandbox.php import parse_form, serialised_map, unserialize


def test_the_last_of_repeated_plain_names_wins() -> None:
    assert parse_form([("pid", "1"), ("pid", "2")]) == {"pid": "2"}


def test_brackets_make_arrays_with_integer_keys_where_the_key_is_a_decimal_integer() -> None:
    form = parse_form([("pid[0]", "7"), ("pid[1]", "9"), ("a[01]", "x"), ("email[invoice]", "1")])
    assert form == {"pid": {0: "7", 1: "9"}, "a": {"01": "x"}, "email": {"invoice": "1"}}


def test_empty_brackets_append_after_the_highest_index() -> None:
    assert parse_form([("pid[5]", "a"), ("pid[]", "b"), ("pid[]", "c")]) == {"pid": {5: "a", 6: "b", 7: "c"}}


def test_brackets_nest() -> None:
    assert parse_form([("pricing[1][monthly]", "9"), ("pricing[1][annually]", "99")]) == {
        "pricing": {1: {"monthly": "9", "annually": "99"}}
    }


def test_an_array_replaces_a_scalar_and_a_scalar_an_array() -> None:
    assert parse_form([("a", "1"), ("a[x]", "2")]) == {"a": {"x": "2"}}
    assert parse_form([("a[x]", "2"), ("a", "1")]) == {"a": "1"}


def test_dots_and_blanks_in_a_name_become_underscores_and_an_open_bracket_too() -> None:
    assert parse_form([("a.b", "1"), ("c d", "2"), ("e[f", "3")]) == {"a_b": "1", "c_d": "2", "e_f": "3"}


def test_a_name_that_nests_too_deep_is_dropped() -> None:
    assert parse_form([("a" + "[b]" * 100, "1")]) == {}


@given(st.lists(st.tuples(st.text(alphabet="ab01[] .", max_size=12), st.text(max_size=3)), max_size=8))
def test_any_form_can_be_parsed(pairs: list[tuple[str, str]]) -> None:
    parse_form(pairs)


def test_the_documented_example_of_a_serialised_map_is_read() -> None:
    assert serialised_map("YToxOntpOjE7czo2OiJHb29nbGUiO30=") == {1: "Google"}


def test_every_type_of_the_subset_is_read() -> None:
    data = 'a:4:{i:5;s:6:"東京";s:1:"7";b:1;s:1:"n";N;i:-2;a:1:{i:0;i:3;}}'.encode()
    assert unserialize(data) == {5: "東京", 7: True, "n": None, -2: {0: 3}}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"i:5",
        b"i:;",
        b"b:2;",
        b's:9:"short";',
        b's:2:"abc";',
        b"a:1:{i:0;}",
        b"a:1:{N;i:1;}",
        b"i:1;i:2;",
        b"d:1.5;",
        b'O:8:"stdClass":0:{}',
        b"a:99999999:{",
        b"a:1:{i:0;" * 20,
    ],
)
def test_all_else_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        unserialize(data)


@pytest.mark.parametrize("text", ["", "%%%", "aTo1Ow==", "日本"])
def test_what_is_not_a_map_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        serialised_map(text)


@given(st.dictionaries(st.integers(-(10**9), 10**9), st.text(), max_size=6))
def test_what_php_serialises_is_read_back(values: dict[int, str]) -> None:
    parts = b"".join(b'i:%d;s:%d:"%b";' % (key, len(text.encode()), text.encode()) for key, text in values.items())
    data = b"a:%d:{%b}" % (len(values), parts)
    assert serialised_map(base64.b64encode(data).decode()) == values


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        unserialize(data)
    except ValueError as error:
        assert str(error)
