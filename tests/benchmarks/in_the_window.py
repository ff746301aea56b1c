"""The real window for a benchmark: opened in practice, its sandbox in a process of its own."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtWidgets import QApplication

from console.app import Session
from console.desk_options import DeskOptions
from console.views.places import Places
from tests.views.desk_window import sit

_PATIENCE_S = 120.0


def in_practice(profile: Path, data_dir: Path, work: Callable[[Session, Places], Awaitable[None]]) -> None:
    """Open the window with a sandbox's profile, do `work` when its rows are there, and close it."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "APPDATA", "LOCALAPPDATA"):
        os.environ[name] = str(data_dir.parent)
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)

    async def opened(session: Session) -> None:
        await until(lambda: session.window.places and session.window.places.live.read_at)
        assert session.window.places
        await work(session, session.window.places)

    sit(app, DeskOptions(profile=str(profile), data_dir=data_dir), opened)


async def until(true: Callable[[], object]) -> None:
    """Let the loop go on until something is true."""
    before = time.monotonic()
    while not true():
        assert time.monotonic() - before < _PATIENCE_S, "it never came"
        await asyncio.sleep(0.001)
