"""How the systems answer: from the calls that are made anyway, and asked for where none is made."""

import asyncio
from datetime import UTC, datetime

from console.models.connection import Connection, ConnectionState
from console.models.staff import StaffMember
from console.services import Services
from console.workflows.connections import Connections
from tests.workflows.desk_bench import Bench


def states(desk: Services) -> list[ConnectionState]:
    """The states of the Portal database, Salesforce and WHMCS."""
    return [one.state(datetime.now(UTC)) for one in desk.connections.states()]


def test_calls_that_are_made_anyway_tell_and_the_rest_is_asked_once(bench: Bench) -> None:
    async def ask(desk: Services, me: StaffMember) -> None:
        assert [one.system for one in desk.connections.states()] == ["portal", "salesforce", "whmcs"]
        assert states(desk) == [ConnectionState.OK, ConnectionState.OK, ConnectionState.UNKNOWN]
        await asyncio.gather(desk.connections.probe(), desk.connections.probe())
        await desk.connections.probe()
        assert states(desk) == [ConnectionState.OK] * 3

    asked = (bench.calls("whmcs", "GetAdminDetails"), bench.calls("salesforce", "versions"))
    bench.run(ask)
    assert (bench.calls("whmcs", "GetAdminDetails"), bench.calls("salesforce", "versions")) == (asked[0] + 1, asked[1])


def test_a_system_that_is_down_is_told_with_since_when_and_answers_again(bench: Bench) -> None:
    async def outage(desk: Services, me: StaffMember) -> None:
        bench.break_with("status", "*", status=503, count=3)
        await desk.connections.probe()
        down = desk.connections.states()[2]
        assert down.state(datetime.now(UTC)) is ConnectionState.DOWN
        assert down.problem == desk.catalogue["PRV-02"].title
        await desk.connections.probe()
        again = desk.connections.states()[2]
        assert (again.state(datetime.now(UTC)), again.down_since, again.problem) == (ConnectionState.OK, None, None)

    bench.run(outage)


def test_one_that_is_down_does_not_keep_the_others_from_being_asked(bench: Bench) -> None:
    async def outage(desk: Services, me: StaffMember) -> tuple[Connection, ...]:
        everything_is_old = Connections(desk.salesforce, desk.whmcs, desk.portal, desk.diagnosis, fresh_s=0)
        bench.break_with("drop", "versions", system="salesforce")
        await everything_is_old.probe()
        return everything_is_old.states()

    asked = bench.calls("whmcs", "GetAdminDetails")
    portal, salesforce, whmcs = bench.run(outage)
    assert salesforce.down_since
    assert salesforce.answered_at
    assert (portal.down_since, whmcs.down_since) == (None, None)
    assert bench.calls("whmcs", "GetAdminDetails") == asked + 1


def test_a_system_that_refuses_us_does_answer_and_its_problem_is_told(bench: Bench) -> None:
    async def refused(desk: Services, me: StaffMember) -> None:
        bench.break_with("access_ip", "GetAdminDetails")
        await desk.connections.probe()
        whmcs = desk.connections.states()[2]
        assert whmcs.state(datetime.now(UTC)) is ConnectionState.OK
        assert whmcs.problem == desk.catalogue["ACC-01"].title

    bench.run(refused)


def test_who_comes_while_the_systems_are_asked_waits_and_asks_no_more(bench: Bench) -> None:
    async def together(desk: Services, me: StaffMember) -> None:
        bench.break_with("status", "GetAdminDetails", status=503, count=30)
        await asyncio.gather(*[desk.connections.probe() for _ in range(5)])
        assert desk.connections.states()[2].down_since

    asked = bench.calls("whmcs", "GetAdminDetails")
    bench.run(together)
    bench.sandbox.board.remove()
    # One read with its two repeats.
    assert bench.calls("whmcs", "GetAdminDetails") == asked + 3
