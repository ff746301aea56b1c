"""The one thing that is modal: a confirmation. It says what will happen, with names and counts, before it does."""

import asyncio
from dataclasses import dataclass, field

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QWidget

from console.views.theme import TextRole
from console.views.widgets import Button, Text, column, row
from console.views.words import tr

_WIDTH = 480
REASON_LENGTH = 255


@dataclass(frozen=True)
class Question:
    """What to confirm.

    lines        what will happen, one sentence each
    button       the words of the button that does it
    reason       the label of a field for a reason, "" where none is asked for
    needs_reason whether it cannot be done without one
    destructive  then Enter does not do it: the button is never the default. In the reason, Enter leads to the button
    """

    title: str
    lines: tuple[str, ...]
    button: str
    reason: str = ""
    needs_reason: bool = False
    destructive: bool = False


@dataclass(frozen=True)
class Answer:
    """Yes, with the reason that was given."""

    reason: str = field(default="")


class ConfirmDialog(QDialog):
    """Asks one question; `asked` gives the answer, None where it was not confirmed."""

    def __init__(self, question: Question, parent: QWidget) -> None:
        """Nothing is shown before `asked`."""
        super().__init__(parent)
        self.setWindowTitle(question.title)
        self.setAccessibleName(question.title)
        self.setAccessibleDescription(" ".join(question.lines))
        self.setFixedWidth(_WIDTH)
        self._question = question
        self._window = parent
        self._answer: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
        self._reason = QLineEdit()
        self._left = Text("", TextRole.SMALL)
        self._note = Text("", TextRole.SECOND, wrapped=True)
        self._yes = Button(question.button, self.accept, look="danger" if question.destructive else "primary")
        self._no = Button(tr("Cancel"), self.reject)
        self._build(question)
        self.finished.connect(self._finish)

    async def asked(self) -> Answer | None:
        """Show the question over the window and wait, while everything else goes on.

        Over a window that was closed nothing is asked any more, so nothing is confirmed.
        """
        if not self._window.isVisible():
            self.reject()
            return None
        self.open()
        return await self._answer

    def note(self, text: str) -> None:
        """Say something that becomes known while it is asked."""
        self._note.say(text)
        self._note.show()

    def _build(self, question: Question) -> None:
        layout = column((24, 22, 24, 18), 10)
        layout.addWidget(Text(question.title, TextRole.LIST_TITLE, wrapped=True))
        for line in question.lines:
            layout.addWidget(Text(line, wrapped=True))
        layout.addWidget(self._note)
        self._note.hide()
        if question.reason:
            self._add_reason(question)
            for part in (Text(question.reason, TextRole.SECOND, wrapped=True), self._reason, self._left):
                layout.addWidget(part)
        buttons = row(spacing=8)
        buttons.addStretch(1)
        buttons.addWidget(self._no)
        buttons.addWidget(self._yes)
        layout.addSpacing(6)
        layout.addLayout(buttons)
        self.setLayout(layout)
        default = self._no if question.destructive else self._yes
        default.setDefault(True)
        (self._reason if question.reason else default).setFocus()

    def _add_reason(self, question: Question) -> None:
        self._reason.setAccessibleName(question.reason)
        self._reason.textChanged.connect(self._check_reason)
        self._check_reason()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """In the reason of what is destructive Enter leads on to the button, and does it there.

        Cancel, the default, would throw away what was written.
        """
        enter = Qt.Key(event.key()) in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        written = enter and self._question.destructive and self._reason.hasFocus()
        if written and self._yes.isEnabled():
            self._yes.setFocus()
        elif enter and self._yes.hasFocus():
            self._yes.click()
        elif not written:
            super().keyPressEvent(event)

    def _check_reason(self) -> None:
        length = len(self._reason.text().strip())
        fits = length <= REASON_LENGTH
        self._yes.setEnabled(fits and bool(length or not self._question.needs_reason))
        self._left.say("" if fits else tr("Too long by {n} characters.", n=length - REASON_LENGTH))
        self._left.tint("stop")

    def _finish(self, result: int) -> None:
        if not self._answer.done():
            yes = result == QDialog.DialogCode.Accepted
            self._answer.set_result(Answer(self._reason.text().strip()) if yes else None)
        self.deleteLater()
