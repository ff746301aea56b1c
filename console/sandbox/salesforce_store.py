"""The records of the org, with indexes and all-or-nothing transactions. Checks no rule.

Records are never changed in place: a change puts a new one, so what a query has found stays as it was found.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from console.sandbox.clock import Clock
from console.sandbox.metadata import ObjectType, Schema
from console.sandbox.salesforce_access import StaffUser
from console.sandbox.salesforce_fields import FieldType
from console.sandbox.salesforce_ids import new_id
from console.sandbox.salesforce_times import parse_datetime, wire_datetime

__all__ = ["AUTOMATED_USER_ID", "Record", "SalesforceStore", "StaffUser", "new_id"]

Record = dict[str, Any]

AUTOMATED_USER_ID = new_id("User", 0)
_STAMPS = ("CreatedDate", "LastModifiedDate", "SystemModstamp")
_STAMP_END = ".000+0000"


class SalesforceStore:
    """Tables of records by sObject and id; datetimes are wire strings, numbers floats.

    Written to by `load`, `put` and `remove` only, which keep the indexes.
    """

    def __init__(self, clock: Clock, schema: Schema, seed: int = 0) -> None:
        """An empty org. `seed` decides what Salesforce leaves open, as the order of collated sub-requests."""
        self.clock = clock
        self.schema = schema
        self.seed = seed
        self.tables: dict[str, dict[str, Record]] = {name: {} for name in schema.objects}
        self.deleted: dict[str, dict[str, Record]] = {name: {} for name in schema.objects}
        self._indexed = {
            name: tuple(one for one in described.fields.values() if one.indexed and one.type != "id")
            for name, described in schema.objects.items()
        }
        # object → field → key → ids in the order of insertion
        self._indexes: dict[str, dict[str, dict[Any, dict[str, None]]]] = {
            name: {one.name: defaultdict(dict) for one in fields} for name, fields in self._indexed.items()
        }
        self._undo: list[tuple[str, str, Record | None, Record | None]] = []
        self._depth = 0
        self._ids: dict[str, int] = dict.fromkeys(schema.objects, 0)
        self._numbers: dict[tuple[str, str], int] = {}

    def load(self, sobject: str, records: Iterable[Record]) -> None:
        """Insert seed records without any rule; absent fields get their default, system fields are filled in.

        Raises ValueError for a field that does not exist, an id or a unique value that is taken.
        """
        described = self.schema.objects[sobject]
        stamp = wire_datetime(self.clock.now())
        blank = described.blank()
        moments = [one.name for one in described.fields.values() if one.type == "datetime"]
        amounts = [one.name for one in described.fields.values() if one.type in ("double", "currency")]
        for given in records:
            record = {**blank, **given}
            if len(record) != len(blank):
                raise ValueError(f"{sobject} has no field {', '.join(sorted(set(given) - set(blank)))}")
            self._complete(described, record, stamp)
            _normalise(record, amounts, moments)
            self._refuse_taken(described, record)
            self.put(sobject, record)
            if sobject == "OrderItem":
                self._roll_up_loaded(record)
        if not self._depth:
            self._undo.clear()

    def get(self, sobject: str, record_id: str | None) -> Record | None:
        """The record with this 18-character id, or None."""
        return None if record_id is None else self.tables[sobject].get(record_id)

    def ids_by(self, sobject: str, field: FieldType, value: Any) -> list[str]:
        """Ids of the records whose indexed field has the value, oldest first; none for null."""
        if value is None:
            return []
        if field.type == "id":
            return [value] if value in self.tables[sobject] else []
        return list(self._indexes[sobject][field.name].get(field.key(value), ()))

    def put(self, sobject: str, record: Record) -> None:
        """Insert or replace a record by its Id."""
        record_id = record["Id"]
        before = self.tables[sobject].get(record_id)
        # An id is either there or deleted, so a deleted one comes back.
        self._undo.append((sobject, record_id, before, self.deleted[sobject].pop(record_id, None)))
        self._replace(sobject, record_id, record)

    def remove(self, sobject: str, record_id: str) -> None:
        """Delete a record; it stays known as deleted."""
        before = self.tables[sobject][record_id]
        self._undo.append((sobject, record_id, before, None))
        self._replace(sobject, record_id, None)
        gone = {"IsDeleted": True, "SystemModstamp": wire_datetime(self.clock.now())}
        self.deleted[sobject][record_id] = {**before, **gone}

    def next_id(self, sobject: str) -> str:
        """A new id; never given twice."""
        while True:
            self._ids[sobject] += 1
            found = new_id(sobject, self._ids[sobject])
            if found not in self.tables[sobject] and found not in self.deleted[sobject]:
                return found

    def next_number(self, sobject: str, field: FieldType) -> str:
        """The next auto number of a field. Like Salesforce's, a number that was rolled back leaves a gap."""
        key = (sobject, field.name)
        self._numbers[key] = self._numbers.get(key, 0) + 1
        return (field.auto_number or "{}").format(self._numbers[key])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that happens inside happens, or nothing: any exception undoes it and goes on. May be nested."""
        mark = len(self._undo)
        self._depth += 1
        try:
            yield
        except BaseException:
            while len(self._undo) > mark:
                self._step_back(*self._undo.pop())
            raise
        finally:
            self._depth -= 1
            if not self._depth:
                self._undo.clear()

    def _step_back(self, sobject: str, record_id: str, before: Record | None, deleted: Record | None) -> None:
        self._replace(sobject, record_id, before)
        if deleted is None:
            self.deleted[sobject].pop(record_id, None)
        else:
            self.deleted[sobject][record_id] = deleted

    def _replace(self, sobject: str, record_id: str, record: Record | None) -> None:
        table = self.tables[sobject]
        before = table.get(record_id)
        for field in self._indexed[sobject]:
            old = None if before is None else before[field.name]
            new = None if record is None else record[field.name]
            if old != new:
                self._reindex(sobject, field, record_id, old, new)
        if record is None:
            table.pop(record_id, None)
        else:
            table[record_id] = record

    def _reindex(self, sobject: str, field: FieldType, record_id: str, old: Any, new: Any) -> None:
        index = self._indexes[sobject][field.name]
        if old is not None:
            index[field.key(old)].pop(record_id, None)
        if new is not None:
            index[field.key(new)][record_id] = None

    def _complete(self, described: ObjectType, record: Record, stamp: str) -> None:
        """Fill in what the org itself gives to a loaded record."""
        record["Id"] = record["Id"] or self.next_id(described.name)
        created = record["CreatedDate"] or stamp
        record["CreatedDate"] = created
        record["LastModifiedDate"] = record["LastModifiedDate"] or created
        record["SystemModstamp"] = record["SystemModstamp"] or record["LastModifiedDate"]
        record["CreatedById"] = record["CreatedById"] or AUTOMATED_USER_ID
        record["LastModifiedById"] = record["LastModifiedById"] or record["CreatedById"]
        for field in described.fields.values():
            if field.auto_number:
                self._number(described.name, field, record)
        complete = _COMPLETE.get(described.name)
        if complete:
            complete(self, record)

    def _number(self, sobject: str, field: FieldType, record: Record) -> None:
        """Take a given number into account, or give one."""
        given = record[field.name]
        if given is None:
            record[field.name] = self.next_number(sobject, field)
            return
        digits = "".join(char for char in given if char.isdigit())
        key = (sobject, field.name)
        self._numbers[key] = max(self._numbers.get(key, 0), int(digits or 0))

    def _refuse_taken(self, described: ObjectType, record: Record) -> None:
        if record["Id"] in self.tables[described.name]:
            raise ValueError(f"{described.name} {record['Id']} is there already")
        for field in self._indexed[described.name]:
            if field.unique and self.ids_by(described.name, field, record[field.name]):
                raise ValueError(f"{described.name}.{field.name} {record[field.name]} is there already")

    def _roll_up_loaded(self, item: Record) -> None:
        order = self.get("Order", item["OrderId"])
        if order:
            self.put("Order", {**order, "TotalAmount": order["TotalAmount"] + item["TotalPrice"]})


def _normalise(record: Record, amounts: list[str], moments: list[str]) -> None:
    """Numbers become floats and moments the wire's own form."""
    for name in amounts:
        if record[name] is not None:
            record[name] = float(record[name])
    for name in moments:
        value = record[name]
        if value is not None and not value.endswith(_STAMP_END):
            record[name] = wire_datetime(parse_datetime(value))


def _complete_order(store: SalesforceStore, record: Record) -> None:
    record["StatusCode"] = store.schema.order_statuses()[record["Status"]]
    record["TotalAmount"] = 0.0


def _complete_item(store: SalesforceStore, record: Record) -> None:
    entry = store.get("PricebookEntry", record["PricebookEntryId"])
    if entry:
        record["Product2Id"] = record["Product2Id"] or entry["Product2Id"]
        record["ListPrice"] = entry["UnitPrice"] if record["ListPrice"] is None else record["ListPrice"]
    record["TotalPrice"] = float((record["Quantity"] or 0) * (record["UnitPrice"] or 0))


def _complete_contact(_: SalesforceStore, record: Record) -> None:
    record["Name"] = record["Name"] or " ".join(filter(None, (record["FirstName"], record["LastName"])))


_COMPLETE = {"Order": _complete_order, "OrderItem": _complete_item, "Contact": _complete_contact}
