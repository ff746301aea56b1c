"""What a WHMCS tells of itself: its version, its clock, its health; against the sandbox's."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from console.integrations.whmcs.actions import Whmcs
from console.integrations.whmcs.mapping import system
from console.models.billing import BillingServer
from tests.integrations.whmcs.office import Office, open_office
from tests.integrations.whmcs.wire import connected, http, success

JST = timedelta(hours=9)
NOON = datetime(2026, 11, 23, 3, tzinfo=UTC)


@pytest.fixture
def office() -> Iterator[Office]:
    with open_office() as opened:
        yield opened


def test_the_servers_zone_is_learnt_from_its_clock(office: Office) -> None:
    async def look(whmcs: Whmcs) -> BillingServer:
        assert whmcs.in_utc(datetime.fromisoformat("2026-11-23 12:00:00")) is None
        server = await whmcs.admin_details()
        assert whmcs.server == server
        assert whmcs.in_utc(datetime.fromisoformat("2026-11-23 12:00:00")) == NOON
        return server

    assert office.run(look).utc_offset == JST


def test_the_servers_clock_goes_on_from_its_last_answer(office: Office) -> None:
    async def look(whmcs: Whmcs) -> timedelta:
        await whmcs.admin_details()
        return whmcs.clock.now() - datetime.now(UTC)

    assert abs(office.run(look)) < timedelta(seconds=30)


def test_a_server_without_a_clock_tells_no_zone() -> None:
    async def look() -> BillingServer:
        async with connected(lambda _: success(adminid=1, whmcs={"version": "7.10"})) as (whmcs, _wire):
            return await whmcs.admin_details()

    server = asyncio.run(look())

    assert (server.wall_clock, server.utc_offset) == (None, None)


@pytest.mark.parametrize("date", ["Fri, 31 Dec 9999 23:59:59 GMT", "yesterday", "", "Mon, 01 Jan 0001 00:00:00 GMT"])
def test_no_date_of_a_server_breaks_anything(date: str) -> None:
    body = b'{"result":"success","requesttime":"2026-11-23 12:00:00"}'

    async def look() -> BillingServer:
        async with connected(lambda _: http(body, 200, f"Date: {date}")) as (whmcs, _wire):
            return await whmcs.admin_details()

    assert asyncio.run(look()).wall_clock == datetime.fromisoformat("2026-11-23 12:00:00")


@pytest.mark.parametrize(
    ("wall_clock", "offset"),
    [
        (datetime.fromisoformat("2026-11-23 12:00:02"), JST),
        (datetime.fromisoformat("2026-11-23 11:58:00"), JST),
        (datetime.fromisoformat("2026-11-23 03:00:00"), timedelta(0)),
        (datetime.fromisoformat("2026-11-23 08:45:00"), timedelta(hours=5, minutes=45)),
        (datetime.fromisoformat("2026-11-22 22:00:30"), timedelta(hours=-5)),
        (datetime.fromisoformat("2026-11-23 12:07:00"), None),
        (datetime.fromisoformat("2026-11-25 12:00:00"), None),
        (datetime.fromisoformat("9999-12-31 00:00:00"), None),
    ],
)
def test_zones_differ_by_quarters_of_an_hour(wall_clock: datetime, offset: timedelta | None) -> None:
    assert system.utc_offset(wall_clock, NOON) == offset


def test_the_servers_own_checks_are_told_without_markup(office: Office) -> None:
    [check] = office.run(lambda whmcs: whmcs.health_status())

    assert (check.name, check.severity) == ("Cron Status", "success")
    assert check.text == "The cron job last ran 5 minutes ago ."


def test_the_statuses_of_orders_are_read(office: Office) -> None:
    statuses = office.run(lambda whmcs: whmcs.get_order_statuses())

    assert {"Pending", "Active", "Fraud", "Cancelled"} <= {status.title for status in statuses}
