"""The machine takes up what it may, when it may, once; what it has tried is counted from the database alone."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest

from console.errors import Unavailable
from console.models.command import Command, CommandState
from console.models.order import Activation, OrderState, OrderSummary
from console.models.provisioning import ProvisionOutcome, ProvisionResult
from console.models.staff import StaffMember
from console.rules.directory import person_of
from console.services import Services
from console.workflows.engine import PROTOCOL, PROVISION
from console.workflows.retries import Retries
from tests.workflows.desk_bench import Bench

T = TypeVar("T")


def worker(desk: Services) -> Retries:
    """What a worker that has just been started knows."""
    return Retries(desk.portal, desk.catalogue, desk.connections, desk.profile, jitter=lambda: 0.5)


def on(bench: Bench, work: Callable[[Services, StaffMember], Awaitable[T]]) -> T:
    """Do something on a desk that has read the queue."""

    async def synced(desk: Services, me: StaffMember) -> T:
        await desk.sync.ensure()
        return await work(desk, me)

    return bench.run(synced)


def approved(bench: Bench, number: int = 0) -> str:
    """An approved order that belongs to no scenario."""
    return bench.orders("Approved")[number]


async def stuck(desk: Services, order_id: str, code: str) -> datetime:
    """Open a case for the order; tells since when it is."""
    await desk.portal.cases.open(order_id, "1", code, "", "")
    case = await desk.portal.cases.open_of(order_id)
    assert case
    return case.opened_at


async def of_order(desk: Services, order_id: str) -> list[Command]:
    """All commands for an order, the latest last."""
    changed = await desk.portal.commands.changed_since(datetime.now(UTC) - timedelta(days=300))
    return [one for one in changed if one.subject == order_id]


async def end(desk: Services, order_id: str, outcome: ProvisionOutcome, code: str | None = None) -> None:
    """Carry out the order's open command, without the engine: it ends like this."""
    [command] = [one for one in await of_order(desk, order_id) if one.is_open]
    assert await desk.portal.commands.start(command.id, "an engine")
    result = ProvisionResult(order_id=order_id, outcome=outcome, code=code)
    assert await desk.portal.commands.finish(command.id, CommandState.DONE, result.model_dump_json())


def test_a_stuck_order_gets_one_command_that_is_due_when_its_letter_says(fresh_bench: Bench) -> None:
    async def work(desk: Services, me: StaffMember) -> tuple[list[int], datetime, list[Command]]:
        opened = await stuck(desk, approved(fresh_bench), "SYN-01")
        put = [await worker(desk).retry_stuck(me) for _ in range(3)]
        return put, opened, await of_order(desk, approved(fresh_bench))

    put, opened, [command] = on(fresh_bench, work)
    assert put == [1, 0, 0]
    assert (command.kind, command.state, command.protocol) == (PROVISION, CommandState.WAITING, PROTOCOL)
    assert command.not_before == opened + timedelta(seconds=30)


@pytest.mark.parametrize("code", ["PAY-04", "PRV-08", "SYN-04", "UNK-00"])
def test_what_waits_for_a_person_gets_none(bench: Bench, code: str) -> None:
    async def work(desk: Services, me: StaffMember) -> int:
        await stuck(desk, approved(bench), code)
        return await worker(desk).retry_stuck(me)

    assert on(bench, work) == 0


def test_the_tries_are_used_up_also_when_the_worker_dies_after_each(fresh_bench: Bench) -> None:
    order_id = approved(fresh_bench)

    async def work(desk: Services, me: StaffMember) -> list[Command]:
        await stuck(desk, order_id, "SYN-01")
        while await worker(desk).retry_stuck(me):
            await end(desk, order_id, ProvisionOutcome.REFUSED, "SYN-01")
        return await of_order(desk, order_id)

    assert len(on(fresh_bench, work)) == 5


def test_one_worker_that_goes_on_counts_the_same(fresh_bench: Bench) -> None:
    order_id = approved(fresh_bench)

    async def work(desk: Services, me: StaffMember) -> list[Command]:
        await stuck(desk, order_id, "SYN-01")
        retries = worker(desk)
        while await retries.retry_stuck(me):
            assert await retries.retry_stuck(me) == 0
            await end(desk, order_id, ProvisionOutcome.PAUSED, "SYN-01")
        return await of_order(desk, order_id)

    assert len(on(fresh_bench, work)) == 5


def test_another_code_is_tried_anew_but_two_that_take_turns_come_to_an_end(fresh_bench: Bench) -> None:
    order_id = approved(fresh_bench)

    async def work(desk: Services, me: StaffMember) -> int:
        retries, tries = worker(desk), 0
        for turn in range(40):
            code = ("SYN-01", "PRV-01")[turn % 2]
            await stuck(desk, order_id, code)
            if not await retries.retry_stuck(me):
                break
            await end(desk, order_id, ProvisionOutcome.PAUSED, ("PRV-01", "SYN-01")[turn % 2])
            tries += 1
        return tries

    assert 5 <= on(fresh_bench, work) <= 12


def test_an_outage_does_not_use_up_the_tries(fresh_bench: Bench) -> None:
    order_id = approved(fresh_bench)

    async def work(desk: Services, me: StaffMember) -> tuple[int, int]:
        await stuck(desk, order_id, "PRV-02")
        fresh_bench.break_with("status", "*", status=503, count=1000)
        with pytest.raises(Unavailable):
            await desk.whmcs.admin_details()
        during = await worker(desk).retry_stuck(me)
        fresh_bench.sandbox.board.remove()
        desk.whmcs.ask_afresh()
        return during, await worker(desk).retry_stuck(me)

    assert on(fresh_bench, work) == (0, 1)


@pytest.mark.parametrize(
    ("state", "activation"),
    [(OrderState.APPROVED, Activation.ACTIVATED), (OrderState.REJECTED, Activation.PAUSED)],
)
def test_what_cannot_become_active_any_more_is_left_alone(
    bench: Bench, state: OrderState, activation: Activation
) -> None:
    async def work(desk: Services, me: StaffMember) -> int:
        order = await desk.portal.directory.order(approved(bench))
        assert order
        changed: dict[str, Any] = {"state": state, "activation": activation}
        books = desk.portal.books(person_of)
        await books.put_orders([order.model_copy(update=changed)], (), 1)
        await stuck(desk, order.order_id, "SYN-01")
        put = await worker(desk).retry_stuck(me)
        await books.put_orders([order], (), 1)
        await desk.portal.cases.close(order.order_id)
        return put

    assert on(bench, work) == 0


def test_an_approved_order_that_is_not_begun_gets_one_command_due_at_once(fresh_bench: Bench) -> None:
    async def work(desk: Services, me: StaffMember) -> tuple[list[int], list[Command], list[OrderSummary]]:
        waiting = [one for one in await desk.orders.queue(OrderState.APPROVED) if one.activation is Activation.CREATED]
        await stuck(desk, waiting[0].order_id, "UNK-00")
        put = [await worker(desk).begin_approved(me) for _ in range(2)]
        return put, await of_order(desk, waiting[1].order_id), waiting

    put, [command], waiting = on(fresh_bench, work)
    assert put == [len(waiting) - 1, 0]
    assert (command.state, command.not_before) == (CommandState.WAITING, None)


@pytest.mark.parametrize("outcome", [ProvisionOutcome.REFUSED, ProvisionOutcome.WAITING])
def test_an_approved_order_that_could_not_be_begun_is_not_asked_for_again_at_once(
    fresh_bench: Bench, outcome: ProvisionOutcome
) -> None:
    async def work(desk: Services, me: StaffMember) -> int:
        retries = worker(desk)
        await retries.begin_approved(me)
        await end(desk, approved(fresh_bench), outcome, None)
        return await retries.begin_approved(me) + await worker(desk).begin_approved(me)

    assert on(fresh_bench, work) == 0


def test_a_code_of_a_later_version_is_left_to_people(fresh_bench: Bench) -> None:
    async def work(desk: Services, me: StaffMember) -> int:
        await stuck(desk, approved(fresh_bench), "ZZZ-99")
        return await worker(desk).retry_stuck(me)

    assert on(fresh_bench, work) == 0


def test_an_open_command_of_a_person_is_not_put_twice(fresh_bench: Bench) -> None:
    order_id = approved(fresh_bench)

    async def work(desk: Services, me: StaffMember) -> tuple[int, int]:
        await stuck(desk, order_id, "SYN-01")
        await desk.portal.commands.put(PROVISION, order_id, "{}", me, protocol=PROTOCOL)
        return await worker(desk).retry_stuck(me), len(await of_order(desk, order_id))

    assert on(fresh_bench, work) == (0, 1)
