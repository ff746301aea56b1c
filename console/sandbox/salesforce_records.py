"""Creates, changes and deletes records as a person: rights, values, Salesforce's rules and ours.

Each change happens whole or not at all. Speaks no HTTP.
"""

from typing import Any

from console.sandbox.formula import Save
from console.sandbox.metadata import ObjectType
from console.sandbox.salesforce_access import Access
from console.sandbox.salesforce_addresses import refuse_unlisted
from console.sandbox.salesforce_approvals import Lock
from console.sandbox.salesforce_errors import SalesforceError, no_such_column, no_such_resource
from console.sandbox.salesforce_fields import FieldType
from console.sandbox.salesforce_ids import KEY_PREFIXES, long_id
from console.sandbox.salesforce_locks import RowLocks
from console.sandbox.salesforce_orders import OrderRules
from console.sandbox.salesforce_standard import CASCADES
from console.sandbox.salesforce_store import Record, SalesforceStore
from console.sandbox.salesforce_switches import OrgSwitches
from console.sandbox.salesforce_times import wire_datetime
from console.sandbox.salesforce_values import stored


class Records:
    """The records of the org as they can be changed over the API."""

    def __init__(self, store: SalesforceStore, refuse_locked: Lock, locks: RowLocks, switches: OrgSwitches) -> None:
        """Work on `store`; `refuse_locked` raises for a record that is in an approval, `locks` for one that is held."""
        self._switches = switches
        self._store = store
        self._refuse_locked = refuse_locked
        self._locks = locks
        self._orders = OrderRules(store)

    def object_for(self, name: str, verb: str, access: Access) -> ObjectType:
        """The object with this name, to `read`, `create`, `edit` or `delete`. Raises SalesforceError."""
        described = self._store.schema.object(name)
        if described is None or not access.may("read", described.name):
            raise no_such_resource()
        if not access.may(verb, described.name) or (verb != "read" and described.written_by_org):
            raise SalesforceError("INSUFFICIENT_ACCESS_OR_READONLY", f"insufficient access rights on {described.name}")
        return described

    def existing(self, described: ObjectType, record_id: str, *, for_write: bool = False) -> Record:
        """A record by its 15- or 18-character id. Raises a 404, whose code depends on the purpose."""
        wanted = long_id(record_id)
        if wanted is None:
            raise SalesforceError(
                "MALFORMED_ID", f"{described.name} ID: id value of incorrect type: {record_id}", ["Id"]
            )
        found = self._store.get(described.name, wanted)
        if found is not None:
            return found
        if wanted in self._store.deleted[described.name]:
            raise SalesforceError("ENTITY_IS_DELETED", "entity is deleted")
        if for_write:
            raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", status=404)
        raise SalesforceError("NOT_FOUND", "Provided external ID field does not exist or is not accessible: Id")

    def create(
        self, described: ObjectType, body: dict[str, Any], access: Access, *, save_duplicates: bool = False
    ) -> str:
        """Insert a record; returns its id. `save_duplicates` passes duplicate rules over. Raises SalesforceError."""
        values = self._values(described, body, access, creating=True)
        record = {**described.blank(), **values}
        if not save_duplicates:
            self._refuse_similar(described, record)
        _refuse_missing([one for one in described.fields.values() if one.required and record[one.name] is None])
        with self._store.transaction():
            record["Id"] = self._store.next_id(described.name)
            self._take_locks(described, record)
            self._number(described, record)
            self._stamp(record, access, new=True)
            self._complete(described, None, record, values, access)
            self._save(described, None, record, access)
        return str(record["Id"])

    def update(self, described: ObjectType, record_id: str, body: dict[str, Any], access: Access) -> None:
        """Change fields of a record; what the body leaves out stays. Raises SalesforceError."""
        before = self.existing(described, record_id, for_write=True)
        self._take_locks(described, before)
        self._refuse_locked(before["Id"], access)
        values = self._values(described, body, access, creating=False)
        _refuse_missing(
            [
                described.fields[name]
                for name, value in values.items()
                if value is None and not described.fields[name].nillable
            ]
        )
        with self._store.transaction():
            record = {**before, **values}
            self._stamp(record, access, new=False)
            self._complete(described, before, record, values, access)
            self._save(described, before, record, access)

    def delete(self, described: ObjectType, record_id: str, access: Access) -> None:
        """Delete a record with what belongs to it. Raises DELETE_FAILED where others refer to it."""
        record = self.existing(described, record_id, for_write=True)
        self._take_locks(described, record)
        self._refuse_locked(record["Id"], access)
        with self._store.transaction():
            if described.name == "Order":
                self._orders.deleted_order(record)
            if described.name == "OrderItem":
                self._orders.deleted_item(record)
            self._remove(described, record)
            if described.name == "OrderItem":
                self._orders.roll_up(record["OrderId"], access.user.id)

    def _take_locks(self, described: ObjectType, record: Record) -> None:
        """Lock the record, and with an item its order, whose total follows."""
        self._locks.take(record["Id"], record["OrderId"] if described.name == "OrderItem" else None)

    def external_field(self, described: ObjectType, name: str, access: Access) -> FieldType:
        """A field that may name a record in a path. Raises NOT_FOUND for any other."""
        field = access.visible(described)(name)
        if field is None or not (field.external_id or field.id_lookup):
            raise SalesforceError(
                "NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {name}"
            )
        return field

    def matches(self, described: ObjectType, field: FieldType, value: str) -> list[str]:
        """Ids of the records with this external id."""
        return self._store.ids_by(described.name, field, long_id(value) if field.type == "id" else value)

    def _values(self, described: ObjectType, body: dict[str, Any], access: Access, *, creating: bool) -> Record:
        """The body's fields by their canonical names, as the store keeps them."""
        if any(name.lower() == "id" for name in body):
            raise SalesforceError("INVALID_FIELD", "The Id field should not be specified in the sobject data.", ["Id"])
        visible = access.visible(described)
        values: Record = {}
        for given_name, given in body.items():
            if given_name == "attributes":
                continue
            name, value = self._by_external_id(described, given_name, given, access)
            field = visible(name)
            if field is None:
                raise no_such_column(name, described.name)
            _refuse_read_only(described, field, access, creating=creating)
            values[field.name] = stored(field, value)
            self._refuse_dangling(field, values[field.name])
        return values

    def _by_external_id(self, described: ObjectType, relationship: str, given: Any, access: Access) -> tuple[str, Any]:
        """`{"Account": {"Customer_Number__c": "C-1"}}` as the lookup and the id meant; all else as given."""
        if not isinstance(given, dict):
            return relationship, given
        lookup = described.parent(relationship)
        named = {name: value for name, value in given.items() if name != "attributes"}
        if lookup is None or len(named) != 1:
            raise no_such_column(relationship, described.name)
        ((name, value),) = named.items()
        target = self._store.schema.objects[lookup.reference_to[0]]
        field = self.external_field(target, name, access)
        ids = self.matches(target, field, value) if isinstance(value, str) else []
        if len(ids) != 1:
            raise SalesforceError(
                "INVALID_FIELD",
                f"Foreign key external ID: {value} not found for field {field.name} in entity {target.name}",
            )
        return lookup.name, ids[0]

    def _refuse_dangling(self, field: FieldType, value: Any) -> None:
        if field.type != "reference" or value is None:
            return
        target = next(one for one in field.reference_to if KEY_PREFIXES[one] == value[:3])
        if self._store.get(target, value) is None:
            raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [field.name])

    def _number(self, described: ObjectType, record: Record) -> None:
        for field in described.fields.values():
            if field.auto_number:
                record[field.name] = self._store.next_number(described.name, field)

    def _stamp(self, record: Record, access: Access, *, new: bool) -> None:
        stamp = wire_datetime(self._store.clock.now())
        record.update(LastModifiedDate=stamp, SystemModstamp=stamp, LastModifiedById=access.user.id)
        if new:
            record.update(CreatedDate=stamp, CreatedById=access.user.id)
            if "OwnerId" in record:
                record["OwnerId"] = record["OwnerId"] or access.user.id

    def _complete(
        self, described: ObjectType, before: Record | None, record: Record, values: Record, access: Access
    ) -> None:
        """Salesforce's own rules of an object, before the validation rules see the record."""
        if self._switches.address_picklists:
            refuse_unlisted(described, values)
        if described.name == "Contact":
            record["Name"] = " ".join(filter(None, (record["FirstName"], record["LastName"])))
        elif described.name == "PricebookEntry" and before is None:
            self._new_price(record)
        elif described.name == "Order":
            if before is None:
                self._orders.new_order(record)
            else:
                self._orders.changed_order(before, record, values, access)
        elif described.name == "OrderItem":
            if before is None:
                self._orders.new_item(record)
            else:
                self._orders.changed_item(record)

    def _new_price(self, entry: Record) -> None:
        """The standard price comes first; the entry shows its product's name and code."""
        book = self._store.tables["Pricebook2"][entry["Pricebook2Id"]]
        lookup = self._store.schema.objects["PricebookEntry"].fields["Product2Id"]
        others = self._store.ids_by("PricebookEntry", lookup, entry["Product2Id"])
        books = {self._store.tables["PricebookEntry"][one]["Pricebook2Id"] for one in others}
        if not book["IsStandard"] and not any(self._store.tables["Pricebook2"][one]["IsStandard"] for one in books):
            raise SalesforceError(
                "STANDARD_PRICE_NOT_DEFINED", "Before creating a custom price, create a standard price."
            )
        product = self._store.tables["Product2"][entry["Product2Id"]]
        entry.update(Name=product["Name"], ProductCode=product["ProductCode"])

    def _save(self, described: ObjectType, before: Record | None, record: Record, access: Access) -> None:
        self._validate(described, before, record, access)
        self._refuse_duplicate(described, record)
        self._store.put(described.name, record)
        if described.name == "Order":
            self._orders.keep_history(before, record)
        if described.name == "OrderItem":
            self._orders.roll_up(record["OrderId"], access.user.id)

    def _validate(self, described: ObjectType, before: Record | None, record: Record, access: Access) -> None:
        save = Save(record, before, access.user.id, access.profile, access.custom_permissions)
        for rule in described.rules:
            if rule.formula.holds(save):
                fields = [rule.error_field] if rule.error_field else []
                raise SalesforceError("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.message, fields)

    def _refuse_duplicate(self, described: ObjectType, record: Record) -> None:
        """The unique index decides. Source: salesforce-api.md 2.7 B."""
        for field in described.fields.values():
            holders = self._store.ids_by(described.name, field, record[field.name]) if field.unique else []
            holder = next((one for one in holders if one != record["Id"]), None)
            if holder:
                message = f"duplicate value found: {field.name} duplicates value on record with id: {holder}"
                raise SalesforceError("DUPLICATE_VALUE", message, [])

    def _refuse_similar(self, described: ObjectType, record: Record) -> None:
        """What a duplicate rule does: somebody of this name is there already. Source: salesforce-api.md 2.8."""
        if described.name not in self._switches.duplicate_rules:
            return
        named = "LastName" if described.name == "Contact" else "Name"
        wanted = str(record[named]).casefold()
        if any(str(one[named]).casefold() == wanted for one in self._store.tables[described.name].values()):
            raise SalesforceError("DUPLICATES_DETECTED", "Use one of these records?")

    def _remove(self, described: ObjectType, record: Record) -> None:
        for child, lookup in self._referring(described):
            for child_id in self._store.ids_by(child.name, lookup, record["Id"]):
                if (described.name, child.name) not in CASCADES:
                    raise SalesforceError(
                        "DELETE_FAILED", f"{record['Id']} cannot be deleted: {child_id} refers to it."
                    )
                self._remove(child, self._store.tables[child.name][child_id])
        self._store.remove(described.name, record["Id"])

    def _referring(self, described: ObjectType) -> list[tuple[ObjectType, FieldType]]:
        return [
            (child, field)
            for child in self._store.schema.objects.values()
            for field in child.fields.values()
            if described.name in field.reference_to
        ]


def _refuse_missing(missing: list[FieldType]) -> None:
    names = [field.name for field in missing]
    if names:
        raise SalesforceError("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(names)}]", names)


def _refuse_read_only(described: ObjectType, field: FieldType, access: Access, *, creating: bool) -> None:
    writable = field.createable if creating else field.updateable
    if not writable or not access.writes(described, field):
        raise SalesforceError(
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            f"Unable to create/update fields: {field.name}. Please check the security settings of this field "
            "and verify that it is read/write for your profile or permission set.",
            [field.name],
        )
