"""Answers that are longer than any that is asked for, also where they are small on the wire."""

import asyncio
import contextlib
import gzip
from collections.abc import AsyncGenerator

import httpx
import pytest

from console.integrations.bounded import LONGEST_ANSWER, TooLong, whole


def read(headers: dict[str, str], *parts: bytes) -> bytes:
    """The body of an answer that comes in these parts."""

    async def come() -> AsyncGenerator[bytes, None]:
        for part in parts:
            yield part

    async def attempt() -> bytes:
        async with contextlib.aclosing(come()) as content:
            return await whole(httpx.Response(200, headers=headers, content=content))

    return asyncio.run(attempt())


def test_an_answer_within_the_bound_is_whole() -> None:
    assert read({}, b"{", b"}") == b"{}"
    assert len(read({}, b" " * LONGEST_ANSWER)) == LONGEST_ANSWER


def test_a_longer_one_is_none() -> None:
    with pytest.raises(TooLong, match=str(LONGEST_ANSWER)):
        read({}, b" " * LONGEST_ANSWER, b" ")


def test_what_counts_is_the_length_after_unpacking() -> None:
    packed = gzip.compress(b" " * (LONGEST_ANSWER + 1))
    assert len(packed) < LONGEST_ANSWER // 500
    with pytest.raises(TooLong):
        read({"content-encoding": "gzip"}, packed)
