"""Reviews against the seed: each code is found on the order that was made for it, and outages do not blank the rest."""

import pytest

from console.errors import NotFound
from console.models.check import Result, Review, Verdict
from console.models.staff import StaffMember
from console.services import Services
from tests.workflows.desk_bench import Bench

_STOPS = [
    "PAY-01", "PAY-02", "PAY-04", "LNK-01", "LNK-02", "LNK-03", "LNK-04", "LNK-05", "LNK-07", "CAT-01", "CAT-02",
    "CAT-03", "CAT-04", "CAT-05", "DUP-01", "DUP-02", "ADR-01", "ADR-02", "ADR-03", "MNP-01", "MNP-02", "MNP-03",
    "MNP-04", "SIM-01", "APR-01",
]  # fmt: skip
_LOOKS = {"PAY-05": "PAY-05", "LNK-06": "LNK-06", "MNP-01 soon": "MNP-01", "PAY-02 soon": "PAY-02"}


def review(bench: Bench, order_id: str) -> Review:
    """Review an order as the first supervisor."""

    async def work(desk: Services, me: StaffMember) -> Review:
        return await desk.reviewing.review(order_id, me)

    return bench.run(work)


@pytest.mark.parametrize("code", _STOPS)
def test_each_stop_is_found_on_its_order_and_nothing_else_stops_it(bench: Bench, code: str) -> None:
    found = review(bench, bench.order_for(f"{code} in review"))
    assert found.verdict is Verdict.STOP
    assert {check.code for check in found.checks if check.result is Result.STOP} == {code}


@pytest.mark.parametrize(("scenario", "code"), _LOOKS.items())
def test_each_look_is_found_on_its_order(bench: Bench, scenario: str, code: str) -> None:
    found = review(bench, bench.order_for(f"{scenario} in review"))
    assert found.verdict is Verdict.LOOK
    assert {check.code for check in found.checks if check.result is Result.LOOK} == {code}


def test_every_check_has_evidence_source_and_age(bench: Bench) -> None:
    found = review(bench, bench.orders("In Review")[0])
    assert len(found.checks) == len({check.id for check in found.checks}) == 14
    assert all(check.evidence and check.checked_at.tzinfo for check in found.checks)


def test_plenty_of_orders_are_ready(bench: Bench) -> None:
    async def count(desk: Services, me: StaffMember) -> int:
        reviews = [await desk.reviewing.review(order_id, me) for order_id in bench.orders("In Review")]
        return sum(one.verdict is Verdict.READY for one in reviews)

    assert bench.run(count) >= 36


def test_billing_that_cannot_be_read_stops_only_the_checks_that_need_it(bench: Bench) -> None:
    order_id = bench.orders("In Review")[0]
    bench.break_with("access_role", "GetPayMethods")
    found = {check.id: check for check in review(bench, order_id).checks}
    assert (found["payment_method"].result, found["payment_method"].code) == (Result.STOP, "ACC-01")
    assert found["products"].result is Result.PASS
    assert found["open_invoice"].result is Result.PASS


def test_billing_that_is_down_altogether_leaves_a_review_that_says_so(bench: Bench) -> None:
    order_id = bench.orders("In Review")[0]
    bench.break_with("status", "*", status=503, count=60)
    found = {check.id: check for check in review(bench, order_id).checks}
    bench.sandbox.board.remove()
    assert {found[name].code for name in ("payment_method", "open_invoice", "three_ids")} == {"PRV-02"}
    assert found["products"].result is Result.PASS


def test_the_seed_signs_its_approvals_as_we_do(bench: Bench) -> None:

    async def hashes(desk: Services, me: StaffMember) -> list[tuple[str | None, str]]:
        orders = [await desk.salesforce.reads.order(one) for one in bench.orders("Approved")[:20]]
        return [(order.approved_hash, order.content_hash) for order in orders if order]

    pairs = bench.run(hashes)
    assert pairs
    assert all(signed == present for signed, present in pairs)


def test_an_order_and_its_review_are_of_one_version(bench: Bench) -> None:
    async def examine(desk: Services, me: StaffMember) -> None:
        order, review = await desk.reviewing.examine(bench.orders("In Review")[0], me)
        assert (order.id, order.content_hash) == (review.order_id, review.content_hash)

    bench.run(examine)


def test_an_order_that_is_not_there_is_told(bench: Bench) -> None:
    with pytest.raises(NotFound):
        review(bench, "8015g00000zzzzzAAA")


@pytest.mark.parametrize(
    ("scenario", "now", "then"),
    [
        ("PAY-05 in review", "in_review", "approved"),
        ("PAY-01 in review", "in_review", "awaiting_payment_method"),
        ("PAY-01 approved", "approved", "awaiting_payment_method"),
    ],
)
def test_what_the_customer_will_see_fits_the_state(bench: Bench, scenario: str, now: str, then: str) -> None:
    found = review(bench, bench.order_for(scenario))
    assert (found.customer_sees.slug, found.customer_will_see.slug) == (now, then)


def test_an_approved_order_that_nothing_stops_will_be_active(bench: Bench) -> None:
    found = review(bench, bench.orders("Approved")[0])
    assert (found.customer_sees.slug, found.customer_will_see.slug) == ("approved", "active")
