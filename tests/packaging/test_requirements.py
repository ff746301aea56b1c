"""The locks name every dependency with hashes for every platform, and nothing of their maker's machine."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCKS = {"runtime": ("sandbox", "build"), "test": ("sandbox", "build", "test")}
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def locked(name: str) -> dict[str, list[tuple[Requirement, int]]]:
    """Requirements of a lock by their name, each with the number of its hashes."""
    text = (ROOT / "packaging" / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    found: dict[str, list[tuple[Requirement, int]]] = {}
    for entry in re.split(r"\n(?=[A-Za-z0-9])", text.split("\n", 2)[2]):
        requirement = Requirement(entry.split(" \\\n")[0])
        hashes = len(HASH.findall(entry))
        found.setdefault(canonicalize_name(requirement.name), []).append((requirement, hashes))
    return found


def project() -> Any:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_dependency_is_locked_at_a_version_that_the_project_allows(lock: str) -> None:
    wanted = list(project()["dependencies"])
    for extra in LOCKS[lock]:
        wanted += project()["optional-dependencies"][extra]
    known = locked(lock)
    for requirement in map(Requirement, wanted):
        for entry, _ in known[canonicalize_name(requirement.name)]:
            [pinned] = entry.specifier
            assert pinned.operator == "==" and requirement.specifier.contains(pinned.version)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_has_hashes(lock: str) -> None:
    assert all(hashes >= 1 for entries in locked(lock).values() for _, hashes in entries)


def test_the_hashes_cover_the_wheels_of_every_platform() -> None:
    """Qt has one wheel for each of two Linux, two Windows and one macOS platform."""
    assert all(hashes >= 4 for _, hashes in locked("runtime")["pyside6-essentials"])


def test_what_only_one_platform_needs_is_locked_with_its_marker() -> None:
    [(windows_only, _)] = locked("runtime")["pywin32-ctypes"]
    assert windows_only.marker and windows_only.marker.evaluate({"sys_platform": "win32"})
    assert not windows_only.marker.evaluate({"sys_platform": "linux"})


def test_the_tests_run_with_the_versions_that_are_shipped() -> None:
    tested = locked("test")
    for name, entries in locked("runtime").items():
        assert {str(entry) for entry, _ in entries} <= {str(entry) for entry, _ in tested[name]}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_address_and_no_path(lock: str) -> None:
    text = (ROOT / "packaging" / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
    assert not re.search(r"://|--index-url|--extra-index-url|--find-links|(?m:^-e)|@ file|\s/", text)
