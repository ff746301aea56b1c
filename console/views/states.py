"""What a place shows instead of its content: loading, empty, refused or failed, in plain words and never blank."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QStackedLayout, QWidget
from shiboken6 import isValid

from console.views.ages import clock_words
from console.views.theme import TextRole
from console.views.widgets import Button, Text, column, row
from console.views.words import in_language, tr

if TYPE_CHECKING:
    from console.models.problem import Problem

# A place that is filled sooner shows no "Loading" at all: it would only flicker.
_LOADING_AFTER_MS = 150
_WIDEST = 460


class StatePane(QWidget):
    """A sign, a title, a sentence, and at most one button."""

    def __init__(self) -> None:
        """Nothing is said yet."""
        super().__init__()
        self._sign = Text("", TextRole.PAGE_TITLE)
        self._title = Text("", TextRole.LIST_TITLE)
        self._sentence = Text("", TextRole.BODY, wrapped=True)
        self._sentence.setProperty("role", "second")
        self._sentence.setMaximumWidth(_WIDEST)
        self._button = Button("", self._clicked)
        self._act: Callable[[], None] | None = None
        middle = Qt.AlignmentFlag.AlignHCenter
        for part in (self._sign, self._title, self._sentence):
            part.setAlignment(middle)
        layout = column((24, 24, 24, 24), 8)
        layout.addStretch(2)
        layout.addWidget(self._sign, 0, middle)
        layout.addWidget(self._title, 0, middle)
        line = row()
        line.addStretch(1)
        line.addWidget(self._sentence, 6)
        line.addStretch(1)
        layout.addLayout(line)
        layout.addWidget(self._button, 0, middle)
        layout.addStretch(3)
        self.setLayout(layout)

    def say(
        self, sign: str, title: str, sentence: str = "", button: str = "", act: Callable[[], None] | None = None
    ) -> None:
        """Show this state; without `act` there is no button."""
        self._sign.say(sign)
        self._sign.setVisible(bool(sign))
        self._title.say(title)
        self._sentence.say(sentence)
        self._sentence.setVisible(bool(sentence))
        self._button.setText(button)
        self._button.setVisible(act is not None)
        self._act = act
        self.setAccessibleName(f"{title}. {sentence}")

    def _clicked(self) -> None:
        if self._act:
            self._act()


class StaleLine(QWidget):
    """Says above what is shown that it could not be read again, since when and why."""

    def __init__(self) -> None:
        """Hidden until something is stale."""
        super().__init__()
        self.setObjectName("stale")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._since: datetime | None = None
        self._words = Text("", TextRole.SECOND, elided=True)
        self._again = Button(tr("Try again"), self._clicked, look="link")
        self._act: Callable[[], None] | None = None
        layout = row((16, 2, 16, 2), 8)
        layout.addWidget(self._words, 1)
        layout.addWidget(self._again)
        self.setLayout(layout)
        self.hide()

    @property
    def words(self) -> str:
        """What it says, "" while nothing is stale."""
        return "" if self._since is None else self._words.whole

    def say(self, problem: "Problem", act: Callable[[], None] | None) -> None:
        """What is shown was not read again because of `problem`; the first failure since gives the time."""
        self._since = self._since or datetime.now(UTC)
        why = in_language(problem.title)
        self._words.say(tr("Could not be read again since {time} · {why}", time=clock_words(self._since)[:-3], why=why))
        self.setAccessibleName(self._words.whole)
        self._act = act
        self._again.setVisible(act is not None)
        self.show()

    def clear(self) -> None:
        """What is shown is the latest."""
        self._since = None
        self.hide()

    def _clicked(self) -> None:
        if self._act:
            self._act()


class Stateful(QWidget):
    """A place with its content, and its states in front of it. What is shown already stays while it is read again."""

    def __init__(self, content: QWidget) -> None:
        """Shows `content` at first, so that nothing jumps where it is filled at once."""
        super().__init__()
        self._content = content
        self.pane = StatePane()
        self.stale_line = StaleLine()
        whole = column(spacing=0)
        whole.addWidget(self.stale_line)
        self.setLayout(whole)
        # A stack that stands in no widget yet would show what is put into it as a window of its own.
        self._stack = QStackedLayout()
        whole.addLayout(self._stack, 1)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(content)
        self._stack.addWidget(self.pane)
        self._has_content = False
        self._focus_before: QWidget | None = None
        self._slow = QTimer(self)
        self._slow.setSingleShot(True)
        self._slow.setInterval(_LOADING_AFTER_MS)
        self._slow.timeout.connect(self._say_loading)

    @property
    def shows_content(self) -> bool:
        """Whether the content itself is seen, and no state."""
        return self._stack.currentWidget() is self._content

    @property
    def is_stale(self) -> bool:
        """Whether what is shown could not be read again since."""
        return bool(self.stale_line.words)

    def loading(self) -> None:
        """Something is being read. Content that is there already stays."""
        if not self._has_content:
            self._slow.start()

    def filled(self) -> None:
        """The content is there."""
        self._slow.stop()
        self._has_content = True
        self.stale_line.clear()
        self._switch_to(self._content)

    def stale(self, problem: "Problem", retry: Callable[[], None] | None) -> None:
        """What is shown could not be read again; it stays, since it is better than nothing."""
        self.stale_line.say(problem, retry)

    def forget(self) -> None:
        """What is shown speaks of something else from now on."""
        self._has_content = False

    def empty(self, title: str, sentence: str = "", button: str = "", act: Callable[[], None] | None = None) -> None:
        """There is nothing, which is an answer as well."""
        self._state("", title, sentence, button, act)

    def problem(self, problem: "Problem", retry: Callable[[], None] | None) -> None:
        """It could not be read; content that is there already stays, and is said to be stale."""
        self._slow.stop()
        if self._has_content:
            self.stale(problem, retry)
            return
        sign = "–" if problem.state == "refused" else "!"
        code = f"{problem.code} · " if problem.code else ""
        self._state(sign, f"{code}{in_language(problem.title)}", in_language(problem.meaning), tr("Try again"), retry)

    def _state(self, sign: str, title: str, sentence: str, button: str, act: Callable[[], None] | None) -> None:
        self._slow.stop()
        self._has_content = False
        self.stale_line.clear()
        self.pane.say(sign, title, sentence, button, act)
        self._switch_to(self.pane)

    def _say_loading(self) -> None:
        self.pane.say("", tr("Loading…"))
        self._switch_to(self.pane)

    def _switch_to(self, shown: QWidget) -> None:
        """Show the content or the state; a focus that was in here stays in here, and returns to where it was."""
        focus = QApplication.focusWidget()
        inside = focus is not None and (focus is self or self.isAncestorOf(focus))
        if focus is not None and self._content.isAncestorOf(focus):
            self._focus_before = focus
        self._stack.setCurrentWidget(shown)
        if inside:
            before = self._focus_before
            (before if shown is self._content and before and isValid(before) else self).setFocus()
