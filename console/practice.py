"""Practice: a sandbox, and the profile that points at it. Imported only by commands, the demo and tests."""

import contextlib
import json
import secrets
from collections.abc import Iterator, Mapping
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


def toml_text(values: Mapping[str, Any]) -> str:
    """The values as a TOML document: plain values, then one table for each mapping, then arrays of tables."""
    return "\n".join(_table(values, "")) + "\n"


def _table(values: Mapping[str, Any], path: str) -> list[str]:
    plain = [f"{_key(key)} = {_value(value)}" for key, value in values.items() if not _is_table(value)]
    lines = [f"[{path}]", *plain] if path else plain
    for key, value in values.items():
        inner = f"{path}.{_key(key)}" if path else _key(key)
        if isinstance(value, Mapping):
            lines += ["", *_table(value, inner)]
        elif _is_table(value):
            for row in value:
                lines += ["", f"[[{inner}]]", *(f"{_key(name)} = {_value(one)}" for name, one in row.items())]
    return lines


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, list) and bool(value) and isinstance(value[0], Mapping))


def _key(key: str) -> str:
    return json.dumps(key) if not key.isidentifier() else key


def _value(value: Any) -> str:
    # TOML's basic strings, integers, floats and booleans are written as JSON writes them.
    return json.dumps(value, ensure_ascii=False)
