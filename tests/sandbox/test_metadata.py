"""The org's description: standard objects and the metadata that we ship."""

import re
import shutil
import tomllib
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from console.paths import resources
from console.sandbox.metadata import load_schema
from tests.sandbox.salesforce_bench import schema

SHIPPED = resources() / "salesforce" / "force-app" / "main" / "default"


def test_every_field_of_the_field_map_exists() -> None:
    field_map = tomllib.loads((resources() / "field_map.toml").read_text("utf-8"))
    for record, sobject in field_map["objects"].items():
        described = schema().object(sobject)
        assert described, sobject
        for known in field_map[record].values():
            hop, _, name = known["field"].rpartition(".")
            owner = schema().objects[described.fields[f"{hop}Id"].reference_to[0]] if hop else described
            assert owner.field(name), known["field"]


def test_a_field_takes_its_properties_from_its_file() -> None:
    key = schema().objects["Order_Claim__c"].fields["Claim_Key__c"]
    assert (key.length, key.unique, key.case_sensitive, key.external_id, key.required) == (120, True, True, True, True)
    status = schema().objects["Order"].fields["Provisioning_Status__c"]
    assert [value.name for value in status.values] == ["Created", "Activating", "Activated", "Paused"]
    assert (status.default, status.restricted, status.tracked) == ("Created", True, True)


def test_order_statuses_come_with_their_category() -> None:
    assert schema().order_statuses()["In Review"] == "Draft"
    assert schema().order_statuses()["Activated"] == "Activated"


def test_names_are_found_in_any_case() -> None:
    order = schema().object("ORDER")
    assert order
    assert order.field("whmcs_ORDER_id__C") is order.fields["Whmcs_Order_Id__c"]
    child = schema().child("order", "orderitems")
    assert child
    assert child[1].name == "OrderId"


def test_every_shipped_rule_is_active_here() -> None:
    files = sorted(path.name.partition(".")[0] for path in SHIPPED.glob("objects/*/validationRules/*.xml"))
    rules = sorted(rule.name for described in schema().objects.values() for rule in described.rules)
    assert rules == files


def test_permission_sets_name_only_what_exists() -> None:
    custom = {path.name.partition(".")[0] for path in SHIPPED.glob("customPermissions/*.xml")}
    for granted in schema().permission_sets.values():
        assert granted.custom_permissions <= custom
        for name in granted.fields:
            sobject, _, field = name.partition(".")
            assert field in schema().objects[sobject].fields, name


def test_a_formula_that_cannot_be_read_names_its_file(tmp_path: Path) -> None:
    shutil.copytree(resources() / "salesforce", tmp_path / "salesforce")
    rule = next((tmp_path / "salesforce").rglob("Four_Eyes*"))
    rule.write_text(re.sub(r"AND\(", "XAND(", rule.read_text("utf-8")), "utf-8")
    with pytest.raises(ValueError, match="Four_Eyes"):
        load_schema(tmp_path)


def test_an_unknown_field_type_names_its_file(tmp_path: Path) -> None:
    shutil.copytree(resources() / "salesforce", tmp_path / "salesforce")
    field = next((tmp_path / "salesforce").rglob("Esim_Eid__c*"))
    top = ET.parse(field)
    kind = top.getroot().find("{*}type")
    assert kind is not None
    kind.text = "Location"
    top.write(field)
    with pytest.raises(ValueError, match="Esim_Eid__c"):
        load_schema(tmp_path)
