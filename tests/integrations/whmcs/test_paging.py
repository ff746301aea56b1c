"""Lists that are longer than a page, also while rows come and go and where pages are smaller than asked."""

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.errors import Unavailable
from console.integrations.whmcs.paging import ListPart, Place
from console.models.billing import ClientSummary
from tests.integrations.whmcs.wire import Form, connected, success

Ids = list[int]
_START = Place()


def page_of(ids: Ids, form: Form, most: int = 100, total: int | None = None) -> bytes:
    """A page of GetContacts, or of GetClients, as the form asks for it."""
    start = int(form["limitstart"])
    shown = ids[start : start + min(int(form["limitnum"]), most)]
    rows = [{"id": str(number), "userid": 1, "firstname": "Hanako", "email": "hanako@example.jp"} for number in shown]
    of_clients = form["action"] == "GetClients"
    return success(
        totalresults=str(len(ids) if total is None else total),
        numreturned=len(rows),
        **({"clients": {"client": rows}} if of_clients else {"contacts": {"contact": rows}}),
    )


def read_all(answer: Callable[[Form], bytes]) -> tuple[Ids, list[Form]]:
    """The ids that come of reading all contacts of a client, and the forms that were sent for it."""

    async def attempt() -> tuple[Ids, list[Form]]:
        async with connected(answer) as (whmcs, wire):
            return [contact.id for contact in await whmcs.get_contacts(1)], wire.forms

    return asyncio.run(attempt())


def test_pages_of_a_hundred_are_read_until_all_rows_are_seen() -> None:
    ids = list(range(1, 251))

    found, forms = read_all(lambda form: page_of(ids, form))

    assert found == ids
    assert [(form["limitstart"], form["limitnum"]) for form in forms] == [
        ("0", "100"),
        ("100", "100"),
        ("200", "100"),
    ]


def test_an_empty_list_takes_one_call() -> None:
    found, forms = read_all(lambda form: page_of([], form))

    assert found == []
    assert len(forms) == 1


def test_a_server_may_give_smaller_pages_than_it_is_asked_for() -> None:
    ids = list(range(1, 31))

    found, forms = read_all(lambda form: page_of(ids, form, most=7))

    assert found == ids
    assert len(forms) == 5


def test_rows_that_come_in_front_are_not_given_twice() -> None:
    lists = iter([list(range(1, 151)), [151, *range(1, 151)], [151, *range(1, 151)], [151, *range(1, 151)]])

    found, _ = read_all(lambda form: page_of(next(lists), form))

    assert sorted(found) == list(range(1, 152))
    assert len(found) == len(set(found))


def test_a_row_that_moved_to_a_page_already_read_is_found_by_reading_again() -> None:
    before, after = list(range(1, 151)), list(range(2, 151))
    lists = iter([before, after, after, after])

    found, forms = read_all(lambda form: page_of(next(lists), form))

    assert set(found) >= set(after)
    assert len(forms) == 4


def test_half_a_list_does_not_pass_for_a_whole_one() -> None:
    with pytest.raises(Unavailable, match="only 20 of 50 rows came"):
        read_all(lambda form: page_of(list(range(1, 21)), form, total=50))


@given(
    st.lists(st.integers(min_value=1, max_value=500), unique=True, max_size=40),
    st.lists(st.integers(min_value=501, max_value=600), unique=True, max_size=5),
    st.integers(min_value=1, max_value=12),
)
def test_all_rows_are_read_once_whatever_the_page_size_while_new_ones_arrive(first: Ids, new: Ids, most: int) -> None:
    ids, arriving = list(first), list(new)

    def answer(form: Form) -> bytes:
        answered = page_of(ids, form, most=most)
        if arriving:
            ids.insert(0, arriving.pop())
        return answered

    found, _ = read_all(answer)

    assert set(found) >= set(first)
    assert len(found) == len(set(found))


def read_parts(
    answer: Callable[[Form], bytes], place: Place = _START
) -> tuple[list[ListPart[ClientSummary]], list[Form]]:
    """The parts that come of reading the clients after a place, and the forms that were sent for it."""

    async def attempt() -> tuple[list[ListPart[ClientSummary]], list[Form]]:
        async with connected(answer) as (whmcs, wire):
            return [part async for part in whmcs.client_parts(place)], wire.forms

    return asyncio.run(attempt())


def ids_of(parts: list[ListPart[ClientSummary]]) -> Ids:
    return [row.id for part in parts for row in part.rows]


def test_a_sorted_list_is_read_part_by_part_and_goes_on_after_a_place() -> None:
    ids = list(range(1, 31))

    parts, _ = read_parts(lambda form: page_of(ids, form, most=7))
    rest, forms = read_parts(lambda form: page_of(ids, form, most=7), parts[1].place)

    assert ids_of(parts) == ids
    assert ids_of(parts[:2]) + ids_of(rest) == ids
    assert forms[0]["limitstart"] == str(parts[1].place.offset - 1)
    assert not any(part.moved for part in parts)


def test_what_came_after_the_end_takes_one_call() -> None:
    ids = list(range(1, 31))
    end = read_parts(lambda form: page_of(ids, form))[0][-1].place

    nothing, forms = read_parts(lambda form: page_of(ids, form), end)
    new, _ = read_parts(lambda form: page_of([*ids, 40], form), end)

    assert (ids_of(nothing), len(forms)) == ([], 1)
    assert ids_of(new) == [40]


def test_that_rows_before_the_place_are_gone_is_told() -> None:
    ids = list(range(1, 31))
    end = read_parts(lambda form: page_of(ids, form))[0][-1].place

    parts, _ = read_parts(lambda form: page_of([*ids[5:], 40], form), end)
    shorter, _ = read_parts(lambda form: page_of(ids[:3], form), end)

    assert ids_of(parts) == [40]
    assert ids_of(shorter) == []
    assert any(part.moved for part in parts)
    assert any(part.moved for part in shorter)


def test_a_server_that_does_not_sort_is_read_as_a_whole() -> None:
    ids = [3, 1, 2, *range(150, 3, -1)]

    parts, _ = read_parts(lambda form: page_of(ids, form))

    assert sorted(ids_of(parts)) == list(range(1, 151))
    assert parts[-1].place == _START


def test_a_server_that_gives_one_row_at_a_time_is_read_as_a_whole() -> None:
    there = [1, 2, 3, 4]

    def answer(form: Form) -> bytes:
        answered = page_of(there, form, most=1)
        if there[0] == 1:
            del there[0]
        return answered

    parts, _ = read_parts(answer)

    assert set(ids_of(parts)) >= {2, 3, 4}


@given(
    st.sets(st.integers(min_value=1, max_value=300), max_size=40),
    st.lists(st.sets(st.integers(min_value=1, max_value=300), max_size=6), max_size=6),
    st.integers(min_value=2, max_value=12),
)
def test_whoever_is_there_all_the_time_is_read_once_whatever_goes_away_meanwhile(
    first: set[int], leaving: list[set[int]], most: int
) -> None:
    there, goes = set(first), list(leaving)

    def answer(form: Form) -> bytes:
        answered = page_of(sorted(there), form, most=most)
        if goes:
            there.difference_update(goes.pop())
        return answered

    parts, _ = read_parts(answer)

    assert set(ids_of(parts)) >= first.difference(*leaving)
    assert len(ids_of(parts)) == len(set(ids_of(parts)))
