"""What Salesforce itself asks of orders and items: draft, activation, price book, totals, locks.

Source: salesforce-api.md 3.2 and 3.3.
"""

from collections.abc import Iterable
from typing import Any

from console.sandbox.salesforce_access import Access
from console.sandbox.salesforce_errors import SalesforceError
from console.sandbox.salesforce_store import Record, SalesforceStore
from console.sandbox.salesforce_times import wire_datetime

# Names of the user permissions as a permission set lists them.
ACTIVATE_ORDERS, EDIT_ACTIVATED_ORDERS = "ActivateOrder", "EditActivatedOrders"

_DRAFT, _ACTIVATED = "Draft", "Activated"


class OrderRules:
    """Checks and completes orders and items before they are saved, and keeps totals and history after."""

    def __init__(self, store: SalesforceStore) -> None:
        """Work on the store's orders."""
        self._store = store
        self._statuses = store.schema.order_statuses()
        self._tracked = [one for one in store.schema.objects["Order"].fields.values() if one.tracked]

    def new_order(self, order: Record) -> None:
        """Complete a new order, which needs an account and a Draft status. Raises SalesforceError."""
        if order["AccountId"] is None:
            raise SalesforceError("REQUIRED_FIELD_MISSING", "Select an account.")
        if self._statuses[order["Status"]] != _DRAFT:
            raise SalesforceError("FAILED_ACTIVATION", "For a new or cloned order, choose Draft", ["Status"])
        order["StatusCode"] = _DRAFT
        _check_dates(order)

    def changed_order(self, before: Record, order: Record, changed: Iterable[str], access: Access) -> None:
        """Check the change of an order and complete it, stamping an activation."""
        names = {name for name in changed if before[name] != order[name]}
        code_before, code = before["StatusCode"], self._statuses[order["Status"]]
        order["StatusCode"] = code
        if code == _ACTIVATED != code_before:
            self._activate(order, names, access)
        elif code_before == _ACTIVATED:
            self._edit_activated(names, code, access)
        if code_before != _DRAFT and "AccountId" in names:
            raise _broken("The account of an activated order cannot change.", "AccountId")
        if order["AccountId"] is None:
            raise SalesforceError("REQUIRED_FIELD_MISSING", "Select an account.")
        if "Pricebook2Id" in names and self._items(order["Id"]):
            raise _broken("The price book of an order with products cannot change.", "Pricebook2Id")
        _check_dates(order)

    def deleted_order(self, order: Record) -> None:
        """Refuse to delete an activated order."""
        if order["StatusCode"] == _ACTIVATED:
            raise SalesforceError("DELETE_FAILED", "unable to modify activated order")

    def new_item(self, item: Record) -> None:
        """Complete a new item from its price book entry. Raises SalesforceError."""
        order = self._order_of(item)
        entry = self._store.tables["PricebookEntry"][item["PricebookEntryId"]]
        if order["Pricebook2Id"] is None:
            raise _broken("The order is missing a price book", "PricebookEntryId")
        if entry["Pricebook2Id"] != order["Pricebook2Id"]:
            raise _broken("The price book of the product is not the price book of the order", "PricebookEntryId")
        if not entry["IsActive"]:
            raise _broken("The price book entry is inactive", "PricebookEntryId")
        if item["Product2Id"] not in (None, entry["Product2Id"]):
            raise _broken("The product is not that of the price book entry", "Product2Id")
        item["Product2Id"], item["ListPrice"] = entry["Product2Id"], entry["UnitPrice"]
        self.changed_item(item)

    def changed_item(self, item: Record) -> None:
        """Check quantity, price, dates and lock of an item and complete its total."""
        order = self._order_of(item)
        if item["UnitPrice"] is None:
            raise SalesforceError("REQUIRED_FIELD_MISSING", "Required fields are missing: [UnitPrice]", ["UnitPrice"])
        if not item["Quantity"]:
            raise _broken("The quantity must not be zero", "Quantity")
        if item["ServiceDate"] and item["ServiceDate"] < order["EffectiveDate"]:
            raise _broken("The start date cannot be before the start date of the order", "ServiceDate")
        if item["EndDate"] and order["EndDate"] and item["EndDate"] > order["EndDate"]:
            raise _broken("The end date cannot be after the end date of the order", "EndDate")
        item["TotalPrice"] = item["Quantity"] * item["UnitPrice"]

    def deleted_item(self, item: Record) -> None:
        """Refuse to remove an item of an activated order."""
        self._order_of(item)

    def roll_up(self, order_id: str, user_id: str) -> None:
        """Sum the items into the order's total; the order is stamped where it changes."""
        order = self._store.get("Order", order_id)
        total = sum(self._store.tables["OrderItem"][one]["TotalPrice"] for one in self._items(order_id))
        if order is None or order["TotalAmount"] == total:
            return
        stamp = wire_datetime(self._store.clock.now())
        stamps = {"LastModifiedDate": stamp, "SystemModstamp": stamp, "LastModifiedById": user_id}
        self._store.put("Order", {**order, "TotalAmount": float(total), **stamps})

    def keep_history(self, before: Record | None, order: Record) -> None:
        """Write the history of a save: one row for a new order, else one for each tracked change."""
        if before is None:
            self._history_row(order, "created", "Text", None, None)
            return
        for field in self._tracked:
            old, new = before[field.name], order[field.name]
            if old != new:
                self._history_row(order, field.name, _DATA_TYPES.get(field.type, "Text"), old, new)

    def _activate(self, order: Record, changed: set[str], access: Access) -> None:
        if not access.has(ACTIVATE_ORDERS):
            raise SalesforceError("INSUFFICIENT_ACCESS_OR_READONLY", "You may not activate orders")
        if changed != {"Status"}:
            raise SalesforceError(
                "FAILED_ACTIVATION", "Only the status may change when an order is activated", ["Status"]
            )
        if not self._items(order["Id"]):
            raise SalesforceError("FAILED_ACTIVATION", "An order must have at least one product.", ["Status"])
        order["ActivatedDate"] = order["SystemModstamp"]
        order["ActivatedById"] = access.user.id

    def _edit_activated(self, changed: set[str], code: str, access: Access) -> None:
        if code == _DRAFT and not access.has(ACTIVATE_ORDERS):
            raise SalesforceError("INSUFFICIENT_ACCESS_OR_READONLY", "You may not deactivate orders")
        if changed - {"Status"} and not access.has(EDIT_ACTIVATED_ORDERS):
            raise SalesforceError("INSUFFICIENT_ACCESS_OR_READONLY", "You may not edit activated orders")

    def _order_of(self, item: Record) -> Record:
        """The item's order, where it may still change."""
        order = self._store.tables["Order"][item["OrderId"]]
        if order["StatusCode"] == _ACTIVATED:
            raise SalesforceError("ENTITY_IS_LOCKED", "the entity is locked for editing")
        return order

    def _items(self, order_id: str) -> list[str]:
        lookup = self._store.schema.objects["OrderItem"].fields["OrderId"]
        return self._store.ids_by("OrderItem", lookup, order_id)

    def _history_row(self, order: Record, field: str, data_type: str, old: Any, new: Any) -> None:
        row = {
            "OrderId": order["Id"],
            "Field": field,
            "DataType": data_type,
            "OldValue": old,
            "NewValue": new,
            "CreatedById": order["LastModifiedById"],
        }
        self._store.load("OrderHistory", [row])


_DATA_TYPES = {"boolean": "Boolean", "date": "DateOnly", "datetime": "DateTime", "reference": "EntityId"}


def _check_dates(order: Record) -> None:
    if order["EndDate"] and order["EndDate"] < order["EffectiveDate"]:
        raise _broken("The end date cannot be before the start date", "EndDate")


def _broken(message: str, field: str) -> SalesforceError:
    return SalesforceError("FIELD_INTEGRITY_EXCEPTION", message, [field])
