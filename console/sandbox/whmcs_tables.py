"""The tables of the sandbox WHMCS: lists that find their rows quickly once they are long. Knows no table by name."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, SupportsIndex, TypeVar


class Row(Protocol):
    """Any row that is found by its id."""

    id: int


T = TypeVar("T")
RowT = TypeVar("RowT", bound=Row)

# Below this an index costs more than it saves; and the columns of a small book may be changed by hand.
_LONG = 500
# Columns that are compared otherwise than they are written.
_COMPARED: Mapping[str, Callable[[str], str]] = {"email": str.lower}


class Table(list[T]):
    """A list of rows that keeps an index for each column it was asked for.

    Whoever changes a column in place says so with `changed`; rows that come and go are noticed.
    """

    def __init__(self, rows: Iterable[T] = ()) -> None:
        """Take over the rows."""
        super().__init__(rows)
        self._indexes: dict[str, dict[Any, list[T]]] = {}

    def changed(self) -> None:
        """Forget the indexes."""
        self._indexes.clear()

    def where(self, column: str, value: Any) -> list[T]:
        """The rows that have the value in this column, or among its values where it holds a list; oldest first."""
        if len(self) < _LONG:
            return [row for row in self if value in _values(row, column)]
        if column not in self._indexes:
            index = self._indexes[column] = {}
            for row in self:
                _enter(index, column, row)
        return list(self._indexes[column].get(value, ()))

    def append(self, row: T, /) -> None:
        """Add a row to the indexes as well."""
        super().append(row)
        for column, index in self._indexes.items():
            _enter(index, column, row)

    def extend(self, rows: Iterable[T], /) -> None:
        """Add rows."""
        self.changed()
        super().extend(rows)

    # As a list's own, which mypy lets pass: it takes more than `+` does.
    def __iadd__(self, rows: Iterable[T], /) -> "Table[T]":  # type: ignore[override,misc]
        self.extend(rows)
        return self

    def insert(self, place: SupportsIndex, row: T, /) -> None:
        """Add a row somewhere."""
        self.changed()
        super().insert(place, row)

    def remove(self, row: T, /) -> None:
        """Take a row away."""
        self.changed()
        super().remove(row)

    def pop(self, place: SupportsIndex = -1, /) -> T:
        """Take a row away and give it."""
        self.changed()
        return super().pop(place)

    def clear(self) -> None:
        """Take all rows away."""
        self.changed()
        super().clear()

    def __setitem__(self, place: Any, rows: Any, /) -> None:
        self.changed()
        super().__setitem__(place, rows)

    def __delitem__(self, place: SupportsIndex | slice, /) -> None:
        self.changed()
        super().__delitem__(place)


def _values(row: Any, column: str) -> Sequence[Any]:
    found = getattr(row, column)
    if isinstance(found, list):
        return found
    return (_COMPARED[column](found),) if column in _COMPARED else (found,)


def _enter(index: dict[Any, list[T]], column: str, row: T) -> None:
    for value in _values(row, column):
        index.setdefault(value, []).append(row)


def where(rows: Sequence[T], column: str, value: Any) -> Sequence[T]:
    """The rows that have the value in this column, oldest first. An e-mail address is given in lower case."""
    table = rows if isinstance(rows, Table) else Table(rows)
    return table.where(column, value)


def find(rows: Sequence[RowT], row_id: int) -> RowT | None:
    """The row with this id, or None."""
    if len(rows) < _LONG:
        return next((row for row in rows if row.id == row_id), None)
    return next(iter(where(rows, "id", row_id)), None)
