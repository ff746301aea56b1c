"""What happened, in a few words over the lower right corner: nothing jumps for it, and × hides it."""

from PySide6.QtCore import Qt, QTimer
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


class NoticeBar(QFrame):
    """Shows the newest notice; × hides it."""

    def __init__(self, window: QWidget) -> None:
        """Hidden until something is told."""
        super().__init__(window)
        self.setObjectName("popup")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(_WIDTH)
        self._window = window
        self._tag = Tag()
        self._text = Text("", wrapped=True)
        self._more = Text("", TextRole.SECOND, wrapped=True).selectable()
        self._show_more = Button(tr("Details"), self._toggle_more, look="link")
        close = QToolButton()
        close.setText("×")
        close.setAccessibleName(tr("Hide this notice"))
        close.clicked.connect(self.hide)
        line = row((0, 0, 0, 0), 10)
        top = Qt.AlignmentFlag.AlignTop
        line.addWidget(self._tag, 0, top)
        line.addWidget(self._text, 1)
        line.addWidget(self._show_more, 0, top)
        line.addWidget(close, 0, top)
        layout = column((14, 10, 10, 10), 6)
        layout.addLayout(line)
        layout.addWidget(self._more)
        self.setLayout(layout)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self.hide()

    @property
    def words(self) -> str:
        """What is told now, "" while the notice is hidden."""
        return self._text.whole if self.isVisible() else ""

    def tell(self, notice: Notice) -> None:
        """Show a notice in the place of the one before."""
        words = {NoticeKind.DONE: tr("Done"), NoticeKind.CAREFUL: tr("Careful"), NoticeKind.FAILED: tr("Not done")}
        self._tag.show_as(words[notice.kind], _TONES[notice.kind])
        self._text.say(notice.text)
        self._more.say(notice.more)
        self._more.hide()
        self._show_more.setVisible(bool(notice.more))
        self.setAccessibleName(f"{words[notice.kind]}: {notice.text}")
        self.show()
        self.raise_()
        self.settle()
        self._timer.stop()
        if shown := _SHOWN_MS.get(notice.kind):
            self._timer.start(shown)

    def settle(self) -> None:
        """Stand at the lower right of the window, above the buttons of its pages."""
        self.adjustSize()
        height = max(self.sizeHint().height(), self.heightForWidth(_WIDTH))
        right, bottom = self._window.width() - 20, self._window.height() - _ABOVE_BOTTOM
        self.setGeometry(right - _WIDTH, bottom - height, _WIDTH, height)

    def _toggle_more(self) -> None:
        self._timer.stop()
        self._more.setVisible(not self._more.isVisible())
        self.settle()
