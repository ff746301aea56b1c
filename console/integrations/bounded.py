"""Answers of bounded length. What is longer than anything that is asked for here is no answer."""

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

    Raises `TooLong` for one that passes the bound. Its rest is read and dropped, since an iterator of the library that
    is left in the middle ends at some later time; how long that may go on is bounded by the caller's time-out.
    """
    body = bytearray()
    async for part in response.aiter_bytes():
        if len(body) <= LONGEST_ANSWER:
            body += part
    if len(body) > LONGEST_ANSWER:
        raise TooLong
    return bytes(body)
