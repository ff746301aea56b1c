"""The sheet that checks the connections: what works, what does not, and what to do about it. It writes nothing."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QWidget

from console.errors import ConsoleError
from console.tasks import Tasks
from console.views.page import scrolled
from console.views.states import Stateful
from console.views.theme import TextRole, Tone
from console.views.widgets import Button, Card, Tag, Text, column, row
from console.views.words import tr, trn
from console.views.work import Work

if TYPE_CHECKING:
    from console.views.desk import Desk
    from console.workflows.doctor import DoctorCheck

_WIDTH, _HEIGHT = 640, 620


class DoctorSheet(QDialog):
    """One row for each check. It is not modal, and checks anew when it is asked to."""

    def __init__(self, desk: "Desk", tasks: Tasks, parent: QWidget) -> None:
        """Checks at once."""
        super().__init__(parent)
        self.setWindowTitle(tr("Check the connections"))
        self.resize(_WIDTH, _HEIGHT)
        self._desk = desk
        self._work = Work(tasks, "doctor")
        self._checks: Sequence[DoctorCheck] = ()
        self._line = Text("", TextRole.SECOND)
        self._rows = column(spacing=0)
        self._place = Stateful(self._content())
        self._copy = Button(tr("Copy as text"), self._copy_text)
        self._again = Button(tr("Check again"), self.check, look="primary")
        buttons = row(spacing=8)
        buttons.addWidget(self._copy)
        buttons.addStretch(1)
        buttons.addWidget(self._again)
        buttons.addWidget(Button(tr("Close"), self.close))
        layout = column((24, 20, 24, 18), 10)
        layout.addWidget(Text(tr("Check the connections"), TextRole.PAGE_TITLE))
        layout.addWidget(self._line)
        layout.addWidget(self._place, 1)
        layout.addLayout(buttons)
        self.setLayout(layout)
        self.finished.connect(self._work.drop_all)
        self.check()

    def check(self) -> None:
        """Ask every system, one thing after the other; of two requests the newer counts."""
        self._again.setEnabled(False)
        self._copy.setEnabled(False)
        self._line.say(tr("Asking the systems…"))
        self._place.loading()
        self._work.ask("checks", self._desk.doctor.examine(), self._show, self._failed)

    def as_text(self) -> str:
        """What was found, for a mail to whoever can mend it."""
        return "\n".join(
            f"{'OK' if one.ok else 'NOT OK'}  {one.name}: {one.detail}{f' → {one.fix}' if one.fix else ''}"
            for one in self._checks
        )

    def _content(self) -> QWidget:
        card = Card()
        card.setAccessibleName(tr("Check the connections"))
        inside = QWidget()
        inside.setLayout(self._rows)
        card.add(scrolled(inside), 1)
        return card

    def _show(self, checks: "Sequence[DoctorCheck]") -> None:
        self._checks = checks
        while item := self._rows.takeAt(0):
            if widget := item.widget():
                widget.deleteLater()
        for check in checks:
            self._rows.addWidget(_row(check))
        self._rows.addStretch(1)
        broken = sum(not one.ok for one in checks)
        self._line.say(trn("%n checks need somebody", broken) if broken else tr("Everything works."))
        self._place.filled()
        self._settle()

    def _failed(self, error: ConsoleError) -> None:
        self._line.say("")
        self._place.problem(self._desk.explain(error), self.check)
        self._settle()

    def _settle(self) -> None:
        self._again.setEnabled(True)
        self._copy.setEnabled(bool(self._checks))

    def _copy_text(self) -> None:
        QGuiApplication.clipboard().setText(self.as_text())


def _row(check: "DoctorCheck") -> QWidget:
    shown = QWidget()
    words = Tag(tr("works"), Tone.GOOD) if check.ok else Tag(tr("does not work"), Tone.STOP)
    head = row(spacing=8)
    head.addWidget(Text(check.name, TextRole.STRONG), 1)
    head.addWidget(words)
    layout = column((16, 10, 16, 10), 3)
    layout.addLayout(head)
    layout.addWidget(Text(check.detail, TextRole.SECOND, wrapped=True).selectable())
    if check.fix:
        layout.addWidget(Text(tr("Do this: {fix}", fix=check.fix), wrapped=True).selectable())
    shown.setLayout(layout)
    shown.setAccessibleName(f"{check.name}: {words.whole}. {check.detail} {check.fix}")
    return shown
