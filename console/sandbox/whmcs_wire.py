"""How WHMCS writes its answers: PHP's JSON, NVP text, and how servers differ. Knows no action."""

import html
import json
import random
import re
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from console.sandbox.whmcs_call import Answer, Switches

_NO_CHANGE = object()
_EMPTY: Mapping[str, Any] = {"text": "", "list": [], "object": {}, "missing": _NO_CHANGE}
_WHOLE = re.compile(r"-?[1-9][0-9]{0,14}|0")
_MONEY = re.compile(r"-?[0-9]{1,12}\.[0-9]{2}")
# A token in an address would not survive being encoded, and no server does that.
_NEVER_ENCODED = frozenset({"redirect_url", "access_token"})


def answer_response(answer: Answer, switches: Switches, chance: random.Random, *, as_json: bool) -> Response:
    """An answer with status 200, in the shapes that the switches ask for."""
    shaped = _shaped(answer, switches)
    if switches.entity_encoded:
        shaped = _encoded(shaped)
    if switches.shuffled_types:
        shaped = {key: value if key == "result" else _shuffled(value, chance) for key, value in shaped.items()}
    return _json(shaped, 200) if as_json else _nvp(shaped, 200)


def error_response(message: str, status: int, *, as_json: bool, key: str = "result") -> Response:
    """An error; access errors come as NVP text on old servers (whmcs-api.md 3.3)."""
    body = {key: "error", "message": message}
    return _json(body, status) if as_json else _nvp(body, status)


def _json(body: Mapping[str, Any], status: int) -> Response:
    return Response(php_json(body), status, media_type="application/json")


def _nvp(body: Mapping[str, Any], status: int) -> Response:
    text = "".join(f"{key}={value};" for key, value in body.items() if not isinstance(value, (dict, list)))
    return Response(text, status, media_type="text/html")


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


def _encoded(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _encoded(part, name) for name, part in value.items()}
    if isinstance(value, list):
        return [_encoded(part, key) for part in value]
    if isinstance(value, str) and key not in _NEVER_ENCODED:
        return html.escape(value).replace("&#x27;", "&#039;")
    return value


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
