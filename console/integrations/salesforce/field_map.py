"""The field map: which Salesforce object and field stands for which word of ours. Names come from nowhere else."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import pydantic

from console.models.record import Record


class Field(Record):
    """One Salesforce field. `values` maps our word to the picklist value or values; the first is the one written.

    `written` is who writes it: those who may approve, or all who may provision.
    """

    field: str
    type: str
    reviewed: bool = False
    written: Literal["approve", "provision"] | None = None
    values: dict[str, str | list[str]] = pydantic.Field(default_factory=dict)

    def decode(self, value: Any) -> Any:
        """Our word for a picklist value; other types pass. An unknown picklist value is None, like an empty one."""
        if self.type != "picklist":
            return value
        return next((word for word, known in self.values.items() if value in _several(known)), None)

    def encode(self, word: str) -> str:
        """The picklist value that is written for our word."""
        return _several(self.values[word])[0]

    def all_values(self, word: str) -> list[str]:
        """Every picklist value that means our word, for queries."""
        return _several(self.values[word])


class FieldMap:
    """resources/field_map.toml, ready for look-ups."""

    def __init__(self, path: Path) -> None:
        """Read the map. The file is ours, so a mistake in it is a defect."""
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        self.objects: dict[str, str] = tables.pop("objects")
        self.fields: dict[str, dict[str, Field]] = {
            name: {word: Field(**spec) for word, spec in fields.items()} for name, fields in tables.items()
        }

    def field(self, record: str, word: str) -> Field:
        """The field that `word` means on `record` (both in our words)."""
        return self.fields[record][word]

    def name(self, record: str, word: str) -> str:
        """The API name of a field."""
        return self.fields[record][word].field

    def names(self, record: str, words: Iterable[str] | None = None, via: str = "") -> list[str]:
        """API names for a SELECT: all words of the record unless some are given; `via` is like `Product2.`."""
        return [via + self.name(record, word) for word in (words or self.fields[record])]

    def read(self, record: str, row: Mapping[str, Any]) -> dict[str, Any]:
        """A Salesforce row in our words; a field that was not selected or is hidden is None."""
        return {word: field.decode(_walk(row, field.field)) for word, field in self.fields[record].items()}

    def reviewed(self, record: str, row: Mapping[str, Any]) -> dict[str, Any]:
        """The part of a row that an approval signs, under its API names."""
        return {field.field: row.get(field.field) for field in self.fields[record].values() if field.reviewed}

    def write(self, record: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """A request body from our words. None clears a field. A field that is not there to be written is a defect."""
        if unwritten := [word for word in values if not self.field(record, word).written]:
            raise ValueError(f"the field map does not say that {record} {', '.join(unwritten)} is written")
        return {self.name(record, word): self._encoded(record, word, value) for word, value in values.items()}

    def _encoded(self, record: str, word: str, value: Any) -> Any:
        field = self.field(record, word)
        return field.encode(value) if field.type == "picklist" and value is not None else value


def _several(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _walk(row: Mapping[str, Any], path: str) -> Any:
    value: Any = row
    for part in path.split("."):
        value = value.get(part) if value else None
    return value
