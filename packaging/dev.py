"""Everything a checkout needs, by the standard library alone: `python packaging/dev.py demo|test|bench|chaos|…`.

It keeps its own environments below `.env/`, filled from the hashed locks in `packaging/requirements/`, and
touches nothing else of the machine. It must not import the console or any library.
"""

from __future__ import annotations

import sys

# Read by any Python 3, so that an old one gets this sentence and not a traceback.
if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit("Staff Console needs Python 3.11 or newer; this one is %d.%d." % sys.version_info[:2])  # noqa: UP031

import argparse
import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import tomllib
import venv
from pathlib import Path
from typing import TYPE_CHECKING

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "packaging" / "requirements"
# Lock file and the extras of pyproject.toml in it. The second follows the versions of the first.
LOCKS = {"runtime": ("sandbox", "build"), "test": ("sandbox", "build", "test")}
CHECKS = (
    ("style", ("ruff", "check", ".")),
    ("format", ("ruff", "format", "--check", ".")),
    ("types", ("mypy",)),
    ("layers", ("lint-imports", "--no-logo")),
    # One process for each core; the tests of one file stay together, because they share what they start.
    ("tests", ("pytest", "--numprocesses", "auto", "--dist", "loadfile")),
)
# Clients that others wrote, for the contract tests: jsforce, and those of WHMCS.
FOREIGN_CLIENTS = (
    (("npm", "ci", "--no-audit", "--no-fund", "--fetch-retries=0"), "tests/contract/jsforce"),
    (("python", "install.py"), "tests/contract/whmcs_client"),
)
FOREIGN_PATIENCE_S = 120
BENCHMARKS = ("startup", "lookup", "key_to_paint", "scrolling", "stalls", "sync", "provisioning")
PICTURES = ROOT / "packaging" / "pictures"
START_QT = "from PySide6.QtWidgets import QApplication; QApplication([])"
QT_HELP = """
Qt cannot start; the lines above say why. On Linux these system libraries are needed:
  Debian, Ubuntu
    apt-get install libegl1 libgl1 libxkbcommon0 libdbus-1-3 libfontconfig1 libglib2.0-0 libxcb-cursor0
  Fedora, RHEL
    dnf install libglvnd-egl libglvnd-glx libxkbcommon dbus-libs fontconfig glib2 xcb-util-cursor
"""
VENV_HELP = """
This Python cannot make an environment: its module ensurepip is missing.
  Debian, Ubuntu
    apt-get install python3-venv
"""


class StepError(Exception):
    """A command ended with another status than 0; `status` is what this program ends with."""

    def __init__(self, status: int) -> None:
        """Keep the status."""
        super().__init__(f"ended with status {status}")
        self.status = status


class Environment:
    """A folder that is filled once for one fingerprint.

    It counts as filled when its stamp says so. The stamp is written last: what a killed run left is not used.
    """

    def __init__(self, folder: Path, fingerprint: str, fill: Callable[[Path], None]) -> None:
        """`fill` is called with the empty folder; what it raises leaves the folder unfilled."""
        self.folder = folder
        self._fingerprint = fingerprint
        self._fill = fill
        self._stamp = folder / "stamp"

    def ready(self) -> None:
        """Fill the folder unless it is filled for this fingerprint. A second process waits for the first."""
        with locked(self.folder.parent / f"{self.folder.name}.lock"):
            if self._is_filled():
                return
            if self.folder.exists():
                shutil.rmtree(self.folder)
            self._fill(self.folder)
            self._stamp.write_text(self._fingerprint, encoding="utf-8")

    def _is_filled(self) -> bool:
        return self._stamp.is_file() and self._stamp.read_text(encoding="utf-8") == self._fingerprint


@contextlib.contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold an operating-system lock on `file`: it ends with this process, however that ends."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a+b") as handle:
        _lock(handle.fileno())
        yield


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        while True:
            # LK_LOCK gives up after ten seconds; an installation takes longer.
            with contextlib.suppress(OSError):
                msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
                return
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def run(command: Sequence[str | Path], **settings: str) -> None:
    """Run `command` with `settings` added to the environment. Raises StepError."""
    with subprocess.Popen(command, env={**inherited_environment(), **settings}) as process:
        status = _ended(process)
    if status:
        raise StepError(status if status > 0 else 128 - status)


def inherited_environment() -> dict[str, str]:
    """What commands see of our environment: nothing that would show them another Python's libraries."""
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "PYTHONPATH")}


def _ended(process: subprocess.Popen[bytes]) -> int:
    while True:
        # Ctrl+C reaches the command as well: it ends in its own way, and we wait for that.
        with contextlib.suppress(KeyboardInterrupt):
            return process.wait()


def environment_python(folder: Path) -> Path:
    """The interpreter of the environment in `folder`."""
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def environment(lock: str) -> Path:
    """The interpreter of the environment with what `lock` names, made or made anew where it has to be."""
    folder = ROOT / ".env" / f"{lock}-{sys.version_info.major}.{sys.version_info.minor}"
    Environment(folder, fingerprint(lock), lambda empty: install(empty, lock)).ready()
    return environment_python(folder)


def fingerprint(lock: str) -> str:
    """What an environment depends on: the Python, the place, the lock and the project's metadata."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    locked_hash = hashlib.sha256(lock_file(lock).read_bytes()).hexdigest()
    return "\n".join((sys.version, sys.base_prefix, str(ROOT), locked_hash, json.dumps(project)))


def lock_file(lock: str) -> Path:
    """The file with the locked, hashed requirements."""
    return REQUIREMENTS / f"{lock}.txt"


def install(folder: Path, lock: str) -> None:
    """Make an environment in `folder` with the locked requirements and this checkout itself."""
    say(f"installing {lock} requirements into {folder.relative_to(ROOT)}")
    try:
        venv.create(folder, with_pip=True)
    except (subprocess.CalledProcessError, ImportError):
        print(VENV_HELP, file=sys.stderr)
        raise StepError(1) from None
    pip = (environment_python(folder), "-m", "pip", "--disable-pip-version-check", "install", "--quiet")
    run((*pip, "--no-deps", "--only-binary", ":all:", "--require-hashes", "--requirement", lock_file(lock)))
    run((*pip, "--no-deps", "--no-build-isolation", "--editable", ROOT))


def check_qt(python: Path, platform: str = "offscreen") -> None:
    """Stop with a plain message where Qt lacks a system library; an empty `platform` is that of this desktop."""
    settings = inherited_environment() | ({"QT_QPA_PLATFORM": platform} if platform else {})
    probe = subprocess.run((python, "-c", START_QT), env=settings, capture_output=True, check=False)
    if probe.returncode:
        print(probe.stderr.decode(errors="replace").strip(), QT_HELP, sep="\n", file=sys.stderr)
        raise StepError(1)


def demo(rest: list[str]) -> None:
    """The desk with the sandbox inside."""
    python = environment("runtime")
    check_qt(python, platform="")
    run((python, "-m", "console", "--demo", *rest))


def test(rest: list[str]) -> None:
    """Every check; stops at the first that fails."""
    python = environment("test")
    check_qt(python)
    os.chdir(ROOT)
    get_foreign_clients(python)
    for name, command in CHECKS:
        more = rest if command[0] == "pytest" else []
        say(f"{name}: {' '.join((*command, *more))}")
        run((python.parent / command[0], *command[1:], *more), QT_QPA_PLATFORM="offscreen")


def get_foreign_clients(python: Path) -> None:
    """Where one cannot be had on this machine, its contract tests are skipped and say so."""
    for (program, *options), folder in FOREIGN_CLIENTS:
        found = str(python) if program == "python" else shutil.which(program)
        say(f"foreign client: {folder}")
        try:
            subprocess.run((found or program, *options), cwd=ROOT / folder, check=True, timeout=FOREIGN_PATIENCE_S)
        except (subprocess.SubprocessError, OSError):
            print(f"Not here: {folder}; its tests will be skipped.", file=sys.stderr)


def bench(rest: list[str]) -> None:
    """Every benchmark, or those that are named; `--short` only shows that they run."""
    python = environment("test")
    check_qt(python)
    os.chdir(ROOT)
    named = [name for name in rest if name in BENCHMARKS]
    more = [option for option in rest if option not in named]
    for name in named or BENCHMARKS:
        say(f"bench: {name}")
        run((python, "-m", f"tests.benchmarks.{name}", *more))


def chaos(rest: list[str]) -> None:
    """Whether provisioning keeps its promise: matrix, two-desks, second-starter, campaign, outage or rivals."""
    python = environment("test")
    os.chdir(ROOT)
    run((python, "-m", "tests.chaos", *rest))


def pictures(rest: list[str]) -> None:
    """The pictures of the README, from the real windows without a screen."""
    python = environment("test")
    check_qt(python)
    os.chdir(ROOT)
    run((python, "-m", "tests.journeys.pictures", *(rest or [str(PICTURES)])), QT_QPA_PLATFORM="offscreen")


def lock(rest: list[str]) -> None:
    """The locks for every platform, made anew by uv."""
    uv = shutil.which("uv")
    if uv is None:
        print("Making the locks needs uv on the PATH (https://docs.astral.sh/uv/).", file=sys.stderr)
        raise StepError(1)
    os.chdir(ROOT)
    for name, extras in LOCKS.items():
        say(f"locking {name}")
        run((uv, "pip", "compile", "pyproject.toml", *compile_options(name, extras), *rest))


def compile_options(name: str, extras: Sequence[str]) -> list[str]:
    """Options of `uv pip compile`: every platform, all files' hashes, no address or path of this machine."""
    options = ["--universal", "--python-version", "3.11", "--generate-hashes", "--quiet"]
    options += ["--no-emit-index-url", "--no-annotate"]
    options += ["--custom-compile-command", "python packaging/dev.py lock"]
    options += ["--constraint", "packaging/requirements/constraints.txt"]
    options += [part for extra in extras for part in ("--extra", extra)]
    if name != "runtime":
        options += ["--constraint", "packaging/requirements/runtime.txt"]
    return [*options, "--output-file", f"packaging/requirements/{name}.txt"]


def build(rest: list[str]) -> None:
    """The wheel, in dist/."""
    python = environment("runtime")
    os.chdir(ROOT)
    run((python, "-m", "hatchling", "build", "--target", "wheel", *rest))


COMMANDS: dict[str, Callable[[list[str]], None]] = {
    "demo": demo,
    "test": test,
    "bench": bench,
    "chaos": chaos,
    "pictures": pictures,
    "lock": lock,
    "build": build,
}


def say(text: str) -> None:
    """One line on what happens now, in order with what the commands print."""
    print(f"== {text}", flush=True)


def main(arguments: list[str]) -> int:
    """Run one command. What follows its name is passed on; returns the exit status."""
    parser = argparse.ArgumentParser(prog="dev.py", description=__doc__, allow_abbrev=False)
    described = "; ".join(f"{name}: {command.__doc__}" for name, command in COMMANDS.items())
    parser.add_argument("command", choices=COMMANDS, help=described)
    parsed, rest = parser.parse_known_args(arguments)
    try:
        COMMANDS[parsed.command](rest)
    except StepError as error:
        return error.status
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
