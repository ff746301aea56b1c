"""What is gathered for a review: live, side by side, and no more calls than the review needs."""

from collections import Counter

from console.models.staff import StaffMember
from console.services import Services
from tests.workflows.desk_bench import Bench


def test_a_review_asks_each_system_once_for_each_thing(bench: Bench) -> None:
    order_id = bench.orders("In Review")[0]

    async def calls(desk: Services, me: StaffMember) -> Counter[str]:
        await desk.reviewing.review(order_id, me)
        desk.whmcs.calls.clear()
        await desk.reviewing.review(order_id, me)
        return Counter(desk.whmcs.calls)

    wanted = ("GetClientsDetails", "GetPayMethods", "GetClientsProducts", "GetInvoices")
    assert bench.run(calls) == dict.fromkeys(wanted, 1)
