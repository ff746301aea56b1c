"""Records with their children, created in one call, all or none. Source: salesforce-api.md 2.5."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from console.sandbox.metadata import ObjectType
from console.sandbox.salesforce_calls import CREATED, FIRST_ERROR, Answer, Call
from console.sandbox.salesforce_errors import SalesforceError
from console.sandbox.salesforce_fields import FieldType
from console.sandbox.salesforce_records import Records
from console.sandbox.salesforce_store import SalesforceStore

_MOST_RECORDS, _DEEPEST = 200, 5


@dataclass(frozen=True)
class _Node:
    """One record as it came, its children apart; `lookup` is the field that names its parent."""

    reference: str
    described: ObjectType
    values: dict[str, Any]
    children: tuple["_Node", ...]
    lookup: FieldType | None


class _Failed(Exception):
    """Ends the transaction at the record that could not be made."""

    def __init__(self, node: _Node, error: SalesforceError) -> None:
        super().__init__(node.reference)
        self.result = {"referenceId": node.reference, "errors": [error.row_error()]}


class Tree:
    """Handler of `composite/tree/X`."""

    def __init__(self, store: SalesforceStore, records: Records) -> None:
        """Create `records`."""
        self._store = store
        self._records = records

    def create(self, call: Call) -> Answer:
        """POST: 201 with the ids by reference, or 400 with what is wrong in the first record that is."""
        described = self._records.object_for(call.names["sobject"], "create", call.access)
        roots = self._nodes(call, described, call.record_body().get("records"), None, 1)
        nodes = [node for root in roots for node in _with_children(root)]
        if len(nodes) > _MOST_RECORDS:
            raise SalesforceError("LIMIT_EXCEEDED", f"A tree has at most {_MOST_RECORDS} records")
        if len({node.reference for node in nodes}) != len(nodes):
            raise SalesforceError("INVALID_INPUT", "Each record needs a referenceId of its own")
        try:
            with self._store.transaction():
                results = [result for root in roots for result in self._made(call, root, None)]
        except _Failed as failed:
            return Answer(FIRST_ERROR, {"hasErrors": True, "results": [failed.result]})
        return Answer(CREATED, {"hasErrors": False, "results": results})

    def _made(self, call: Call, node: _Node, parent_id: str | None) -> Iterator[dict[str, Any]]:
        values = {**node.values, node.lookup.name: parent_id} if node.lookup else node.values
        try:
            record_id = self._records.create(node.described, values, call.access)
        except SalesforceError as error:
            raise _Failed(node, error) from error
        yield {"referenceId": node.reference, "id": record_id}
        for child in node.children:
            yield from self._made(call, child, record_id)

    def _nodes(
        self, call: Call, described: ObjectType, given: Any, lookup: FieldType | None, depth: int
    ) -> tuple[_Node, ...]:
        if not isinstance(given, list) or not given or not all(isinstance(one, dict) for one in given):
            raise SalesforceError("JSON_PARSER_ERROR", "records must be a list of objects")
        if depth > _DEEPEST:
            raise SalesforceError("LIMIT_EXCEEDED", f"A tree has at most {_DEEPEST} levels")
        return tuple(self._node(call, described, one, lookup, depth) for one in given)

    def _node(
        self, call: Call, described: ObjectType, given: dict[str, Any], lookup: FieldType | None, depth: int
    ) -> _Node:
        about = given.get("attributes")
        kind, reference = (about.get("type"), about.get("referenceId")) if isinstance(about, dict) else (None, None)
        if not reference or str(kind).lower() != described.name.lower():
            raise SalesforceError("INVALID_INPUT", f"Each record needs attributes: {described.name} and a referenceId")
        values: dict[str, Any] = {}
        children: list[_Node] = []
        for name, value in given.items():
            child = self._store.schema.child(described.name, name)
            if child and isinstance(value, dict) and "records" in value:
                made = self._records.object_for(child[0].name, "create", call.access)
                children += self._nodes(call, made, value["records"], child[1], depth + 1)
            else:
                values[name] = value
        return _Node(str(reference), described, values, tuple(children), lookup)


def _with_children(node: _Node) -> Iterator[_Node]:
    yield node
    for child in node.children:
        yield from _with_children(child)
