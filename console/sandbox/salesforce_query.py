"""Runs a query as one person sees it: which records, in which order, and how they look on the wire."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from console.sandbox.metadata import ObjectType
from console.sandbox.salesforce_access import Access
from console.sandbox.salesforce_aggregates import Groups, is_aggregate
from console.sandbox.salesforce_errors import SalesforceError
from console.sandbox.salesforce_fields import FieldType
from console.sandbox.salesforce_paths import FieldPath, Names, reader
from console.sandbox.salesforce_record_access import RECORD_ACCESS, record_access_rows
from console.sandbox.salesforce_store import Record, SalesforceStore
from console.sandbox.salesforce_where import Conditions, Filter, refuse_misplaced_joins
from console.sandbox.soql import AllFields, Name, Query, SortKey, parse

Render = Callable[[Record], dict[str, Any]]

_MOST_CHILDREN, _MOST_OF_ALL_FIELDS = 20, 200


@dataclass(frozen=True)
class Found:
    """The records that a query found and how to show one. `counted`: only their number is asked."""

    records: list[Record]
    render: Render
    counted: bool = False


Page = Callable[[Found], dict[str, Any]]


def whole(found: Found) -> dict[str, Any]:
    """All that was found as one page."""
    rows = [found.render(record) for record in found.records]
    return {"totalSize": len(rows), "done": True, "records": rows}


class QueryRunner:
    """Runs queries for one person."""

    def __init__(
        self,
        store: SalesforceStore,
        access: Access,
        data_path: str,
        *,
        with_deleted: bool = False,
        page: Page = whole,
    ) -> None:
        """`data_path` begins the urls of records; `with_deleted` is what queryAll means; `page` shows children."""
        self._store = store
        self._access = access
        self._names = Names(store, access)
        self._data_path = data_path
        self._with_deleted = with_deleted
        self._page = page

    def run(self, text: str) -> Found:
        """Find what a query asks. Raises SalesforceError. Source: salesforce-api.md 2.2."""
        try:
            query = parse(text)
            described = self._names.object(query.source.text)
            if is_aggregate(query):
                return self._grouped(query, described)
            render = self._shape(query, described).render if query.columns else _nothing
            return Found(self._matching(query, described), render, counted=not query.columns)
        except RecursionError as error:
            raise SalesforceError("QUERY_TOO_COMPLICATED", "Query is too deeply nested") from error

    def _grouped(self, query: Query, described: ObjectType) -> Found:
        groups = Groups(query, lambda name: self._names.path(described, query.alias, name))
        return Found(groups.rows(self._passing(query, described)), dict)

    def _matching(self, query: Query, described: ObjectType) -> list[Record]:
        arranged = self._arranger(query, described)
        return arranged(self._passing(query, described))

    def _passing(self, query: Query, described: ObjectType) -> list[Record]:
        wanted = self._filter(query, described)
        if described.name == RECORD_ACCESS:
            candidates = record_access_rows(query.where, self._store, self._access)
        else:
            candidates = self._candidates(described, wanted)
        return [record for record in candidates if wanted.test(record)]

    def _filter(self, query: Query, described: ObjectType) -> Filter:
        if query.where is None:
            return Filter(lambda _: True)

        def path(name: Name) -> FieldPath:
            return self._names.path(described, query.alias, name)

        refuse_misplaced_joins(query.where)
        return Conditions(described.name, self._store, path, self._values).compile(query.where)

    def _candidates(self, described: ObjectType, wanted: Filter) -> list[Record]:
        table = self._store.tables[described.name]
        if wanted.ids and not self._with_deleted:
            return [table[one] for one in wanted.ids()]
        deleted = self._store.deleted[described.name].values() if self._with_deleted else ()
        return [*table.values(), *deleted]

    def _arranger(self, query: Query, described: ObjectType) -> Callable[[list[Record]], list[Record]]:
        """Sorts and cuts what was found; its fields are resolved before any record is looked at."""
        keys = [(_sortable(self._names.path(described, query.alias, key.field)), key) for key in reversed(query.order)]
        end = None if query.limit is None else query.offset + query.limit

        def arranged(records: list[Record]) -> list[Record]:
            for path, key in keys:
                records = _sorted(records, path, key)
            return records[query.offset : end]

        return arranged

    def _values(self, query: Query) -> set[Any]:
        """What the inner query of a semi-join selects."""
        if len(query.columns) != 1 or not isinstance(query.columns[0], Name):
            raise SalesforceError("MALFORMED_QUERY", "The inner select must select one field")
        described = self._names.object(query.source.text)
        read = self._names.path(described, query.alias, query.columns[0]).read
        return {read(record) for record in self._matching(query, described)} - {None}

    def _shape(self, query: Query, described: ObjectType) -> "_Shape":
        shape = _Shape(described, self._data_path)
        if sum(isinstance(one, Query) for one in query.columns) > _MOST_CHILDREN:
            raise SalesforceError("MALFORMED_QUERY", f"A query has at most {_MOST_CHILDREN} child queries")
        for column in query.columns:
            if isinstance(column, Query):
                self._add_children(shape, described, column)
            elif isinstance(column, AllFields):
                self._add_all(shape, described, query, column.kind)
            elif isinstance(column, Name):
                self._add_column(shape, self._names.path(described, query.alias, column))
        return shape

    def _add_all(self, shape: "_Shape", described: ObjectType, query: Query, kind: str) -> None:
        """What FIELDS() stands for. Raises MALFORMED_QUERY where there might be too much of it."""
        if kind != "STANDARD" and (query.limit is None or query.limit > _MOST_OF_ALL_FIELDS):
            raise SalesforceError(
                "MALFORMED_QUERY", f"The SOQL FIELDS function must have a LIMIT of at most {_MOST_OF_ALL_FIELDS}"
            )
        find = self._names.visible(described)
        for field in described.fields.values():
            if kind in ("ALL", "CUSTOM" if field.custom else "STANDARD") and find(field.name):
                shape.add(field.name, reader(field))

    def _add_column(self, shape: "_Shape", path: FieldPath) -> None:
        for hop in path.hops:
            parent = self._store.schema.objects[hop.reference_to[0]]
            shape = shape.parent(hop, parent, self._store.tables[parent.name])
        shape.add(path.field.name, reader(path.field))

    def _add_children(self, shape: "_Shape", parent: ObjectType, query: Query) -> None:
        if not query.columns or is_aggregate(query) or any(isinstance(one, Query) for one in query.columns):
            raise SalesforceError("MALFORMED_QUERY", "A child query selects fields of the child only")
        described, lookup = self._names.child(parent, query.source)
        inner = self._shape(query, described)
        wanted, arranged = self._filter(query, described), self._arranger(query, described)
        table = self._store.tables[described.name]

        def children(record: Record) -> dict[str, Any] | None:
            ids = self._store.ids_by(described.name, lookup, record["Id"])
            found = [table[one] for one in ids if wanted.test(table[one])]
            rows = arranged(found)
            return self._page(Found(rows, inner.render)) if rows else None

        shape.add(lookup.child_relationship or "", children)


def _sortable(path: FieldPath) -> FieldPath:
    if not path.field.filterable:
        raise SalesforceError("INVALID_FIELD", f"field '{path.field.name}' can not be sorted in a query call")
    return path


def _sorted(records: list[Record], path: FieldPath, key: SortKey) -> list[Record]:
    nulls = [record for record in records if path.read(record) is None]
    others = [record for record in records if path.read(record) is not None]
    others.sort(key=lambda record: path.field.key(path.read(record)), reverse=key.descending)
    return [*others, *nulls] if key.nulls_last else [*nulls, *others]


class _Shape:
    """The columns of one object in an answer, parents nested."""

    def __init__(self, described: ObjectType, data_path: str) -> None:
        self._described = described
        self._data_path = data_path
        self._columns: dict[str, Callable[[Record], Any]] = {}
        self._parents: dict[str, _Shape] = {}

    def add(self, name: str, read: Callable[[Record], Any]) -> None:
        if name in self._columns:
            raise SalesforceError("INVALID_FIELD", f"duplicate field selected: {name}")
        self._columns[name] = read

    def parent(self, hop: FieldType, described: ObjectType, table: dict[str, Record]) -> "_Shape":
        name = hop.relationship or ""
        if name not in self._parents:
            shape = self._parents[name] = _Shape(described, self._data_path)

            def nested(record: Record) -> dict[str, Any] | None:
                found = table.get(record[hop.name])
                return None if found is None else shape.render(found)

            self._columns[name] = nested
        return self._parents[name]

    def render(self, record: Record) -> dict[str, Any]:
        return {
            "attributes": attributes(self._described.name, record["Id"], self._data_path),
            **{name: read(record) for name, read in self._columns.items()},
        }


def attributes(sobject: str, record_id: str, data_path: str) -> dict[str, str]:
    """What each record on the wire begins with."""
    return {"type": sobject, "url": f"{data_path}/sobjects/{sobject}/{record_id}"}


def _nothing(_: Record) -> dict[str, Any]:
    return {}
