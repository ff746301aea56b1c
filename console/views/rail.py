"""The rail at the left: the places that there are, with what is mine or burning on their badges."""

from typing import NamedTuple

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QFrame, QSizePolicy

from console.views.actions import ACTIONS
from console.views.icons import Icons
from console.views.theme import TextRole, Theme, Tone, font
from console.views.widgets import column, plain_tip
from console.views.words import tr

_WIDTH, _HEIGHT, _RADIUS = 175, 34, 8


class Place(NamedTuple):
    """One place: its name in the program, and its words."""

    name: str
    words: str


PLACES = (
    Place("today", "Today"),
    Place("customers", "Customers"),
    Place("orders", "Orders"),
    Place("failures", "Failures"),
    Place("activity", "Activity"),
    Place("settings", "Settings"),
)


class PlaceButton(QAbstractButton):
    """One place in the rail, painted: icon, words, badge."""

    def __init__(self, place: Place, theme: Theme, icons: Icons) -> None:
        """No badge yet."""
        super().__init__()
        self.setCheckable(True)
        self.setText(tr(place.words))
        self.setAccessibleName(tr(place.words))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        keys = next((action.keys for action in ACTIONS if action.id == f"go.{place.name}"), "")
        self.setToolTip(plain_tip(f"{tr(place.words)} ({keys})"))
        self._place, self._theme, self._icons = place, theme, icons
        self._badge, self._tone = "", Tone.NEUTRAL
        self._drawn: dict[bool, QIcon] = {}
        theme.changed.connect(self._repaint)

    def badge(self, count: int, tone: Tone) -> None:
        """Show how many; none shows nothing."""
        self._badge, self._tone = (f"{count:,}" if count else ""), tone
        spoken = f"{self.text()}, {count}" if count else self.text()
        self.setAccessibleName(spoken)
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as the rail."""
        return QSize(_WIDTH - 16, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground says which place is shown; the ring says where the focus is."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        here = self.isChecked()
        if here or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("accent_soft" if here else "faint"))
            painter.drawRoundedRect(self.rect(), _RADIUS, _RADIUS)
        if self.hasFocus():
            painter.setPen(self._theme.color("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), _RADIUS, _RADIUS)
        self._icon(here).paint(painter, QRect(10, (self.height() - 16) // 2, 16, 16))
        painter.setPen(self._theme.color("accent" if here else "second"))
        painter.setFont(font(TextRole.STRONG if here else TextRole.BODY))
        painter.drawText(self.rect().adjusted(36, 0, -10, 0), Qt.AlignmentFlag.AlignVCenter, self.text())
        if self._badge:
            tone = self._theme.color("second") if self._tone is Tone.NEUTRAL else self._theme.tone(self._tone)[0]
            painter.setPen(tone)
            painter.setFont(font(TextRole.STRONG))
            side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(self.rect().adjusted(0, 0, -10, 0), side, self._badge)
        painter.end()

    def _icon(self, here: bool) -> QIcon:
        if here not in self._drawn:
            color = self._theme.color("accent" if here else "second")
            self._drawn[here] = self._icons.icon(self._place.name, color)
        return self._drawn[here]

    def _repaint(self) -> None:
        self._drawn.clear()
        self.update()


class Rail(QFrame):
    """All places, one of them shown. `chosen` carries the name of a place."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, icons: Icons) -> None:
        """Today is shown first."""
        super().__init__()
        self.setObjectName("rail")
        self.setFixedWidth(_WIDTH)
        self._buttons = {place.name: PlaceButton(place, theme, icons) for place in PLACES}
        group = QButtonGroup(self)
        layout = column((8, 12, 8, 12), 1)
        for name, button in self._buttons.items():
            group.addButton(button)
            layout.addWidget(button)
            button.clicked.connect(lambda _checked=False, chosen=name: self.chosen.emit(chosen))
        layout.addStretch(1)
        self.setLayout(layout)
        self.setAccessibleName(tr("Places"))
        self.show_place("today")

    def show_place(self, name: str) -> None:
        """Mark the place that is shown."""
        self._buttons[name].setChecked(True)

    def badge(self, name: str, count: int, tone: Tone = Tone.NEUTRAL) -> None:
        """Put a count on a place."""
        self._buttons[name].badge(count, tone)
