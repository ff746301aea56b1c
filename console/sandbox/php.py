"""How PHP reads what it is sent: bracketed form names into nested arrays, and serialised maps.

Reads only, and never more than the subset of PHP that WHMCS's interface uses (whmcs-api.md 4.5 and 4.7).
"""

import base64
import binascii
import re
from collections.abc import Iterable
from typing import TypeAlias, Union

PhpKey: TypeAlias = int | str
Value: TypeAlias = Union[str, "Array"]
Array: TypeAlias = dict[PhpKey, Value]
Plain: TypeAlias = int | str | bool | None
Unserialised: TypeAlias = Union[Plain, "dict[PhpKey, Unserialised]"]

_INTEGER_KEY = re.compile(r"0|-?[1-9][0-9]{0,17}")
_NAME = re.compile(r"(?P<base>[^\[]+)(?P<brackets>(?:\[[^\]]*\])*)")
_LENGTH = re.compile(rb"[0-9]{1,9}")
_INTEGER = re.compile(rb"-?[0-9]{1,18}")
# PHP drops form names that nest deeper; a serialised map of WHMCS nests once.
_DEEPEST_FORM = 64
_DEEPEST_MAP = 8


def parse_form(pairs: Iterable[tuple[str, str]]) -> dict[str, Value]:
    """Form pairs as PHP's `$_POST`: `pid[0]=7`, `pid[]=7`, and the last of repeated plain names wins.

    Arrays are dicts with PHP's keys (decimal text becomes an int). Source: whmcs-api.md 4.5.
    """
    form: Array = {}
    for name, text in pairs:
        path = _path(name)
        if path and len(path) <= _DEEPEST_FORM:
            _put(form, path, text)
    return {str(key): value for key, value in form.items()}


def _path(name: str) -> list[str]:
    """`a[b][]` as ["a", "b", ""]; a bracket that is never closed is no bracket, as in PHP."""
    match = _NAME.match(name.lstrip(" "))
    if not match:
        return []
    base = match["base"] if match["brackets"] else name.lstrip(" ").replace("[", "_")
    return [re.sub(r"[ .]", "_", base), *re.findall(r"\[([^\]]*)\]", match["brackets"])]


def _put(target: Array, path: list[str], text: str) -> None:
    for name in path[:-1]:
        key = _key_in(target, name)
        below = target.get(key)
        if not isinstance(below, dict):
            below = target[key] = {}
        target = below
    target[_key_in(target, path[-1])] = text


def _key_in(array: Array, name: str) -> PhpKey:
    """The key that `name` means in this array; an empty name is the next free index."""
    if name == "":
        return max((key for key in array if isinstance(key, int)), default=-1) + 1
    return int(name) if _INTEGER_KEY.fullmatch(name) else name


def serialised_map(text: str) -> dict[PhpKey, Unserialised]:
    """Read base64 of PHP `serialize()` of a map; ValueError for all else. Source: whmcs-api.md 4.7."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"not base64: {error}") from error
    value = unserialize(data)
    if not isinstance(value, dict):
        raise ValueError("not a serialised map")
    return value


def unserialize(data: bytes) -> Unserialised:
    """Read PHP `serialize()` of ints, strings, bools, null and arrays of them. ValueError for all else."""
    reader = _Reader(data)
    value = reader.value(depth=0)
    reader.end()
    return value


class _Reader:
    """Walks through serialised bytes once; never makes objects of classes that the bytes name."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def value(self, depth: int) -> Unserialised:
        kind = self._take(1)
        if kind == b"N":
            self._expect(b";")
            return None
        self._expect(b":")
        if kind == b"a":
            return self._array(depth)
        return self._scalar(kind)

    def end(self) -> None:
        if self._at != len(self._data):
            raise ValueError(f"{len(self._data) - self._at} bytes too many")

    def _scalar(self, kind: bytes) -> Plain:
        if kind == b"s":
            return self._string()
        number = int(self._match(_INTEGER))
        self._expect(b";")
        if kind == b"i":
            return number
        if kind == b"b" and number in (0, 1):
            return bool(number)
        raise ValueError(f"type {kind!r} is not read")

    def _string(self) -> str:
        length = int(self._match(_LENGTH))
        self._expect(b':"')
        text = self._take(length)
        self._expect(b'";')
        return text.decode()

    def _array(self, depth: int) -> dict[PhpKey, Unserialised]:
        if depth >= _DEEPEST_MAP:
            raise ValueError("nested too deep")
        size = int(self._match(_LENGTH))
        self._expect(b":{")
        array: dict[PhpKey, Unserialised] = {}
        for _ in range(size):
            key = self.value(depth + 1)
            if not isinstance(key, (int, str)) or isinstance(key, bool):
                raise ValueError("an array key is neither int nor text")
            array[_canonical(key)] = self.value(depth + 1)
        self._expect(b"}")
        return array

    def _match(self, pattern: re.Pattern[bytes]) -> bytes:
        found = pattern.match(self._data, self._at)
        if not found:
            raise ValueError(f"a number was expected at byte {self._at}")
        self._at = found.end()
        return found[0]

    def _take(self, length: int) -> bytes:
        taken = self._data[self._at : self._at + length]
        if len(taken) < length:
            raise ValueError("the text ends too early")
        self._at += length
        return taken

    def _expect(self, wanted: bytes) -> None:
        if self._take(len(wanted)) != wanted:
            raise ValueError(f"{wanted!r} was expected at byte {self._at - len(wanted)}")


def _canonical(key: int | str) -> PhpKey:
    return int(key) if isinstance(key, str) and _INTEGER_KEY.fullmatch(key) else key
