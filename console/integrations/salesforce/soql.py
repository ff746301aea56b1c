"""The only place where SOQL is built. Values are escaped here; names come from the field map, never from a person."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

_ESCAPES = str.maketrans(
    {"\\": "\\\\", "'": "\\'", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
)

Value = str | int | bool | date | datetime | None


def literal(value: Value) -> str:
    """A value as a SOQL literal, typed as the wire wants it. Source: salesforce-api.md 2.2."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case date():
            return value.isoformat()
        case str():
            printable = "".join(char for char in value if char >= " " or char in "\n\r\t\b\f")
            return f"'{printable.translate(_ESCAPES)}'"


def equals(name: str, value: Value) -> str:
    """`name = value`."""
    return f"{name} = {literal(value)}"


def at_least(name: str, value: Value) -> str:
    """`name >= value`."""
    return f"{name} >= {literal(value)}"


def after(name: str, value: Value) -> str:
    """`name > value`."""
    return f"{name} > {literal(value)}"


def one_of(name: str, values: Iterable[Value]) -> str:
    """`name IN (…)`; the values must not be empty."""
    return f"{name} IN ({', '.join(literal(value) for value in values)})"


def select(
    fields: Sequence[str],
    source: str,
    where: Sequence[str] = (),
    order_by: str = "",
    limit: int | None = None,
) -> str:
    """A query. All conditions must hold."""
    parts = [f"SELECT {', '.join(fields)} FROM {source}"]
    if where:
        parts.append(f"WHERE {' AND '.join(where)}")
    if order_by:
        parts.append(f"ORDER BY {order_by}")
    if limit is not None:
        parts.append(f"LIMIT {limit}")
    return " ".join(parts)
