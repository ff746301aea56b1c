"""Lists that are longer than a page, also while rows come and go and where pages are smaller than asked."""

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.errors import Unavailable
from tests.integrations.whmcs.wire import Form, connected, success

Ids = list[int]


def page_of(ids: Ids, form: Form, most: int = 100, total: int | None = None) -> bytes:
    """A page of GetClients as the form asks for it."""
    start = int(form["limitstart"])
    shown = ids[start : start + min(int(form["limitnum"]), most)]
    rows = [{"id": str(number), "firstname": "Hanako", "email": "hanako@example.jp"} for number in shown]
    return success(
        totalresults=str(len(ids) if total is None else total),
        numreturned=len(rows),
        clients={"client": rows},
    )


def read_all(answer: Callable[[Form], bytes]) -> tuple[Ids, list[Form]]:
    """The ids that come of reading all clients, and the forms that were sent for it."""

    async def attempt() -> tuple[Ids, list[Form]]:
        async with connected(answer) as (whmcs, wire):
            return [client.id async for client in whmcs.all_clients()], wire.forms

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
