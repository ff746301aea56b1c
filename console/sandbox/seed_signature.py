"""What an approval in the seed signs: a copy of the console's content hash, which the sandbox may not import."""

import hashlib
import json
import tomllib
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from typing import Any

from console import paths


def signature(order: dict[str, Any], lines: Sequence[dict[str, Any]]) -> str:
    """SHA-256 (hex) over the reviewed fields of an order and of its lines. Source: architecture.md, "Decisions"."""
    total = {"TotalAmount": sum(line["UnitPrice"] * line["Quantity"] for line in lines)}
    items = sorted((_reviewed("order_item", line) for line in lines), key=_json)
    signed = {"order": _reviewed("order", order | total), "items": items}
    return hashlib.sha256(_json(signed).encode()).hexdigest()


@cache
def _reviewed_fields(record: str) -> tuple[str, ...]:
    """The Salesforce fields that the field map flags `reviewed`."""
    fields = tomllib.loads((paths.resources() / "field_map.toml").read_text(encoding="utf-8"))
    return tuple(spec["field"] for spec in fields[record].values() if spec.get("reviewed"))


def _reviewed(record: str, row: dict[str, Any]) -> dict[str, Any]:
    return {name: _canonical(row.get(name)) for name in _reviewed_fields(record)}


def _canonical(value: Any) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return format(Decimal(str(value)).normalize(), "f")


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
