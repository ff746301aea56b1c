"""Runs the real program as people do: a process of its own for the sandbox and for every command."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

_PATIENCE_S = 120


@dataclass(frozen=True)
class Answer:
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON document on standard output."""
        found: dict[str, Any] = json.loads(self.out)
        return found


@dataclass(frozen=True)
class Practice:
    """A running `staff-console sandbox`, and commands with its profile."""

    info: dict[str, Any]
    folder: Path

    def run(self, *arguments: str) -> Answer:
        """Run a command with `--json` on this sandbox's profile and this test's data folder."""
        places = ["--profile", str(self.folder / "p.toml"), "--data-dir", str(self.folder / "data")]
        return run(*arguments, *places, "--json")

    def whmcs(self, action: str, **parameters: str) -> dict[str, Any]:
        """Ask the sandbox's WHMCS directly with its own credentials."""
        credentials = {"identifier": self.info["whmcs_identifier"], "secret": self.info["whmcs_secret"]}
        form = {"action": action, "responsetype": "json", **credentials, **parameters}
        found: dict[str, Any] = httpx.post(f"{self.info['whmcs_url']}/includes/api.php", data=form).json()
        return found

    def salesforce(self, soql: str) -> list[dict[str, Any]]:
        """Ask the sandbox's Salesforce directly as its administrator."""
        answer = httpx.get(
            f"{self.info['salesforce_url']}/services/data/v66.0/query",
            params={"q": soql},
            headers={"Authorization": f"Bearer {self.info['salesforce_access_token']}"},
        )
        records: list[dict[str, Any]] = answer.raise_for_status().json()["records"]
        return records


def run(*arguments: str) -> Answer:
    """Run `python -m console` with these arguments and nothing on standard input."""
    command = [sys.executable, "-m", "console", *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", timeout=_PATIENCE_S, check=False,
        stdin=subprocess.DEVNULL, env=os.environ | {"PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    return Answer(done.returncode, done.stdout, done.stderr)


@contextmanager
def practice(folder: Path, *options: str) -> Iterator[Practice]:
    """Start the sandbox as a command, wait for its line, and end it as Ctrl+C does."""
    command = [sys.executable, "-m", "console", "sandbox", "--json", "--profile-out", str(folder / "p.toml"), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as sandbox:
        assert sandbox.stdout
        try:
            yield Practice(json.loads(sandbox.stdout.readline()), folder)
        finally:
            sandbox.send_signal(signal.SIGINT)
            assert sandbox.wait(20) == 0
