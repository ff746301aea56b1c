"""What describe tells, as complete as clients that we did not write expect it."""

from typing import Any

import pytest

from tests.sandbox.salesforce_bench import DATA, Client

# What any real describe has. Source: the Salesforce object reference, DescribeSObjectResult and Field.
OBJECT_KEYS = set(
    [
        "actionOverrides",
        "activateable",
        "childRelationships",
        "compactLayoutable",
        "createable",
        "custom",
        "customSetting",
        "deepCloneable",
        "defaultImplementation",
        "deletable",
        "deprecatedAndHidden",
        "extendedBy",
        "extendsInterfaces",
        "feedEnabled",
        "fields",
        "hasSubtypes",
        "implementedBy",
        "implementsInterfaces",
        "isInterface",
        "isSubtype",
        "keyPrefix",
        "label",
        "labelPlural",
        "layoutable",
        "listviewable",
        "lookupLayoutable",
        "mergeable",
        "mruEnabled",
        "name",
        "namedLayoutInfos",
        "networkScopeFieldName",
        "queryable",
        "recordTypeInfos",
        "replicateable",
        "retrieveable",
        "searchLayoutable",
        "searchable",
        "sobjectDescribeOption",
        "supportedScopes",
        "triggerable",
        "undeletable",
        "updateable",
        "urls",
    ]
)
FIELD_KEYS = set(
    [
        "aggregatable",
        "aiPredictionField",
        "autoNumber",
        "byteLength",
        "calculated",
        "calculatedFormula",
        "cascadeDelete",
        "caseSensitive",
        "compoundFieldName",
        "controllerName",
        "createable",
        "custom",
        "defaultValue",
        "defaultValueFormula",
        "defaultedOnCreate",
        "dependentPicklist",
        "deprecatedAndHidden",
        "digits",
        "displayLocationInDecimal",
        "encrypted",
        "externalId",
        "extraTypeInfo",
        "filterable",
        "filteredLookupInfo",
        "formulaTreatNullNumberAsZero",
        "groupable",
        "highScaleNumber",
        "htmlFormatted",
        "idLookup",
        "inlineHelpText",
        "label",
        "length",
        "mask",
        "maskType",
        "name",
        "nameField",
        "namePointing",
        "nillable",
        "permissionable",
        "picklistValues",
        "polymorphicForeignKey",
        "precision",
        "queryByDistance",
        "referenceTargetField",
        "referenceTo",
        "relationshipName",
        "relationshipOrder",
        "restrictedDelete",
        "restrictedPicklist",
        "scale",
        "searchPrefilterable",
        "soapType",
        "sortable",
        "type",
        "unique",
        "updateable",
        "writeRequiresMasterRead",
    ]
)


@pytest.fixture
def order(admin: Client) -> dict[str, Any]:
    found: dict[str, Any] = admin.call("GET", "sobjects/Order/describe").json()
    return found


def test_an_object_and_its_fields_have_every_usual_key(order: dict[str, Any]) -> None:
    assert order.keys() >= OBJECT_KEYS
    assert all(field.keys() == FIELD_KEYS for field in order["fields"])


def test_fields_know_what_they_are(order: dict[str, Any]) -> None:
    fields = {field["name"]: field for field in order["fields"]}
    assert fields["OrderNumber"]["nameField"] is True
    assert fields["BillingCity"]["compoundFieldName"] == "BillingAddress"
    assert fields["Status"]["picklistValues"][0].keys() == {"active", "defaultValue", "label", "validFor", "value"}
    assert (fields["Description"]["filterable"], fields["Status"]["groupable"]) == (False, True)


def test_children_say_whether_they_go_with_their_parent(order: dict[str, Any]) -> None:
    children = {one["relationshipName"]: one for one in order["childRelationships"]}
    assert (children["OrderItems"]["childSObject"], children["OrderItems"]["cascadeDelete"]) == ("OrderItem", True)
    assert (children["Tasks"]["field"], children["Tasks"]["cascadeDelete"]) == ("WhatId", True)


def test_there_is_one_record_type_that_stands_for_none(order: dict[str, Any]) -> None:
    (master,) = order["recordTypeInfos"]
    assert (master["master"], master["recordTypeId"]) == (True, "012000000000000AAA")


def test_the_global_list_has_prefixes_and_urls(admin: Client) -> None:
    found = admin.call("GET", "sobjects").json()
    objects = {one["name"]: one for one in found["sobjects"]}
    assert (found["encoding"], found["maxBatchSize"]) == ("UTF-8", 200)
    assert objects["Order"]["keyPrefix"] == "801"
    assert objects["Account"]["urls"]["rowTemplate"] == f"{DATA}/sobjects/Account/{{ID}}"
    assert "fields" not in objects["Order"]
