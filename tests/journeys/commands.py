"""Runs the real program as people do: a process of its own for the sandbox and for every command."""

import codecs
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

    @property
    def profile(self) -> str:
        """The file of the profile that points at the sandbox."""
        return str(self.folder / "p.toml")

    @property
    def data(self) -> Path:
        """The data folder of commands."""
        return self.folder / "data"

    def run(self, *arguments: str) -> Answer:
        """Run a command with `--json` on this sandbox's profile and this test's data folder."""
        return run(*arguments, "--profile", self.profile, "--data-dir", str(self.data), "--json")

    def settings(self, **changes: Any) -> None:
        """Change settings of the sandbox, such as the latency of its systems."""
        httpx.post(f"{self.info['control_url']}/settings", json=changes).raise_for_status()

    @contextmanager
    def fault(self, **fault: Any) -> Iterator[None]:
        """Break the wire of a system for a while."""
        [number] = httpx.post(f"{self.info['control_url']}/faults", json=fault).raise_for_status().json()
        try:
            yield
        finally:
            httpx.delete(f"{self.info['control_url']}/faults/{number}").raise_for_status()

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


class OnTerminal:
    """A command whose standard error is a terminal, where somebody reads and presses keys."""

    def __init__(self, process: "subprocess.Popen[str]", terminal: int) -> None:
        """`terminal` is the descriptor of the terminal's own end."""
        self._process = process
        self._terminal = terminal
        self._seen = ""
        # What is read may end in the middle of a sign.
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def press_ctrl_c_at(self, words: str) -> None:
        """Interrupt the command as soon as these words were shown, after those that were waited for before."""
        while words not in self._seen:
            shown = self._read()
            assert shown, f"{words!r} was never shown; there was {self._seen!r}"
        self._seen = self._seen.partition(words)[2]
        self._process.send_signal(signal.SIGINT)

    def answer(self) -> Answer:
        """Wait for the end; `err` is what was shown since the last key."""
        assert self._process.stdout
        while self._read():
            pass
        out = self._process.stdout.read()
        return Answer(self._process.wait(_PATIENCE_S), out, self._seen)

    def _read(self) -> bytes:
        try:
            shown = os.read(self._terminal, 10_000)
        except OSError:  # how Linux tells that the other end is closed
            return b""
        self._seen += self._decoder.decode(shown)
        return shown


@contextmanager
def on_terminal(*arguments: str) -> Iterator[OnTerminal]:
    """Run `python -m console` with a terminal for its standard error."""
    terminal, of_command = os.openpty()
    command = [sys.executable, "-m", "console", *arguments]
    try:
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=of_command, encoding="utf-8"
        ) as process:
            os.close(of_command)
            yield OnTerminal(process, terminal)
    finally:
        os.close(terminal)


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
