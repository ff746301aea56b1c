"""The engine: one process carries out what everyone asks for, goes on with what a dead one left, and parks in order."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from console.integrations.portal.portal import Portal
from console.models.command import CommandState
from console.models.provisioning import ProvisionOutcome, ProvisionResult
from console.models.staff import StaffMember
from console.services import Services, open_services, portal_of
from console.settings import PortalSettings
from console.tasks import Tasks
from console.workflows import engine as engine_module
from console.workflows.durable import migrate_workflows
from console.workflows.engine import PROTOCOL, PROVISION, Engine, EngineLimits
from tests.postgres import new_database, server
from tests.workflows.desk_bench import Bench


def test_an_order_is_provisioned_by_a_command_that_keeps_its_result(bench: Bench) -> None:
    order_id = bench.orders("Approved")[0]

    async def provisioned(desk: Services, me: StaffMember) -> ProvisionResult:
        result = await desk.engine.provision(order_id, me)
        [command] = [one for one in await desk.portal.commands.changed_since(_long_ago()) if one.subject == order_id]
        assert (command.state, command.asked_by, command.asked_as) == (CommandState.DONE, me.name, me.user_id)
        assert ProvisionResult.model_validate_json(command.result) == result
        assert not desk.engine.executes_now
        assert await desk.portal.engine_lease.holder() is None
        return result

    assert bench.run(provisioned).outcome is ProvisionOutcome.ACTIVATED
    assert len(bench.billing_orders(order_id)) == 1


def test_who_may_not_provision_puts_no_command(bench: Bench) -> None:
    order_id = bench.orders("Approved")[0]

    async def refused(desk: Services, me: StaffMember) -> ProvisionResult:
        result = await desk.engine.provision(order_id, me)
        assert order_id not in [one.subject for one in await desk.portal.commands.changed_since(_long_ago())]
        return result

    result = bench.run(refused, "support")
    assert (result.outcome, result.code) == (ProvisionOutcome.REFUSED, "APR-05")


def test_many_clicks_on_one_order_are_one_command(bench: Bench) -> None:
    order_id = bench.orders("Approved")[0]

    async def clicked(desk: Services, me: StaffMember) -> list[ProvisionResult]:
        results = list(await asyncio.gather(*[desk.engine.provision(order_id, me) for _ in range(5)]))
        assert (
            len([one for one in await desk.portal.commands.changed_since(_long_ago()) if one.subject == order_id]) == 1
        )
        return results

    first, *others = bench.run(clicked)
    assert first.outcome is ProvisionOutcome.ACTIVATED
    assert others == [first] * 4


def test_what_one_desk_asks_the_desk_that_holds_the_lease_carries_out(fresh_bench: Bench) -> None:
    first, second = fresh_bench.orders("Approved")[:2]

    async def both(desk: Services, me: StaffMember) -> ProvisionResult:
        async with desk.engine.attending(me), open_services(fresh_bench.profile, fresh_bench.folder) as other:
            await desk.engine.provision(first, me)
            result = await other.engine.provision(second, await other.me())
            assert desk.engine.executes_now
            assert not other.engine.executes_now
            holder = await other.portal.engine_lease.holder()
            assert holder
            assert (holder.name, holder.protocol) == (me.name, PROTOCOL)
            return result

    assert fresh_bench.run(both).outcome is ProvisionOutcome.ACTIVATED
    assert len(fresh_bench.billing_orders(second)) == 1


def test_the_one_who_asked_is_named_not_the_one_who_executes(fresh_bench: Bench) -> None:
    order_id = fresh_bench.orders("Approved")[0]

    async def asked(desk: Services, me: StaffMember) -> list[str]:
        async with (
            desk.engine.attending(me),
            open_services(fresh_bench.profile, fresh_bench.folder, "back_office") as other,
        ):
            await desk.engine.provision(fresh_bench.orders("Approved")[1], me)
            asker = await other.me()
            await other.engine.provision(order_id, asker)
            assert asker.name != me.name
            return [entry.actor for entry in await desk.portal.journal.audited(order_id)] + [asker.name]

    *actors, asker = fresh_bench.run(asked)
    assert set(actors) == {asker}


def test_nothing_heavy_is_loaded_and_no_lease_taken_while_there_is_nothing_to_do(bench: Bench) -> None:
    async def idle(desk: Services, me: StaffMember) -> None:
        async with desk.engine.attending(me):
            for _ in range(3):
                desk.engine.wake()
                await desk.engine.heard()
            assert not desk.engine.executes_now
            assert await desk.portal.engine_lease.holder() is None

    bench.run(idle)


def test_a_desk_of_a_team_only_asks_and_says_where_nobody_carries_out(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "_NOBODY_S", 0.0)
    order_id = bench.orders("Approved")[0]

    async def asked(desk: Services, me: StaffMember) -> ProvisionResult:
        team = _engine(desk, EngineLimits(executes=False))
        result = await team.provision(order_id, me)
        [command] = await desk.portal.commands.due(datetime.now(UTC), 5)
        assert command.subject == order_id
        monkeypatch.undo()
        async with desk.engine.attending(me):
            assert (await team.provision(order_id, me)).outcome is ProvisionOutcome.ACTIVATED
        return result

    result = bench.run(asked)
    assert result.outcome is ProvisionOutcome.WAITING
    assert "worker" in result.message


def test_what_a_dead_process_had_in_hand_is_gone_on_with(fresh_bench: Bench) -> None:
    order_id = fresh_bench.orders("Approved")[0]

    async def left(portal: Portal, me: StaffMember) -> str:
        command = await portal.commands.put(PROVISION, order_id, "{}", me, protocol=PROTOCOL)
        assert await portal.commands.start(command.id, "somebody who is gone")
        return command.id

    async def gone_on(desk: Services, me: StaffMember) -> CommandState:
        command_id = await left(desk.portal, me)
        async with desk.engine.attending(me):
            while (command := await desk.portal.commands.get(command_id)) and command.is_open:
                await desk.engine.heard()
            assert command
            return command.state

    assert fresh_bench.run(gone_on) is CommandState.DONE
    assert len(fresh_bench.billing_orders(order_id)) == 1


@pytest.mark.parametrize("begun", [True, False])
def test_what_another_version_has_asked_for_becomes_a_case(fresh_bench: Bench, *, begun: bool) -> None:
    order_id = fresh_bench.orders("Approved")[0]

    async def found(desk: Services, me: StaffMember) -> str:
        command = await desk.portal.commands.put(PROVISION, order_id, "{}", me, protocol=PROTOCOL + 1)
        if begun:
            await desk.portal.commands.start(command.id, "somebody who is gone")
        async with desk.engine.attending(me):
            while (now := await desk.portal.commands.get(command.id)) and now.is_open:
                await desk.engine.heard()
        case = await desk.portal.cases.open_of(order_id)
        assert case
        assert now
        assert now.state is CommandState.FAILED
        return f"{case.code} {case.detail}"

    case = fresh_bench.run(found)
    assert case.startswith("PRV-01 It was ")
    assert f"protocol {PROTOCOL + 1}" in case
    assert fresh_bench.billing_orders(order_id) == []


def test_a_defect_is_raised_where_it_was_asked_for_and_noted(
    fresh_bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = fresh_bench.orders("Approved")[0]
    reported: list[object] = []

    async def broken(desk: Services, me: StaffMember) -> CommandState:
        async def defect(*_: object) -> ProvisionResult:
            raise LookupError("a defect")

        monkeypatch.setattr(desk.provisioning, "provision", defect)
        asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context["exception"]))
        with pytest.raises(LookupError, match="a defect"):
            await desk.engine.provision(order_id, me)
        [command] = [one for one in await desk.portal.commands.changed_since(_long_ago()) if one.subject == order_id]
        return command.state

    assert fresh_bench.run(broken) is CommandState.FAILED
    assert len(reported) == 1


def test_what_does_not_end_in_time_is_parked_and_done_by_the_next(fresh_bench: Bench) -> None:
    order_id = fresh_bench.orders("Approved")[0]

    async def parked(desk: Services, me: StaffMember) -> CommandState:
        engine = _engine(desk, EngineLimits(finish_within_s=0.0))
        fresh_bench.break_with("hold", "AddOrder")
        tasks = Tasks()
        tasks.spawn(engine.provision(order_id, me), "asked")
        while not fresh_bench.calls("whmcs", "AddOrder"):
            await engine.heard()
        await tasks.aclose()
        [command] = [one for one in await desk.portal.commands.changed_since(_long_ago()) if one.subject == order_id]
        return command.state

    assert fresh_bench.run(parked) is CommandState.WAITING
    fresh_bench.sandbox.board.remove()
    result = fresh_bench.run(lambda desk, me: desk.engine.provision(order_id, me))
    assert result.outcome is ProvisionOutcome.ACTIVATED
    assert len(fresh_bench.billing_orders(order_id)) == 1


def test_where_the_engine_cannot_start_it_says_why_and_the_command_stays(
    fresh_bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "_NOBODY_S", 0.5)
    order_id = fresh_bench.orders("Approved")[0]
    (fresh_bench.folder / "engine.db").mkdir()

    async def asked(desk: Services, me: StaffMember) -> ProvisionResult:
        result = await desk.engine.provision(order_id, me)
        assert await desk.portal.engine_lease.holder() is None
        (fresh_bench.folder / "engine.db").rmdir()
        async with desk.engine.attending(me):
            while not fresh_bench.billing_orders(order_id):
                await desk.engine.heard()
        return result

    result = fresh_bench.run(asked)
    assert result.outcome is ProvisionOutcome.WAITING
    assert result.message
    assert len(fresh_bench.billing_orders(order_id)) == 1


def test_a_command_waits_for_its_time(bench: Bench) -> None:
    first, later = bench.orders("Approved")[:2]

    async def waited(desk: Services, me: StaffMember) -> CommandState:
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        command = await desk.portal.commands.put(PROVISION, later, "{}", me, protocol=PROTOCOL, not_before=tomorrow)
        async with desk.engine.attending(me):
            await desk.engine.provision(first, me)
        now = await desk.portal.commands.get(command.id)
        assert now
        return now.state

    assert bench.run(waited) is CommandState.WAITING
    assert bench.billing_orders(later) == []


def test_a_team_shares_one_database_its_worker_executes_and_its_desks_only_ask(fresh_bench: Bench) -> None:
    chosen = fresh_bench.orders("Approved")[:6]

    async def worked(url: str) -> list[ProvisionResult]:
        profile = fresh_bench.profile.model_copy(update={"portal": PortalSettings(database_url=url)})
        portal = portal_of(profile, fresh_bench.folder)
        await portal.migrate()
        await asyncio.to_thread(migrate_workflows, portal.workflow_database, PROTOCOL)
        await portal.aclose()
        async with (
            open_services(profile, fresh_bench.folder) as worker,
            worker.engine.attending(await worker.me()),
            open_services(profile, fresh_bench.folder, at_a_desk=True) as desk,
        ):
            me = await desk.me()
            results = [await desk.engine.provision(chosen[0], me), *await desk.bulk.new(me, chosen[1:]).run()]
            assert (worker.engine.executes_now, desk.engine.executes_now) == (True, False)
            return results

    with server() as uri:
        results = asyncio.run(worked(new_database(uri)))
    assert [(one.order_id, one.outcome) for one in results] == [(one, ProvisionOutcome.ACTIVATED) for one in chosen]
    assert all(len(fresh_bench.billing_orders(one)) == 1 for one in chosen)


def _engine(desk: Services, limits: EngineLimits) -> Engine:
    return Engine(desk.portal, desk.provisioning, desk.diagnosis, desk.connections.all_answer, limits)


def _long_ago() -> datetime:
    return datetime(2020, 1, 1, tzinfo=UTC)
