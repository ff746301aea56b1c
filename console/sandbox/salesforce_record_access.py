"""The rows of UserRecordAccess, which are made for the query that asks for them. Source: salesforce-api.md 3.6."""

from collections.abc import Iterator
from typing import Any

from console.sandbox.salesforce_access import Access, StaffUser, role_with
from console.sandbox.salesforce_errors import SalesforceError
from console.sandbox.salesforce_ids import long_id, object_of
from console.sandbox.salesforce_store import Record, SalesforceStore
from console.sandbox.soql import Comparison, Condition, Junction, Membership

RECORD_ACCESS = "UserRecordAccess"

_MOST_RECORDS = 200
_VERBS = {"Read": "read", "Edit": "edit", "Delete": "delete"}


def record_access_rows(where: Condition | None, store: SalesforceStore, access: Access) -> list[Record]:
    """A row for each record that `where` names, for the one person it names. Raises MALFORMED_QUERY."""
    parts = list(_parts(where))
    users, records = _named(parts, "userid"), _named(parts, "recordid")
    if len(users) != 1 or not records or len(records) > _MOST_RECORDS:
        raise SalesforceError(
            "MALFORMED_QUERY", f"UserRecordAccess needs one UserId and at most {_MOST_RECORDS} of RecordId in WHERE"
        )
    asked = _access_of(users[0], store, access)
    return [_row(store, asked, one) for one in dict.fromkeys(records)]


def _parts(where: Condition | None) -> Iterator[Condition]:
    """The conditions that all have to hold."""
    if isinstance(where, Junction) and where.every:
        yield from where.parts
    elif where is not None:
        yield where


def _named(parts: list[Condition], field: str) -> list[str]:
    """The ids that a field is compared with."""
    ids: list[str] = []
    for part in parts:
        if isinstance(part, Comparison) and part.operator == "=" and part.field.path[-1].lower() == field:
            ids.append(str(part.value.value))
        elif isinstance(part, Membership) and part.field.path[-1].lower() == field and isinstance(part.values, tuple):
            ids += [str(one.value) for one in part.values]
    return [found for one in ids if (found := long_id(one))]


def _access_of(user_id: str, store: SalesforceStore, access: Access) -> Access:
    """The rights of the person asked about, from the assigned permission sets and the profile."""
    user = store.get("User", user_id)
    if user is None or user_id == access.user.id:
        return access if user else _of_role(store, user_id, "")
    profile = store.get("Profile", user["ProfileId"])
    if profile and profile["Name"] == "System Administrator":
        return _of_role(store, user_id, "admin")
    assigned = (one for one in store.tables["PermissionSetAssignment"].values() if one["AssigneeId"] == user_id)
    names = (store.tables["PermissionSet"][one["PermissionSetId"]]["Name"] for one in assigned)
    return _of_role(store, user_id, next(filter(None, map(role_with, names)), ""))


def _of_role(store: SalesforceStore, user_id: str, role: str) -> Access:
    return Access(StaffUser(user_id, "", "", "", role, ""), store.schema)


def _row(store: SalesforceStore, access: Access, record_id: str) -> Record:
    sobject = object_of(record_id)
    there = sobject is not None and store.get(sobject, record_id) is not None
    rights = {name: there and access.may(verb, str(sobject)) for name, verb in _VERBS.items()}
    whole = there and access.profile == "System Administrator"
    rights |= {"Transfer": whole, "All": whole}
    most = next((name for name in reversed(rights) if rights[name]), "None")
    values: dict[str, Any] = {f"Has{name}Access": has for name, has in rights.items()}
    blank = store.schema.objects[RECORD_ACCESS].blank()
    return {**blank, "Id": record_id, "UserId": access.user.id, "RecordId": record_id, "MaxAccessLevel": most, **values}
