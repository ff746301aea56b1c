"""Tables of the sandbox WHMCS find the same rows whether they are short or long, and whatever was done to them."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from console.sandbox.whmcs_tables import Table, find, where

LENGTHS = pytest.mark.parametrize("length", [20, 2000])


@dataclass
class Line:
    """A row of these tests."""

    id: int
    owner: int
    email: str
    tags: list[int] = field(default_factory=list)


def lines(count: int) -> Table[Line]:
    """So many rows of five owners."""
    return Table(Line(n, n % 5, f"Line{n}@Example.com", [n % 3, 100 + n]) for n in range(1, count + 1))


def owned(table: Table[Line], owner: int) -> list[int]:
    return [line.id for line in where(table, "owner", owner)]


@LENGTHS
def test_rows_are_found_by_their_id_and_by_any_column(length: int) -> None:
    table = lines(length)
    found = find(table, 7)
    assert found is not None
    assert found.id == 7
    assert find(table, length + 1) is None
    assert owned(table, 2) == list(range(2, length + 1, 5))
    assert [line.id for line in where(table, "email", "line9@example.com")] == [9]
    assert [line.id for line in where(table, "tags", 109)] == [9]


CHANGES: dict[str, Callable[[Table[Line]], object]] = {
    "append": lambda table: table.append(Line(9001, 2, "new@example.com")),
    "extend": lambda table: table.extend([Line(9001, 2, "new@example.com")]),
    "insert": lambda table: table.insert(0, Line(9001, 2, "new@example.com")),
    "remove": lambda table: table.remove(table[1]),
    "pop": lambda table: table.pop(),
    "clear": lambda table: table.clear(),
    "set": lambda table: table.__setitem__(slice(None), table[:10]),
    "delete": lambda table: table.__delitem__(1),
    "add": lambda table: table.__iadd__([Line(9001, 2, "new@example.com")]),
}


@LENGTHS
@pytest.mark.parametrize("change", CHANGES)
def test_rows_that_come_and_go_are_noticed(length: int, change: str) -> None:
    table = lines(length)
    owned(table, 2)
    CHANGES[change](table)
    assert owned(table, 2) == [line.id for line in table if line.owner == 2]


@LENGTHS
def test_a_column_that_was_changed_is_noticed_once_it_is_said(length: int) -> None:
    table = lines(length)
    owned(table, 2)
    table[0].owner = 2
    table.changed()
    assert owned(table, 2)[0] == 1


def test_what_was_found_can_be_kept_while_the_table_goes_on() -> None:
    table = lines(2000)
    before = where(table, "owner", 2)
    table.append(Line(9001, 2, "new@example.com"))
    assert 9001 not in [line.id for line in before]
