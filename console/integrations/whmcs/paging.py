"""Reads all pages of a paged action, also while rows move between pages. Knows no action."""

import sys
from collections.abc import AsyncIterator, Callable
from typing import Generic, NamedTuple, TypeVar

from console.errors import Unavailable
from console.integrations.whmcs.php import Params
from console.integrations.whmcs.shapes import Page, Row, integer, page
from console.integrations.whmcs.transport import Transport

T = TypeVar("T")

_PAGE_SIZE = 100
# Where a row goes, the next one moves to a page that was read already; a second reading finds it.
_READINGS = 2
# More than a million clients; a server that counts on and on is not read for ever.
_MOST_PAGES = 20_000


class Listing(NamedTuple):
    """A paged action with its filters, and the two keys that wrap its rows."""

    action: str
    params: Params
    plural: str
    singular: str


class _MappedPage(NamedTuple, Generic[T]):
    rows: list[tuple[int, T]]
    total: int


async def all_rows(transport: Transport, listing: Listing, mapped: Callable[[Row], T]) -> AsyncIterator[T]:
    """Yield each row once, by its id. Source: whmcs-api.md 4.8.

    Unavailable where WHMCS gives fewer different rows than it counts: half a list must not pass for a whole one.
    """
    seen: set[int] = set()
    total = counted = 0
    for _ in range(_READINGS):
        # Rows that come while they are read need not all be among those that were seen.
        total, counted, shrunk = 0, sys.maxsize, False
        async for part in _pages(transport, listing, mapped):
            shrunk = shrunk or part.total < total
            total, counted = part.total, min(counted, part.total)
            for row_id, row in part.rows:
                if row_id not in seen:
                    seen.add(row_id)
                    yield row
        if len(seen) >= total and not shrunk:
            return
    if len(seen) < counted:
        raise Unavailable("whmcs", listing.action, f"only {len(seen)} of {counted} rows came")


async def _pages(transport: Transport, listing: Listing, mapped: Callable[[Row], T]) -> AsyncIterator[_MappedPage[T]]:
    """Pages until the total is reached or one is empty. A server may give fewer rows than it is asked for."""

    def read_page(answer: Row) -> _MappedPage[T]:
        found: Page = page(answer, listing.plural, listing.singular)
        return _MappedPage([(integer(row.get("id")), mapped(row)) for row in found.rows], found.total)

    offset = total = 0
    for _ in range(_MOST_PAGES):
        window: Params = {**listing.params, "limitstart": offset, "limitnum": _PAGE_SIZE}
        part = await transport.read(listing.action, window, read_page)
        total = part.total
        offset += len(part.rows)
        yield part
        if not part.rows or offset >= total:
            return
    raise Unavailable("whmcs", listing.action, f"{total} rows are more than can be read")
