"""The sObject resources: create, read, change, delete and upsert single records over the wire.

Source: salesforce-api.md 2.4 and 2.6.
"""

import hashlib
import json
import re
from dataclasses import replace
from typing import Any

from console.sandbox.metadata import ObjectType
from console.sandbox.salesforce_access import Access
from console.sandbox.salesforce_calls import (
    CREATED,
    MULTIPLE,
    NO_CONTENT,
    NOT_MODIFIED,
    OK,
    Answer,
    Call,
    refuse_changed,
    refuse_unreadable_dates,
    unchanged_since,
)
from console.sandbox.salesforce_errors import SalesforceError, no_such_column
from console.sandbox.salesforce_fields import FieldType
from console.sandbox.salesforce_paths import reader
from console.sandbox.salesforce_query import attributes
from console.sandbox.salesforce_records import Records
from console.sandbox.salesforce_store import Record
from console.sandbox.salesforce_times import http_date, parse_datetime

# Entity tags work on this object only, and are silently ignored on every other one.
_TAGGED = "Account"
_ALLOW_SAVE = re.compile(r"allowSave\s*=\s*true", re.IGNORECASE)


class Rows:
    """Handlers of `sobjects/X`, `sobjects/X/{id}` and `sobjects/X/{field}/{value}`."""

    def __init__(self, records: Records) -> None:
        """Work on `records`."""
        self._records = records

    def create(self, call: Call) -> Answer:
        """POST: 201 with the new id."""
        refuse_unreadable_dates(call)
        described = self._records.object_for(call.names["sobject"], "create", call.access)
        record_id = self._created(call, described, call.record_body())
        location = {"Location": f"{call.data_path}/sobjects/{described.name}/{record_id}"}
        return Answer(CREATED, {"id": record_id, "success": True, "errors": []}, location)

    def read(self, call: Call) -> Answer:
        """GET by id: the record, or 304, or 412 where it changed."""
        described = self._records.object_for(call.names["sobject"], "read", call.access)
        record = self._records.existing(described, call.names["record_id"])
        refuse_changed(call, record)
        return _shown(call, described, record)

    def update(self, call: Call) -> Answer:
        """PATCH by id: 204, or 412 where it changed."""
        refuse_unreadable_dates(call)
        described = self._records.object_for(call.names["sobject"], "edit", call.access)
        record = self._records.existing(described, call.names["record_id"], for_write=True)
        refuse_changed(call, record)
        _refuse_other_tag(call, described, record)
        self._records.update(described, record["Id"], call.record_body(), call.access)
        return Answer(NO_CONTENT)

    def delete(self, call: Call) -> Answer:
        """DELETE by id: 204."""
        described = self._records.object_for(call.names["sobject"], "delete", call.access)
        self._records.delete(described, call.names["record_id"], call.access)
        return Answer(NO_CONTENT)

    def read_by_key(self, call: Call) -> Answer:
        """GET by external id: the record, or 300 with a url for each of several."""
        described, _, ids = self._by_key(call, "read")
        if not ids:
            raise SalesforceError("NOT_FOUND", "The requested resource does not exist")
        if len(ids) > 1:
            return _several(call, described, ids)
        # Conditions are not for rows that are named by an external id.
        return _shown(replace(call, headers={}), described, self._records.existing(described, ids[0]))

    def upsert(self, call: Call) -> Answer:
        """PATCH by external id: 201 for a new record, 200 for a changed one, 300 where several match."""
        described, field, ids = self._by_key(call, "read")
        body = call.record_body()
        if field.name.lower() in {name.lower() for name in body}:
            raise SalesforceError(
                "INVALID_FIELD",
                f"The {field.name} field should not be specified in the sobject data.",
                [field.name],
            )
        if len(ids) > 1:
            return _several(call, described, ids)
        if ids:
            self._records.object_for(described.name, "edit", call.access)
            self._records.update(described, ids[0], body, call.access)
            return Answer(OK, _saved(ids[0], created=False))
        if field.type == "id" or call.params.get("updateOnly", "").lower() == "true":
            raise SalesforceError("NOT_FOUND", "The requested resource does not exist")
        self._records.object_for(described.name, "create", call.access)
        record_id = self._created(call, described, {**body, field.name: call.names["value"]})
        return Answer(CREATED, _saved(record_id, created=True))

    def _created(self, call: Call, described: ObjectType, body: dict[str, Any]) -> str:
        """The id of a new record; a header may pass over what a duplicate rule says. Source: salesforce-api.md 2.1."""
        allowed = _ALLOW_SAVE.search(call.headers.get("sforce-duplicate-rule-header", "")) is not None
        return self._records.create(described, body, call.access, save_duplicates=allowed)

    def _by_key(self, call: Call, verb: str) -> tuple[ObjectType, FieldType, list[str]]:
        described = self._records.object_for(call.names["sobject"], verb, call.access)
        field = self._records.external_field(described, call.names["field"], call.access)
        return described, field, self._records.matches(described, field, call.names["value"])


def _saved(record_id: str, *, created: bool) -> dict[str, Any]:
    return {"id": record_id, "success": True, "errors": [], "created": created}


def _several(call: Call, described: ObjectType, ids: list[str]) -> Answer:
    return Answer(MULTIPLE, [f"{call.data_path}/sobjects/{described.name}/{one}" for one in ids])


def _shown(call: Call, described: ObjectType, record: Record) -> Answer:
    """The record with the fields that were asked for, or all that the person may see."""
    headers = {"Last-Modified": http_date(parse_datetime(record["LastModifiedDate"]))}
    if described.name == _TAGGED:
        headers["ETag"] = _tag(record)
    if unchanged_since(call, record["LastModifiedDate"]) or call.headers.get("if-none-match") == headers.get(
        "ETag", ""
    ):
        return Answer(NOT_MODIFIED, None, headers)
    fields = _asked(call.params.get("fields"), described, call.access)
    values = {field.name: reader(field)(record) for field in fields}
    return Answer(OK, {"attributes": attributes(described.name, record["Id"], call.data_path), **values}, headers)


def _asked(names: str | None, described: ObjectType, access: Access) -> list[FieldType]:
    visible = access.visible(described)
    if names is None:
        return [field for field in described.fields.values() if visible(field.name)]
    found = []
    for name in filter(None, (part.strip() for part in names.split(","))):
        field = visible(name)
        if field is None:
            raise no_such_column(name, described.name)
        found.append(field)
    asked_id = any(field.type == "id" for field in found)
    return found if asked_id else [*found, described.fields["Id"]]


def _tag(record: Record) -> str:
    return f'"{hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:32]}"'


def _refuse_other_tag(call: Call, described: ObjectType, record: Record) -> None:
    wanted = call.headers.get("if-match")
    if described.name == _TAGGED and wanted not in (None, "*", _tag(record)):
        raise SalesforceError("PRECONDITION_FAILED", "The record does not match the given entity tag.")
