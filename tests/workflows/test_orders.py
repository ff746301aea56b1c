"""What people call an order, and what is refused before anything is sent."""

import pytest

from console.errors import InvalidInput, NotFound
from console.models.order import Activation, Order, OrderState
from console.models.staff import StaffMember
from console.services import Services
from tests.workflows.desk_bench import Bench


def resolve(bench: Bench, text: str) -> str:
    """The id of what people call an order."""

    async def work(desk: Services, me: StaffMember) -> str:
        return await desk.orders.resolve(text)

    return bench.run(work)


def test_a_number_with_or_without_zeros_and_ids_of_both_lengths_name_the_order(bench: Bench) -> None:
    order_id = bench.orders("Approved")[0]
    number = bench.in_salesforce(order_id)["OrderNumber"]
    for text in (number, number.lstrip("0"), order_id, order_id[:15], f" {number} "):
        assert resolve(bench, text) == order_id


@pytest.mark.parametrize("text", ["", "abc", "' OR Id != '", "0015g00000000EAAQ", "１２", "<b>1</b>", "9" * 31])
def test_what_cannot_be_an_order_is_refused_and_nothing_is_sent(bench: Bench, text: str) -> None:
    sent = bench.calls("salesforce", "query")
    with pytest.raises(InvalidInput):
        resolve(bench, text)
    # One query is the sign-in's look at the person's roles.
    assert bench.calls("salesforce", "query") == sent + 1


def test_a_number_that_nobody_has_is_told(bench: Bench) -> None:
    with pytest.raises(NotFound):
        resolve(bench, "99999999")


def test_the_queue_is_at_hand_and_a_refresh_reads_what_changed(fresh_bench: Bench) -> None:
    order_id = fresh_bench.orders("In Review")[0]

    async def work(desk: Services, me: StaffMember) -> None:
        before = await desk.orders.queue(OrderState.IN_REVIEW)
        assert order_id in [row.order_id for row in before]
        assert before == sorted(before, key=lambda row: (row.placed_at, row.order_number))
        sent = fresh_bench.sandbox.board.calls_made()
        await desk.orders.queue(activation=Activation.CREATED)
        assert fresh_bench.sandbox.board.calls_made() == sent
        await desk.deciding.reject(order_id, me, "not wanted")
        assert await desk.orders.queue(OrderState.IN_REVIEW) == before
        await desk.orders.refresh()
        assert order_id not in [row.order_id for row in await desk.orders.queue(OrderState.IN_REVIEW)]

    fresh_bench.run(work)


def test_one_order_is_read_live_or_not_there(bench: Bench) -> None:
    order_id = bench.orders("Approved")[0]

    async def work(desk: Services, me: StaffMember) -> Order:
        with pytest.raises(NotFound):
            await desk.orders.read("8015g00000zzzzzAAA")
        return await desk.orders.read(order_id)

    assert bench.run(work).number == bench.in_salesforce(order_id)["OrderNumber"]
