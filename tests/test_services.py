"""Opening the desk's systems: who is signed in, in practice."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from console.errors import SettingsError
from console.models.staff import Role, StaffMember
from console.services import Services
from tests.workflows.desk_bench import Bench, desk_bench


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """A desk on a sandbox."""
    with desk_bench() as bench:
        yield bench


def signed_in(bench: Bench, wanted: str) -> StaffMember:
    """Who is signed in where somebody is wanted."""

    async def me(desk: Services, me: StaffMember) -> StaffMember:
        return me

    return bench.run(me, wanted)


@pytest.mark.parametrize("wanted", ["", "  ", "supervisor", "SUPERVISOR"])
def test_without_a_name_the_first_supervisor_is_signed_in(bench: Bench, wanted: str) -> None:
    assert Role.SUPERVISOR in signed_in(bench, wanted).roles


def test_a_name_is_the_whole_name(bench: Bench) -> None:
    assert bench.profile.practice
    user = bench.profile.practice.users[-1]
    assert signed_in(bench, user.name).name == user.name
    with pytest.raises(SettingsError, match=user.name):
        signed_in(bench, user.name[:3])


@pytest.mark.parametrize(("environment", "opens"), [("sandbox", True), ("production", False), ("practice", True)])
def test_nobody_works_in_an_org_of_another_kind_than_the_profile_says(
    bench: Bench, environment: str, opens: bool
) -> None:
    """The practice systems say that they are a sandbox."""
    other = replace(bench, profile=bench.profile.model_copy(update={"environment": environment}))
    if opens:
        assert signed_in(other, "")
        return
    with pytest.raises(SettingsError, match=r"The profile says production, but .* is a sandbox"):
        signed_in(other, "")
