"""One open case per order: the same code counts on, another code closes and opens."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal

from console.integrations.portal.portal import Portal
from console.models.case import FailureCase
from console.models.money import Money
from console.models.order import Activation, OrderKind, OrderState, OrderSummary
from tests.integrations.portal.portal_bench import PortalBench

_ORDER, _OTHER = "8015g0000000001AAA", "8015g0000000002AAA"


_CHANGED = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
_SEEN = OrderSummary(
    order_id=_ORDER,
    order_number="00000042",
    account_id="0015g0000000001AAA",
    customer="森 葵",
    state=OrderState.APPROVED,
    activation=Activation.PAUSED,
    error_code="PAY-01",
    kind=OrderKind.SIM,
    placed_at=_CHANGED,
    changed_at=_CHANGED,
    total=Money(amount=Decimal(5280), currency="JPY"),
)


async def stuck(opened: Portal, code: str, order_id: str = _ORDER) -> None:
    await opened.cases.open(order_id, "00000042", code, f"{code} in words", "raw")


def all_open(portal: PortalBench) -> list[FailureCase]:
    return portal.run(lambda opened: opened.cases.all_open())


def test_the_same_code_counts_on_in_the_same_case(portal: PortalBench) -> None:
    for _ in range(3):
        portal.run(lambda opened: stuck(opened, "PAY-01"))
    (case,) = all_open(portal)
    assert (case.code, case.attempts, case.detail, case.closed_at) == ("PAY-01", 3, "PAY-01 in words", None)


def test_a_pause_that_was_only_seen_began_when_the_order_changed_and_counts_no_attempt(portal: PortalBench) -> None:
    portal.run(lambda opened: opened.cases.adopt(_SEEN, "PAY-01", "seen in Salesforce"))
    (case,) = all_open(portal)
    assert (case.opened_at, case.attempts, case.order_number) == (_CHANGED, 0, "00000042")
    portal.run(lambda opened: stuck(opened, "PAY-01"))
    assert all_open(portal)[0].attempts == 1


def test_what_is_seen_again_leaves_the_case_as_it_is(portal: PortalBench) -> None:
    portal.run(lambda opened: stuck(opened, "PAY-01"))
    before = all_open(portal)
    portal.run(lambda opened: opened.cases.adopt(_SEEN, "PAY-01", "seen in Salesforce"))
    assert all_open(portal) == before


def test_another_code_that_is_seen_takes_the_place_of_the_old_case(portal: PortalBench) -> None:
    portal.run(lambda opened: stuck(opened, "LNK-02"))
    portal.run(lambda opened: opened.cases.adopt(_SEEN, "PAY-01", "seen in Salesforce"))
    assert [(case.code, case.detail) for case in all_open(portal)] == [("PAY-01", "seen in Salesforce")]


def test_a_code_to_keep_is_not_closed(portal: PortalBench) -> None:
    portal.run(lambda opened: stuck(opened, "PRV-07"))
    portal.run(lambda opened: opened.cases.close(_ORDER, frozenset({"PRV-07", "SYN-04"})))
    assert [case.code for case in all_open(portal)] == ["PRV-07"]
    portal.run(lambda opened: opened.cases.close(_ORDER, frozenset({"SYN-04"})))
    assert all_open(portal) == []


def test_another_code_closes_the_old_case_first(portal: PortalBench) -> None:
    portal.run(lambda opened: stuck(opened, "PAY-01"))
    (first,) = all_open(portal)
    portal.run(lambda opened: stuck(opened, "LNK-02"))
    (second,) = all_open(portal)
    closed = portal.run(lambda opened: opened.cases.get(first.case_id))
    assert closed is not None
    assert closed.closed_at is not None
    assert (closed.code, second.code, second.attempts) == ("PAY-01", "LNK-02", 1)
    assert second.opened_at >= first.opened_at


def test_a_case_that_comes_back_after_its_end_is_a_new_one(portal: PortalBench) -> None:
    portal.run(lambda opened: stuck(opened, "PAY-01"))
    (first,) = all_open(portal)
    portal.run(lambda opened: opened.cases.close(_ORDER))
    assert all_open(portal) == []
    portal.run(lambda opened: stuck(opened, "PAY-01"))
    (again,) = all_open(portal)
    assert again.case_id != first.case_id
    assert again.attempts == 1


def test_closing_touches_only_the_orders_own_open_case(portal: PortalBench) -> None:
    async def run(opened: Portal) -> None:
        await stuck(opened, "PAY-01")
        await stuck(opened, "PAY-02", _OTHER)
        await opened.cases.close(_ORDER)
        await opened.cases.close(_ORDER)
        await opened.cases.close("8015g0000000003AAA")

    portal.run(run)
    assert [case.order_id for case in all_open(portal)] == [_OTHER]


def test_open_cases_come_oldest_first(portal: PortalBench) -> None:
    for order_id in (_OTHER, _ORDER):
        portal.run(lambda opened, of=order_id: stuck(opened, "PAY-01", of))  # type: ignore[misc]  # bound now
    assert [case.order_id for case in all_open(portal)] == [_OTHER, _ORDER]


def test_desks_that_find_the_same_failure_at_once_open_one_case(portal: PortalBench) -> None:
    async def together() -> None:
        desks = [Portal(portal.url) for _ in range(3)]
        try:
            for desk in desks:
                await desk.migrate()
                await desk.open()
            codes = ["PAY-01", "LNK-02", "PAY-01"]
            await asyncio.gather(*[stuck(desk, code) for desk, code in zip(desks, codes, strict=True)])
        finally:
            for desk in desks:
                await desk.aclose()

    asyncio.run(together())
    assert len(all_open(portal)) == 1


def test_a_case_that_is_not_there_is_none(portal: PortalBench) -> None:
    assert portal.run(lambda opened: opened.cases.get(1)) is None


def test_an_orders_own_case_is_told_only_while_it_is_open(portal: PortalBench) -> None:
    async def open_and_close(opened: Portal) -> tuple[FailureCase | None, FailureCase | None, FailureCase | None]:
        await stuck(opened, "PAY-01")
        own, other = await opened.cases.open_of(_ORDER), await opened.cases.open_of(_OTHER)
        await opened.cases.close(_ORDER)
        return own, other, await opened.cases.open_of(_ORDER)

    own, other, closed = portal.run(open_and_close)
    assert own
    assert (own.order_id, other, closed) == (_ORDER, None, None)
