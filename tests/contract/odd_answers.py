"""Odd values, and putting one of them anywhere into an answer."""

from typing import Any

from hypothesis import strategies as st

_ODD: list[Any] = [
    None,
    True,
    "",
    [],
    {},
    0,
    -1,
    10**17,
    10**40,
    1e300,
    "1e999999999",
    "NaN",
    "９",
    "0000-00-00",
    "9999-99-99 99:99:99",
    "2026-02-30T25:61:61.000+0000",
    "99/99",
    "\ud800",
    "\x00\u202e</script>",
    "&amp;#039;",
    "http://[",
    [[[[]]]],
    [None],
    {"0": None},
    {"": ""},
    {"1": {"id": 1}, "x": 2},
    {"records": None},
    {"records": [None]},
]
ODD = st.sampled_from(_ODD) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
"""What no answer should have where it stands."""


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value inside an answer."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, part in parts for found in [(*path, key), *places(part, (*path, key))]]


def changed(value: Any, path: tuple[Any, ...], odd: Any) -> Any:
    """The answer with something odd in one place."""
    if not path:
        return odd
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(value[path[0]], path[1:], odd)
    return copy
