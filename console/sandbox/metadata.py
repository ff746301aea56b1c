"""What objects, fields, rules and rights the org has: the standard ones and those that we ship.

Holds descriptions only; records live in the store. Names are looked up without regard to case.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from console.paths import resources
from console.sandbox.formula import Formula
from console.sandbox.salesforce_fields import FieldType, PicklistValue, system_fields
from console.sandbox.salesforce_ids import KEY_PREFIXES
from console.sandbox.salesforce_standard import APPROVALS, STANDARD_OBJECTS

_NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
_AUTO_NUMBER = re.compile(r"(?P<before>[^{]*)\{(?P<digits>0+)\}(?P<after>.*)")
_TYPES = {
    "Text": "string",
    "LongTextArea": "textarea",
    "Checkbox": "boolean",
    "Date": "date",
    "DateTime": "datetime",
    "Lookup": "reference",
    "Number": "double",
    "Currency": "currency",
    "Picklist": "picklist",
    "Email": "email",
    "Phone": "phone",
    "Url": "url",
}


@dataclass(frozen=True)
class ValidationRule:
    """A condition that refuses a save, with the words that staff see."""

    name: str
    formula: Formula
    message: str
    error_field: str | None


@dataclass(frozen=True)
class PermissionSet:
    """What a permission set grants; fields by `Object.Field` as (readable, editable)."""

    name: str
    label: str
    objects: Mapping[str, frozenset[str]]
    fields: Mapping[str, tuple[bool, bool]]
    custom_permissions: frozenset[str]
    user_permissions: frozenset[str]


@dataclass
class ObjectType:
    """One sObject: its fields in the order of describe, and its validation rules."""

    name: str
    label: str
    plural: str
    fields: dict[str, FieldType]
    rules: list[ValidationRule] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.key_prefix = KEY_PREFIXES[self.name]
        self.written_by_org = self.name in APPROVALS
        self._canonical = {name.lower(): one for name, one in self.fields.items()}
        self._parents = {one.relationship.lower(): one for one in self.fields.values() if one.relationship}

    def field(self, name: str) -> FieldType | None:
        """The field with this name in any case, or None."""
        return self._canonical.get(name.lower())

    def parent(self, relationship: str) -> FieldType | None:
        """The reference field behind a relationship name such as `Account`, or None."""
        return self._parents.get(relationship.lower())

    def blank(self) -> dict[str, Any]:
        """A record with every stored field at its default."""
        return {one.name: one.default for one in self.fields.values() if one.type != "address"}


class Schema:
    """All objects of the org, the permission sets and the Order statuses with their category."""

    def __init__(self, objects: Iterable[ObjectType], permission_sets: Iterable[PermissionSet]) -> None:
        """Objects and permission sets by name."""
        self.objects = {one.name: one for one in objects}
        self.permission_sets = {one.name: one for one in permission_sets}
        self._canonical = {name.lower(): one for name, one in self.objects.items()}
        self._children = {
            (parent.lower(), one.child_relationship.lower()): (owner, one)
            for owner in self.objects.values()
            for one in owner.fields.values()
            if one.child_relationship
            for parent in one.reference_to
        }

    def object(self, name: str) -> ObjectType | None:
        """The object with this name in any case, or None."""
        return self._canonical.get(name.lower())

    def child(self, parent: str, relationship: str) -> tuple[ObjectType, FieldType] | None:
        """The child object and its lookup behind a relationship name such as `OrderItems`, or None."""
        return self._children.get((parent.lower(), relationship.lower()))

    def children_of(self, parent: str) -> Iterator[tuple[ObjectType, FieldType]]:
        """Each child relationship of an object."""
        return (found for (owner, _), found in self._children.items() if owner == parent.lower())

    def order_statuses(self) -> dict[str, str]:
        """Each Order status with its category, Draft or Activated. Source: salesforce-api.md 3.2."""
        return {value.name: value.group for value in self.objects["Order"].fields["Status"].values}


def load_schema(folder: Path | None = None) -> Schema:
    """The standard objects with the metadata of `salesforce` in `folder` (the shipped resources) on top.

    Raises ValueError that names the file where a formula or a field cannot be read.
    """
    root = (folder or resources()) / "salesforce" / "force-app" / "main" / "default"
    objects = [_object_type(root, name) for name in KEY_PREFIXES]
    return Schema(objects, [_permission_set(path) for path in sorted((root / "permissionsets").glob("*.xml"))])


def _object_type(root: Path, name: str) -> ObjectType:
    folder = root / "objects" / name
    described = _own_object(folder, name) if name.endswith("__c") else STANDARD_OBJECTS[name]()
    label, plural, own_fields = described
    custom = [_custom_field(path) for path in sorted((folder / "fields").glob("*.xml"))]
    status = _status_values(root) if name == "Order" else ()
    fields = {one.name: one for one in [*system_fields(), *own_fields, *custom]}
    if status:
        fields["Status"] = fields["Status"].with_values(status)
    object_type = ObjectType(name, label, plural, fields)
    object_type.rules.extend(_rules(folder, object_type))
    return object_type


def _own_object(folder: Path, name: str) -> tuple[str, str, list[FieldType]]:
    top = _root(folder / f"{name}.object-meta.xml")
    name_format = _text(top, "nameField/displayFormat")
    name_label = _text(top, "nameField/label")
    name_field = FieldType(
        "Name",
        name_label,
        "string",
        length=80,
        createable=False,
        updateable=False,
        auto_number=_auto_number(name_format),
    )
    return _text(top, "label"), _text(top, "pluralLabel"), [name_field]


def _auto_number(display_format: str) -> str:
    found = _AUTO_NUMBER.fullmatch(display_format)
    if found is None:
        raise ValueError(f"not an auto number format: {display_format}")
    return f"{found['before']}{{:0{len(found['digits'])}d}}{found['after']}"


def _custom_field(path: Path) -> FieldType:
    top = _root(path)
    kind = _text(top, "type")
    if kind not in _TYPES:
        raise ValueError(f"{path.name}: the sandbox knows no field type {kind}")
    name = _text(top, "fullName")
    required = _flag(top, "required") or kind == "Checkbox"
    values = _picklist_values(top)
    target = _text(top, "referenceTo")
    children = _text(top, "relationshipName")
    return FieldType(
        name,
        _text(top, "label"),
        _TYPES[kind],
        length=int(_text(top, "length") or 0),
        precision=int(_text(top, "precision") or 0),
        scale=int(_text(top, "scale") or 0),
        nillable=not required,
        default=_default(top, kind, values),
        unique=_flag(top, "unique"),
        case_sensitive=_flag(top, "caseSensitive"),
        external_id=_flag(top, "externalId"),
        values=values,
        restricted=_flag(top, "valueSet/restricted"),
        reference_to=(target,) if target else (),
        relationship=name.removesuffix("c") + "r" if target else None,
        child_relationship=f"{children}__r" if children else None,
        filterable=kind != "LongTextArea",
        tracked=_flag(top, "trackHistory"),
        custom=True,
    )


def _default(top: ET.Element, kind: str, values: tuple[PicklistValue, ...]) -> Any:
    if kind == "Checkbox":
        return _flag(top, "defaultValue")
    return next((value.name for value in values if value.default), None)


def _picklist_values(top: ET.Element) -> tuple[PicklistValue, ...]:
    return tuple(_picklist_value(one) for one in _all(top, "valueSet/valueSetDefinition/value"))


def _status_values(root: Path) -> tuple[PicklistValue, ...]:
    top = _root(root / "standardValueSets" / "OrderStatus.standardValueSet-meta.xml")
    return tuple(_picklist_value(one) for one in _all(top, "standardValue"))


def _picklist_value(element: ET.Element) -> PicklistValue:
    return PicklistValue(
        _text(element, "fullName"),
        _text(element, "label"),
        _flag(element, "default"),
        _text(element, "groupingString"),
    )


def _rules(folder: Path, object_type: ObjectType) -> Iterator[ValidationRule]:
    for path in sorted((folder / "validationRules").glob("*.xml")):
        top = _root(path)
        try:
            formula = Formula(_text(top, "errorConditionFormula"), object_type.field)
        except ValueError as error:
            raise ValueError(f"{path.name}: {error}") from error
        if _flag(top, "active"):
            shown_at = _text(top, "errorDisplayField") or None
            yield ValidationRule(_text(top, "fullName"), formula, _text(top, "errorMessage"), shown_at)


_VERBS = {"allowRead": "read", "allowCreate": "create", "allowEdit": "edit", "allowDelete": "delete"}


def _permission_set(path: Path) -> PermissionSet:
    top = _root(path)
    return PermissionSet(
        name=path.name.removesuffix(".permissionset-meta.xml"),
        label=_text(top, "label"),
        objects={
            _text(one, "object"): frozenset(verb for tag, verb in _VERBS.items() if _flag(one, tag))
            for one in _all(top, "objectPermissions")
        }
        | dict.fromkeys(APPROVALS, frozenset({"read"})),
        fields={
            _text(one, "field"): (_flag(one, "readable"), _flag(one, "editable"))
            for one in _all(top, "fieldPermissions")
        },
        custom_permissions=_enabled(top, "customPermissions"),
        user_permissions=_enabled(top, "userPermissions"),
    )


def _enabled(top: ET.Element, tag: str) -> frozenset[str]:
    return frozenset(_text(one, "name") for one in _all(top, tag) if _flag(one, "enabled"))


def _root(path: Path) -> ET.Element:
    try:
        return ET.parse(path).getroot()
    except ET.ParseError as error:
        raise ValueError(f"{path.name}: {error}") from error


def _path(tags: str) -> str:
    return "/".join(_NAMESPACE + tag for tag in tags.split("/"))


def _all(element: ET.Element, tags: str) -> list[ET.Element]:
    return element.findall(_path(tags))


def _text(element: ET.Element, tags: str) -> str:
    return element.findtext(_path(tags), default="").strip()


def _flag(element: ET.Element, tags: str) -> bool:
    return _text(element, tags) == "true"
