"""How WHMCS writes its answers: PHP's JSON, NVP text, and how servers differ. Knows no action."""

import html
import json
import random
import re
from collections.abc import Callable, Mapping
from html.entities import codepoint2name
from typing import Any, Literal, TypeAlias

from starlette.responses import Response

from console.sandbox.whmcs_call import Answer, Switches

ResponseForm: TypeAlias = Literal["json", "xml", "nvp"]

_NO_CHANGE = object()
_EMPTY: Mapping[str, Any] = {"text": "", "list": [], "object": {}, "null": None, "missing": _NO_CHANGE}
# The named entities of ISO 8859-1 beyond ASCII, such as `&eacute;`.
_LATIN = {code: f"&{name};" for code, name in codepoint2name.items() if code in range(0xA0, 0x100)}
_WHOLE = re.compile(r"-?[1-9][0-9]{0,14}|0")
_MONEY = re.compile(r"-?[0-9]{1,12}\.[0-9]{2}")
# A token in an address would not survive being encoded, and no server does that.
_NEVER_ENCODED = frozenset({"redirect_url", "access_token"})


def response_form(responsetype: str) -> ResponseForm:
    """The form that is asked for; text is what a call gets that asks for none (whmcs-api.md 1)."""
    return "json" if responsetype == "json" else "xml" if responsetype == "xml" else "nvp"


def answer_response(answer: Answer, switches: Switches, chance: random.Random, form: ResponseForm) -> Response:
    """An answer with status 200, in the shapes that the switches ask for."""
    shaped = _shaped(answer, switches)
    if switches.entity_encoded or switches.latin_entities:
        shaped = _encoded(shaped, latin=switches.latin_entities)
    if switches.number_types == "text":
        shaped = _as_text(shaped)
    if switches.shuffled_types:
        shaped = {key: value if key == "result" else _shuffled(value, chance) for key, value in shaped.items()}
    return _WRITERS[form](shaped, 200)


def error_response(message: str, status: int, form: ResponseForm = "json", *, key: str = "result") -> Response:
    """An error; access errors come as NVP text on old servers (whmcs-api.md 3.3)."""
    return _WRITERS[form]({key: "error", "message": message}, status)


def _json(body: Mapping[str, Any], status: int) -> Response:
    return Response(php_json(body), status, media_type="application/json")


def _nvp(body: Mapping[str, Any], status: int) -> Response:
    text = "".join(f"{key}={value};" for key, value in body.items() if not isinstance(value, (dict, list)))
    return Response(text, status, media_type="text/html")


def _xml(body: Mapping[str, Any], status: int) -> Response:
    text = f'<?xml version="1.0" encoding="utf-8"?>\n<whmcsapi>\n{_elements(body)}</whmcsapi>\n'
    return Response(text, status, media_type="text/xml")


def _elements(body: Mapping[str, Any]) -> str:
    """Each value in an element of its name; a list as so many elements of one name."""
    rows = ((name, row) for name, part in body.items() for row in (part if isinstance(part, list) else [part]))
    return "".join(f"<{name}>{_content(row)}</{name}>\n" for name, row in rows)


def _content(value: Any) -> str:
    if isinstance(value, dict):
        return "\n" + _elements(value)
    plain = int(value) if isinstance(value, bool) else value
    return "" if plain is None else html.escape(str(plain), quote=False)


_WRITERS: Mapping[ResponseForm, Callable[[Mapping[str, Any], int], Response]] = {
    "json": _json,
    "xml": _xml,
    "nvp": _nvp,
}


def php_json(body: Any) -> str:
    """JSON as PHP's encoder writes it: `\\/`, `\\u0022`, nothing outside ASCII (whmcs-api.md 4.3)."""
    plain = json.dumps(body, separators=(",", ":")).replace("/", "\\/")
    return re.sub(r"\\(.)", lambda escape: r"\u0022" if escape[1] == '"' else escape[0], plain)


def _shaped(value: Any, switches: Switches) -> Any:
    """Lists and their wrappers in the form that the switches name (whmcs-api.md 4.2)."""
    if isinstance(value, dict):
        shaped = {key: _shaped_list(part, switches) for key, part in value.items()}
        return {key: part for key, part in shaped.items() if part is not _NO_CHANGE}
    if isinstance(value, list):
        return [_shaped(part, switches) for part in value]
    return value


def _shaped_list(part: Any, switches: Switches) -> Any:
    """One value of a record; `_NO_CHANGE` where an empty list is to be left out."""
    if _is_empty_list(part) and switches.empty_form != "wrapper":
        return _EMPTY[switches.empty_form]
    if isinstance(part, list) and part and all(isinstance(row, dict) for row in part):
        return _listed([_shaped(row, switches) for row in part], switches)
    return _shaped(part, switches)


def _is_empty_list(part: Any) -> bool:
    """An empty list, or the usual wrapper around one: plural → singular → []."""
    return part == [] or (isinstance(part, dict) and list(part.values()) == [[]])


def _listed(rows: list[Any], switches: Switches) -> Any:
    if switches.list_form == "numeric_keys":
        return {str(index): row for index, row in enumerate(rows)}
    if switches.list_form == "single_object" and len(rows) == 1:
        return rows[0]
    return rows


def _encoded(value: Any, key: str = "", *, latin: bool) -> Any:
    """Text as PHP's `htmlspecialchars` writes it, or with `latin` as its `htmlentities` does."""
    if isinstance(value, dict):
        return {name: _encoded(part, name, latin=latin) for name, part in value.items()}
    if isinstance(value, list):
        return [_encoded(part, key, latin=latin) for part in value]
    if isinstance(value, str) and key not in _NEVER_ENCODED:
        plain = html.escape(value).replace("&#x27;", "&#039;")
        return plain.translate(_LATIN) if latin else plain
    return value


def _as_text(value: Any) -> Any:
    """Every number as text, as older servers send what stands in the database."""
    if isinstance(value, dict):
        return {name: _as_text(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_as_text(part) for part in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _shuffled(value: Any, chance: random.Random) -> Any:
    """Numbers as text and text as numbers, by chance (whmcs-api.md 4.1)."""
    if isinstance(value, dict):
        return {name: _shuffled(part, chance) for name, part in value.items()}
    if isinstance(value, list):
        return [_shuffled(part, chance) for part in value]
    return value if chance.random() < 0.5 else _other_type(value)  # noqa: PLR2004 - an even chance


def _other_type(value: Any) -> Any:
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value)
    if isinstance(value, str) and _MONEY.fullmatch(value):
        return float(value)
    return value
