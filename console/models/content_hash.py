"""The hash that an approval signs: one canonical form of everything on an order that a reviewer judges."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any


def content_hash(order: Mapping[str, Any], items: Iterable[Mapping[str, Any]]) -> str:
    """SHA-256 (hex) over the sorted JSON of the reviewed fields of an order and of its items.

    Both take Salesforce field names to wire values. The items' order does not matter; empty text equals null; numbers
    are compared by value. Source: architecture.md, "Decisions".
    """
    rows = sorted((_canonical(item) for item in items), key=_json)
    return hashlib.sha256(_json({"order": _canonical(order), "items": rows}).encode()).hexdigest()


def _canonical(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in fields.items()}


def _value(value: Any) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return value
    return format(Decimal(str(value)).normalize(), "f")


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
