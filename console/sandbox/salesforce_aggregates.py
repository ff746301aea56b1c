"""Groups what a query found and computes COUNT, SUM and their like. Source: salesforce-api.md 2.2."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from console.sandbox.salesforce_errors import SalesforceError
from console.sandbox.salesforce_fields import NUMBER_TYPES
from console.sandbox.salesforce_paths import FieldPath
from console.sandbox.salesforce_store import Record
from console.sandbox.soql import Aggregate, Name, Query, SortKey

_MOST_ROWS = 2000
NOT_GROUPED = frozenset({"double", "currency", "datetime", "address"})
_FUNCTIONS: dict[str, Callable[[list[Any]], Any]] = {
    "COUNT": len,
    "COUNT_DISTINCT": lambda values: len(set(values)),
    "SUM": lambda values: sum(values) if values else None,
    "AVG": lambda values: sum(values) / len(values) if values else None,
    "MIN": lambda values: min(values, default=None),
    "MAX": lambda values: max(values, default=None),
}

Resolve = Callable[[Name], FieldPath]
_Compute = Callable[[Sequence[Record]], Any]


def is_aggregate(query: Query) -> bool:
    """Whether the query is answered with groups, not with records."""
    return bool(query.group) or any(isinstance(one, Aggregate) for one in query.columns)


class Groups:
    """The groups of one query, whose fields `resolve` finds."""

    def __init__(self, query: Query, resolve: Resolve) -> None:
        """Raises MALFORMED_QUERY for a column that is neither grouped nor aggregated."""
        self._query = query
        self._keys = {name.text.lower(): _groupable(resolve(name)) for name in query.group}
        self._columns: dict[str, _Compute] = {}
        unnamed = 0
        for column in query.columns:
            if isinstance(column, Aggregate):
                name = column.alias or f"expr{unnamed}"
                unnamed += column.alias is None
                self._add(name, _computed(column, resolve(column.field)))
            elif isinstance(column, Name) and column.text.lower() in self._keys:
                path = self._keys[column.text.lower()]
                self._add(path.field.name, _shared(path))
            else:
                written = column.text if isinstance(column, Name) else "a child query"
                raise _malformed(f"Field must be grouped or aggregated: {written}")

    def rows(self, records: Iterable[Record]) -> list[dict[str, Any]]:
        """One row for each group, sorted and cut. Raises EXCEEDED_ID_LIMIT beyond 2,000, which have no pages."""
        grouped: dict[tuple[Any, ...], list[Record]] = defaultdict(list)
        for record in records:
            grouped[tuple(path.field.key(path.read(record)) for path in self._keys.values())].append(record)
        if not self._keys and not grouped:
            grouped[()] = []
        rows = [{name: compute(group) for name, compute in self._columns.items()} for group in grouped.values()]
        for key in reversed(self._query.order):
            rows = self._sorted(rows, key)
        end = None if self._query.limit is None else self._query.offset + self._query.limit
        rows = rows[self._query.offset : end]
        if len(rows) > _MOST_ROWS:
            raise SalesforceError("EXCEEDED_ID_LIMIT", "Aggregate query does not support queryMore(), use LIMIT")
        return [{"attributes": {"type": "AggregateResult"}, **row} for row in rows]

    def _add(self, name: str, compute: _Compute) -> None:
        if name in self._columns:
            raise _malformed(f"duplicate alias: {name}")
        self._columns[name] = compute

    def _sorted(self, rows: list[dict[str, Any]], key: SortKey) -> list[dict[str, Any]]:
        path = self._keys.get(key.field.text.lower())
        name = path.field.name if path else key.field.text
        if name not in self._columns:
            raise _malformed(f"Ordered field must be grouped or aggregated: {key.field.text}")
        nulls = [row for row in rows if row[name] is None]
        others = sorted((row for row in rows if row[name] is not None), key=lambda row: _order(row[name]))
        if key.descending:
            others.reverse()
        return [*others, *nulls] if key.nulls_last else [*nulls, *others]


def _groupable(path: FieldPath) -> FieldPath:
    if path.field.type in NOT_GROUPED or not path.field.filterable:
        raise _malformed(f"field '{path.field.name}' can not be grouped in a query call")
    return path


def _computed(column: Aggregate, path: FieldPath) -> _Compute:
    needs_number = column.function in ("SUM", "AVG")
    if (needs_number and path.field.type not in NUMBER_TYPES) or not path.field.filterable:
        raise _malformed(f"field {path.field.name} does not support aggregate operator {column.function}")
    function, read = _FUNCTIONS[column.function], path.read
    return lambda group: function([value for record in group if (value := read(record)) is not None])


def _shared(path: FieldPath) -> _Compute:
    """The value that all records of a group have."""
    return lambda group: path.read(group[0])


def _order(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _malformed(message: str) -> SalesforceError:
    return SalesforceError("MALFORMED_QUERY", message)
