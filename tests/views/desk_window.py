"""The real window over a sandbox, opened and closed as `console.app` does, with a test at its keyboard and mouse."""

import asyncio
import contextlib
import gc
import logging
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import shiboken6
import tomli_w
from pydantic import SecretStr
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt, QTimer
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QPushButton, QWidget

from console import paths
from console.app import Session
from console.desk_options import DeskOptions
from console.models.check import Verdict
from console.models.staff import StaffMember
from console.services import Services
from console.settings import Profile
from console.tasks import Tasks
from console.views.confirm import ConfirmDialog
from console.views.main_window import MainWindow
from console.views.order_view import OrderView
from console.views.places import Places
from console.views.theme import Theme
from console.views.widgets import Text
from tests.views.qt_loop import run_on_qt
from tests.workflows.desk_bench import Bench

PATIENCE_S = 20.0
_STEP_S = 0.01
_WHOLE_MINUTE_MS = 60_000
# What goes on as long as the window is open.
_ENDLESS = frozenset(
    f"live: {what}" for what in ("refreshing", "listening", "details", "audit head", "connections", "probing")
) | {"queue: checks"}
_NO_KEYS = Qt.KeyboardModifier.NoModifier


def ready_order(bench: Bench) -> str:
    """The first order in review whose every check passes. Not for use while a window is open."""

    async def found(services: Services, me: StaffMember) -> str:
        for order_id in bench.orders("In Review"):
            if (await services.reviewing.review(order_id, me)).verdict is Verdict.READY:
                return order_id
        raise AssertionError("the seed has no order that is ready")

    return bench.run(found)


class DeskWindow:
    """An open window and whoever sits in front of it. Everything is waited for on the window's own loop."""

    def __init__(self, session: Session, bench: Bench, folder: Path) -> None:
        """`folder` is the data folder of this window."""
        self.session, self.bench, self.folder = session, bench, folder

    @property
    def window(self) -> MainWindow:
        """The window itself."""
        return self.session.window

    @property
    def places(self) -> Places:
        """The places of the open desk; see `opened`."""
        assert self.window.places, "the desk is not open yet"
        return self.window.places

    @property
    def focus(self) -> QWidget:
        """What has the keyboard."""
        found = QApplication.focusWidget()
        assert found, "nothing has the focus"
        return found

    async def until(self, true: Callable[[], object], what: str) -> None:
        """Let the loop go on until something is true; where that never comes, say what is on the screen instead."""
        before = time.monotonic()
        while not true():
            assert time.monotonic() - before < PATIENCE_S, f"never came: {what}; on the screen is: {self.on_screen()}"
            await asyncio.sleep(_STEP_S)

    async def opened(self) -> None:
        """Wait until the desk is there and its rows are read."""
        await self.until(lambda: self.window.places, "the places")
        live, readings = self.places.live, list[bool]()
        live.refreshed.connect(lambda: readings.append(True))
        if live.read_at:
            live.refresh()
        await self.until(lambda: readings, "the first reading")
        await self.quiet()

    async def quiet(self) -> None:
        """Wait until what was asked for once is answered; what goes on for ever does not count."""
        await self.until(lambda: not self._asked_once(), "the answers")

    async def idle(self) -> None:
        """Wait until no change is under way."""
        await self.until(lambda: not self.window.shell.actions_under_way._running, "the end of what is under way")
        await self.quiet()

    def press(self, key: Qt.Key, held: Qt.KeyboardModifier = _NO_KEYS) -> None:
        """Press a key where the focus is."""
        QTest.keyClick(self.focus, key, held)

    def type(self, text: str) -> None:
        """Type a text where the focus is; what no key has comes from an input method, as Japanese does."""
        for letter in text:
            if letter.isascii():
                QTest.keyClicks(self.focus, letter)
            else:
                composed = QInputMethodEvent()
                composed.setCommitString(letter)
                QApplication.sendEvent(self.focus, composed)

    def click(self, widget: QWidget, place: QPoint | None = None) -> None:
        """Click into the middle of something that is seen, or at a place of it."""
        assert widget.isVisible(), f"{widget.accessibleName() or widget} is not seen"
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=place or widget.rect().center())

    def do(self, action_id: str) -> None:
        """Ask for an action of the table, as the menu does."""
        self.window.shell.actions.ask_for(action_id)

    def button(self, words: str, within: QWidget | None = None) -> QPushButton:
        """The seen button with these words."""
        found = [one for one in (within or self.window).findChildren(QPushButton) if one.text() == words]
        seen = [one for one in found if one.isVisible()]
        assert len(seen) == 1, f"{len(seen)} buttons say {words!r}; on the screen is: {self.on_screen()}"
        return seen[0]

    def asked(self) -> ConfirmDialog | None:
        """The confirmation that is asked for now."""
        return next((one for one in self.window.findChildren(ConfirmDialog) if one.isVisible()), None)

    async def question(self) -> ConfirmDialog:
        """Wait for a confirmation."""
        await self.until(self.asked, "a confirmation")
        found = self.asked()
        assert found
        return found

    async def confirm(self, words: str) -> None:
        """Wait for a confirmation and click the button with these words."""
        self.click(self.button(words, await self.question()))
        await self.back()

    async def escape(self) -> None:
        """Wait for a confirmation and press Escape."""
        QTest.keyClick(await self.question(), Qt.Key.Key_Escape)
        await self.back()

    async def back(self) -> None:
        """Wait until nothing is asked any more and the window has the keyboard again."""
        await self.until(lambda: self.asked() is None, "the end of the confirmation")
        # A desktop does this by itself.
        self.window.activateWindow()
        await self.until(QApplication.focusWidget, "the focus")

    async def order(self, order_id: str) -> OrderView:
        """Open an order in its tab and wait until its checks are there."""
        self.places.open_order(order_id)
        view = self.places.records.workspace.current
        assert isinstance(view, OrderView)
        await self.quiet()
        return view

    def told(self) -> str:
        """The notice that is seen, "" where there is none."""
        return self.window.notice_bar.words

    def on_screen(self) -> str:
        """Every text that is seen now."""
        return " | ".join(seen_texts(self.window))

    def _asked_once(self) -> list[str]:
        names = [told.name for told in self.window.shell.tasks._running.values()]
        return [name for name in names if name not in _ENDLESS]


def in_the_window(
    app: QApplication,
    bench: Bench,
    work: Callable[[DeskWindow], Awaitable[None]],
    *,
    folder: Path | None = None,
    signed_in_as: str = "",
    url: str = "",
) -> None:
    """Open the window, do `work` in it, close it, and see that nothing is left behind.

    Without `folder` the window has a data folder of its own, which goes with it.
    """
    with tempfile.TemporaryDirectory() as made, nothing_left(app), no_error_logged():
        data_dir = folder or Path(made) / "data"
        profile = Path(made) / "profile.toml"
        write_profile(bench.profile, profile)
        options = DeskOptions(profile=str(profile), data_dir=data_dir, signed_in_as=signed_in_as, url=url)
        sit(app, options, lambda session: work(DeskWindow(session, bench, data_dir)))


def sit(
    app: QApplication, options: DeskOptions, work: Callable[[Session], Awaitable[None]], *, crashes: int = 0
) -> None:
    """Hold one session for `work`, on Qt's own loop, and take everything of it down on this thread.

    `crashes` is how many defects are to be written down.
    """
    theme = Theme(app)
    session = Session(theme, options)
    session.show()
    session.window.activateWindow()
    failed: list[BaseException] = []
    status = run_on_qt(app, _sitting(session, work, failed))
    running = [_owner(timer) for timer in session.window.findChildren(QTimer) if _goes_on(timer)]
    shiboken6.delete(session.window)
    shiboken6.delete(theme)
    if failed:
        raise failed[0]
    assert status == 0
    assert not running, f"timers go on after the end: {running}"
    assert len(crash_reports()) == crashes, crash_reports()


async def _sitting(session: Session, work: Callable[[Session], Awaitable[None]], failed: list[BaseException]) -> int:
    tasks = Tasks()

    async def worked() -> None:
        try:
            await work(session)
        except BaseException as error:  # noqa: BLE001 - an assertion of the test; the window is closed in order first
            failed.append(error)
        finally:
            session.window.close()

    tasks.spawn(worked(), "the test")
    status = await session.run()
    await tasks.ended(PATIENCE_S)
    return status


def seen_texts(widget: QWidget) -> list[str]:
    """The words of every label and button that is seen, whole."""
    parts = [one for one in widget.findChildren(QWidget) if one.isVisible()]
    texts = [
        one.whole if isinstance(one, Text) else one.text() for one in parts if isinstance(one, QLabel | QPushButton)
    ]
    return [text for text in texts if text]


def dialogs(window: QWidget) -> list[QDialog]:
    """The dialogs that are seen."""
    return [one for one in window.findChildren(QDialog) if one.isVisible()]


def write_profile(profile: Profile, file: Path) -> None:
    """Write a sandbox's profile as `staff-console sandbox` does."""
    file.write_text(tomli_w.dumps(_plain(profile)), encoding="utf-8")


def _plain(profile: Profile) -> dict[str, Any]:
    """The values of a profile as TOML has them, secrets included: they are the sandbox's own."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {str(key): plain(one) for key, one in value.items() if one is not None}
        if isinstance(value, list | tuple):
            return [plain(one) for one in value]
        return value.get_secret_value() if isinstance(value, SecretStr) else value

    values: dict[str, Any] = plain(profile.model_dump())
    return values


def _goes_on(timer: QTimer) -> bool:
    """Whether a timer would go on for ever; a clock of whole minutes may end with its page."""
    return timer.isActive() and not timer.isSingleShot() and timer.interval() < _WHOLE_MINUTE_MS


def _owner(timer: QTimer) -> str:
    return f"{type(timer.parent()).__name__}, every {timer.interval()} ms"


def crash_reports() -> list[str]:
    """The reports of defects that were written in this test."""
    folder = paths.config_dir() / "crash"
    return [file.read_text(encoding="utf-8") for file in folder.glob("*")] if folder.is_dir() else []


@contextlib.contextmanager
def nothing_left(app: QApplication) -> Iterator[None]:
    """Fail where a window, a dialog or a menu outlives the session."""
    before = set(app.topLevelWidgets())
    collects = gc.isenabled()
    yield
    assert gc.isenabled() == collects, "the garbage collector was left in another state"
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = [one for one in app.topLevelWidgets() if one not in before and one.isVisible()]
    assert not left, f"windows left open: {left}"


@contextlib.contextmanager
def no_error_logged() -> Iterator[None]:
    """Fail where a background task ended with a defect: those are only logged."""
    log, noted = logging.getLogger("console"), _Errors()
    log.addHandler(noted)
    try:
        yield
    finally:
        log.removeHandler(noted)
    assert not noted.said, noted.said


class _Errors(logging.Handler):
    """Keeps what is logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one."""
        self.said.append(f"{record.getMessage()} {record.exc_info and record.exc_info[1]!r}")
