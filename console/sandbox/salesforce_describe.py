"""Describes the org's objects as one person may use them. Source: salesforce-api.md 2.4 and 3.6."""

from typing import Any

from console.sandbox.metadata import ObjectType, Schema
from console.sandbox.salesforce_access import Access
from console.sandbox.salesforce_aggregates import NOT_GROUPED
from console.sandbox.salesforce_fields import FieldType, PicklistValue
from console.sandbox.salesforce_standard import CASCADES, SEARCHABLE

_BYTES_PER_CHARACTER = 3
_SOAP_TYPES = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "double": "xsd:double",
    "currency": "xsd:double",
    "int": "xsd:int",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "address": "urn:address",
}
_VERBS = ("create", "edit", "delete")
_MASTER_RECORD_TYPE = "012000000000000AAA"

# What a real describe tells beside, and what is always the same in this org.
_NOT_HERE = (
    "activateable",
    "customSetting",
    "deepCloneable",
    "deprecatedAndHidden",
    "feedEnabled",
    "hasSubtypes",
    "isInterface",
    "isSubtype",
    "mergeable",
)
_NEVER_FILLED: dict[str, Any] = {
    "actionOverrides": [],
    "defaultImplementation": None,
    "extendedBy": None,
    "extendsInterfaces": None,
    "implementedBy": None,
    "implementsInterfaces": None,
    "namedLayoutInfos": [],
    "networkScopeFieldName": None,
}
_NO_FIELD_HAS: dict[str, Any] = {
    **dict.fromkeys(
        (
            "aiPredictionField",
            "calculated",
            "cascadeDelete",
            "dependentPicklist",
            "deprecatedAndHidden",
            "displayLocationInDecimal",
            "encrypted",
            "formulaTreatNullNumberAsZero",
            "highScaleNumber",
            "htmlFormatted",
            "namePointing",
            "queryByDistance",
            "restrictedDelete",
            "searchPrefilterable",
            "writeRequiresMasterRead",
        ),
        False,
    ),
    **dict.fromkeys(
        (
            "calculatedFormula",
            "controllerName",
            "defaultValueFormula",
            "extraTypeInfo",
            "filteredLookupInfo",
            "inlineHelpText",
            "mask",
            "maskType",
            "referenceTargetField",
            "relationshipOrder",
        ),
    ),
    "digits": 0,
}


def describe_global(schema: Schema, access: Access, data_path: str) -> dict[str, Any]:
    """Every object that the person may read."""
    objects = [_summary(one, access, data_path) for one in schema.objects.values() if access.may("read", one.name)]
    return {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects}


def describe(schema: Schema, described: ObjectType, access: Access, data_path: str) -> dict[str, Any]:
    """One object with the fields that the person may see."""
    related = schema.children_of(described.name)
    children = [_child(described, child, field) for child, field in related if access.may("read", child.name)]
    fields = [_field(described, field, access) for field in described.fields.values() if access.reads(described, field)]
    return {
        **_summary(described, access, data_path),
        **_NEVER_FILLED,
        "childRelationships": children,
        "compactLayoutable": True,
        "fields": fields,
        "listviewable": None,
        "lookupLayoutable": None,
        "recordTypeInfos": [_master_record_type(f"{data_path}/sobjects/{described.name}")],
        "searchLayoutable": True,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [{"label": f"All {described.plural.lower()}", "name": "everything"}],
    }


def _child(parent: ObjectType, child: ObjectType, field: FieldType) -> dict[str, Any]:
    cascades = (parent.name, child.name) in CASCADES
    return {
        "cascadeDelete": cascades,
        "childSObject": child.name,
        "deprecatedAndHidden": False,
        "field": field.name,
        "junctionIdListNames": [],
        "junctionReferenceTo": [],
        "relationshipName": field.child_relationship,
        "restrictedDelete": not cascades,
    }


def _master_record_type(url: str) -> dict[str, Any]:
    """The one that every object has, which stands for none."""
    return {
        "active": True,
        "available": True,
        "defaultRecordTypeMapping": True,
        "developerName": "Master",
        "master": True,
        "name": "Master",
        "recordTypeId": _MASTER_RECORD_TYPE,
        "urls": {"layout": f"{url}/describe/layouts/{_MASTER_RECORD_TYPE}"},
    }


def basic(described: ObjectType, access: Access, data_path: str) -> dict[str, Any]:
    """What `sobjects/X` answers: the object's summary, and no recent items."""
    return {"objectDescribe": _summary(described, access, data_path), "recentItems": []}


def _summary(described: ObjectType, access: Access, data_path: str) -> dict[str, Any]:
    url = f"{data_path}/sobjects/{described.name}"
    may = {verb: access.may(verb, described.name) and not described.written_by_org for verb in _VERBS}
    custom = described.name.endswith("__c")
    return {
        **dict.fromkeys(_NOT_HERE, False),
        "associateEntityType": None,
        "associateParentEntity": None,
        "name": described.name,
        "label": described.label,
        "labelPlural": described.plural,
        "keyPrefix": described.key_prefix,
        "custom": custom,
        "createable": may["create"],
        "updateable": may["edit"],
        "deletable": may["delete"],
        "layoutable": custom or described.name in SEARCHABLE,
        "mruEnabled": described.name in SEARCHABLE,
        "queryable": True,
        "replicateable": True,
        "retrieveable": True,
        "searchable": described.name in SEARCHABLE,
        "triggerable": may["create"],
        "undeletable": may["delete"],
        "urls": {
            "sobject": url,
            "describe": f"{url}/describe",
            "rowTemplate": f"{url}/{{ID}}",
        },
    }


def _field(described: ObjectType, field: FieldType, access: Access) -> dict[str, Any]:
    writable = access.writes(described, field)
    return {
        **_NO_FIELD_HAS,
        "name": field.name,
        "label": field.label,
        "type": field.type,
        "soapType": _SOAP_TYPES.get(field.type, "xsd:string"),
        "length": field.length,
        "byteLength": field.length * _BYTES_PER_CHARACTER,
        "precision": field.precision,
        "scale": field.scale,
        "nillable": field.nillable,
        "createable": field.createable and writable,
        "updateable": field.updateable and writable,
        "custom": field.custom,
        "permissionable": field.custom and field.nillable,
        "unique": field.unique,
        "caseSensitive": field.case_sensitive,
        "externalId": field.external_id,
        "idLookup": field.id_lookup or field.external_id,
        "nameField": field.name == "Name" or (described.name, field.name) == ("Order", "OrderNumber"),
        "compoundFieldName": _compound_of(described, field),
        "autoNumber": field.auto_number is not None,
        "defaultValue": field.default,
        "defaultedOnCreate": field.default is not None or not (field.createable or field.nillable),
        **_use_in_queries(field),
        "restrictedPicklist": field.restricted,
        "picklistValues": [_picklist_value(one) for one in field.values],
        "polymorphicForeignKey": len(field.reference_to) > 1,
        "referenceTo": list(field.reference_to),
        "relationshipName": field.relationship,
    }


def _use_in_queries(field: FieldType) -> dict[str, Any]:
    return {
        "aggregatable": field.filterable and field.type != "boolean",
        "filterable": field.filterable,
        "groupable": field.filterable and field.type not in NOT_GROUPED,
        "sortable": field.filterable,
    }


def _picklist_value(value: PicklistValue) -> dict[str, Any]:
    return {
        "active": True,
        "defaultValue": value.default,
        "label": value.label,
        "validFor": None,
        "value": value.name,
    }


def _compound_of(described: ObjectType, field: FieldType) -> str | None:
    """The compound field that this one is a part of."""
    compounds = (one.name for one in described.fields.values() if field.name in {part for _, part in one.parts})
    return next(compounds, None)
