"""The database with all its parts, opened and closed as one."""

import asyncio
import threading
from pathlib import Path

import pytest

from console.errors import Conflict, Unavailable
from console.integrations.contact import Seen
from console.integrations.portal.portal import Portal
from console.models.case import StepState
from tests.integrations.portal.portal_bench import ACCOUNT, OTHER_USER, PortalBench, link, person, portal_user


def test_all_parts_are_kept_in_one_database(portal: PortalBench) -> None:
    async def write(opened: Portal) -> None:
        await opened.links.add(link(), portal_user(), "Sara Ono")
        await opened.journal.note("8015g0000000001AAA", "run", "check", StepState.DONE)
        await opened.cases.open("8015g0000000001AAA", "00000001", "PAY-01", "", "")

    async def read(opened: Portal) -> list[int]:
        return [
            await opened.directory.count(),
            len(await opened.links.all()),
            len(await opened.journal.steps("8015g0000000001AAA")),
            len(await opened.cases.all_open()),
        ]

    portal.fill([person(salesforce_account_id=ACCOUNT, name="森 葵")])
    portal.run(write)
    assert portal.run(read) == [1, 1, 1, 1]


def test_closing_finishes_what_is_under_way_and_ends_the_thread(portal: PortalBench) -> None:
    async def close_at_once() -> None:
        opened = Portal(portal.url)
        await opened.migrate()
        await opened.open()
        writing = opened.cases.open("8015g0000000001AAA", "00000001", "PAY-01", "", "")
        await asyncio.gather(writing, opened.aclose())

    asyncio.run(close_at_once())
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("portal")]
    assert len(portal.run(lambda opened: opened.cases.all_open())) == 1


def test_a_desk_that_was_never_used_closes_too(portal_file: PortalBench, file: Path) -> None:
    asyncio.run(Portal(portal_file.url).aclose())
    assert not file.exists()


def test_every_answer_of_the_database_is_noted_also_a_no(portal: PortalBench) -> None:
    async def seen(opened: Portal) -> tuple[Seen, Seen]:
        await opened.reachable()
        first = opened.contact.seen
        await opened.links.add(link(), portal_user(), "Sara Ono")
        with pytest.raises(Conflict):
            await opened.links.add(link(OTHER_USER), portal_user(OTHER_USER, "other@example.jp"), "Sara Ono")
        return first, opened.contact.seen

    first, last = portal.run(seen)
    assert first.answered_at
    assert last.answered_at
    assert last.answered_at > first.answered_at
    assert (last.down_since, last.fault) == (None, None)


def test_a_database_that_cannot_be_opened_is_noted_as_down(portal_file: PortalBench, file: Path) -> None:
    file.mkdir()

    async def open_it() -> Seen:
        opened = Portal(portal_file.url)
        with pytest.raises(Unavailable):
            await opened.reachable()
        await opened.aclose()
        return opened.contact.seen

    seen = asyncio.run(open_it())
    assert seen.down_since
    assert seen.answered_at is None
    assert isinstance(seen.fault, Unavailable)
