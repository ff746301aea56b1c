"""Salesforce rows into our records, and nothing else."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from console.errors import Rejected
from console.integrations.salesforce.faults import no_answer
from console.integrations.salesforce.field_map import FieldMap
from console.models.address import Address
from console.models.catalogue import Product
from console.models.content_hash import content_hash
from console.models.customer import Account
from console.models.ids import whmcs_id
from console.models.money import Money
from console.models.order import (
    Activation,
    Claim,
    CustomerStatus,
    Order,
    OrderItem,
    OrderKind,
    OrderState,
    OrderSummary,
    SimType,
    Transfer,
)

Row = Mapping[str, Any]
R = TypeVar("R")
_NOT_AS_SELECTED = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError)
_ADDRESS_PARTS = ("street", "city", "state", "postal_code", "country")


class Mapper:
    """Reads rows that were selected by the field map. `currency` is that of the org's prices."""

    def __init__(self, fields: FieldMap, currency: str) -> None:
        """Keep the map; hold no state."""
        self._fields = fields
        self._currency = currency

    def account(self, row: Row) -> Account:
        """An Account row with its `Contacts` child query."""
        known = self._fields.read("account", row)
        contacts = _children(row, "Contacts")
        contact = self._fields.read("contact", contacts[0]) if contacts else {}
        return Account(
            id=known["id"],
            name=known["name"],
            reading=known["reading"] or "",
            phone=known["phone"] or contact.get("mobile_phone") or contact.get("phone") or "",
            email=contact.get("email") or "",
            customer_number=known["customer_number"] or "",
            whmcs_client_id=whmcs_id(known["whmcs_client_id"] or ""),
            portal_user_id=known["portal_user_id"],
            internet_eligibility=known["internet_eligibility"],
            billing=_address(known, "billing"),
            changed_at=_moment(known["changed_at"]),
            contact_id=contact.get("id"),
        )

    def order_summary(self, row: Row) -> OrderSummary:
        """An Order row with its account's name."""
        known = self._fields.read("order", row)
        return OrderSummary(
            order_id=known["id"],
            order_number=known["number"],
            account_id=known["account_id"],
            customer=(row.get("Account") or {}).get("Name") or "",
            state=known["state"] or OrderState.IN_REVIEW,
            activation=known["activation"] or Activation.NONE,
            error_code=known["error_code"],
            kind=known["kind"] or OrderKind.MIXED,
            placed_at=_moment(known["created_at"]),
            changed_at=_moment(known["changed_at"]),
            total=self._money(known["total"]),
            mnp_number=known["mnp_number"] or "",
        )

    def order(self, row: Row) -> Order:
        """An Order row with its `OrderItems` child query, and the hash of what an approval signs."""
        known = self._fields.read("order", row)
        self._require_known(row, known, ("state", "activation", "kind"))
        items = _children(row, "OrderItems")
        reviewed_items = [self._fields.reviewed("order_item", item) for item in items]
        return Order(
            id=known["id"],
            number=known["number"],
            account_id=known["account_id"],
            state=known["state"] or OrderState.IN_REVIEW,
            activation=known["activation"] or Activation.NONE,
            kind=known["kind"] or OrderKind.MIXED,
            placed_at=_moment(known["created_at"]),
            changed_at=_moment(known["changed_at"]),
            created_by=known["created_by"],
            captured_by=known["captured_by"],
            approved_by=known["approved_by"],
            approved_hash=known["approved_hash"],
            decided_at=_moment(known["decided_at"]) if known["decided_at"] else None,
            decision_reason=known["decision_reason"] or "",
            error_code=known["error_code"],
            error_message=known["error_message"] or "",
            whmcs_order_id=whmcs_id(known["whmcs_order_id"] or ""),
            customer_status=_customer_status(known),
            total=self._money(known["total"]),
            items=tuple(self._item(item) for item in items),
            installation=_address(known, "installation"),
            billing_snapshot=_address(known, "snapshot"),
            address_changed=bool(known["address_changed"]),
            address_confirmed=bool(known["address_confirmed"]),
            installation_option=known["installation_option"],
            sim_type=SimType(known["sim_type"]) if known["sim_type"] else None,
            esim_eid=known["esim_eid"] or "",
            transfer=_transfer(known) if known["mnp_requested"] else None,
            vpn_region=known["vpn_region"],
            payment_risk=bool(known["payment_risk"]),
            activation_date=_day(known["activation_date"]),
            content_hash=content_hash(self._fields.reviewed("order", row), reviewed_items),
        )

    def claim(self, row: Row) -> Claim:
        """An Order_Claim__c row."""
        known = self._fields.read("order_claim", row)
        closed_at, watermark = known["closed_at"], known["watermark"]
        moments = {
            "created_at": _moment(known["created_at"]),
            "changed_at": _moment(known["changed_at"]),
            "closed_at": _moment(closed_at) if closed_at else None,
        }
        texts = {word: known[word] or "" for word in ("person", "hash", "outcome", "detail")}
        return Claim(**known | moments | texts | {"watermark": None if watermark is None else int(watermark)})

    def _require_known(self, row: Row, known: Row, words: tuple[str, ...]) -> None:
        """Refuse an order with a value that the field map does not know: guessing one could let it be provisioned."""
        for word in words:
            name = self._fields.name("order", word)
            if row.get(name) and known[word] is None:
                raise Rejected(
                    "salesforce", "read:Order", f"{name} is {row[name]!r}, which the field map does not know"
                )

    def _item(self, row: Row) -> OrderItem:
        known = self._fields.read("order_item", row)
        product = row.get("Product2")
        return OrderItem(
            id=known["id"],
            product=self._product(product, row.get("PricebookEntry")) if product else None,
            product_name=(product or {}).get("Name") or "",
            quantity=int(known["quantity"] or 0),
            unit_price=self._money(known["unit_price"]),
            whmcs_service_ids=_ids(known["whmcs_service_ids"]),
        )

    def _product(self, row: Row, entry: Row | None) -> Product:
        known = self._fields.read("product", row)
        price = self._fields.read("price_book_entry", entry) if entry else {}
        current = self._money(price["unit_price"]) if price.get("active") else None
        mapped = whmcs_id(known["whmcs_product_id"] or "")
        flags = {"active": bool(known["active"]), "sold_online": bool(known["sold_online"])}
        return Product(**known | flags | {"code": known["code"] or "", "whmcs_product_id": mapped, "price": current})

    def _money(self, value: Any) -> Money:
        return Money(amount=Decimal(str(value or 0)), currency=self._currency)


def each(rows: Iterable[Row], read: Callable[[Row], R]) -> list[R]:
    """Every row as `read` makes it a record. Raises `Unavailable` where one is not what was selected.

    Whatever such a row trips over first, the words say no more than that: its values do not belong into an error.
    """
    try:
        return [read(row) for row in rows]
    except _NOT_AS_SELECTED as error:
        raise no_answer("query", f"a record that is not as selected ({type(error).__name__})",
                        mutating=False, sent=True) from None  # fmt: skip


def _children(row: Row, relationship: str) -> list[Row]:
    return list((row.get(relationship) or {}).get("records", ()))


def _address(known: Row, prefix: str) -> Address:
    return Address(**{part: known[f"{prefix}_{part}"] or "" for part in _ADDRESS_PARTS})


def _customer_status(known: Row) -> CustomerStatus | None:
    if not known["customer_status"]:
        return None
    return CustomerStatus(
        slug=known["customer_status"],
        en=known["customer_status_text"] or "",
        ja=known["customer_status_text_ja"] or "",
    )


def _transfer(known: Row) -> Transfer:
    return Transfer(
        number=known["mnp_number"] or "",
        donor=known["mnp_donor"] or "",
        donor_holder_name=known["mnp_donor_holder_name"] or "",
        reservation_number=known["mnp_reservation_number"] or "",
        reserved_until=_day(known["mnp_reserved_until"]),
        holder_name=known["mnp_holder_name"] or "",
        holder_reading=known["mnp_holder_reading"] or "",
        holder_birth_date=_day(known["mnp_holder_birth_date"]),
        holder_gender=known["mnp_holder_gender"] or "",
    )


def _ids(text: str | None) -> tuple[int, ...]:
    return tuple(found for part in (text or "").split(",") if (found := whmcs_id(part.strip())))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text[:10]) if text else None


def ids_text(ids: Iterable[int]) -> str:
    """WHMCS ids as one text field holds them."""
    return ",".join(str(one) for one in ids)
