"""The profile that the sandbox writes is valid TOML and points where it says."""

import tomllib

import httpx
import pytest
import tomli_w

from console.practice import practice_process, practice_profile, profile_values
from console.sandbox.server import Sandbox, SandboxOptions
from console.settings import profile_from


def test_a_written_profile_is_the_profile() -> None:
    sandbox = Sandbox(SandboxOptions(customers=60, orders=110))
    with sandbox.running() as info:
        values = profile_values(sandbox, info)
    profile = profile_from(tomllib.loads(tomli_w.dumps(values)), "x")
    assert profile == profile_from(values, "x")
    assert profile.environment == "practice"
    assert profile.practice
    assert {user.role for user in profile.practice.users} >= {"support", "back_office", "supervisor"}


def test_every_start_has_a_data_folder_of_its_own() -> None:
    with practice_profile(SandboxOptions(customers=60, orders=110)) as one:
        pass
    with practice_profile(SandboxOptions(customers=60, orders=110)) as other:
        pass
    assert one.id != other.id


def test_a_sandbox_in_a_process_of_its_own_ends_with_the_block() -> None:
    with practice_process() as profile:
        assert profile.practice
        address = profile.practice.control_url
        assert httpx.get(address).status_code < 500
    with pytest.raises(httpx.ConnectError):
        httpx.get(address)


def test_it_ends_also_where_the_block_fails() -> None:
    addresses: list[str] = []
    with pytest.raises(ValueError, match="meanwhile"), practice_process() as profile:
        assert profile.practice
        addresses.append(profile.practice.control_url)
        raise ValueError("meanwhile")
    with pytest.raises(httpx.ConnectError):
        httpx.get(addresses[0])
