"""Every action that the client can call is probed or said to be seen when it is used; a probe changes nothing."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from console import integrations
from console.integrations.whmcs.actions import Whmcs
from console.integrations.whmcs.rights import PROBES, SEEN_WHEN_USED
from tests.workflows.desk_bench import Bench, desk_bench

_CALLED = re.compile(r'(?:\b(?:read|ask|change)|Listing)\(\s*"([A-Z][A-Za-z]+)"')


def used() -> set[str]:
    """The actions that stand in the client's source."""
    folder = Path(integrations.__file__).parent / "whmcs"
    return {action for file in folder.glob("*.py") for action in _CALLED.findall(file.read_text(encoding="utf-8"))}


def probed(bench: Bench, *actions: str) -> list[bool]:
    practice = bench.profile.practice
    assert practice

    async def ask() -> list[bool]:
        whmcs = Whmcs(bench.profile.whmcs.url, practice.whmcs_identifier, practice.whmcs_secret)
        try:
            return [await whmcs.may_call(action) for action in actions]
        finally:
            await whmcs.aclose()

    return asyncio.run(ask())


def test_every_action_of_the_client_is_probed_or_named() -> None:
    assert len(used()) > 30
    assert used() == PROBES.keys() | set(SEEN_WHEN_USED)


def test_probing_everything_finds_all_allowed_and_changes_nothing() -> None:
    with desk_bench() as bench:
        before: Any = bench.sandbox.whmcs.books.as_json(None)
        assert all(probed(bench, *PROBES))
        assert bench.sandbox.whmcs.books.as_json(None) == before


@pytest.mark.parametrize("action", sorted(PROBES))
def test_what_the_role_lacks_is_seen(action: str, one_bench: Bench) -> None:
    one_bench.break_with("access_role", action)
    assert probed(one_bench, action) == [False]


@pytest.fixture(scope="module")
def one_bench() -> Any:
    with desk_bench() as bench:
        yield bench
