"""Settings: the connections of this desk, each checked in turn, with what to do about what does not work.

It writes nothing.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QWidget

from console.errors import ConsoleError
from console.views.desk import Desk, Shell
from console.views.page import Page, PageHead, scrolled_in_card
from console.views.states import Stateful
from console.views.theme import TextRole, Tone
from console.views.widgets import Button, Card, Tag, Text, column, row
from console.views.words import in_language, tr, trn
from console.views.work import Work

if TYPE_CHECKING:
    from console.models.record import Sentence
    from console.workflows.doctor import DoctorCheck

_NAME_WIDTH = 250


class CheckRow(QWidget):
    """One check: what is looked at, how it went, and what to do."""

    def __init__(self, name: "Sentence") -> None:
        """Not known yet."""
        super().__init__()
        self._name = Text(in_language(name), TextRole.STRONG, wrapped=True)
        self._name.setFixedWidth(_NAME_WIDTH)
        self._tag = Tag(tr("checking…"), Tone.NEUTRAL)
        self._detail = Text("", TextRole.SECOND, wrapped=True).selectable()
        self._fix = Text("", wrapped=True).selectable()
        self._fix.hide()
        said = column(spacing=3)
        said.addWidget(self._detail)
        said.addWidget(self._fix)
        line = row((16, 9, 16, 9), 12)
        line.addWidget(self._name)
        line.addLayout(said, 1)
        line.addWidget(self._tag)
        self.setLayout(line)
        self._speak()

    def show_check(self, check: "DoctorCheck") -> None:
        """Say how it went."""
        self._tag.show_as(*((tr("works"), Tone.GOOD) if check.ok else (tr("does not work"), Tone.STOP)))
        self._detail.say(in_language(check.detail))
        fix = in_language(check.fix)
        self._fix.say(tr("Do this: {fix}", fix=fix) if fix else "")
        self._fix.setVisible(bool(fix))
        self._speak()

    def check_again(self) -> None:
        """What was seen stays until it is seen anew."""
        self._tag.show_as(tr("checking…"), Tone.NEUTRAL)
        self._speak()

    def _speak(self) -> None:
        parts = (self._detail.whole, self._fix.whole)
        self.setAccessibleName(f"{self._name.whole}: {self._tag.whole}. {' '.join(parts)}".rstrip())


class SettingsPage(Page):
    """One row for each check, filled as each is known. It looks when it is shown for the first time."""

    def __init__(self, desk: Desk, shell: Shell) -> None:
        """Nothing is asked before the place is shown."""
        super().__init__(tr("Settings"))
        self._desk = desk
        self._work = Work(shell.tasks, "settings")
        self._checks: Sequence[DoctorCheck] = ()
        self._rows = {name.en: CheckRow(name) for name in desk.doctor.names()}
        self._head = PageHead(tr("Settings · Connections"))
        self.copy = Button(tr("Copy as text"), self._copy_text)
        self.again = Button(tr("Check again"), self.read, look="primary")

        self._place = Stateful(self._content())
        self._place.filled()
        self.copy.setEnabled(False)
        for button in (self.copy, self.again):
            self._head.tools.addWidget(button)
        layout = column((24, 16, 24, 16), 12)
        layout.addWidget(self._head)
        layout.addWidget(self._facts())
        layout.addWidget(self._place, 1)
        self.setLayout(layout)

    def read(self) -> None:
        """Look at everything again; of two requests the newer counts."""
        self.again.setEnabled(False)
        self.copy.setEnabled(False)
        self._head.line.say(tr("Asking the systems…"))
        self._place.filled()
        for shown in self._rows.values():
            shown.check_again()
        self._work.ask("checks", self._desk.doctor.examine(told=self._told), self._done, self._failed)

    def open(self) -> None:
        """The place is shown: look, unless that was done already."""
        if not self._checks and self.again.isEnabled():
            self.read()

    def take_focus(self) -> None:
        """The arrow keys scroll through the checks."""
        self._area.setFocus()

    def leave(self) -> None:
        """Drop what is being asked."""
        self._work.drop_all()

    def as_text(self) -> str:
        """What was found, for a mail to whoever can mend it."""
        return "\n".join(
            f"{'OK' if one.ok else 'NOT OK'}  {one.name}: {one.detail}{f' → {one.fix}' if one.fix.en else ''}"
            for one in self._checks
        )

    def _facts(self) -> Card:
        card, grid = Card(), QGridLayout()
        grid.setContentsMargins(16, 12, 16, 12)
        grid.setHorizontalSpacing(16)
        facts = [(in_language(label), value) for label, value in self._desk.doctor.facts()]
        facts.append((tr("Signed in"), self._desk.me.name))
        for number, (label, value) in enumerate(facts):
            line, side = divmod(number, 2)
            grid.addWidget(Text(label, TextRole.SECOND), line, side * 2)
            grid.addWidget(Text(value, elided=True).selectable(), line, side * 2 + 1)
        for side in (1, 3):
            grid.setColumnStretch(side, 1)
        card.add(grid)
        return card

    def _content(self) -> QWidget:
        card, inside, rows = Card(), QWidget(), column(spacing=0)
        for shown in self._rows.values():
            rows.addWidget(shown)
        rows.addStretch(1)
        inside.setLayout(rows)
        self._area = scrolled_in_card(inside)
        self._area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._area.setAccessibleName(tr("Check the connections"))
        card.add(self._area, 1)
        return card

    def _told(self, check: "DoctorCheck") -> None:
        self._rows[check.name.en].show_check(check)

    def _done(self, checks: "Sequence[DoctorCheck]") -> None:
        self._checks = checks
        broken = sum(not one.ok for one in checks)
        self._head.line.say(trn("%n checks need somebody", broken) if broken else tr("Everything works."))
        if first := next((one for one in checks if not one.ok), None):
            self._area.ensureWidgetVisible(self._rows[first.name.en])
        self._settle()

    def _failed(self, error: ConsoleError) -> None:
        self._head.line.say("")
        self._place.problem(self._desk.explain(error), self.read)
        self._settle()

    def _settle(self) -> None:
        self.again.setEnabled(True)
        self.copy.setEnabled(bool(self._checks))

    def _copy_text(self) -> None:
        QGuiApplication.clipboard().setText(self.as_text())
