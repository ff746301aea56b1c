"""The metadata that is deployed to Salesforce is what the field map says, and what the code relies on."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from console.failure_catalogue import load_catalogue, load_customer_statuses
from console.models.staff import RIGHTS, Right, Role
from console.paths import resources

_NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
_PROJECT = resources() / "salesforce"
_SHIPPED = _PROJECT / "force-app" / "main" / "default"
_FIELD_FILES = sorted(_SHIPPED.glob("objects/*/fields/*.field-meta.xml"))
_PERMISSION_SETS = sorted(_SHIPPED.glob("permissionsets/*.permissionset-meta.xml"))
_METADATA_TYPES = {
    "text": {"Text"},
    "long_text": {"LongTextArea"},
    "checkbox": {"Checkbox"},
    "date": {"Date"},
    "datetime": {"DateTime"},
    "id": {"Lookup"},
    "number": {"Number"},
    "currency": {"Currency"},
    "picklist": {"Picklist"},
}
# Where a second record with the same value must be impossible, and is looked up by.
_KEYS = {
    "Account.Customer_Number__c",
    "Account.Whmcs_Client_Id__c",
    "Account.Portal_User_Id__c",
    "Order.Whmcs_Order_Id__c",
    "Order_Claim__c.Claim_Key__c",
}
_INDEXED = {"Order_Claim__c.Order_Id__c", "Order.Mnp_Reservation_Number__c"}
_ROLE_SETS = {
    Role.SUPPORT: "Staff_Console_Support",
    Role.BACK_OFFICE: "Staff_Console_Back_Office",
    Role.SUPERVISOR: "Staff_Console_Supervisor",
    Role.WORKER: "Staff_Console_Worker",
}


def root(file: Path) -> ET.Element:
    return ET.parse(file).getroot()


def text(element: ET.Element, path: str) -> str:
    return element.findtext("/".join(f"{_NAMESPACE}{part}" for part in path.split("/")), "")


def texts(element: ET.Element, path: str) -> list[str]:
    return [found.text or "" for found in element.findall("/".join(f"{_NAMESPACE}{part}" for part in path.split("/")))]


def field_map() -> dict[str, Any]:
    return tomllib.loads((resources() / "field_map.toml").read_text(encoding="utf-8"))


def mapped() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every custom field of the map as `Object.Field__c`."""
    tables = field_map()
    for record, sobject in tables["objects"].items():
        for spec in tables[record].values():
            if spec["field"].endswith("__c"):
                yield f"{sobject}.{spec['field']}", spec


def name_of(file: Path) -> str:
    return f"{file.parent.parent.name}.{file.name.partition('.')[0]}"


_DEPLOYED = {name_of(file): root(file) for file in _FIELD_FILES}
_MAPPED = dict(mapped())


def several(values: dict[str, str | list[str]]) -> set[str]:
    return {one for value in values.values() for one in ([value] if isinstance(value, str) else value)}


def test_the_map_and_the_deployed_fields_are_the_same_fields() -> None:
    assert set(_DEPLOYED) == set(_MAPPED)


def test_every_custom_object_of_the_map_is_deployed() -> None:
    custom = {name for name in field_map()["objects"].values() if name.endswith("__c")}
    assert custom == {file.name.partition(".")[0] for file in _SHIPPED.glob("objects/*/*.object-meta.xml")}


@pytest.mark.parametrize("name", sorted(_DEPLOYED))
def test_a_field_is_of_the_type_and_has_the_values_of_the_map(name: str) -> None:
    deployed, spec = _DEPLOYED[name], _MAPPED[name]
    assert text(deployed, "type") in _METADATA_TYPES[spec["type"]]
    values = texts(deployed, "valueSet/valueSetDefinition/value/fullName")
    assert set(values) == several(spec.get("values", {}))
    assert len(values) == len(set(values))
    assert text(deployed, "valueSet/restricted") == ("true" if values else "")


@pytest.mark.parametrize("name", sorted(_DEPLOYED))
def test_a_field_file_keeps_the_rules_of_deployment(name: str) -> None:
    """Source: salesforce-api.md 5."""
    deployed = _DEPLOYED[name]
    kind = text(deployed, "type")
    assert text(deployed, "fullName") == name.partition(".")[2]
    assert 0 < len(text(deployed, "label")) <= 40
    if kind == "Text":
        assert 0 < int(text(deployed, "length")) <= 255
    if kind == "LongTextArea":
        assert 256 <= int(text(deployed, "length")) <= 131_072
        assert int(text(deployed, "visibleLines")) > 0
    if kind == "Checkbox":
        assert text(deployed, "defaultValue") in ("true", "false")
    if kind == "Number":
        assert int(text(deployed, "precision")) <= 18
        assert text(deployed, "scale") == "0"
    if kind == "Lookup":
        assert text(deployed, "referenceTo")
        assert text(deployed, "relationshipName")


def test_what_must_be_there_once_is_a_unique_external_id_and_nothing_else_is() -> None:
    unique = {name for name, deployed in _DEPLOYED.items() if text(deployed, "unique") == "true"}
    external = {name for name, deployed in _DEPLOYED.items() if text(deployed, "externalId") == "true"}
    exact = {name for name in unique if text(_DEPLOYED[name], "caseSensitive") == "true"}
    assert unique == exact == _KEYS
    # External ids are indexed: also those by which many rows are asked for.
    assert external == _KEYS | _INDEXED


def test_the_standard_order_statuses_are_those_of_the_map_with_their_category() -> None:
    statuses = root(_SHIPPED / "standardValueSets" / "OrderStatus.standardValueSet-meta.xml")
    categories = {
        text(value, "fullName"): text(value, "groupingString") for value in statuses.iter(f"{_NAMESPACE}standardValue")
    }
    assert set(categories) == several(field_map()["order"]["state"]["values"])
    # Only a draft can be changed by everybody who may edit orders (salesforce-api.md 3.2).
    assert {name for name, category in categories.items() if category != "Draft"} == {"Activated"}


@pytest.mark.parametrize("file", _PERMISSION_SETS, ids=lambda file: str(file.name.partition(".")[0]))
def test_every_optional_field_can_be_read_with_every_permission_set(file: Path) -> None:
    granted = {text(one, "field"): text(one, "readable") for one in root(file).iter(f"{_NAMESPACE}fieldPermissions")}
    optional = {name for name, deployed in _DEPLOYED.items() if text(deployed, "required") != "true"}
    # A required field in a permission set makes the deployment fail.
    assert set(granted) == optional
    assert set(granted.values()) == {"true"}


@pytest.mark.parametrize("file", _PERMISSION_SETS, ids=lambda file: str(file.name.partition(".")[0]))
def test_every_permission_set_may_use_the_api_and_deletes_nothing(file: Path) -> None:
    top = root(file)
    assert "ApiEnabled" in texts(top, "userPermissions/name")
    for dangerous in ("allowDelete", "modifyAllRecords", "viewAllRecords"):
        assert set(texts(top, f"objectPermissions/{dangerous}")) == {"false"}
    objects = {text(one, "object"): text(one, "allowRead") for one in top.iter(f"{_NAMESPACE}objectPermissions")}
    assert {"Account", "Contact", "Order", "Product2", "Order_Claim__c"} <= set(objects)
    assert set(objects.values()) == {"true"}


def test_claims_are_made_by_those_who_provision_and_by_nobody_else() -> None:
    for role, name in _ROLE_SETS.items():
        top = root(_SHIPPED / "permissionsets" / f"{name}.permissionset-meta.xml")
        rights = {text(one, "object"): text(one, "allowCreate") for one in top.iter(f"{_NAMESPACE}objectPermissions")}
        assert rights["Order_Claim__c"] == ("true" if Right.PROVISION in RIGHTS[role] else "false"), name


def test_the_roles_have_the_custom_permissions_that_the_code_expects() -> None:
    assert {file.name.partition(".")[0] for file in _PERMISSION_SETS} == set(_ROLE_SETS.values())
    for role, name in _ROLE_SETS.items():
        top = root(_SHIPPED / "permissionsets" / f"{name}.permissionset-meta.xml")
        assert set(texts(top, "customPermissions/name")) == {right.value for right in RIGHTS[role]}, name


def test_every_right_is_a_custom_permission() -> None:
    files = _SHIPPED.glob("customPermissions/*.customPermission-meta.xml")
    assert {file.name.partition(".")[0] for file in files} == {right.value for right in Right}


@pytest.mark.parametrize("file", sorted(_SHIPPED.rglob("*.xml")), ids=lambda file: str(file.name))
def test_a_file_is_named_after_what_it_describes(file: Path) -> None:
    top = root(file)
    assert top.tag.startswith(_NAMESPACE)
    assert text(top, "fullName") in ("", file.name.partition(".")[0])
    kind = top.tag.removeprefix(_NAMESPACE).removeprefix("Custom") if "field-meta" in file.name else None
    assert kind in (None, "Field")


def length(name: str) -> int:
    return int(text(_DEPLOYED[name], "length"))


def test_what_is_written_fits_into_its_field() -> None:
    statuses = load_customer_statuses().values()
    assert max(len(status.slug) for status in statuses) <= length("Order.Customer_Status__c")
    assert max(len(status.en) for status in statuses) <= length("Order.Customer_Status_Text__c")
    assert max(len(status.ja) for status in statuses) <= length("Order.Customer_Status_Text_Ja__c")
    assert max(len(code) for code in load_catalogue()) <= length("Order.Provisioning_Error_Code__c")
    assert len("accept:801000000000000AAA:9999999999") <= length("Order_Claim__c.Claim_Key__c")
    # A process and one attempt: 32 hexadecimal digits, a dot and 16 more.
    assert length("Order_Claim__c.Holder__c") >= 32 + 1 + 16
    assert length("Order.Approved_Hash__c") >= 64
    assert length("Order_Claim__c.Hash__c") >= 64
    assert length("Order_Claim__c.Detail__c") == 255


def test_every_number_of_the_largest_id_fits() -> None:
    assert length("Order.Whmcs_Order_Id__c") >= len(str(2**31))
    assert length("Account.Whmcs_Client_Id__c") >= len(str(2**31))
    assert length("Account.Portal_User_Id__c") == 36
