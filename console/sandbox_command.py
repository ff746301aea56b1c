"""`staff-console sandbox`: both simulators in the foreground, and a profile that points at them."""

import gc
import json
import os
import signal
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

import tomli_w
import typer
from pydantic import TypeAdapter

from console.errors import SettingsError
from console.practice import profile_values
from console.sandbox.faults import Fault
from console.sandbox.server import Sandbox, SandboxInfo, SandboxOptions


def options(*, latency_ms: str, faults: Path | None, **given: int) -> SandboxOptions:
    """The sandbox that the command line asks for. Raises `SettingsError` for what cannot be read."""
    try:
        salesforce_ms, whmcs_ms = (int(part) for part in latency_ms.split(","))
    except ValueError:
        raise SettingsError(f"--latency-ms takes two numbers such as 120,300, not {latency_ms!r}.") from None
    try:
        planned = TypeAdapter(list[Fault]).validate_json(faults.read_bytes()) if faults else ()
    except (OSError, ValueError) as error:
        raise SettingsError(f"The faults in {faults} cannot be read: {error}.") from None
    return SandboxOptions(latency_ms=(salesforce_ms, whmcs_ms), faults=planned, **given)


def serve(built: SandboxOptions, profile_out: Path | None, *, as_json: bool, until_input_ends: bool) -> None:
    """Run the sandbox until Ctrl+C or SIGTERM; one line is printed when it answers, after the profile is written.

    With `until_input_ends` it also ends when whoever holds its standard input is gone.
    """
    sandbox = _built(built)
    if until_input_ends:
        threading.Thread(target=_end_with_input, name="input", daemon=True).start()

    def ready(info: SandboxInfo) -> None:
        if profile_out:
            _write_private(profile_out, tomli_w.dumps(profile_values(sandbox, info)))
        document = _document(info, profile_out)
        plain = f"Sandbox ready: Salesforce {info.salesforce_url}, WHMCS {info.whmcs_url}, control {info.control_url}"
        typer.echo(json.dumps(document) if as_json else plain)

    try:
        sandbox.serve_forever(ready)
    except OSError as error:
        raise SettingsError(f"The sandbox cannot be served: {error.strerror}.") from None


def _built(asked: SandboxOptions) -> Sandbox:
    """The sandbox, whose millions of rows the garbage collector neither interrupts nor looks through later."""
    gc.disable()
    sandbox = Sandbox(asked)
    gc.freeze()
    gc.enable()
    return sandbox


def _end_with_input() -> None:
    sys.stdin.buffer.read()
    # On Windows there is no polite end by another thread; nothing here has to be saved.
    signal.raise_signal(signal.SIGTERM) if sys.platform != "win32" else os._exit(0)


def _document(info: SandboxInfo, profile_out: Path | None) -> dict[str, Any]:
    return asdict(info) | {
        "users": [dict(user) for user in info.users],
        "profile": str(profile_out) if profile_out else None,
    }


def _write_private(file: Path, text: str) -> None:
    """Write a file that only its user can read: it holds the sandbox's throw-away secrets."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
