"""What the versions of WHMCS can do, as far as those that we support differ. Source: whmcs-api.md 12."""

import re

OLDEST_SUPPORTED = (8, 1)
LOG_BY_CLIENT = (8, 5)
QUANTITIES = (8, 12)

_NUMBERS = re.compile(r"\s*(?P<major>[0-9]{1,4})\.(?P<minor>[0-9]{1,4})")


def version_numbers(text: str) -> tuple[int, int]:
    """Major and minor number of a version such as `8.12.1-release.1`; of an unreadable one the oldest supported."""
    match = _NUMBERS.match(text)
    return (int(match["major"]), int(match["minor"])) if match else OLDEST_SUPPORTED


def is_supported(text: str) -> bool:
    """Whether the console works with this version."""
    return version_numbers(text) >= OLDEST_SUPPORTED
