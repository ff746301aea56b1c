"""Every shape in which WHMCS may write a list, a number, an amount, a date or a text."""

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.integrations.whmcs import shapes
from console.integrations.whmcs.shapes import ShapeError

_ROWS = [{"id": 1}, {"id": 2}]
_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(
    "written",
    [
        {"orders": {"order": _ROWS}},
        {"orders": _ROWS},
        {"orders": {"order": {"0": {"id": 1}, "1": {"id": 2}}}},
        {"orders": {"1": {"id": 2}, "0": {"id": 1}}},
    ],
)
def test_a_list_is_read_wrapped_unwrapped_and_with_numeric_keys(written: dict[str, Any]) -> None:
    assert shapes.rows(written, "orders", "order") == _ROWS


def test_numeric_keys_are_sorted_as_numbers() -> None:
    written = {"orders": {str(number): {"id": number} for number in (10, 9, 2)}}

    assert [row["id"] for row in shapes.rows(written, "orders", "order")] == [2, 9, 10]


@pytest.mark.parametrize("written", [{"orders": {"order": {"id": 1}}}, {"orders": {"id": 1}}])
def test_a_single_object_is_a_list_of_one(written: dict[str, Any]) -> None:
    assert shapes.rows(written, "orders", "order") == [{"id": 1}]


@pytest.mark.parametrize("empty", ["", [], {}, None])
def test_every_empty_form_is_an_empty_list(empty: Any) -> None:
    assert shapes.rows({"orders": empty}, "orders", "order") == []
    assert shapes.rows({"orders": {"order": empty}}, "orders", "order") == []
    assert shapes.rows({}, "orders", "order") == []


@pytest.mark.parametrize("broken", ["none", 5, [1, 2], ["text"], {"order": "none"}])
def test_what_is_no_list_of_records_is_refused(broken: Any) -> None:
    with pytest.raises(ShapeError):
        shapes.rows({"orders": broken}, "orders", "order")


def test_bracketed_keys_are_nested_again() -> None:
    flat = {"result": "success", "queue[0][id]": "1", "queue[0][log][a]": "x", "queue[1][id]": "2", "odd[": 1}

    assert shapes.unflatten(flat) == {
        "result": "success",
        "queue": {"0": {"id": "1", "log": {"a": "x"}}, "1": {"id": "2"}},
        "odd[": 1,
    }


def test_a_page_without_the_rows_it_announces_is_refused() -> None:
    with pytest.raises(ShapeError):
        shapes.page({"totalresults": 3, "numreturned": "3", "orders": ""}, "orders", "order")


def test_a_page_without_a_total_is_refused() -> None:
    with pytest.raises(ShapeError):
        shapes.page({"orders": []}, "orders", "order")


@pytest.mark.parametrize(("written", "number"), [(7, 7), ("7", 7), (" 7 ", 7), ("-1", -1), ("007", 7)])
def test_an_integer_is_read_from_number_or_text(written: Any, number: int) -> None:
    assert shapes.integer(written) == number


@pytest.mark.parametrize("written", [True, None, "", "1_0", "1.0", "seven", "７", "9" * 40, [1], {}])
def test_what_is_no_integer_is_refused(written: Any) -> None:
    with pytest.raises(ShapeError):
        shapes.integer(written)


@pytest.mark.parametrize("yes", [True, 1, "1", "on", "true", " TRUE "])
@pytest.mark.parametrize("no", [False, 0, "0", "", "off", "false"])
def test_yes_and_no_are_read_in_every_form(yes: Any, no: Any) -> None:
    assert shapes.flag(yes)
    assert not shapes.flag(no)


@pytest.mark.parametrize("written", [None, "perhaps", 2, [], {}, [True]])
def test_what_is_neither_yes_nor_no_is_refused(written: Any) -> None:
    with pytest.raises(ShapeError):
        shapes.flag(written)


@pytest.mark.parametrize("counted", [{"totalresults": "2"}, {"totalresults": 2}, {"totalresults": ""}, {}])
def test_a_list_without_pages_may_count_itself(counted: dict[str, Any]) -> None:
    assert shapes.whole_list({"orders": {"order": _ROWS}, **counted}, "orders", "order") == _ROWS


def test_a_list_without_pages_that_counts_more_than_it_gives_is_refused() -> None:
    with pytest.raises(ShapeError, match="only 2 of 3"):
        shapes.whole_list({"orders": _ROWS, "totalresults": "3"}, "orders")
    with pytest.raises(ShapeError):
        shapes.whole_list({"queue": "", "count": 1}, "queue", count="count")


@pytest.mark.parametrize(("written", "found"), [(0, None), ("0", None), ("", None), (None, None), ("12", 12)])
def test_an_id_may_be_absent_in_several_ways(written: Any, found: int | None) -> None:
    assert shapes.optional_id(written) == found


@pytest.mark.parametrize(
    ("written", "found"),
    [("1,2", (1, 2)), ("", ()), (None, ()), (5, (5,)), (["1", 2], (1, 2)), ("1, 2", (1, 2))],
)
def test_id_lists_are_read_in_every_form(written: Any, found: tuple[int, ...]) -> None:
    assert shapes.id_list(written) == found


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("8.00", "8.00"),
        ("-1.00", "-1.00"),
        (12980, "12980"),
        (Decimal("4980.5"), "4980.5"),
        ("$8.00 USD", "8.00"),
        ("$-8.67 USD", "-8.67"),
        ("-$8.67", "-8.67"),
        ("¥12,980 JPY", "12980"),
        ("¥1,234,567", "1234567"),
        ("1.234,56 EUR", "1234.56"),
        ("1,234.56", "1234.56"),
        ("Rs.8.00", "8.00"),
        ("12,980円", "12980"),
    ],
)
def test_an_amount_is_read_plain_and_as_written_for_people(written: Any, amount: str) -> None:
    assert shapes.decimal(written) == Decimal(amount)


@pytest.mark.parametrize("written", ["", None, True, "free", "NaN", Decimal("Infinity"), Decimal("1E+99"), [], "1 2 3"])
def test_what_is_no_amount_is_refused(written: Any) -> None:
    with pytest.raises(ShapeError):
        shapes.decimal(written)


@given(st.integers(min_value=0, max_value=10**9))
def test_grouping_does_not_change_an_amount(yen: int) -> None:
    assert shapes.decimal(f"¥{yen:,} JPY") == yen


@pytest.mark.parametrize("written", ["0000-00-00", "0000-00-00 00:00:00", "", None, "23/11/2026", "2026-13-01", 5])
def test_no_date_is_none(written: Any) -> None:
    assert shapes.day(written) is None
    assert shapes.moment(written) is None


def test_dates_and_times_keep_the_servers_wall_clock() -> None:
    assert shapes.day("2026-11-23") == date(2026, 11, 23)
    assert shapes.moment("2026-11-23 09:15:00") == datetime(2026, 11, 23, 9, 15)  # noqa: DTZ001 - it has no zone


@pytest.mark.parametrize(
    ("written", "last_day"),
    [
        ("02/28", date(2028, 2, 29)),
        ("11/27", date(2027, 11, 30)),
        ("1/30", date(2030, 1, 31)),
        ("1227", date(2027, 12, 31)),
    ],
)
def test_a_card_is_valid_to_the_last_day_of_its_month(written: str, last_day: date) -> None:
    assert shapes.card_expiry(written) == last_day


@pytest.mark.parametrize("written", ["13/27", "00/27", "", None, "soon", 1127])
def test_an_unreadable_expiry_is_none(written: Any) -> None:
    assert shapes.card_expiry(written) is None


def test_entities_are_decoded_once_only() -> None:
    assert shapes.text({"name": "O&#039;Hara &amp;amp; Co"}, "name") == "O'Hara &amp; Co"


@given(_anything)
def test_no_value_makes_a_reader_fail_with_anything_but_a_shape_error(value: Any) -> None:
    readers = [
        shapes.integer,
        shapes.optional_id,
        shapes.id_list,
        shapes.decimal,
        shapes.day,
        shapes.card_expiry,
    ]
    for reader in readers:
        try:
            reader(value)
        except ShapeError:
            continue


@given(st.dictionaries(st.text(alphabet="ab[]0", max_size=6), st.integers(), max_size=5))
def test_nesting_bracketed_keys_never_fails_and_leaves_plain_keys_alone(flat: dict[str, int]) -> None:
    nested = shapes.unflatten(flat)

    assert json.dumps(nested)
    assert all(
        nested[key] == value for key, value in flat.items() if "[" not in key and not isinstance(nested[key], dict)
    )
