"""The cards of Today: rows that open what they name, how long orders wait, and how the systems answer."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QSizePolicy, QWidget

from console.views.ages import clock_words, since_words
from console.views.blocks import BlockMessage, Said
from console.views.cells import Cells, CellTable
from console.views.connection_strip import NAMES
from console.views.incident_card import STILL_WORKS
from console.views.tables import RecordModel
from console.views.theme import TextRole, Theme
from console.views.widgets import Button, Card, Text, column, row
from console.views.words import in_language, tr

if TYPE_CHECKING:
    from PySide6.QtCore import QModelIndex

    from console.models.connection import Connection
    from console.models.order import OrderSummary

_LOADING_AFTER_MS = 150
_MESSAGE_HEIGHT, _BAR_HEIGHT, _BAR_LEAST = 66, 6, 60
_SIGNS = {"ok": "●", "slow": "▲", "down": "✕", "unknown": "○"}
_TINTS = {"ok": "good", "slow": "look", "down": "stop", "unknown": ""}


class LinkRows(CellTable):
    """Rows that are links as a whole."""

    def _is_link(self, index: "QModelIndex") -> bool:
        return index.isValid()


class RowsCard(Card):
    """Rows that can be opened, their states, and below them the way to all of them."""

    def __init__(self, title: str, columns: Sequence[Cells[Any]], key: Callable[[Any], Any], theme: Theme) -> None:
        """Nothing has been read yet."""
        super().__init__(title)
        self.model: RecordModel[Any] = RecordModel(columns, key, self)
        self.table = LinkRows(self.model, columns, theme, title)
        self.table.hide()
        self.again: Callable[[], None] | None = None
        self.message = BlockMessage(self._read_again)
        self.message.setMinimumHeight(_MESSAGE_HEIGHT)
        self.message.hide()
        self.foot = row((11, 2, 12, 8))
        self.add(self.table)
        self.add(self.message)
        rest = column()
        rest.addStretch(1)
        self.add(rest, 1)
        self.add(self.foot)
        self._slow = QTimer(self)
        self._slow.setSingleShot(True)
        self._slow.timeout.connect(lambda: self._say(Said(tr("Reading…"))))
        self._slow.start(_LOADING_AFTER_MS)

    def lead_to(self, words: str, go: Callable[[], None]) -> None:
        """Offer the way to all rows."""
        self.foot.addWidget(Button(words, go, look="link"))
        self.foot.addStretch(1)

    def show_rows(self, rows: Sequence[Any], empty: Said) -> None:
        """Show the rows, or that there are none."""
        self._slow.stop()
        self.model.set_records(rows)
        self.table.fit()
        if rows:
            self.message.hide()
            self.table.show()
        else:
            self._say(empty)

    def age(self) -> None:
        """Time has passed: ages may need more room."""
        self.table.fit()
        self.table.viewport().update()

    def failed(self, said: Said) -> None:
        """They could not be read; what is shown already stays."""
        self._slow.stop()
        if not self.model.rowCount():
            self._say(said, again=self.again is not None)

    def _say(self, said: Said, *, again: bool = False) -> None:
        self.table.hide()
        self.message.say(said, again=again)
        self.message.show()

    def _read_again(self) -> None:
        if self.again:
            self.again()


class Band(NamedTuple):
    """Orders that wait for about as long: from so many hours, up to so many."""

    words: str
    from_h: int
    to_h: int | None

    def of(self, placed: "Sequence[datetime]", now: datetime) -> int:
        """How many orders have waited for that long, of those that were placed at these times, the oldest first."""
        until = bisect_right(placed, now - timedelta(hours=self.from_h))
        since = 0 if self.to_h is None else bisect_right(placed, now - timedelta(hours=self.to_h))
        return until - since


BANDS = (
    Band("Under 1 hour", 0, 1),
    Band("1 to 4 hours", 1, 4),
    Band("4 to 24 hours", 4, 24),
    Band("Over a day", 24, None),
)
"""From what is fresh to what is late."""
_BAND_HUES = ("good", "accent", "look", "stop")


class Bar(QWidget):
    """A thin line as long as its share; the count beside it says the same."""

    def __init__(self, theme: Theme, hue: str) -> None:
        """`hue` is the token of its colour."""
        super().__init__()
        self._theme, self._hue, self.share = theme, hue, 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_share(self, share: float) -> None:
        """`share` is from 0 to 1."""
        self.share = share
        self.update()

    def sizeHint(self) -> QSize:
        """Thin, and as wide as there is room."""
        return QSize(_BAR_LEAST, _BAR_HEIGHT + 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The whole in grey, the share in its colour."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(0, (self.height() - _BAR_HEIGHT) / 2, self.width(), _BAR_HEIGHT)
        painter.setBrush(self._theme.color("faint"))
        painter.drawRoundedRect(whole, 3, 3)
        if self.share:
            painter.setBrush(self._theme.color(self._hue))
            whole.setWidth(max(_BAR_HEIGHT, whole.width() * self.share))
            painter.drawRoundedRect(whole, 3, 3)
        painter.end()


class AgeingCard(Card):
    """How long orders wait, counted in four bands."""

    def __init__(self, theme: Theme) -> None:
        """Nothing is counted yet."""
        super().__init__(tr("How long they wait"))
        self.counts = [Text("–", TextRole.STRONG) for _ in BANDS]
        self.bars = [Bar(theme, hue) for hue in _BAND_HUES]
        grid = QGridLayout()
        grid.setContentsMargins(16, 12, 16, 14)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(2, 1)
        grid.setColumnMinimumWidth(1, 28)
        for line, band in enumerate(BANDS):
            grid.addWidget(Text(tr(band.words)), line, 0)
            grid.addWidget(self.counts[line], line, 1, Qt.AlignmentFlag.AlignRight)
            grid.addWidget(self.bars[line], line, 2)
        self.add(grid)

    def show_orders(self, orders: "Sequence[OrderSummary]") -> None:
        """Count these orders."""
        now = datetime.now(UTC)
        placed = sorted(order.placed_at for order in orders)
        for band, text, bar in zip(BANDS, self.counts, self.bars, strict=True):
            count = band.of(placed, now)
            text.say(f"{count:,}")
            bar.show_share(count / len(orders) if orders else 0.0)


class SystemLine(QFrame):
    """One system: a sign, its name in its hue, how it answers, and while it is down what still works."""

    def __init__(self, system: str) -> None:
        """Not asked yet."""
        super().__init__()
        self._system = system
        self._sign = Text(_SIGNS["unknown"], TextRole.SMALL)
        self._sign.setFixedWidth(12)
        name = Text(NAMES[system], TextRole.STRONG)
        name.tint(system)
        self.state = Text("", elided=True)
        self.more = Text("", TextRole.SECOND, wrapped=True)
        self.more.hide()
        upper = row(spacing=8)
        upper.addWidget(self._sign)
        upper.addWidget(name)
        upper.addWidget(self.state, 1)
        lower = row((20, 0, 0, 0))
        lower.addWidget(self.more)
        layout = column(spacing=2)
        layout.addLayout(upper)
        layout.addLayout(lower)
        self.setLayout(layout)

    def show_connection(self, connection: "Connection", now: datetime) -> None:
        """Say how it answers."""
        state = connection.state(now).value
        self._sign.say(_SIGNS[state])
        self._sign.tint(_TINTS[state])
        since = clock_words(connection.down_since)[:-3] if connection.down_since else ""
        took = (connection.took_ms or 0) / 1000
        self.state.say(
            {
                "ok": tr("answers"),
                "slow": tr("answers slowly: {n} s", n=f"{took:.1f}"),
                "down": tr("does not answer since {time}", time=since),
                "unknown": tr("not asked yet"),
            }[state]
        )
        still = tr("Meanwhile {what}.", what=tr(STILL_WORKS[self._system])) if state == "down" else ""
        why = in_language(connection.problem) if connection.problem else ""
        self.more.say(still or why)
        self.more.setVisible(bool(self.more.whole))
        self.setAccessibleName(f"{NAMES[self._system]} {self.state.whole}. {self.more.whole}")


class SystemsCard(Card):
    """How each system answers."""

    def __init__(self) -> None:
        """Nothing was asked yet."""
        super().__init__(tr("Systems"))
        self.lines = {system: SystemLine(system) for system in NAMES}
        body = column((16, 12, 16, 14), 10)
        for line in self.lines.values():
            body.addWidget(line)
        self.add(body)

    def show_connections(self, connections: "Sequence[Connection]") -> None:
        """Say how every system answers."""
        now = datetime.now(UTC)
        for connection in connections:
            self.lines[connection.system].show_connection(connection, now)
        down = [one for one in connections if one.down_since]
        self.note.since(None, tr("{n} of 3 answer", n=len(connections) - len(down)) if connections else "")


def oldest_words(orders: "Sequence[OrderSummary]") -> str:
    """How long the oldest of them has waited."""
    return tr("oldest {age}", age=since_words(min(one.placed_at for one in orders))) if orders else ""
