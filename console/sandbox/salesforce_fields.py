"""What a field of an sObject is, and short ways to say it. Knows no object and no record."""

from dataclasses import dataclass, replace
from typing import Any

STRING_TYPES = frozenset({"string", "textarea", "picklist", "email", "phone", "url"})
ID_TYPES = frozenset({"id", "reference"})
NUMBER_TYPES = frozenset({"double", "currency", "int", "percent"})


@dataclass(frozen=True)
class PicklistValue:
    """A value of a picklist; `group` is the category of an Order status, else empty."""

    name: str
    label: str
    default: bool = False
    group: str = ""


@dataclass(frozen=True)
class FieldType:
    """A field as describe tells it. `relationship` leads to the parent, `child_relationship` back.

    `parts` names the fields behind a compound address; `auto_number` formats a number that the org gives.
    """

    name: str
    label: str
    type: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    nillable: bool = True
    default: Any = None
    createable: bool = True
    updateable: bool = True
    unique: bool = False
    case_sensitive: bool = False
    external_id: bool = False
    id_lookup: bool = False
    values: tuple[PicklistValue, ...] = ()
    restricted: bool = False
    reference_to: tuple[str, ...] = ()
    relationship: str | None = None
    child_relationship: str | None = None
    filterable: bool = True
    tracked: bool = False
    custom: bool = False
    parts: tuple[tuple[str, str], ...] = ()
    auto_number: str | None = None

    @property
    def required(self) -> bool:
        """Whether a create without a value is refused."""
        return not self.nillable and self.createable and self.default is None

    @property
    def indexed(self) -> bool:
        """Whether the store keeps an index on it."""
        return self.unique or self.external_id or self.id_lookup or self.type == "reference"

    def key(self, value: Any) -> Any:
        """The form in which two values of this field are the same. Source: salesforce-api.md 2.2."""
        if self.type in ID_TYPES or self.case_sensitive or not isinstance(value, str):
            return value
        return value.casefold()

    def with_values(self, values: tuple[PicklistValue, ...]) -> "FieldType":
        """The same picklist with other values and their default."""
        return replace(self, values=values, default=next((value.name for value in values if value.default), None))


def text(name: str, length: int = 255, **more: Any) -> FieldType:
    """A one-line text."""
    return FieldType(name, label_of(name), more.pop("type", "string"), length=length, **more)


def required_text(name: str, length: int = 255, **more: Any) -> FieldType:
    """A one-line text that may not be empty."""
    return text(name, length, nillable=False, **more)


def checkbox(name: str, default: bool = False, **more: Any) -> FieldType:
    """A checkbox; never null."""
    return FieldType(name, label_of(name), "boolean", nillable=False, default=default, **more)


def moment(name: str, kind: str = "datetime", **more: Any) -> FieldType:
    """A date and time, or with `kind` "date" a date."""
    return FieldType(name, label_of(name), kind, **more)


def money(name: str, **more: Any) -> FieldType:
    """An amount in the org's currency."""
    return FieldType(name, label_of(name), "currency", precision=18, scale=2, **more)


def lookup(name: str, target: str, children: str | None = None, **more: Any) -> FieldType:
    """A reference to a record of `target`; `children` is the relationship back."""
    hop = name.removesuffix("Id")
    return FieldType(
        name,
        label_of(hop),
        "reference",
        length=18,
        reference_to=(target,),
        relationship=hop,
        child_relationship=children,
        **more,
    )


def picklist(name: str, values: tuple[str, ...] = (), **more: Any) -> FieldType:
    """A picklist; the values of standard ones are suggestions unless `restricted`."""
    return FieldType(
        name,
        label_of(name),
        "picklist",
        length=255,
        values=tuple(PicklistValue(one, one) for one in values),
        **more,
    )


def address(prefix: str) -> list[FieldType]:
    """The parts of an address and the read-only compound over them. Source: salesforce-api.md 3.1."""
    lengths = {"Street": 255, "City": 40, "State": 80, "PostalCode": 20, "Country": 80}
    parts = [
        text(f"{prefix}{part}", length, type="textarea" if part == "Street" else "string")
        for part, length in lengths.items()
    ]
    keys = tuple((part[0].lower() + part[1:], f"{prefix}{part}") for part in lengths)
    name = f"{prefix}Address"
    return [*parts, FieldType(name, label_of(name), "address", filterable=False, parts=keys, **READ_ONLY)]


def label_of(name: str) -> str:
    """Words from a name in camel case."""
    return "".join(f" {char}" if char.isupper() and place else char for place, char in enumerate(name))


READ_ONLY: dict[str, Any] = {"createable": False, "updateable": False}


def system_fields() -> list[FieldType]:
    """What every object has. Source: salesforce-api.md 3.1."""
    stamp: dict[str, Any] = {"nillable": False, **READ_ONLY}
    return [
        FieldType("Id", "Record ID", "id", length=18, nillable=False, id_lookup=True, **READ_ONLY),
        FieldType("IsDeleted", "Deleted", "boolean", nillable=False, default=False, **READ_ONLY),
        moment("CreatedDate", **stamp),
        lookup("CreatedById", "User", **stamp),
        moment("LastModifiedDate", **stamp),
        lookup("LastModifiedById", "User", **stamp),
        moment("SystemModstamp", **stamp),
    ]
