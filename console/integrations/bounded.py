"""Answers of bounded length. What is longer than anything that is asked for here is no answer."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import cast

import httpx

# A whole catalogue, or a page of 2,000 orders with their items, is a few megabytes.
LONGEST_ANSWER = 32 * 2**20
# One that drips in byte by byte never reaches a read time-out.
WHOLE_S = 120.0


class TooLong(Exception):
    """An answer that is longer than any that is asked for."""

    def __init__(self) -> None:
        """The text names the bound, in bytes."""
        super().__init__(f"an answer of more than {LONGEST_ANSWER} bytes")


async def whole(response: httpx.Response) -> bytes:
    """The body of a streamed answer. Decompressed it may be far longer than what came over the wire.

    Raises `TooLong` as soon as the bound is passed.
    """
    body = bytearray()
    async with contextlib.aclosing(cast(AsyncGenerator[bytes, None], response.aiter_bytes())) as parts:
        async for part in parts:
            body += part
            if len(body) > LONGEST_ANSWER:
                break
        else:
            return bytes(body)
    # What the library has open inside is closed by the loop in its next round.
    await asyncio.sleep(0)
    raise TooLong
