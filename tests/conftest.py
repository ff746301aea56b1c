"""Guards around every test: loopback only, clean environment, passwords in memory, nothing left running."""

import asyncio
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

_LOOPBACK = ("127.", "::1", "localhost")
_HOME_VARIABLES = (
    "HOME",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
    "XDG_CACHE_HOME",
    "XDG_RUNTIME_DIR",
)
_GRACE_S = 5.0
# A sandbox that serves several tests compresses large answers on such a thread; it ends with the sandbox.
_OF_A_SERVER = "AnyIO worker thread"


def pytest_configure() -> None:
    """Refuse every connection and name look-up that leaves this machine, until the process ends.

    How long an example takes says nothing on a busy machine. CI tries the same examples each time, so that its verdict
    is the commit's; a run at the desk goes on searching.
    """
    settings.register_profile("desk", deadline=None)
    settings.register_profile("ci", deadline=None, derandomize=True)
    settings.load_profile("ci" if os.environ.get("CI") else "desk")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    sys.addaudithook(_stay_on_loopback)


def _stay_on_loopback(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        target = arguments[1]
    elif event == "socket.getaddrinfo":
        target = arguments[:1]
    else:
        return
    host = target[0] if isinstance(target, tuple) else None
    if isinstance(host, bytes):
        host = host.decode()
    if isinstance(host, str) and host and not host.startswith(_LOOPBACK):
        raise PermissionError(f"a test may not reach {host}")


@pytest.fixture(autouse=True)
def clean_environment(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No setting of this machine or user is seen; returns the empty home folder."""
    home = tmp_path_factory.mktemp("home", numbered=True)
    for name in [name for name in os.environ if name.startswith("STAFF_CONSOLE_")]:
        monkeypatch.delenv(name)
    for name in _HOME_VARIABLES:
        monkeypatch.setenv(name, str(home))
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    return home


@pytest.fixture(autouse=True)
def memory_keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Point keyring to a store in memory without importing it, and empty that store afterwards."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "tests.memory_keyring.MemoryKeyring")
    yield
    if store := sys.modules.get("tests.memory_keyring"):
        store.MemoryKeyring.kept.clear()


@pytest.fixture(autouse=True)
def no_leftover_threads() -> Iterator[None]:
    """Fail a test that leaves a thread running."""
    before = set(threading.enumerate())
    yield
    # A thread of Qt's that has run Python stands in the list for good, and cannot be waited for.
    ours = (thread for thread in threading.enumerate() if not isinstance(thread, threading._DummyThread))
    started = [thread for thread in ours if thread not in before and thread.name != _OF_A_SERVER]
    for thread in started:
        thread.join(_GRACE_S)
    assert not [thread.name for thread in started if thread.is_alive()], "threads left running"


@pytest.fixture(autouse=True)
def no_leftover_tasks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test whose `asyncio.run` had to cancel tasks that nobody ended."""
    left: list[str] = []
    cancel_all = asyncio.runners._cancel_all_tasks  # type: ignore[attr-defined]  # private, and the only place to look

    def note_and_cancel(loop: asyncio.AbstractEventLoop) -> None:
        left.extend(task.get_name() for task in asyncio.all_tasks(loop))
        cancel_all(loop)

    monkeypatch.setattr(asyncio.runners, "_cancel_all_tasks", note_and_cancel)
    yield
    assert not left, f"tasks left running: {left}"
