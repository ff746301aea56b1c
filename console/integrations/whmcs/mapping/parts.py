"""Parts that rows of several actions have in common."""

from typing import Any

from console.integrations.whmcs.shapes import Row, decimal, integer, rows, text
from console.models.address import Address
from console.models.money import Money


def money(value: Any, currency: str) -> Money:
    """An amount in a currency that the answer names elsewhere or not at all."""
    return Money(amount=decimal(value), currency=currency)


def custom_fields(row: Row) -> dict[int, str]:
    """Values of custom fields by field id."""
    return {integer(field.get("id")): text(field, "value") for field in rows(row, "customfields", "customfield")}


def address(row: Row) -> Address:
    """The address of a client or a contact."""
    street = (text(row, "address1"), text(row, "address2"))
    return Address(
        street=", ".join(part for part in street if part),
        city=text(row, "city"),
        state=text(row, "fullstate") or text(row, "state"),
        postal_code=text(row, "postcode"),
        country=text(row, "countrycode") or text(row, "country"),
    )
