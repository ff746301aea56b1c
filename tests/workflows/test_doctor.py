"""The doctor names what is broken and what to do, and writes nothing."""

from console.models.staff import StaffMember
from console.services import Services
from console.workflows.doctor import Doctor, DoctorCheck
from tests.workflows.desk_bench import Bench


def examine(bench: Bench) -> dict[str, DoctorCheck]:
    """Every check by its name."""

    async def work(desk: Services, me: StaffMember) -> list[DoctorCheck]:
        doctor = Doctor(desk.profile, desk.salesforce, desk.whmcs, desk.portal, desk.diagnosis, desk.catalogue)
        return await doctor.examine()

    return {check.name: check for check in bench.run(work)}


def test_a_sound_set_up_passes_and_nothing_is_written(bench: Bench) -> None:
    writes = bench.calls("salesforce", "composite")
    assert all(check.ok for check in examine(bench).values())
    assert bench.calls("salesforce", "composite") == writes


def test_a_refused_address_is_named_with_its_code(bench: Bench) -> None:
    bench.break_with("access_ip", "GetAdminDetails")
    check = examine(bench)["WHMCS connection and credential"]
    assert not check.ok
    assert "Invalid IP" in check.detail
    assert "ACC-01" in check.fix


def test_a_product_that_does_not_exist_is_named(bench: Bench) -> None:
    check = examine(bench.with_whmcs_settings(marker_field_ids={999: 1}))["WHMCS products and marker fields"]
    assert not check.ok
    assert "999" in check.detail


def test_an_org_that_is_down_is_named_with_its_code(bench: Bench) -> None:
    bench.break_with("status", "versions", "salesforce", status=503)
    check = examine(bench)["Salesforce network"]
    assert not check.ok
    assert "SYN-05" in check.fix
