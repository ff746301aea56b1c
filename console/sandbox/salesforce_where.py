"""Turns the WHERE tree of a query into a test for records and, where an index helps, the ids worth testing.

Source for the types and comparisons: salesforce-api.md 2.2.
"""

import operator
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from console.sandbox.salesforce_days import Days, days_of
from console.sandbox.salesforce_errors import SalesforceError
from console.sandbox.salesforce_fields import ID_TYPES, NUMBER_TYPES, STRING_TYPES, FieldType
from console.sandbox.salesforce_ids import long_id
from console.sandbox.salesforce_paths import FieldPath
from console.sandbox.salesforce_store import Record, SalesforceStore
from console.sandbox.soql import (
    Comparison,
    Condition,
    Junction,
    Like,
    Literal,
    Membership,
    Name,
    Negation,
    Query,
)

Test = Callable[[Record], bool]

_MOST_JOINS = 2

_KINDS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(STRING_TYPES | ID_TYPES, ("string",)),
    **dict.fromkeys(NUMBER_TYPES, ("number",)),
    "boolean": ("boolean",),
    "date": ("date", "days"),
    "datetime": ("datetime", "days"),
}
_ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Filter:
    """Which records are wanted; `ids` gives a superset of theirs from an index, if there is one."""

    test: Test
    ids: Callable[[], Iterable[str]] | None = None


def refuse_misplaced_joins(condition: Condition) -> None:
    """Refuse more than two semi-joins, and any that stands below OR or NOT. Raises MALFORMED_QUERY."""
    top = condition.parts if isinstance(condition, Junction) and condition.every else (condition,)
    if sum(_is_join(part) for part in top) > _MOST_JOINS:
        raise SalesforceError("MALFORMED_QUERY", f"Maximum {_MOST_JOINS} semi join sub-selects are allowed")
    if any(_is_join(inner) for part in top if not _is_join(part) for inner in _below(part)):
        raise SalesforceError(
            "MALFORMED_QUERY",
            "Semi join sub-selects are only allowed at the top level WHERE expressions "
            "and not in nested WHERE expressions",
        )


def _is_join(condition: Condition) -> bool:
    return isinstance(condition, Membership) and isinstance(condition.values, Query)


def _below(condition: Condition) -> Iterator[Condition]:
    """All conditions inside one."""
    parts = condition.parts if isinstance(condition, Junction) else ()
    for part in (condition.part,) if isinstance(condition, Negation) else parts:
        yield part
        yield from _below(part)


class Conditions:
    """Compiles the conditions on one object."""

    def __init__(
        self,
        sobject: str,
        store: SalesforceStore,
        path: Callable[[Name], FieldPath],
        values_of: Callable[[Query], set[Any]],
    ) -> None:
        """`path` resolves the fields of `sobject`; `values_of` runs the inner query of a semi-join."""
        self._sobject = sobject
        self._store = store
        self._path = path
        self._values_of = values_of

    def compile(self, condition: Condition) -> Filter:
        """The filter of a condition. Raises SalesforceError INVALID_FIELD and the like."""
        return _COMPILERS[type(condition)](self, condition)

    def _junction(self, junction: Junction) -> Filter:
        filters = [self.compile(part) for part in junction.parts]
        tests = [one.test for one in filters]
        if not junction.every:
            return Filter(lambda record: any(test(record) for test in tests))
        ids = next((one.ids for one in filters if one.ids), None)
        return Filter(lambda record: all(test(record) for test in tests), ids)

    def _negation(self, negation: Negation) -> Filter:
        test = self.compile(negation.part).test
        return Filter(lambda record: not test(record))

    def _like(self, like: Like) -> Filter:
        path = self._filterable(like.field)
        if path.field.type not in STRING_TYPES:
            raise _invalid(path.field, "invalid operator")
        wanted = re.compile(like.pattern, re.IGNORECASE | re.DOTALL)
        read = path.read
        return Filter(lambda record: wanted.fullmatch(read(record) or "") is not None)

    def _comparison(self, comparison: Comparison) -> Filter:
        path = self._filterable(comparison.field)
        value = self._value(path.field, comparison.value)
        if isinstance(value, Days):
            return Filter(_days_test(path, comparison.operator, value))
        if comparison.operator in _ORDERINGS:
            return Filter(_ordering_test(path, comparison.operator, value))
        test = _equality_test(path, value)
        if comparison.operator == "!=":
            return Filter(lambda record: not test(record))
        return Filter(test, self._indexed(path, [value]))

    def _membership(self, membership: Membership) -> Filter:
        path = self._filterable(membership.field)
        values = self._members(path.field, membership.values)
        keys = {path.field.key(value) for value in values}
        read, key = path.read, path.field.key
        if membership.negated:
            return Filter(lambda record: key(read(record)) not in keys)
        return Filter(lambda record: key(read(record)) in keys, self._indexed(path, values))

    def _members(self, field: FieldType, values: tuple[Literal, ...] | Query) -> list[Any]:
        if isinstance(values, Query):
            if field.type not in ID_TYPES:
                raise _invalid(field, "semi-joins are only for Id and reference fields")
            return list(self._values_of(values))
        found = [self._value(field, one) for one in values]
        if any(isinstance(one, Days) for one in found):
            raise _invalid(field, "words for days are not for IN")
        return found

    def _indexed(self, path: FieldPath, values: list[Any]) -> Callable[[], Iterable[str]] | None:
        field = path.field
        if path.hops or not field.indexed or None in values:
            return None
        store, sobject = self._store, self._sobject
        # A dictionary, since two values may be the same key and a record is wanted once.
        return lambda: dict.fromkeys(one for value in values for one in store.ids_by(sobject, field, value))

    def _filterable(self, name: Name) -> FieldPath:
        path = self._path(name)
        if not path.field.filterable:
            raise SalesforceError("INVALID_FIELD", f"field '{path.field.name}' can not be filtered in a query call")
        return path

    def _value(self, field: FieldType, literal: Literal) -> Any:
        """The literal as the store would hold it. Raises where its type is not the field's."""
        if literal.kind == "null":
            return False if field.type == "boolean" else None
        if literal.kind not in _KINDS[field.type]:
            raise _invalid(field, _EXPECTED[_KINDS[field.type][0]])
        if literal.kind == "days":
            return days_of(literal.value, field.type == "datetime", self._store.clock.now())
        if field.type in ID_TYPES and literal.value:
            return _id(literal.value)
        return None if literal.value == "" else literal.value


_EXPECTED = {
    "string": "must be of type string and should be enclosed in quotes",
    "number": "must be of type double and should not be enclosed in quotes",
    "boolean": "must be of type boolean and should not be enclosed in quotes",
    "date": "must be of type date and should not be enclosed in quotes",
    "datetime": "must be of type dateTime and should not be enclosed in quotes",
}

_COMPILERS: dict[type[Any], Callable[[Conditions, Any], Filter]] = {
    Junction: Conditions._junction,
    Negation: Conditions._negation,
    Like: Conditions._like,
    Comparison: Conditions._comparison,
    Membership: Conditions._membership,
}


def _invalid(field: FieldType, message: str) -> SalesforceError:
    return SalesforceError("INVALID_FIELD", f"value of filter criterion for field '{field.name}' {message}")


def _id(text: str) -> str:
    found = long_id(text)
    if found is None:
        raise SalesforceError("INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {text}")
    return found


def _equality_test(path: FieldPath, value: Any) -> Test:
    read, key = path.read, path.field.key
    if value is None:
        return lambda record: read(record) is None
    wanted = key(value)
    return lambda record: key(read(record)) == wanted


def _ordering_test(path: FieldPath, sign: str, value: Any) -> Test:
    if path.field.type == "boolean":
        raise _invalid(path.field, "cannot be put in order")
    read, key, ordering = path.read, path.field.key, _ORDERINGS[sign]
    wanted = key(value)

    def test(record: Record) -> bool:
        found = read(record)
        return found is not None and wanted is not None and ordering(key(found), wanted)

    return test


def _days_test(path: FieldPath, sign: str, days: Days) -> Test:
    read = path.read
    tests: dict[str, Callable[[str], bool]] = {
        "=": lambda value: days.start <= value < days.end,
        "!=": lambda value: not days.start <= value < days.end,
        "<": lambda value: value < days.start,
        "<=": lambda value: value < days.end,
        ">": lambda value: value >= days.end,
        ">=": lambda value: value >= days.start,
    }
    test = tests[sign]

    def compare(record: Record) -> bool:
        value = read(record)
        return sign == "!=" if value is None else test(value)

    return compare
