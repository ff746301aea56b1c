"""The marker is proved by an order for a test client, which is cancelled whatever comes of it."""

import pytest

from console.errors import Missing, OutcomeUnknown
from console.models.staff import StaffMember
from console.services import Services
from console.workflows.doctor import DoctorCheck
from console.workflows.marker_proof import MarkerProof, NothingToProve, prove_marker
from tests.workflows.desk_bench import Bench

_CHECK = "WHMCS keeps the marker"


def a_client(bench: Bench) -> int:
    """Somebody whom billing sells to."""
    return next(int(one.id) for one in bench.sandbox.world.whmcs.clients if one.status == "Active")


def prove(bench: Bench, client_id: int) -> MarkerProof:
    async def work(desk: Services, _: StaffMember) -> MarkerProof:
        return await prove_marker(desk.whmcs, client_id, desk.profile.whmcs.marker_field_ids)

    return bench.run(work)


def check(bench: Bench, client_id: int | None) -> DoctorCheck | None:
    """The doctor's check of the marker, None where it made none."""

    async def work(desk: Services, _: StaffMember) -> list[DoctorCheck]:
        return await desk.doctor.examine(client_id)

    return next((one for one in bench.run(work) if one.name.en == _CHECK), None)


def states(bench: Bench, client_id: int) -> dict[int, str]:
    """The status of each WHMCS order of a client, in the books."""
    return {one.id: one.status for one in bench.sandbox.world.whmcs.orders if one.userid == client_id}


def test_a_marker_that_is_stored_is_proved_and_the_order_cancelled(fresh_bench: Bench) -> None:
    client_id = a_client(fresh_bench)
    before = states(fresh_bench, client_id)

    proof = prove(fresh_bench, client_id)

    assert proof.stored
    assert states(fresh_bench, client_id) == before | {proof.order_id: "Cancelled"}


def test_a_marker_that_is_dropped_is_disproved_and_the_order_cancelled(fresh_bench: Bench) -> None:
    fresh_bench.sandbox.whmcs.switches.admin_only_field_ignored = True
    client_id = a_client(fresh_bench)

    proof = prove(fresh_bench, client_id)

    assert not proof.stored
    assert states(fresh_bench, client_id)[proof.order_id] == "Cancelled"
    told = check(fresh_bench, client_id)
    assert told
    assert not told.ok
    assert "not stored" in told.detail.en
    assert "admin-only" in told.fix.en


def test_the_order_is_cancelled_also_where_it_cannot_be_read_back(fresh_bench: Bench) -> None:
    client_id = a_client(fresh_bench)
    before = states(fresh_bench, client_id)
    fresh_bench.break_with("refuse", "GetClientsProducts", message="Down", count=10)

    with pytest.raises(Exception, match="Down"):
        prove(fresh_bench, client_id)

    after = states(fresh_bench, client_id)
    assert [after[order_id] for order_id in after.keys() - before.keys()] == ["Cancelled"]


def test_an_unanswered_order_is_told_as_unknown(fresh_bench: Bench) -> None:
    fresh_bench.break_with("drop", "AddOrder")
    with pytest.raises(OutcomeUnknown):
        prove(fresh_bench, a_client(fresh_bench))


def test_without_a_product_to_try_nothing_is_ordered(fresh_bench: Bench) -> None:
    bare = fresh_bench.with_whmcs_settings(marker_field_ids={})
    with pytest.raises(NothingToProve):
        prove(bare, a_client(fresh_bench))
    with pytest.raises(Missing):
        prove(fresh_bench, 999_999)
    assert fresh_bench.calls("whmcs", "AddOrder") == 0


def test_the_doctor_proves_it_only_when_it_is_asked_to(fresh_bench: Bench) -> None:
    before = len(fresh_bench.sandbox.world.whmcs.orders)
    assert check(fresh_bench, None) is None
    assert len(fresh_bench.sandbox.world.whmcs.orders) == before
    told = check(fresh_bench, a_client(fresh_bench))
    assert told
    assert told.ok
    assert "marker_proved = true" in told.detail.en
