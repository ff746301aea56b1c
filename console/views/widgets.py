"""The small parts that every page is made of. All text is plain text, whatever it looks like."""

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QAction, QFontMetrics, QHideEvent, QKeySequence, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from console.views.ages import age_words, moment_words
from console.views.theme import TextRole, Tone, font
from console.views.words import tr

_TICK_MS = 1000


class Text(QLabel):
    """A piece of plain text. It is cut with an ellipsis where `elided`, and wraps where `wrapped`."""

    def __init__(
        self, text: str = "", role: TextRole = TextRole.BODY, *, wrapped: bool = False, elided: bool = False
    ) -> None:
        """`role` gives size, weight and colour."""
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(font(role))
        self.setProperty("role", role.value)
        self.setWordWrap(wrapped)
        self._elided = elided
        self._whole = ""
        if elided:
            self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.say(text)

    def say(self, text: str) -> None:
        """Show another text. An unchanged one costs nothing."""
        if text == self._whole:
            return
        self._whole = text
        self.setText(text)
        self._elide()

    @property
    def whole(self) -> str:
        """The text without any cut."""
        return self._whole

    def tint(self, name: str) -> None:
        """Colour the text as a system or a tone is coloured; an empty name gives the role's own colour."""
        restyle(self, "tint", name)

    def selectable(self) -> "Text":
        """Let people mark and copy the text with the mouse."""
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return self

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut the text anew for the new width."""
        super().resizeEvent(event)
        self._elide()

    def sizeHint(self) -> QSize:
        """An elided text asks for the width of all of it and is content with less."""
        hint = super().sizeHint()
        if self._elided:
            hint.setWidth(QFontMetrics(self.font()).horizontalAdvance(self._whole) + 2)
        return hint

    def _elide(self) -> None:
        if not self._elided:
            return
        # The wide space between a name and its reading stays.
        one_line = " ".join(self._whole.splitlines())
        shown = QFontMetrics(self.font()).elidedText(one_line, Qt.TextElideMode.ElideRight, self.width())
        if self.text() != shown:
            self.setText(shown)
        self.setToolTip(plain_tip(self._whole) if shown != self._whole else "")


def plain_tip(text: str) -> str:
    """A tool tip that shows `text` as it is: Qt takes what looks like markup for markup."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<span style='white-space:pre-wrap'>{escaped}</span>" if text else ""


class Tag(Text):
    """One or two words on a soft ground of their own hue."""

    def __init__(self, text: str = "", tone: Tone = Tone.NEUTRAL) -> None:
        """`tone` says what the words mean."""
        super().__init__(text, TextRole.SMALL)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
        self.setProperty("tag", tone.value)
        if not text:
            self.hide()

    def show_as(self, text: str, tone: Tone) -> None:
        """Show other words; none hides the tag."""
        self.say(text)
        restyle(self, "tag", tone.value)
        show_in_place(self, bool(text))

    def show_link(self, state: str) -> None:
        """Show whether a customer's three ids agree: `linked`, `partial` or `conflict`."""
        words = {"linked": tr("linked"), "partial": tr("not fully linked"), "conflict": tr("conflict")}
        self.show_as(words[state], {"linked": Tone.GOOD, "partial": Tone.LOOK, "conflict": Tone.STOP}[state])


class AgeText(Text):
    """Says how long ago something was, keeps itself up to date while it is seen, and tells the moment on hover."""

    def __init__(self, role: TextRole = TextRole.SMALL, before: str = "") -> None:
        """`before` stands in front of the age, as `WHMCS · `."""
        super().__init__("", role)
        self._before = before
        self._moment: datetime | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tell)

    def since(self, moment: datetime | None, before: str | None = None) -> None:
        """Count from `moment`; None shows only what stands in front."""
        self._moment = moment
        self._before = self._before if before is None else before
        self.setToolTip(moment_words(moment) if moment else "")
        self._tell()

    def showEvent(self, event: QShowEvent) -> None:
        """Go on counting."""
        super().showEvent(event)
        self._tell()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Count nothing that nobody sees."""
        super().hideEvent(event)
        self._timer.stop()

    def _tell(self) -> None:
        if self._moment is None:
            self.say(self._before.rstrip(" ·"))
        else:
            self.say(f"{self._before}{age_words(datetime.now(UTC) - self._moment)}")


class Button(QPushButton):
    """A button with its key on it. `look` is `plain`, `primary` (one per page), `danger`, `link` or `filter`."""

    def __init__(self, text: str, clicked: Callable[[], object] | None = None, *, look: str = "plain") -> None:
        """`clicked` is called without arguments."""
        super().__init__(text)
        self.setProperty("look", look)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(False)
        self._cap = QLabel("", self)
        self._cap.setTextFormat(Qt.TextFormat.PlainText)
        self._cap.setProperty("keycap", "primary" if look == "primary" else "plain")
        self._cap.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._cap.hide()
        self._action: QAction | None = None
        if clicked:
            # Qt would hand over whether the button is checked.
            self.clicked.connect(lambda _checked: clicked())

    def show_key_of(self, action: QAction | None) -> None:
        """Keep the key that an action has on the button, in the platform's own spelling; None takes it off."""
        if self._action is not None:
            self._action.changed.disconnect(self._show_key)
        self._action = action
        if action is not None:
            action.changed.connect(self._show_key)
        self._show_key()

    def _show_key(self) -> None:
        keys = self._action.shortcut() if self._action else QKeySequence()
        spelled = keys.toString(QKeySequence.SequenceFormat.NativeText)
        if spelled == self._cap.text():
            return
        self._cap.setText(spelled)
        self._cap.setVisible(bool(spelled))
        self._cap.adjustSize()
        self.setToolTip(plain_tip(f"{self.text()} ({spelled})") if spelled else "")
        self.updateGeometry()

    def light(self, *, on: bool) -> None:
        """Show that what the button stands for is chosen."""
        restyle(self, "on", "true" if on else "false")

    def sizeHint(self) -> QSize:
        """Room for the text and the key."""
        hint = super().sizeHint()
        if self._cap.text():
            hint.setWidth(hint.width() + self._cap.sizeHint().width() + 10)
        return hint

    def minimumSizeHint(self) -> QSize:
        """A button never hides its words."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Keep the key at the right end, and the words to the left of it."""
        wanted = "text-align: left;" if self._cap.text() else ""
        if self.styleSheet() != wanted:
            self.setStyleSheet(wanted)
        size = self._cap.sizeHint()
        self._cap.setGeometry(self.width() - size.width() - 10, (self.height() - size.height()) // 2, *size.toTuple())
        super().paintEvent(event)


class Card(QFrame):
    """A rounded surface with a small grey head: its title, and source and age at the right end."""

    def __init__(self, title: str = "") -> None:
        """Without a title there is no head."""
        super().__init__()
        self.setObjectName("card")
        self._layout = column(margins=(0, 0, 0, 0), spacing=0)
        self.setLayout(self._layout)
        self.title = Text(title, TextRole.SECOND)
        strong = self.title.font()
        strong.setWeight(strong.Weight.DemiBold)
        self.title.setFont(strong)
        self.note = AgeText()
        self.head = row(margins=(16, 9, 16, 9), spacing=8)
        self.head.addWidget(self.title, 1)
        self.head.addWidget(self.note)
        if title:
            head = QFrame()
            head.setObjectName("cardHead")
            head.setLayout(self.head)
            self._layout.addWidget(head)
            self.setAccessibleName(title)

    def add(self, what: QWidget | QLayout, stretch: int = 0) -> None:
        """Add something below what is there."""
        if isinstance(what, QWidget):
            self._layout.addWidget(what, stretch)
        else:
            self._layout.addLayout(what, stretch)


class Chip(QFrame):
    """A system's name in its own hue, the id that it has for somebody, and a sign that it agrees."""

    def __init__(self, system: str, hue: str) -> None:
        """`hue` is the token of the system's colour."""
        super().__init__()
        self.setObjectName("chip")
        self._name = Text(system, TextRole.SMALL)
        self._name.tint(hue)
        self._id = Text("", TextRole.SECOND).selectable()
        self._sign = Text("", TextRole.SECOND)
        line = row(margins=(9, 4, 9, 4), spacing=7)
        for part in (self._name, self._id, self._sign):
            line.addWidget(part)
        self.setLayout(line)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)

    def show_id(self, text: str, agrees: bool | None) -> None:
        """Show an id, shortened in the middle where it is long; None shows no sign."""
        self._id.say(shortened(text) or tr("none"))
        self._id.setToolTip(plain_tip(text))
        self._sign.say({True: "✓", False: "✕", None: ""}[agrees])
        self._sign.tint("good" if agrees else "stop")
        self.setAccessibleName(f"{self._name.whole} {text}")


def shortened(text: str, longest: int = 18) -> str:
    """An id as it is, or its two ends where it is longer than people read."""
    return text if len(text) <= longest else f"{text[:4]}…{text[-4:]}"


def row(margins: tuple[int, int, int, int] = (0, 0, 0, 0), spacing: int = 8) -> QHBoxLayout:
    """A horizontal layout with its distances."""
    made = QHBoxLayout()
    made.setContentsMargins(*margins)
    made.setSpacing(spacing)
    return made


def column(margins: tuple[int, int, int, int] = (0, 0, 0, 0), spacing: int = 8) -> QVBoxLayout:
    """A vertical layout with its distances."""
    made = QVBoxLayout()
    made.setContentsMargins(*margins)
    made.setSpacing(spacing)
    return made


def emptied(layout: QLayout) -> None:
    """Take everything out of a layout and let it go."""
    while item := layout.takeAt(0):
        if widget := item.widget():
            widget.hide()
            widget.deleteLater()
        elif inner := item.layout():
            emptied(inner)


def show_in_place(widget: QWidget, shown: bool) -> None:
    """Show or hide a part; one that stands in no window yet is not made a window of its own by that."""
    if shown and widget.parentWidget() is None:
        widget.setAttribute(Qt.WidgetAttribute.WA_WState_Hidden, False)
        widget.setAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide, False)
    else:
        widget.setVisible(shown)


def restyle(widget: QWidget, name: str, value: str) -> None:
    """Set a property that the style sheet looks at, and let it look again."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
