"""What is wrong with a profile file, one sentence a fault: the line, what is wrong there, and how to mend it."""

import difflib
import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

_TABLE = re.compile(r"\s*\[\[?\s*([^\[\]]+?)\s*\]\]?")
_KEY = re.compile(r"\s*([A-Za-z0-9_.\"'-]+?)\s*=")
# Pydantic puts this in front of what our own validators say.
_OURS = "Value error, "


def explain(error: ValidationError, model: type[BaseModel], text: str) -> list[str]:
    """One sentence for each fault of a profile whose TOML is `text`, in the order of its lines."""
    lines = dict(_lines(text))
    faults = [(_line(fault["loc"], lines), fault) for fault in error.errors()]
    return [_sentence(line, fault, model) for line, fault in sorted(faults, key=lambda found: found[0])]


def _sentence(line: int, fault: ErrorDetails, model: type[BaseModel]) -> str:
    name = ".".join(str(part) for part in fault["loc"])
    where = f"Line {line}: " if line else ""
    parent, field = _field(fault["loc"], model)
    meaning = f" ({field.description})" if field and field.description else ""
    if fault["type"] == "missing":
        table, _, key = name.rpartition(".")
        under = f" under [{table}]" if table else " above the first table"
        return f"{where}{name} is missing{meaning}. Add {key} = …{under}."
    if fault["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(fault["loc"][-1]), parent.model_fields if parent else (), 1)
        mend = f"Did you mean {near[0]}?" if near else "Take it out."
        return f"{where}{name} is no setting. {mend}"
    said = fault["msg"].removeprefix(_OURS)
    if not name:
        return f"{said[:1].upper()}{said[1:]}."
    return f"{where}{name}{meaning} cannot be {_shown(fault['input'])}: {said[:1].lower()}{said[1:]}."


def _shown(value: Any) -> str:
    """A value as the file has it. What is long or a table is left out; it may also be something that is secret."""
    return repr(value) if isinstance(value, bool | int | float) else "used"


def _field(place: tuple[int | str, ...], model: type[BaseModel]) -> tuple[type[BaseModel] | None, FieldInfo | None]:
    """The section that a place belongs to, and its setting there, None where there is no such setting."""
    section: type[BaseModel] | None = model
    field: FieldInfo | None = None
    for part in place:
        if field is not None:
            kind = field.annotation
            section = kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None
        field = section.model_fields.get(str(part)) if section else None
    return section, field


def _line(place: tuple[int | str, ...], lines: dict[tuple[str, ...], int]) -> int:
    """The line of a setting, or of the nearest table around it; 0 where it stands nowhere in the file."""
    path = tuple(str(part) for part in place)
    return next((lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in lines), 0)


def _lines(text: str) -> Iterator[tuple[tuple[str, ...], int]]:
    """Where each table and each setting of a TOML text begins."""
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if found := _TABLE.match(line):
            table = _path(found[1])
            yield table, number
        elif found := _KEY.match(line):
            yield (*table, *_path(found[1])), number


def _path(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))
