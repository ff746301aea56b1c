"""What people call an order, and what is refused before anything is sent."""

import pytest

from console.errors import InvalidInput, NotFound
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
