"""Practice: a sandbox, and the profile that points at it. Imported only by commands, the demo and tests."""

import contextlib
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from console.errors import SettingsError
from console.sandbox.server import Sandbox, SandboxInfo, SandboxOptions
from console.settings import Profile, load_profile, profile_from

# Short enough that a lost answer is settled while one watches; a real server gets the defaults of `settings`.
_TIMES = {"send_window_s": 2, "settle_wait_s": 0.3, "claim_lease_s": 20}
_TIMEOUT_S = 5
_REFRESH_S = 5
_STOP_WITHIN_S = 5


def profile_values(sandbox: Sandbox, info: SandboxInfo) -> dict[str, Any]:
    """A profile that points at a running sandbox, as TOML-ready values. Its secrets are the sandbox's own."""
    return {
        "id": f"practice-{secrets.token_hex(4)}",
        "environment": "practice",
        "salesforce": {"instance_url": info.salesforce_url, "client_id": info.salesforce_client_id},
        "whmcs": {"url": info.whmcs_url, "timeout_s": _TIMEOUT_S, **sandbox.profile_facts()},
        "provisioning": dict(_TIMES),
        "desk": {"refresh_s": _REFRESH_S},
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


@contextlib.contextmanager
def practice_process() -> Iterator[Profile]:
    """Run a sandbox in a process of its own, so that it never slows the window, and give the profile for it.

    It ends with the block, and with this process however that ends. Raises `SettingsError` where it does not start.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "practice.toml"
        program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "console"]
        command = [*program, "sandbox", "--json", "--profile-out", str(file), "--until-input-ends"]
        # A window's program has no console on Windows; the child must not open one.
        no_window = getattr(subprocess, "CREATE_NO_WINDOW", 0)
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, creationflags=no_window,
        ) as sandbox:  # fmt: skip
            try:
                if not (sandbox.stdout and sandbox.stdout.readline()):
                    raise SettingsError("The practice systems did not start; see the log for the reason.")
                yield load_profile(file)
            finally:
                _stop(sandbox)


def _stop(sandbox: "subprocess.Popen[bytes]") -> None:
    """End the child by ending its input; one that does not listen is killed."""
    if sandbox.stdin:
        sandbox.stdin.close()
    try:
        sandbox.wait(_STOP_WITHIN_S)
    except subprocess.TimeoutExpired:
        sandbox.kill()
