"""Mails, tickets and the log, read back without what could be misused."""

import asyncio
from collections.abc import Iterator
from datetime import datetime

import pytest

from console.integrations.whmcs.actions import Whmcs
from tests.integrations.whmcs.office import CLIENT, CLOSED, Office, open_office
from tests.integrations.whmcs.wire import connected, success

_TICKET = {
    "id": "1",
    "tid": "516757",
    "deptid": "1",
    "userid": str(CLIENT),
    "c": "planted-key",
    "date": "2026-01-01 06:26:29",
    "subject": "The line is slow",
    "status": "Answered",
    "priority": "Medium",
    "lastreply": "2026-01-01 06:30:16",
}


@pytest.fixture
def office() -> Iterator[Office]:
    with open_office() as opened:
        yield opened


def test_mails_to_a_client_are_listed_without_their_text(office: Office) -> None:
    async def mail(whmcs: Whmcs) -> None:
        await whmcs.send_custom_email("general", CLIENT, subject="Hello", message="Your password is planted-secret")
        await whmcs.send_custom_email("general", CLOSED, subject="Other", message="-")
        [sent] = await whmcs.get_emails(CLIENT)
        assert (sent.subject, sent.to) == ("Hello", "hanako@example.jp")
        assert "planted-secret" not in repr(sent)

    office.run(mail)


@pytest.mark.parametrize("version", ["8.1.0", "8.4.2", "8.12.1"])
def test_the_log_of_a_client_is_searched_in_every_version(office: Office, version: str) -> None:
    office.server.switches.version = version

    async def note(whmcs: Whmcs) -> None:
        await whmcs.log_activity("Order 1 claimed", CLIENT)
        await whmcs.log_activity("Order 2 claimed", CLOSED)
        await whmcs.log_activity("Order 1 sent", CLIENT)
        assert [line.description for line in await whmcs.get_activity_log(CLIENT, description="claimed")] == [
            "Order 1 claimed"
        ]
        assert [line.client_id for line in await whmcs.get_activity_log(limit=2)] == [CLIENT, CLOSED]

    office.run(note)


def test_tickets_are_listed_without_the_key_to_their_page() -> None:
    async def look() -> None:
        rows = [_TICKET, {**_TICKET, "id": "2", "userid": "8"}]
        async with connected(lambda _: success(totalresults="2", tickets={"ticket": rows})) as (whmcs, _wire):
            [ticket] = await whmcs.get_tickets(CLIENT)
        assert (ticket.number, ticket.last_reply) == ("516757", datetime.fromisoformat("2026-01-01 06:30:16"))
        assert "planted-key" not in repr(ticket)

    asyncio.run(look())


def test_an_opened_ticket_tells_the_number_that_the_customer_knows() -> None:
    async def open_one() -> str:
        async with connected(lambda _: success(id="1", tid="516757", c="planted-key")) as (whmcs, _wire):
            ticket = await whmcs.open_ticket(CLIENT, 1, subject="Line", message="It is slow.")
            assert "planted-key" not in repr(ticket)
            return ticket.number

    assert asyncio.run(open_one()) == "516757"
