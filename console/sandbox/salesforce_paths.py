"""Finds what a name in a query means: an object or a field, as far as the person may see it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from console.sandbox.metadata import ObjectType
from console.sandbox.salesforce_access import Access
from console.sandbox.salesforce_errors import SalesforceError
from console.sandbox.salesforce_fields import FieldType
from console.sandbox.salesforce_store import Record, SalesforceStore
from console.sandbox.soql import Name

_MOST_HOPS = 5


@dataclass(frozen=True)
class FieldPath:
    """A field reached over `hops`; `read` gives its value for a record where the path starts."""

    field: FieldType
    hops: tuple[FieldType, ...]
    read: Callable[[Record], Any]


class Names:
    """Resolves names for one person."""

    def __init__(self, store: SalesforceStore, access: Access) -> None:
        """Look into the store's schema; what `access` may not read is not there."""
        self._store = store
        self._access = access

    def object(self, name: str) -> ObjectType:
        """The object with this name. Raises INVALID_TYPE for an unknown or unreadable one."""
        found = self._store.schema.object(name)
        if found is None or not self._access.may("read", found.name):
            raise SalesforceError(
                "INVALID_TYPE",
                f"sObject type '{name}' is not supported. If you are attempting to use a custom object, "
                "be sure to append the '__c' after the entity name.",
            )
        return found

    def child(self, parent: ObjectType, relationship: Name) -> tuple[ObjectType, FieldType]:
        """The child object and its lookup. Raises INVALID_TYPE."""
        found = self._store.schema.child(parent.name, relationship.text)
        if found is None or not self._access.may("read", found[0].name):
            raise SalesforceError(
                "INVALID_TYPE",
                f"Didn't understand relationship '{relationship.text}' in FROM part of query call.",
            )
        return found

    def visible(self, described: ObjectType) -> Callable[[str], FieldType | None]:
        """Finds the fields of an object that the person may read."""
        return self._access.visible(described)

    def path(self, start: ObjectType, alias: str | None, name: Name) -> FieldPath:
        """A field of `start` or of its parents. Raises INVALID_FIELD that names the column."""
        *relationships, last = self._without_prefix(start, alias, name)
        if len(relationships) > _MOST_HOPS:
            raise SalesforceError("MALFORMED_QUERY", "SOQL relationships may not be more than 5 levels deep")
        owner, hops = start, []
        for relationship in relationships:
            hop = owner.parent(relationship)
            if hop is None or not self._readable_parent(owner, hop):
                raise _located(name, f"Didn't understand relationship '{relationship}' in field path.")
            hops.append(hop)
            owner = self._store.schema.objects[hop.reference_to[0]]
        field = self._access.visible(owner)(last)
        if field is None:
            raise _located(name, f"No such column '{last}' on entity '{owner.name}'.")
        return FieldPath(field, tuple(hops), self._over(hops, reader(field)))

    def _without_prefix(self, start: ObjectType, alias: str | None, name: Name) -> list[str]:
        parts = name.path
        prefixes = {start.name.lower(), (alias or start.name).lower()}
        return parts[1:] if len(parts) > 1 and parts[0].lower() in prefixes else parts

    def _readable_parent(self, owner: ObjectType, hop: FieldType) -> bool:
        return self._access.reads(owner, hop) and self._access.may("read", hop.reference_to[0])

    def _over(self, hops: list[FieldType], read: Callable[[Record], Any]) -> Callable[[Record], Any]:
        for hop in reversed(hops):
            read = self._one_hop(hop, read)
        return read

    def _one_hop(self, hop: FieldType, read: Callable[[Record], Any]) -> Callable[[Record], Any]:
        table, key = self._store.tables[hop.reference_to[0]], hop.name

        def over(record: Record) -> Any:
            parent = table.get(record[key])
            return None if parent is None else read(parent)

        return over


def reader(field: FieldType) -> Callable[[Record], Any]:
    """Reads a field of a record; a compound address is put together from its parts."""
    if field.type != "address":
        name = field.name
        return lambda record: record[name]

    def compound(record: Record) -> dict[str, Any] | None:
        parts = {key: record[part] for key, part in field.parts}
        no_geocode = {"latitude": None, "longitude": None, "geocodeAccuracy": None}
        return {**parts, **no_geocode} if any(parts.values()) else None

    return compound


def _located(name: Name, message: str) -> SalesforceError:
    advice = (
        "If you are attempting to use a custom field, be sure to append the '__c' after the field name. "
        "Please reference your WSDL or the describe call for the appropriate names."
    )
    return SalesforceError(
        "INVALID_FIELD",
        f"\n{name.text}\n^\nERROR at Row:{name.line}:Column:{name.column}\n{message} {advice}",
    )
