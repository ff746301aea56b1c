"""The grammar: what it reads, what it refuses, and that no text can break it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.sandbox.salesforce_errors import SalesforceError
from console.sandbox.soql import Comparison, Junction, Like, Literal, Membership, Negation, Query, parse


def condition(text: str) -> object:
    return parse(f"SELECT Id FROM Order WHERE {text}").where


def refused(text: str) -> str:
    with pytest.raises(SalesforceError) as caught:
        parse(text)
    return caught.value.code


def test_a_query_is_read_with_all_its_clauses() -> None:
    query = parse(
        "select Id, Account.Name, (SELECT Id FROM OrderItems ORDER BY Id LIMIT 1) from Order o "
        "where o.Status = 'Draft' order by CreatedDate desc nulls last, Id limit 3 offset 4 for view"
    )
    assert [getattr(one, "text", "") for one in query.columns] == ["Id", "Account.Name", ""]
    assert isinstance(query.columns[2], Query)
    assert (query.source.text, query.alias, query.limit, query.offset) == ("Order", "o", 3, 4)
    assert [(key.field.text, key.descending, key.nulls_last) for key in query.order] == [
        ("CreatedDate", True, True),
        ("Id", False, False),
    ]


def test_an_object_may_be_called_order() -> None:
    assert parse("SELECT Id FROM Order ORDER BY Id").source.text == "Order"


def test_count_has_no_columns() -> None:
    assert parse("SELECT COUNT() FROM Order").columns == ()


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("'a'", Literal("string", "a")),
        ("-1.5", Literal("number", -1.5)),
        ("TRUE", Literal("boolean", True)),
        ("null", Literal("null", None)),
        ("2026-11-23", Literal("date", "2026-11-23")),
        ("2026-11-23T09:00:00+09:00", Literal("datetime", "2026-11-23T00:00:00.000+0000")),
        ("last_n_days:7", Literal("days", "LAST_N_DAYS:7")),
    ],
)
def test_literals_keep_their_type(text: str, literal: Literal) -> None:
    found = condition(f"A = {text}")
    assert isinstance(found, Comparison)
    assert found.value == literal


def test_documented_escapes_are_understood() -> None:
    found = condition(r"A = '\\ \' \" \n \r \t \b \f é'")
    assert isinstance(found, Comparison)
    assert found.value.value == "\\ ' \" \n \r \t \b \f é"


def test_escaped_wildcards_of_like_stand_for_themselves() -> None:
    found = condition(r"A LIKE '50\%\_%_'")
    assert isinstance(found, Like)
    assert found.pattern == "50%_.*."


def test_brackets_mix_and_with_or() -> None:
    found = condition("A = 1 AND (B = 2 OR C IN ('x', 'y')) AND (NOT (D LIKE 'z%'))")
    assert isinstance(found, Junction)
    assert found.every
    inner, negated = found.parts[1], found.parts[2]
    assert isinstance(inner, Junction)
    assert not inner.every
    assert isinstance(inner.parts[1], Membership)
    assert isinstance(negated, Negation)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SELECT FROM Order",
        "SELECT Id FROM Order FOR UPDATE",
        "SELECT Id FROM Order WHERE A = 1 AND B = 2 OR C = 3",
        "SELECT Id FROM Order WHERE NOT A = 1 AND B = 2",
        "SELECT Id FROM Order WHERE A NOT LIKE 'x'",
        "SELECT Id FROM Order WHERE A > 2026-11-23T00:00:00",
        "SELECT Id FROM Order WHERE A > 2026-13-45",
        r"SELECT Id FROM Order WHERE A = 'a\x'",
        r"SELECT Id FROM Order WHERE A = '50\%'",
        "SELECT Id FROM Order WHERE A = 'it's'",
        'SELECT Id FROM Order WHERE A = "x"',
        "SELECT Id FROM Order LIMIT -1",
        "SELECT Id FROM Order WHERE A = '" + "x" * 4001 + "'",
        "SELECT Id FROM Order WHERE A IN (" + "'x'," * 30_000 + "'x')",
    ],
)
def test_what_salesforce_calls_malformed_is_refused(text: str) -> None:
    assert refused(text) == "MALFORMED_QUERY"


def test_an_offset_beyond_2000_is_refused() -> None:
    assert refused("SELECT Id FROM Order OFFSET 2001") == "NUMBER_OUTSIDE_VALID_RANGE"


def escaped(value: str) -> str:
    for char, written in (("\\", "\\\\"), ("'", "\\'"), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        value = value.replace(char, written)
    return f"'{value}'"


@given(st.text(max_size=200))
def test_any_text_survives_being_written_as_a_literal(value: str) -> None:
    found = condition(f"A = {escaped(value)}")
    assert isinstance(found, Comparison)
    assert found.value.value == value


WORDS = st.sampled_from(
    [
        "SELECT",
        "FROM",
        "WHERE",
        "Id",
        "Order",
        "(",
        ")",
        ",",
        "AND",
        "NOT",
        "IN",
        "=",
        "'x'",
        "LIMIT",
        "1",
        "TODAY",
        "\\",
    ]
)


@settings(max_examples=300)
@given(st.one_of(st.text(), st.lists(WORDS, max_size=25).map(" ".join)))
def test_no_text_gives_anything_but_a_query_or_a_refusal(text: str) -> None:
    try:
        assert isinstance(parse(text), Query)
    except SalesforceError as error:
        assert error.status == 400


@pytest.mark.parametrize(
    "text",
    [
        "SELECT Status, COUNT(Id) FROM Order GROUP BY Status HAVING COUNT(Id) > 1",
        "SELECT TYPEOF What WHEN Account THEN Name END FROM Task",
        "SELECT Id FROM Order FOR UPDATE",
        "SELECT Id FROM Account WHERE Name NOT LIKE 'x%'",
        "SELECT Id FROM Order WHERE CreatedDate > 2026-11-23T00:00:00",
        "SELECT Id FROM Account WHERE NOT Name = 'x' AND Phone = '1'",
    ],
)
def test_what_the_wire_does_not_take_is_malformed(text: str) -> None:
    with pytest.raises(SalesforceError, match="MALFORMED_QUERY"):
        parse(text)
