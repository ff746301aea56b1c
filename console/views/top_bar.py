"""The bar at the top: which environment this is, the one search box, and who is signed in."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QSizePolicy, QToolButton, QWidget

from console.views.icons import Icons
from console.views.theme import TextRole, Theme, Tone, font
from console.views.widgets import Tag, Text, restyle, row
from console.views.words import tr

_HEIGHT, _SEARCH_WIDTH = 50, 520
_MOVES = frozenset({Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp})


class SearchBox(QLineEdit):
    """The one box for everything. `moved` carries a key that belongs to the list of hits below it."""

    moved = Signal(int)
    entered = Signal()
    left = Signal()
    came = Signal()

    def __init__(self) -> None:
        """The key that leads here stands in the box while it is empty."""
        super().__init__()
        self.setPlaceholderText(tr("Find a customer, order, phone, action…"))
        self.setAccessibleName(tr("Find anything"))
        self.setClearButtonEnabled(False)
        self.setMaximumWidth(_SEARCH_WIDTH)
        self.setMinimumWidth(180)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._cap = QLabel(QKeySequence("Ctrl+K").toString(QKeySequence.SequenceFormat.NativeText), self)
        self._cap.setProperty("keycap", "plain")
        self._cap.setTextFormat(Qt.TextFormat.PlainText)
        self._cap.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.textChanged.connect(lambda text: self._cap.setVisible(not text))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Typing types; arrows, Enter and Escape go to the hits."""
        key = Qt.Key(event.key())
        if key in _MOVES:
            self.moved.emit(int(key))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the key at the right end."""
        super().resizeEvent(event)
        size = self._cap.sizeHint()
        self._cap.setGeometry(self.width() - size.width() - 9, (self.height() - size.height()) // 2, *size.toTuple())


class Initials(QWidget):
    """The signed-in person as a round badge."""

    def __init__(self, theme: Theme) -> None:
        """Empty until somebody is signed in."""
        super().__init__()
        self._theme = theme
        self._letters = ""
        self.setFixedSize(QSize(26, 26))
        theme.changed.connect(self.update)

    def show_person(self, name: str) -> None:
        """The first letters of a name's first two words."""
        self._letters = "".join(word[0] for word in name.split()[:2]).upper()
        self.setAccessibleName(name)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A soft disc with the letters."""
        if not self._letters:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        text, ground = self._theme.tone(Tone.ACCENT)
        painter.setPen(QColor(Qt.GlobalColor.transparent))
        painter.setBrush(ground)
        painter.drawEllipse(self.rect())
        painter.setPen(text)
        bold = font(TextRole.SMALL)
        bold.setWeight(bold.Weight.Bold)
        painter.setFont(bold)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._letters)
        painter.end()


class TopBar(QFrame):
    """Menu, name, environment, search box, person."""

    def __init__(self, theme: Theme, icons: Icons) -> None:
        """Nobody is signed in yet."""
        super().__init__()
        self.setObjectName("topBar")
        self.setFixedHeight(_HEIGHT)
        self._theme = theme
        self._icons = icons
        self.menu = QToolButton()
        self.menu.setAccessibleName(tr("Menu"))
        self.menu.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        self.environment = Tag()
        self.search = SearchBox()
        self._role = Text("", TextRole.SECOND)
        self._initials = Initials(theme)
        left, right = QWidget(), QWidget()
        line = row((10, 0, 0, 0), 10)
        for part in (self.menu, Text("Staff Console", TextRole.STRONG), self.environment):
            line.addWidget(part)
        line.addStretch(1)
        left.setLayout(line)
        line = row((0, 0, 16, 0), 8)
        line.addStretch(1)
        line.addWidget(self._role)
        line.addWidget(self._initials)
        right.setLayout(line)
        whole = row()
        whole.addWidget(left, 2)
        whole.addWidget(self.search, 3)
        whole.addWidget(right, 2)
        self.setLayout(whole)
        theme.changed.connect(self._paint_icons)
        self._paint_icons()

    def show_environment(self, environment: str) -> None:
        """PRODUCTION in the hue of danger, anything else in another."""
        production = environment == "production"
        restyle(self, "environment", environment)
        self.environment.show_as(environment.upper(), Tone.STOP if production else Tone.LOOK)

    def show_person(self, name: str, role: str) -> None:
        """Who is signed in, and as what."""
        self._role.say(f"{name} · {role}" if role else name)
        self._initials.show_person(name)

    def _paint_icons(self) -> None:
        self.menu.setIcon(self._icons.icon("menu", self._theme.color("second")))
