"""Users and links: each id once, whoever comes first, and every link that the console writes is audited."""

import asyncio
import json
import subprocess
import sys

import pytest

from console.errors import Conflict
from console.integrations.portal.portal import Portal
from console.models.customer import Link
from tests.integrations.portal.portal_bench import (
    ACCOUNT,
    OTHER_ACCOUNT,
    OTHER_USER,
    USER,
    PortalBench,
    link,
    portal_user,
)


def add(portal: PortalBench, row: Link, email: str = "aoi.mori@example.jp") -> None:
    portal.run(lambda opened: opened.links.add(row, portal_user(row.portal_user_id, email), "Sara Ono"))


def test_a_link_is_written_with_its_user_and_audited(portal: PortalBench) -> None:
    add(portal, link())
    assert portal.run(lambda opened: opened.links.all()) == [link()]
    assert portal.run(lambda opened: opened.links.user(USER)) == portal_user()
    (entry,) = portal.run(lambda opened: opened.journal.audited(ACCOUNT))
    assert (entry.actor, entry.action) == ("Sara Ono", "link")
    assert json.loads(entry.detail) == link().model_dump()


def test_a_user_that_is_there_already_stays_as_it_is(portal: PortalBench) -> None:
    portal.run(lambda opened: opened.links.load([portal_user(email="first@example.jp")], [], "web site"))
    add(portal, link())
    assert portal.run(lambda opened: opened.links.users()) == [portal_user(email="first@example.jp")]


@pytest.mark.parametrize(
    "other",
    [link(USER, 5002, OTHER_ACCOUNT), link(OTHER_USER, 5001, OTHER_ACCOUNT), link(OTHER_USER, 5002, ACCOUNT)],
)
def test_a_linked_id_is_not_linked_again_and_nothing_is_left_behind(portal: PortalBench, other: Link) -> None:
    add(portal, link())
    with pytest.raises(Conflict):
        add(portal, other, "other@example.jp")
    assert portal.run(lambda opened: opened.links.all()) == [link()]
    assert portal.run(lambda opened: opened.links.users()) == [portal_user()]
    assert len(portal.run(lambda opened: opened.journal.audited(other.salesforce_account_id))) in (0, 1)


def test_of_two_desks_that_link_the_same_person_one_gets_a_conflict(portal: PortalBench) -> None:
    async def race() -> list[object]:
        desks = [Portal(portal.url) for _ in range(2)]
        try:
            for desk in desks:
                await desk.migrate()
                await desk.open()
            adding = [desk.links.add(link(), portal_user(), f"Desk {n}") for n, desk in enumerate(desks)]
            return await asyncio.gather(*adding, return_exceptions=True)
        finally:
            for desk in desks:
                await desk.aclose()

    ends = asyncio.run(race())
    assert [type(end) for end in ends if end is not None] == [Conflict]
    (entry,) = portal.run(lambda opened: opened.journal.audited(ACCOUNT))
    assert entry.actor == f"Desk {ends.index(None)}"


@pytest.mark.parametrize(
    ("account", "client", "user", "rows"),
    [
        (ACCOUNT, None, None, 1),
        (None, 5001, None, 1),
        (None, None, USER, 1),
        (ACCOUNT, 5002, None, 2),
        (ACCOUNT, 5001, USER, 1),
        (None, None, None, 0),
        ("0015g0000000009AAA", 9, "nobody", 0),
    ],
)
def test_rows_are_found_that_name_any_of_the_ids(
    portal: PortalBench, account: str | None, client: int | None, user: str | None, rows: int
) -> None:
    add(portal, link())
    add(portal, link(OTHER_USER, 5002, OTHER_ACCOUNT), "other@example.jp")
    assert len(portal.run(lambda opened: opened.links.naming(account, client, user))) == rows


def test_what_the_web_site_wrote_is_taken_over_once(portal: PortalBench) -> None:
    users = [portal_user(), portal_user(OTHER_USER, "other@example.jp")]
    rows = [link(), link(OTHER_USER, 5002, OTHER_ACCOUNT)]
    for part in (1, 2, 2):
        portal.run(lambda opened, n=part: opened.links.load(users[:n], rows[:n], "web site"))  # type: ignore[misc]  # bound now
    assert portal.run(lambda opened: opened.links.all()) == rows
    assert portal.run(lambda opened: opened.links.users()) == users


def test_a_user_that_is_not_known_is_none(portal: PortalBench) -> None:
    assert portal.run(lambda opened: opened.links.user(USER)) is None


_LINKING = """
import asyncio, sys
from console.errors import Conflict
from console.integrations.portal.portal import Portal
from console.models.customer import Link, PortalUser

async def main(url, user_id, client_id, account_id):
    portal = Portal(url)
    await portal.open()
    print("ready", flush=True)
    sys.stdin.readline()
    link = Link(portal_user_id=user_id, whmcs_client_id=int(client_id), salesforce_account_id=account_id)
    user = PortalUser(id=user_id, email=f"{user_id}@example.jp", name="", state="active")
    try:
        await portal.links.add(link, user, sys.argv[5])
        print("linked")
    except Conflict as told:
        print(told.message)
    await portal.aclose()

asyncio.run(main(*sys.argv[1:5]))
"""


@pytest.mark.parametrize("shared", ["user", "client", "account"])
def test_of_two_processes_that_link_the_same_at_the_same_time_one_wins_and_one_is_told(
    portal: PortalBench, shared: str
) -> None:
    first, second = [USER, "5001", ACCOUNT], [OTHER_USER, "5002", OTHER_ACCOUNT]
    place = ("user", "client", "account").index(shared)
    second[place] = first[place]
    portal.run(lambda opened: opened.links.all())
    both = [
        subprocess.Popen(
            [sys.executable, "-c", _LINKING, portal.url, *ids, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for ids, name in ((first, "Sara Ito"), (second, "Yuki Shirai"))
    ]
    for one in both:
        assert one.stdout
        assert one.stdout.readline() == "ready\n"
    for one in both:
        assert one.stdin
        one.stdin.write("now\n")
        one.stdin.flush()
    said = sorted(one.communicate(timeout=60)[0].strip() for one in both)
    assert said == ["an id is taken already", "linked"]
    assert len(portal.run(lambda opened: opened.links.all())) == 1
    lines = portal.run(lambda opened: opened.journal.recent(10))
    assert [line.action for line in lines] == ["link"]
