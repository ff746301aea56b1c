"""Money: an exact amount with its currency."""

from decimal import Decimal
from typing import Any

from pydantic import model_serializer, model_validator

from console.models.record import Record

_NO_MINOR_UNIT = frozenset({"JPY", "KRW", "VND"})


class Money(Record):
    """An amount in one currency (ISO 4217). Reads and writes the form `12980 JPY` in JSON."""

    amount: Decimal
    currency: str

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if isinstance(value, str):
            amount, _, currency = value.partition(" ")
            return {"amount": amount, "currency": currency}
        return value

    @model_serializer
    def __str__(self) -> str:
        places = Decimal(1) if self.currency in _NO_MINOR_UNIT else Decimal("0.01")
        return f"{self.amount.quantize(places)} {self.currency}"
