"""PHP's own encodings, written only: bracketed form pairs and serialised maps. Reads nothing."""

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias

Scalar: TypeAlias = str | int | bool | Decimal | None
Param: TypeAlias = Scalar | Sequence["Param"] | Mapping[int, "Param"] | Mapping[str, "Param"]
Params: TypeAlias = Mapping[str, Param]

_INTEGER_KEY = re.compile(r"0|-?[1-9][0-9]{0,17}")


def form(params: Params) -> dict[str, str]:
    """Form pairs: `pid[0]=7`, `1`/`0` for booleans, None left out. Source: whmcs-api.md 4.5, 4.6."""
    return {key: text for name, value in params.items() for key, text in _pairs(name, value)}


def _pairs(name: str, value: Param) -> Iterator[tuple[str, str]]:
    match value:
        case None:
            return
        case bool():
            yield name, "1" if value else "0"
        case Decimal():
            yield name, format(value, "f")
        case str() | int():
            yield name, str(value)
        case Mapping():
            for key, part in value.items():
                yield from _pairs(f"{name}[{key}]", part)
        case _:
            for index, part in enumerate(value):
                yield from _pairs(f"{name}[{index}]", part)


def serialised_map(values: Mapping[int, str] | Mapping[str, str]) -> str:
    """Base64 of PHP `serialize()` of a map id → text, as custom fields are sent. Source: whmcs-api.md 4.7.

    `{1: "Google"}` gives `YToxOntpOjE7czo2OiJHb29nbGUiO30=`. A key written as an integer is one in PHP.
    """
    parts = b"".join(_key(key) + _string(value) for key, value in values.items())
    return base64.b64encode(b"a:%d:{%b}" % (len(values), parts)).decode("ascii")


def _key(key: int | str) -> bytes:
    text = str(key)
    return b"i:%b;" % text.encode("ascii") if _INTEGER_KEY.fullmatch(text) else _string(text)


def _string(text: str) -> bytes:
    data = text.encode()
    return b's:%d:"%b";' % (len(data), data)
