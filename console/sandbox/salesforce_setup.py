"""Gives a new org what comes before business: its own row, people, permission sets, Order statuses."""

from collections.abc import Sequence

from console.sandbox.salesforce_access import permission_set_of
from console.sandbox.salesforce_store import AUTOMATED_USER_ID, Record, SalesforceStore, StaffUser

_ZONE, _LOCALE = "Asia/Tokyo", "ja_JP"
_PROFILES = ("Standard User", "System Administrator")


def set_up_org(store: SalesforceStore, users: Sequence[StaffUser]) -> None:
    """Load whatever of it is not in the store yet."""
    if not store.tables["Organization"]:
        store.load("Organization", [_organization()])
    if not store.tables["OrderStatus"]:
        store.load("OrderStatus", _order_statuses(store))
    _load_new(store, "Profile", "Name", [{"Name": name} for name in _PROFILES])
    sets = [{"Name": one.name, "Label": one.label} for one in store.schema.permission_sets.values()]
    _load_new(store, "PermissionSet", "Name", sets)
    if not store.tables["SetupEntityAccess"]:
        _load_custom_permissions(store)
    _load_people(store, users)


def _organization() -> Record:
    return {
        "Name": "Minato Telecom Services",
        "IsSandbox": True,
        "InstanceName": "JPN1",
        "OrganizationType": "Enterprise Edition",
        "TimeZoneSidKey": _ZONE,
        "DefaultLocaleSidKey": _LOCALE,
        "LanguageLocaleKey": "ja",
    }


def _order_statuses(store: SalesforceStore) -> list[Record]:
    return [
        {
            "ApiName": value.name,
            "MasterLabel": value.label,
            "SortOrder": place,
            "IsDefault": value.default,
            "StatusCode": value.group,
        }
        for place, value in enumerate(store.schema.objects["Order"].fields["Status"].values, start=1)
    ]


def _load_custom_permissions(store: SalesforceStore) -> None:
    """The custom permissions, and which permission set grants which."""
    granted = {one.name: one.custom_permissions for one in store.schema.permission_sets.values()}
    names = sorted(frozenset[str]().union(*granted.values()))
    store.load("CustomPermission", [{"DeveloperName": name, "MasterLabel": name.replace("_", " ")} for name in names])
    ids = {row["DeveloperName"]: row["Id"] for row in store.tables["CustomPermission"].values()}
    sets = {row["Name"]: row["Id"] for row in store.tables["PermissionSet"].values()}
    rows = [
        {"ParentId": sets[name], "SetupEntityId": ids[one], "SetupEntityType": "CustomPermission"}
        for name, permissions in granted.items()
        for one in sorted(permissions)
    ]
    store.load("SetupEntityAccess", rows)


def _load_new(store: SalesforceStore, sobject: str, key: str, records: list[Record]) -> None:
    known = {record[key] for record in store.tables[sobject].values()}
    store.load(sobject, [record for record in records if record[key] not in known])


def _load_people(store: SalesforceStore, users: Sequence[StaffUser]) -> None:
    profiles = {record["Name"]: record_id for record_id, record in store.tables["Profile"].items()}
    automated = {
        "Id": AUTOMATED_USER_ID,
        "Name": "Automated Process",
        "Username": "automated@org.example.com",
    }
    _load_new(store, "User", "Id", [automated, *(_user(one, profiles) for one in users)])
    sets = {record["Name"]: record_id for record_id, record in store.tables["PermissionSet"].items()}
    assigned = {(one["AssigneeId"], one["PermissionSetId"]) for one in store.tables["PermissionSetAssignment"].values()}
    granted = [(user.id, sets[name]) for user in users if (name := permission_set_of(user.role))]
    store.load(
        "PermissionSetAssignment",
        [{"AssigneeId": user, "PermissionSetId": one} for user, one in granted if (user, one) not in assigned],
    )


def _user(user: StaffUser, profiles: dict[str, str]) -> Record:
    first, _, last = user.name.rpartition(" ")
    return {
        "Id": user.id,
        "Name": user.name,
        "FirstName": first or None,
        "LastName": last,
        "Username": user.username,
        "Email": user.email,
        "ProfileId": profiles[_PROFILES[user.role == "admin"]],
        "UserType": "Standard",
        "TimeZoneSidKey": _ZONE,
        "LocaleSidKey": _LOCALE,
        "LanguageLocaleKey": user.language,
    }
