"""The desk: the window is up first, then everything behind it; at the end everything is closed in order.

Heavy libraries load on another thread once the window can be used.
"""

import asyncio
import contextlib
import importlib
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import qasync
from PySide6.QtCore import QEvent, QLibraryInfo, QLocale, QObject, QSettings, Qt, QTimer, QTranslator
from PySide6.QtWidgets import QApplication

from console import __version__, crash, paths
from console.desk_options import DeskOptions
from console.errors import ConsoleError, SystemFault
from console.notices import NoticeKind
from console.tasks import Tasks
from console.views.desk import Desk
from console.views.garbage import GarbageCollector
from console.views.icons import Icons
from console.views.main_window import MainWindow
from console.views.sign_in_desk import SignInDesk
from console.views.theme import Theme
from console.views.words import Translator, in_language, load_catalogue, tr

if TYPE_CHECKING:
    from console.services import Services
    from console.settings import Profile
    from console.views.deep_links import LinkServer

# An order under way is finished before the program ends: a lost answer is settled within the server's own limits.
_FINISH_WITHIN_S = 60.0
_SIGNALS_EVERY_MS = 200
_DONE = 0


def main(options: DeskOptions, started: float) -> int:
    """Open the desk and return the exit status when it was closed. `started` is the start on `time.perf_counter`."""
    application = QApplication(sys.argv[:1])
    application.setApplicationName("Staff Console")
    if options.url and _runs_already(options):
        return _DONE
    # Closing the window is not the end: what is under way is finished after it.
    application.setQuitOnLastWindowClosed(False)
    translate(application, QLocale.system())
    session = Session(Theme(application), options)
    if options.trace_startup:
        FirstPaint(session.window, lambda: _trace(started))
    session.show()
    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(application)) as runner:
        return runner.run(session.run())


def translate(application: QApplication, locale: QLocale) -> None:
    """Speak a language, where there is a catalogue for it. Qt's own words are asked first."""
    QLocale.setDefault(locale)
    language = locale.name().partition("_")[0]
    application.installTranslator(Translator(load_catalogue(paths.resources() / "words", language), application))
    if language != "en":
        of_qt = QTranslator(application)
        if of_qt.load(locale, "qtbase", "_", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
            application.installTranslator(of_qt)


def _runs_already(options: DeskOptions) -> bool:
    """Give the link to the desk that runs on the same data folder, where there is one."""
    from console.settings import load_profile  # noqa: PLC0415 - only links need it this early
    from console.views.deep_links import pass_on  # noqa: PLC0415

    try:
        folder = options.data_dir or paths.data_dir(load_profile(paths.profile_file(options.profile)).id)
    except ConsoleError:
        return False
    return pass_on(options.url, folder)


class FirstPaint(QObject):
    """Calls back once, when the search box was painted and the loop takes its keys."""

    def __init__(self, window: MainWindow, then: Callable[[], None]) -> None:
        """Watches the search box of `window`."""
        super().__init__(window)
        self._box = window.top.search
        self._then = then
        self._box.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the paint happen, then call back from the loop."""
        if event.type() == QEvent.Type.Paint:
            self._box.removeEventFilter(self)
            QTimer.singleShot(0, self._then)
        return False


class Session:
    """One sitting at the desk, from the window being there to the last task having ended."""

    def __init__(self, theme: Theme, options: DeskOptions) -> None:
        """Make the window; nothing is opened or read yet."""
        self._options = options
        self._memory = _memory(options)
        self.window = MainWindow(theme, Icons(paths.resources() / "icons"), self._memory)
        self._tasks = Tasks()
        self._closed = asyncio.Event()
        self._links: LinkServer | None = None
        self._sign_in: SignInDesk | None = None
        self._garbage: GarbageCollector | None = None

    def show(self) -> None:
        """Show the window with its search box ready for keys."""
        self.window.say_state(tr("Connecting…"))
        self.window.show()
        self.window.top.search.setFocus(Qt.FocusReason.OtherFocusReason)

    async def run(self) -> int:
        """Open the desk, wait until the window is closed, and end everything in order."""
        asyncio.get_running_loop().set_exception_handler(self._crashed_in_loop)
        self.window.closing.connect(self._closed.set)
        garbage = self._garbage = GarbageCollector(self.window)
        with _closing_on_signals(self.window), _hooked(self._crashed):
            self._tasks.spawn(self._open(), "opening the desk", self._broke_off)
            await self._closed.wait()
            await self._end()
        garbage.stop()
        return _DONE

    async def _open(self) -> None:
        """Open the systems and hold them until cancelled; where that fails, say why and try again when asked to."""
        while True:
            try:
                await self._hold_open()
            except ConsoleError as error:
                again = asyncio.Event()
                self.window.say_state(tr("The desk cannot be opened"), _why(error), tr("Try again"), again.set)
                await again.wait()
                self.window.say_state(tr("Connecting…"))

    async def _hold_open(self) -> None:
        # On another thread, so that the window goes on answering: these take as long to load as the rest together.
        services = await asyncio.to_thread(importlib.import_module, "console.services")
        async with contextlib.AsyncExitStack() as stack:
            if self._options.demo:
                self.window.say_state(tr("Starting the practice systems…"), tr("This takes a few seconds."))
            profile, data_dir = await _profile(self._options, stack)
            browser = importlib.import_module("console.integrations.salesforce.sign_in").system_browser
            desk = await stack.enter_async_context(
                services.open_services(profile, data_dir, self._options.signed_in_as, browser, at_a_desk=True)
            )
            self._sign_in = SignInDesk(desk.sign_in, self.window, self._tasks)
            await self._sign_in.until_signed_in()
            self.window.say_state(tr("Connecting…"))
            at_desk = await _desk(desk)
            await stack.enter_async_context(desk.engine.attending(at_desk.me))
            self._open_places(at_desk, data_dir)
            self._sign_in.watch()
            await asyncio.Event().wait()

    def _open_places(self, desk: Desk, data_dir: Path) -> None:
        from console.views.deep_links import LinkServer  # noqa: PLC0415 - not needed by the first window
        from console.views.places import Places  # noqa: PLC0415 - needs what the services have loaded

        places = Places(desk, self.window, self._memory)
        if self._garbage:
            once = Qt.ConnectionType.SingleShotConnection
            places.live.refreshed.connect(self._garbage.settle, once)
        self.window.open_places(places)
        self._links = LinkServer(data_dir, places)
        self._links.asked.connect(places.open_link)
        if self._options.url:
            places.open_link(self._options.url)

    async def _end(self) -> None:
        """Hide the window at once, finish what is under way, drop the rest, and close the systems."""
        if self._links:
            # First of all: a link must not bring a window back that is going.
            self._links.close()
        self.window.hide()
        if self._sign_in:
            self._sign_in.give_up()
        if self.window.places:
            self.window.places.leave()
        await self.window.shell.actions_under_way.ended(_FINISH_WITHIN_S)
        await self.window.shell.actions_under_way.aclose()
        await self.window.shell.tasks.aclose()
        await self._tasks.aclose()

    def _broke_off(self, error: Exception) -> None:
        self.window.say_state(tr("The desk cannot be opened"), tr("Close the program and start it again."))
        self._crashed(error)

    def _crashed(self, error: BaseException) -> None:
        """The crash funnel: a defect is written down without anybody's data, and said once."""
        words = tr("Something is wrong with the program. What you did may not be done; look before you repeat it.")
        try:
            file = crash.write_report(error, paths.config_dir() / "crash", __version__)
            more = tr("A report without customer data is in {file}", file=file)
        except OSError:
            more = tr("A report could not be written: the disk is full, or the folder may not be used.")
        self.window.notices.tell(NoticeKind.FAILED, words, more)

    def _crashed_in_loop(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self._crashed(context.get("exception") or RuntimeError(str(context.get("message"))))


def _why(error: ConsoleError) -> str:
    """Why the desk cannot be opened; what a system itself said stays out of it."""
    if not isinstance(error, SystemFault):
        said = getattr(error, "said", None)
        return in_language(said) if said else str(error)
    services = importlib.import_module("console.services")
    problem = services.Diagnosis(services.load_rules(), services.load_catalogue()).explain(error)
    return f"{in_language(problem.title)}. {in_language(problem.meaning)}"


async def _profile(options: DeskOptions, stack: contextlib.AsyncExitStack) -> "tuple[Profile, Path]":
    """The profile and the data folder to work with; in practice the sandbox runs as long as `stack` is open."""
    settings = importlib.import_module("console.settings")
    if options.demo:
        practice = await asyncio.to_thread(importlib.import_module, "console.practice")
        running = practice.practice_process()
        profile = await asyncio.to_thread(running.__enter__)
        stack.push_async_callback(asyncio.to_thread, running.__exit__, None, None, None)
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        return profile, options.data_dir or Path(folder)
    if not options.profile:
        raise settings.SettingsError("Name a profile with --profile, or use --demo for practice.")
    file = paths.profile_file(options.profile)
    profile = await asyncio.to_thread(settings.load_profile, file)
    return profile, options.data_dir or paths.data_dir(profile.id)


async def _desk(services: "Services") -> Desk:
    """What the window needs of the services, for whoever is signed in."""
    return Desk(
        me=await services.me(),
        environment=services.profile.environment,
        catalogue=services.catalogue,
        explain=services.diagnosis.explain,
        lookup=services.lookup,
        customers=services.customers,
        orders=services.orders,
        prechecks=services.prechecks,
        reviewing=services.reviewing,
        deciding=services.deciding,
        engine=services.engine,
        bulk=services.bulk,
        previews=services.previews,
        failures=services.failures,
        settlement=services.settlement,
        activity=services.activity,
        connections=services.connections,
        polling=services.polling,
        doctor=services.doctor,
        sync=services.sync,
        regular_sweep=services.regular_sweep,
        audit=services.audit,
    )


def _memory(options: DeskOptions) -> QSettings:
    """How the window is liked: kept beside the data where a folder is named, else with this user's settings.

    Each profile has its own, so that what was seen in one is not taken for seen in another.
    """
    folder = options.data_dir or paths.config_dir() / "windows"
    name = "practice" if options.demo else Path(options.profile).stem or "window"
    memory = QSettings(str(folder / f"{name}.ini"), QSettings.Format.IniFormat)
    if options.demo:
        # The practice systems begin anew each time, and so do the first steps.
        memory.remove("first_steps")
        memory.remove("last_seen")
    return memory


@contextlib.contextmanager
def _closing_on_signals(window: MainWindow) -> Iterator[None]:
    """Ctrl+C and a polite end by the system close the window; both come through while Qt waits."""
    before = {number: signal.signal(number, lambda *_: window.close()) for number in (signal.SIGINT, signal.SIGTERM)}
    # Python looks at signals between its own instructions only: this gives it some.
    awake = QTimer(window)
    awake.start(_SIGNALS_EVERY_MS)
    awake.timeout.connect(lambda: None)
    try:
        yield
    finally:
        awake.stop()
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _hooked(crashed: Callable[[BaseException], None]) -> Iterator[None]:
    """What nobody catches, in the window or on a thread, goes into the crash funnel."""
    loop = asyncio.get_running_loop()
    before, before_of_threads = sys.excepthook, threading.excepthook
    sys.excepthook = lambda _kind, error, _trace: crashed(error)
    # A notice is told on the window's own thread.
    threading.excepthook = lambda told: loop.call_soon_threadsafe(crashed, told.exc_value or told.exc_type()) and None
    try:
        yield
    finally:
        sys.excepthook, threading.excepthook = before, before_of_threads


def _trace(started: float) -> None:
    """The one line of --trace-startup."""
    sys.stderr.write(f"search box takes keys after {(time.perf_counter() - started) * 1000:.0f} ms\n")
    sys.stderr.flush()
