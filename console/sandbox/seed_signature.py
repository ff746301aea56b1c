"""What an approval in the seed signs: a copy of the console's content hash, which the sandbox may not import."""

import hashlib
import json
import tomllib
from collections.abc import Sequence
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from console import paths

_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def signature(order: dict[str, Any], lines: Sequence[dict[str, Any]]) -> str:
    """SHA-256 (hex) over the reviewed fields of an order and of its lines. Source: architecture.md, "Decisions"."""
    total = {"TotalAmount": sum(line["UnitPrice"] * line["Quantity"] for line in lines)}
    items = ",".join(sorted(_json(_reviewed("order_item", line)) for line in lines))
    # Put together from its parts, since a large world signs tens of thousands; keys are in order.
    signed = f'{{"items":[{items}],"order":{_json(_reviewed("order", order | total))}}}'
    return hashlib.sha256(signed.encode()).hexdigest()


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
    return _number(value)


@lru_cache(maxsize=1000)
def _number(value: float) -> str:
    return format(Decimal(str(value)).normalize(), "f")


def _json(value: Any) -> str:
    return _ENCODER.encode(value)
