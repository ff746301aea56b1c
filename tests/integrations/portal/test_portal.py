"""The database with all its parts, opened and closed as one."""

import asyncio
import threading

from console.integrations.portal.portal import Portal
from console.models.case import StepState
from tests.integrations.portal.portal_bench import ACCOUNT, PortalBench, link, person, portal_user


def test_all_parts_are_kept_in_one_database(portal: PortalBench) -> None:
    async def write(opened: Portal) -> None:
        await opened.directory.replace([person(salesforce_account_id=ACCOUNT, name="森 葵")])
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

    portal.run(write)
    assert portal.run(read) == [1, 1, 1, 1]


def test_closing_finishes_what_is_under_way_and_ends_the_thread(portal: PortalBench) -> None:
    async def close_at_once() -> None:
        opened = Portal(portal.url)
        await opened.open()
        writing = opened.cases.open("8015g0000000001AAA", "00000001", "PAY-01", "", "")
        await asyncio.gather(writing, opened.aclose())

    asyncio.run(close_at_once())
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("portal")]
    assert len(portal.run(lambda opened: opened.cases.all_open())) == 1


def test_a_desk_that_was_never_used_closes_too(portal: PortalBench) -> None:
    asyncio.run(Portal(portal.url).aclose())
    assert not portal.file.exists()
