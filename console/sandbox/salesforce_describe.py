"""Describes the org's objects as one person may use them. Source: salesforce-api.md 2.4 and 3.6."""

from typing import Any

from console.sandbox.metadata import ObjectType, Schema
from console.sandbox.salesforce_access import Access
from console.sandbox.salesforce_fields import FieldType

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


def describe_global(schema: Schema, access: Access, data_path: str) -> dict[str, Any]:
    """Every object that the person may read."""
    objects = [_summary(one, access, data_path) for one in schema.objects.values() if access.may("read", one.name)]
    return {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects}


def describe(schema: Schema, described: ObjectType, access: Access, data_path: str) -> dict[str, Any]:
    """One object with the fields that the person may see."""
    children = [
        {
            "cascadeDelete": False,
            "childSObject": child.name,
            "field": field.name,
            "relationshipName": field.child_relationship,
            "restrictedDelete": False,
        }
        for child, field in schema.children_of(described.name)
    ]
    fields = [_field(described, field, access) for field in described.fields.values() if access.reads(described, field)]
    return {
        **_summary(described, access, data_path),
        "childRelationships": children,
        "fields": fields,
        "recordTypeInfos": [],
        "supportedScopes": [],
    }


def basic(described: ObjectType, access: Access, data_path: str) -> dict[str, Any]:
    """What `sobjects/X` answers: the object's summary, and no recent items."""
    return {"objectDescribe": _summary(described, access, data_path), "recentItems": []}


def _summary(described: ObjectType, access: Access, data_path: str) -> dict[str, Any]:
    url = f"{data_path}/sobjects/{described.name}"
    return {
        "name": described.name,
        "label": described.label,
        "labelPlural": described.plural,
        "keyPrefix": described.key_prefix,
        "custom": described.name.endswith("__c"),
        "createable": access.may("create", described.name),
        "updateable": access.may("edit", described.name),
        "deletable": access.may("delete", described.name),
        "queryable": True,
        "retrieveable": True,
        "searchable": False,
        "undeletable": False,
        "urls": {"sobject": url, "describe": f"{url}/describe", "rowTemplate": f"{url}/{{ID}}"},
    }


def _field(described: ObjectType, field: FieldType, access: Access) -> dict[str, Any]:
    writable = access.writes(described, field)
    values = [
        {"active": True, "defaultValue": one.default, "label": one.label, "validFor": None, "value": one.name}
        for one in field.values
    ]
    return {
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
        "unique": field.unique,
        "caseSensitive": field.case_sensitive,
        "externalId": field.external_id,
        "idLookup": field.id_lookup or field.external_id,
        "autoNumber": field.auto_number is not None,
        "calculated": False,
        "defaultValue": field.default,
        "defaultedOnCreate": field.default is not None or not (field.createable or field.nillable),
        "filterable": field.filterable,
        "sortable": field.filterable,
        "groupable": field.filterable and field.type not in ("double", "currency", "datetime"),
        "restrictedPicklist": field.restricted,
        "picklistValues": values,
        "referenceTo": list(field.reference_to),
        "relationshipName": field.relationship,
    }
