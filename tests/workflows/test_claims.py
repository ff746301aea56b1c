"""Claims on a real sandbox: one holder at a time, leases by Salesforce's clock, dead holders known by their lock."""

import asyncio

import pytest

from console import paths
from console.integrations.holders import Holder
from console.models.order import CustomerStatus
from console.models.staff import StaffMember
from console.services import Services
from console.settings import ProvisioningSettings
from console.workflows.claims import Claims, Held, last
from tests.workflows.desk_bench import Bench

_SHOWN = CustomerStatus(slug="activating", en="Activating", ja="開通手続き中です")
_SETTINGS = ProvisioningSettings(claim_lease_s=30, send_window_s=0.5, settle_wait_s=0.05)


def claims_of(desk: Services, holder: Holder) -> Claims:
    """Claims of another process on this machine."""
    return Claims(desk.salesforce, holder, _SETTINGS, request_ends_s=1)


def test_a_second_process_is_told_who_works_and_until_when(bench: Bench) -> None:
    order_id = bench.orders("Approved")[0]

    async def two(desk: Services, me: StaffMember) -> str:
        first, second = Holder(paths.lock_dir()), Holder(paths.lock_dir())
        await claims_of(desk, first).take(order_id, [], "Sara Ono", _SHOWN)
        rows = await desk.salesforce.reads.claims(order_id)
        with pytest.raises(Held) as held:
            await claims_of(desk, second).take(order_id, rows, "Tomas Vey", _SHOWN)
        with pytest.raises(Held):
            await claims_of(desk, second).take(order_id, [], "Tomas Vey", _SHOWN)
        first.release()
        second.release()
        assert held.value.until > desk.salesforce.reads.server_now()
        return held.value.person

    assert bench.run(two) == "Sara Ono"
    assert len(bench.claims(order_id, "work")) == 1


def test_the_claim_of_a_dead_process_is_followed_at_once(bench: Bench) -> None:
    order_id = bench.orders("Approved")[1]

    async def follow(desk: Services, me: StaffMember) -> int:
        dead, alive = Holder(paths.lock_dir()), Holder(paths.lock_dir())
        await claims_of(desk, dead).take(order_id, [], "Sara Ono", _SHOWN)
        dead.release()
        rows = await desk.salesforce.reads.claims(order_id)
        claim, _ = await claims_of(desk, alive).take(order_id, rows, "Tomas Vey", _SHOWN)
        alive.release()
        assert last(await desk.salesforce.reads.claims(order_id), "work") == claim
        assert last(rows, "send") is None
        return claim.number

    assert bench.run(follow) == 2


def test_a_claim_that_ran_out_is_followed_and_not_held_any_more(bench: Bench) -> None:
    order_id = bench.orders("Approved")[2]

    async def wait_for_it(desk: Services, me: StaffMember) -> tuple[bool, int, bool]:
        slow, quick = Holder(paths.lock_dir()), Holder(paths.lock_dir())
        first, _ = await claims_of(desk, slow).take(order_id, [], "Sara Ono", _SHOWN)
        before = await claims_of(desk, slow).still_held(first)
        bench.sandbox.clock.advance(_SETTINGS.claim_lease_s + 1)
        rows = await desk.salesforce.reads.claims(order_id)
        second, _ = await claims_of(desk, quick).take(order_id, rows, "Tomas Vey", _SHOWN)
        after = await claims_of(desk, slow).still_held(first)
        slow.release()
        quick.release()
        return before, second.number, after

    assert bench.run(wait_for_it) == (True, 2, False)


def test_two_at_once_get_one_send_row(bench: Bench) -> None:
    order_id = bench.orders("Approved")[3]

    async def both(desk: Services, me: StaffMember) -> list[object]:
        holder = Holder(paths.lock_dir())
        claims = claims_of(desk, holder)
        rows = [claims.send_row("send", order_id, [], me.name, watermark=7) for _ in range(2)]
        results = await asyncio.gather(*rows, return_exceptions=True)
        holder.release()
        return list(results)

    results = bench.run(both)
    assert sum(isinstance(result, Held) for result in results) == 1
    [row] = bench.claims(order_id, "send")
    assert row["Watermark__c"] == 7


def test_a_lost_answer_counts_as_nothing_only_after_the_longest_run_time_and_two_looks(bench: Bench) -> None:
    order_id = bench.orders("Approved")[4]

    async def settle(desk: Services, me: StaffMember) -> list[bool]:
        holder = Holder(paths.lock_dir())
        claims = claims_of(desk, holder)
        row, _ = await claims.send_row("send", order_id, [], me.name, watermark=0)
        over_at: list[bool] = []

        async def look() -> int | None:
            shown = desk.salesforce.reads.server_now() - row.created_at
            over_at.append(shown.total_seconds() >= _SETTINGS.send_window_s + 1)
            return None

        assert await claims.settle(row, look) is None
        holder.release()
        return over_at

    looks = bench.run(settle)
    assert looks[0] is False
    assert looks[-2:] == [True, True]
