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
# Of rows that a sync reads, which are short.
_PART_SIZE = 500
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


class Place(NamedTuple):
    """Where in a list that is sorted by its ids a reading stands: how many rows were read, and the id of the last."""

    offset: int = 0
    last_id: int = 0


class ListPart(NamedTuple, Generic[T]):
    """A part of a list: rows that were not read before, where to go on, and how many rows there are in all.

    `moved` where rows that were read before are gone: what comes after them has moved up.
    """

    rows: list[T]
    place: Place
    total: int
    moved: bool


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


async def parts_after(
    transport: Transport, listing: Listing, mapped: Callable[[Row], T], place: Place
) -> AsyncIterator[ListPart[T]]:
    """The rest of a list after a place, part by part; at least one part. `listing` asks for rows sorted by id.

    Each page begins with the last row of the one before: where another one stands there, rows before it were taken out,
    and the reading goes back until it finds what it knows. A server that does not sort is read whole, twice if need be.
    """
    start, overlaps, moved, goes_back = max(0, place.offset - 1), place.offset > 0, False, False
    for _ in range(_MOST_PAGES):
        page_ = await _page(transport, listing, mapped, start, _PART_SIZE)
        ids = [row_id for row_id, _ in page_.rows]
        if ids != sorted(ids) or (len(ids) == 1 and start + 1 < page_.total):
            # One row at a time leaves none by which the next page could be joined to the one before.
            async for part in _unsorted(transport, listing, mapped):
                yield part
            return
        if overlaps and not (ids and ids[0] <= place.last_id):
            start = max(0, min(start, page_.total) - _PART_SIZE)
            overlaps, moved, goes_back = start > 0, True, True
            continue
        new = [row for row_id, row in page_.rows if row_id > place.last_id]
        if not (new or goes_back or start + len(ids) >= page_.total):
            raise Unavailable("whmcs", listing.action, f"only {place.offset} of {page_.total} rows came")
        goes_back = goes_back and not new
        place = Place(start + len(ids), max([place.last_id, *ids]))
        yield ListPart(new, place, page_.total, moved)
        if place.offset >= page_.total:
            return
        overlaps, start = True, place.offset - 1
    raise Unavailable("whmcs", listing.action, f"{place.offset} rows and more are more than can be read")


async def _unsorted(transport: Transport, listing: Listing, mapped: Callable[[Row], T]) -> AsyncIterator[ListPart[T]]:
    """The whole list as one part. Looking for what is new begins anew each time."""
    rows = [row async for row in all_rows(transport, listing, mapped)]
    yield ListPart(rows, Place(), len(rows), moved=False)


async def _page(
    transport: Transport, listing: Listing, mapped: Callable[[Row], T], offset: int, size: int
) -> _MappedPage[T]:
    def read_page(answer: Row) -> _MappedPage[T]:
        found: Page = page(answer, listing.plural, listing.singular)
        return _MappedPage([(integer(row.get("id")), mapped(row)) for row in found.rows], found.total)

    window: Params = {**listing.params, "limitstart": offset, "limitnum": size}
    return await transport.read(listing.action, window, read_page)


async def _pages(transport: Transport, listing: Listing, mapped: Callable[[Row], T]) -> AsyncIterator[_MappedPage[T]]:
    """Pages until the total is reached or one is empty. A server may give fewer rows than it is asked for."""
    offset = total = 0
    for _ in range(_MOST_PAGES):
        part = await _page(transport, listing, mapped, offset, _PAGE_SIZE)
        total = part.total
        offset += len(part.rows)
        yield part
        if not part.rows or offset >= total:
            return
    raise Unavailable("whmcs", listing.action, f"{total} rows are more than can be read")
