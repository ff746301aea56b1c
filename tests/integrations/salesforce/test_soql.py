"""What is built is read back by another SOQL reader as the value that went in, whatever that value is."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.integrations.salesforce import soql
from console.sandbox import soql as reader
from console.sandbox.salesforce_times import parse_datetime

_KEPT_CONTROLS = "\n\r\t\b\f"
_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def read_back(condition: str) -> reader.Comparison:
    where = reader.parse(soql.select(["Id"], "Account", [condition])).where
    assert isinstance(where, reader.Comparison)
    return where


@pytest.mark.parametrize(
    "name",
    [
        "O'Brien",
        "x' OR Name != '",
        "back\\slash",
        "\\' OR Id != '",
        '"quoted"',
        "100%_sure",
        "line\nbreak\tand tab",
        "';--",
        "髙橋　凜",
        "",
    ],
)
def test_a_hostile_name_stays_one_text(name: str) -> None:
    found = read_back(soql.equals("Name", name))
    assert (found.field.text, found.value) == ("Name", reader.Literal("string", name))


@given(_TEXTS)
def test_every_text_is_read_back_without_its_unprintable_characters(text: str) -> None:
    printable = "".join(char for char in text if char >= " " or char in _KEPT_CONTROLS)
    assert read_back(soql.equals("Name", text)).value == reader.Literal("string", printable)


@given(st.lists(_TEXTS, min_size=1, max_size=5), _TEXTS)
def test_no_text_adds_or_takes_away_a_condition(names: list[str], city: str) -> None:
    query = soql.select(["Id"], "Account", [soql.one_of("Name", names), soql.equals("BillingCity", city)])
    where = reader.parse(query).where
    assert isinstance(where, reader.Junction)
    membership, comparison = where.parts
    assert isinstance(membership, reader.Membership)
    assert isinstance(membership.values, tuple)
    assert len(membership.values) == len(names)
    assert isinstance(comparison, reader.Comparison)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (7, "7"),
        (date(2026, 11, 23), "2026-11-23"),
        (datetime(2026, 11, 23, 9, 0, 0, 250, timezone(timedelta(hours=9))), "2026-11-23T00:00:00Z"),
    ],
)
def test_other_values_are_typed_as_the_wire_wants_them(value: soql.Value, text: str) -> None:
    assert soql.literal(value) == text


@given(st.integers(-2_000_000_000, 32_000_000_000), st.integers(0, 999_999))
def test_a_moment_is_read_back_to_the_second(seconds: int, micros: int) -> None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds, microseconds=micros)
    found = read_back(soql.at_least("SystemModstamp", moment))
    assert isinstance(found.value, reader.Literal)
    assert (found.operator, parse_datetime(str(found.value.value))) == (">=", moment.replace(microsecond=0))


def test_a_query_has_its_clauses_in_order() -> None:
    query = soql.select(["Id", "Name"], "Account", ["A = 1", "B = 2"], order_by="Name", limit=3)
    assert query == "SELECT Id, Name FROM Account WHERE A = 1 AND B = 2 ORDER BY Name LIMIT 3"


def test_a_query_needs_no_clause() -> None:
    assert soql.select(["Id"], "Order") == "SELECT Id FROM Order"
