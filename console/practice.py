"""Practice: a sandbox, and the profile that points at it. Imported only by commands, the demo and tests."""

import contextlib
import secrets
from collections.abc import Iterator
from typing import Any

from console.sandbox.server import Sandbox, SandboxInfo, SandboxOptions
from console.settings import Profile, profile_from

# Short enough that a lost answer is settled while one watches; a real server gets the defaults of `settings`.
_TIMES = {"send_window_s": 2, "settle_wait_s": 0.3, "claim_lease_s": 20}
_TIMEOUT_S = 5


def profile_values(sandbox: Sandbox, info: SandboxInfo) -> dict[str, Any]:
    """A profile that points at a running sandbox, as TOML-ready values. Its secrets are the sandbox's own."""
    return {
        "id": f"practice-{secrets.token_hex(4)}",
        "environment": "practice",
        "salesforce": {"instance_url": info.salesforce_url},
        "whmcs": {"url": info.whmcs_url, "timeout_s": _TIMEOUT_S, **sandbox.profile_facts()},
        "provisioning": dict(_TIMES),
        "practice": {
            "control_url": info.control_url,
            "whmcs_identifier": info.whmcs_identifier,
            "whmcs_secret": info.whmcs_secret,
            "users": [dict(user) for user in info.users],
        },
    }


@contextlib.contextmanager
def practice_profile(options: SandboxOptions | None = None) -> Iterator[Profile]:
    """Run a sandbox in a thread of this process and give the profile for it."""
    sandbox = Sandbox(options)
    with sandbox.running() as info:
        yield profile_from(profile_values(sandbox, info), "of the practice sandbox")
