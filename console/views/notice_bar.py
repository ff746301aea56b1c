"""What happened, in a few words over the lower right corner: nothing jumps for it, and × hides it."""

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFrame, QToolButton, QWidget

from console.notices import Notice, NoticeKind
from console.views.theme import TextRole, Tone
from console.views.widgets import Button, Tag, Text, column, row
from console.views.words import tr

# What was done, or needs some care, goes by itself; what was not done stays until somebody puts it away.
_SHOWN_MS = {NoticeKind.DONE: 8_000, NoticeKind.CAREFUL: 20_000}
# High enough to leave the buttons at the bottom of a page free.
_WIDTH, _ABOVE_BOTTOM = 440, 124
_TONES = {NoticeKind.DONE: Tone.GOOD, NoticeKind.CAREFUL: Tone.LOOK, NoticeKind.FAILED: Tone.STOP}
# More stand behind these until one is put away.
_MOST = 3


class NoticeBar(QWidget):
    """Shows the newest notices, the last one lowest.

    What went well gives way to whatever comes next; what was not done stays, so that later good news cannot hide it.
    """

    def __init__(self, window: QWidget) -> None:
        """Hidden until something is told."""
        super().__init__(window)
        self.setFixedWidth(_WIDTH)
        self._window = window
        self._cards: list[NoticeCard] = []
        self._column = column((0, 0, 0, 0), 8)
        self.setLayout(self._column)
        self.hide()

    @property
    def words(self) -> str:
        """What was told last and is still seen, "" where nothing is."""
        return self._cards[-1].notice.text if self._cards else ""

    def tell(self, notice: Notice) -> None:
        """Show a notice below what was not done before it."""
        again = [one for one in self._cards if _is_again(one.notice, notice)]
        for card in (*again, *(one for one in self._cards if one.notice.kind is NoticeKind.DONE)):
            self._drop(card)
        card = NoticeCard(notice, 1 + sum(one.times for one in again))
        card.closed.connect(lambda: self._put_away(card))
        card.grown.connect(self.settle)
        self._cards.append(card)
        self._column.addWidget(card)
        self._arrange()
        # A screen reader says it, wherever the focus is.
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(card, card.accessibleName()))

    def settle(self) -> None:
        """Stand at the lower right of the window, above the buttons of its pages."""
        for card in self._cards:
            card.updateGeometry()
        self._column.activate()
        height = max(self.sizeHint().height(), self.heightForWidth(_WIDTH))
        right, bottom = self._window.width() - 20, self._window.height() - _ABOVE_BOTTOM
        self.setGeometry(right - _WIDTH, bottom - height, _WIDTH, height)

    def _put_away(self, card: "NoticeCard") -> None:
        if card in self._cards:
            self._drop(card)
            self._arrange()

    def _drop(self, card: "NoticeCard") -> None:
        if card in self._cards:
            self._cards.remove(card)
            self._column.removeWidget(card)
            card.let_go()

    def _arrange(self) -> None:
        for place, card in enumerate(reversed(self._cards)):
            card.setVisible(place < _MOST)
        self.setVisible(bool(self._cards))
        self.raise_()
        self.settle()


class NoticeCard(QFrame):
    """One notice. `closed` comes when it is put away or has been seen long enough."""

    closed = Signal()
    grown = Signal()

    def __init__(self, notice: Notice, times: int) -> None:
        """`times` is how often it was told without being put away."""
        super().__init__()
        self.notice, self.times = notice, times
        self.setObjectName("popup")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        words = {NoticeKind.DONE: tr("Done"), NoticeKind.CAREFUL: tr("Careful"), NoticeKind.FAILED: tr("Not done")}
        text = notice.text if times == 1 else tr("{what} ({n} times)", what=notice.text, n=times)
        self.setAccessibleName(f"{words[notice.kind]}: {text}")
        self._more = Text(notice.more, TextRole.SECOND, wrapped=True).selectable()
        self._more.hide()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.closed)
        self._build(Tag(words[notice.kind], _TONES[notice.kind]), text)
        if shown := _SHOWN_MS.get(notice.kind):
            self._timer.start(shown)

    def let_go(self) -> None:
        """It is not shown any more."""
        self._timer.stop()
        self.hide()
        self.deleteLater()

    def _build(self, tag: Tag, text: str) -> None:
        line = row((0, 0, 0, 0), 10)
        top = Qt.AlignmentFlag.AlignTop
        line.addWidget(tag, 0, top)
        line.addWidget(Text(text, wrapped=True), 1)
        if self.notice.offer:
            line.addWidget(Button(self.notice.offer.words, self._take(self.notice.offer.take), look="link"), 0, top)
        if self.notice.more:
            line.addWidget(Button(tr("Details"), self._toggle_more, look="link"), 0, top)
        close = QToolButton()
        close.setText("×")
        close.setAccessibleName(tr("Hide this notice"))
        close.clicked.connect(self.closed)
        line.addWidget(close, 0, top)
        layout = column((14, 10, 10, 10), 6)
        layout.addLayout(line)
        layout.addWidget(self._more)
        self.setLayout(layout)

    def _take(self, take: Callable[[], None]) -> Callable[[], None]:
        def taken() -> None:
            self.closed.emit()
            take()

        return taken

    def _toggle_more(self) -> None:
        # Whoever reads on is not hurried.
        self._timer.stop()
        self._more.setVisible(not self._more.isVisible())
        self.grown.emit()


def _is_again(shown: Notice, told: Notice) -> bool:
    return (shown.kind, shown.text, shown.more) == (told.kind, told.text, told.more)
