"""Versions as servers write them, compared by number."""

import pytest

from console.integrations.whmcs.versions import OLDEST_SUPPORTED, is_supported, version_numbers


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("8.12.1", (8, 12)),
        ("8.12.1-release.1", (8, 12)),
        ("9.0.4", (9, 0)),
        (" 8.1", (8, 1)),
        ("8", OLDEST_SUPPORTED),
        ("", OLDEST_SUPPORTED),
        ("v9", OLDEST_SUPPORTED),
        ("9" * 50, OLDEST_SUPPORTED),
    ],
)
def test_a_version_is_two_numbers_and_an_unreadable_one_the_oldest(written: str, numbers: tuple[int, int]) -> None:
    assert version_numbers(written) == numbers


@pytest.mark.parametrize(("written", "supported"), [("7.10.2", False), ("8.0.4", False), ("8.1", True), ("9.0", True)])
def test_what_is_older_than_the_users_is_not_supported(written: str, supported: bool) -> None:
    assert is_supported(written) == supported
