"""The strip at the bottom: how each system answers and since when, and long work with its pause and cancel."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QToolButton, QWidget

from console.views.ages import age_words, moment_words
from console.views.theme import TextRole, Theme
from console.views.widgets import Button, Text, plain_tip, row
from console.views.words import in_language, tr, trn

if TYPE_CHECKING:
    from console.models.connection import Connection
    from console.models.sync import SyncProgress
    from console.workflows.bulk import BulkProgress

_HEIGHT, _BAR_WIDTH = 27, 120
_SIGNS = {"ok": "●", "slow": "▲", "down": "✕", "unknown": "○"}
_TINTS = {"ok": "good", "slow": "look", "down": "stop", "unknown": ""}
_HALTS = {
    "outage": "waits for the systems and goes on by itself",
    "failures": "paused after too many failures in a row",
}
_LISTS = {
    "accounts": "Reading customers: {read} of {total}",
    "orders": "Reading orders: {read} of {total}",
    "clients": "Reading WHMCS clients: {read} of {total}",
    "invoices": "Reading invoices: {read} of {total}",
}
NAMES = {"portal": "Portal", "salesforce": "Salesforce", "whmcs": "WHMCS"}


class ConnectionLamp(QWidget):
    """One system: a sign, its name, and the age of its last answer."""

    def __init__(self, system: str) -> None:
        """Unknown until it was asked for the first time."""
        super().__init__()
        self._system = system
        self._sign = Text(_SIGNS["unknown"], TextRole.SMALL)
        self._words = Text(NAMES[system], TextRole.SMALL)
        line = row(spacing=5)
        line.addWidget(self._sign)
        line.addWidget(self._words)
        self.setLayout(line)

    def show_connection(self, connection: "Connection", now: datetime) -> None:
        """Say how the system answers."""
        state = connection.state(now).value
        name = NAMES[self._system]
        age = age_words(now - connection.answered_at) if connection.answered_at else ""
        spared = tr(", spared") if connection.held_since else ""
        calls = _calls_words(connection)
        words = {
            "ok": f"{name} {age}",
            "slow": tr("{name} slow, {age}", name=name, age=age),
            "down": tr("{name} does not answer since {time}", name=name, time=_clock(connection.down_since)),
            "unknown": tr("{name} not asked yet", name=name),
        }[state] + (spared or calls)
        self._sign.say(_SIGNS[state])
        self._sign.tint(_TINTS[state])
        self._words.say(words)
        moment = moment_words(connection.answered_at) if connection.answered_at else tr("never")
        why = in_language(connection.problem) if connection.problem else ""
        held = tr("Asked by one request at a time until it answers again.") if connection.held_since else ""
        told = (tr("Last answer: {moment}", moment=moment), why, held, _budget_words(connection))
        self.setToolTip(plain_tip("\n".join(part for part in told if part)))
        self.setAccessibleName(words)


class LongWork(QWidget):
    """Progress of work on many orders, with pause and cancel; both take effect between two orders."""

    def __init__(self, pause: Callable[[], None], cancel: Callable[[], None], details: Callable[[], None]) -> None:
        """Hidden while nothing runs."""
        super().__init__()
        self._words = Text("", TextRole.SMALL)
        self._bar = _progress_bar()
        self._pause = Button(tr("Pause"), pause, look="link")
        self._cancel = Button(tr("Cancel"), cancel, look="link")
        self._details = Button(tr("Details"), details, look="link")
        self._hide = QToolButton()
        self._hide.setText("×")
        self._hide.setAccessibleName(tr("Hide this run"))
        self._hide.clicked.connect(self.hide)
        line: QHBoxLayout = row(spacing=8)
        for part in (self._words, self._bar, self._pause, self._cancel, self._details, self._hide):
            line.addWidget(part)
        self.setLayout(line)
        self.hide()

    def show_progress(self, title: str, progress: "BulkProgress") -> None:
        """Say how far it is."""
        ended = progress.done == progress.total or (progress.cancelled and not progress.running)
        parts = [title, trn("%n done", progress.done), trn("%n ok", progress.ok)]
        parts.append(trn("%n not active", progress.stopped))
        if progress.halt and not progress.cancelled:
            parts.append(tr(_HALTS[progress.halt.value]))
        if progress.cancelled:
            parts.append(trn("%n not begun", progress.total - progress.done))
        self._words.say(" · ".join(parts))
        self._bar.setMaximum(progress.total)
        self._bar.setValue(progress.done)
        self._pause.setText(tr("Go on") if progress.paused else tr("Pause"))
        self._pause.setVisible(not ended and not progress.cancelled)
        self._cancel.setVisible(not ended and not progress.cancelled)
        # What goes on is always seen.
        self._hide.setVisible(ended)
        self.setAccessibleName(self._words.whole)
        self.show()


class ReadingProgress(QWidget):
    """How far the reading of a whole list is, with cancel, which takes effect between two parts of it."""

    def __init__(self, cancel: Callable[[], None]) -> None:
        """Hidden while nothing is read as a whole."""
        super().__init__()
        self._words = Text("", TextRole.SMALL)
        self._bar = _progress_bar()
        self._cancel = Button(tr("Cancel"), cancel, look="link")
        line: QHBoxLayout = row(spacing=8)
        for part in (self._words, self._bar, self._cancel):
            line.addWidget(part)
        self.setLayout(line)
        self.hide()

    def show_progress(self, progress: "SyncProgress | None") -> None:
        """Say how far it is; None at the end."""
        if progress is None:
            self.hide()
            return
        # Nobody may have counted the list, and it may have grown since.
        total = max(progress.total or 0, progress.read)
        words = tr(_LISTS[progress.name], read=f"{progress.read:,}", total=f"{total:,}")
        self._words.say(words)
        self._bar.setMaximum(total)
        self._bar.setValue(progress.read)
        self.setAccessibleName(words)
        self.show()


class ConnectionStrip(QFrame):
    """All systems at the left, long work at the right."""

    def __init__(self, theme: Theme) -> None:
        """Nothing is known yet."""
        super().__init__()
        self.setObjectName("strip")
        self.setFixedHeight(_HEIGHT + 4)
        self._lamps = {system: ConnectionLamp(system) for system in NAMES}
        self._line = row((16, 0, 10, 0), 18)
        for lamp in self._lamps.values():
            self._line.addWidget(lamp)
        self._line.addStretch(1)
        self.setLayout(self._line)

    def add_long_work(self, work: QWidget) -> None:
        """Put the progress of long work at the right end."""
        self._line.addWidget(work)

    def show_connections(self, connections: "Sequence[Connection]") -> None:
        """Say how every system answers."""
        now = datetime.now(UTC)
        for connection in connections:
            self._lamps[connection.system].show_connection(connection, now)


def _progress_bar() -> QProgressBar:
    bar = QProgressBar()
    bar.setTextVisible(False)
    bar.setFixedWidth(_BAR_WIDTH)
    bar.setAccessibleName(tr("Progress"))
    return bar


def _calls_words(connection: "Connection") -> str:
    """What a budget that runs out means for the desk, "" while there is enough."""
    spending = connection.calls.spending.value if connection.calls else "enough"
    percent = connection.calls.percent if connection.calls else 0
    return {
        "enough": "",
        "short": tr(", {percent} % of calls used: read less often", percent=percent),
        "almost_all": tr(", {percent} % of calls used: read by hand only", percent=percent),
    }[spending]


def _budget_words(connection: "Connection") -> str:
    if (calls := connection.calls) is None:
        return ""
    used, allowed = f"{calls.used:,}", f"{calls.allowed:,}"
    return tr("Calls of everybody in 24 hours: {used} of {allowed}", used=used, allowed=allowed)


def _clock(moment: datetime | None) -> str:
    return f"{moment.astimezone():%H:%M}" if moment else "–"
