"""What a place shows instead of its content: loading, empty, refused or failed, in plain words and never blank."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QStackedLayout, QWidget
from shiboken6 import isValid

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


class Stateful(QWidget):
    """A place with its content, and its states in front of it. What is shown already stays while it is read again."""

    def __init__(self, content: QWidget) -> None:
        """Shows `content` at first, so that nothing jumps where it is filled at once."""
        super().__init__()
        self._content = content
        self.pane = StatePane()
        # A stack that stands in no widget yet would show what is put into it as a window of its own.
        self._stack = QStackedLayout(self)
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

    def loading(self) -> None:
        """Something is being read. Content that is there already stays."""
        if not self._has_content:
            self._slow.start()

    def filled(self) -> None:
        """The content is there."""
        self._slow.stop()
        self._has_content = True
        self._switch_to(self._content)

    def forget(self) -> None:
        """What is shown speaks of something else from now on."""
        self._has_content = False

    def empty(self, title: str, sentence: str = "", button: str = "", act: Callable[[], None] | None = None) -> None:
        """There is nothing, which is an answer as well."""
        self._state("", title, sentence, button, act)

    def problem(self, problem: "Problem", retry: Callable[[], None] | None) -> None:
        """It could not be read; content that is there already stays, since it is better than nothing."""
        self._slow.stop()
        if self._has_content:
            return
        sign = "–" if problem.state == "refused" else "!"
        code = f"{problem.code} · " if problem.code else ""
        self._state(sign, f"{code}{in_language(problem.title)}", problem.detail, tr("Try again"), retry)

    def _state(self, sign: str, title: str, sentence: str, button: str, act: Callable[[], None] | None) -> None:
        self._slow.stop()
        self._has_content = False
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
