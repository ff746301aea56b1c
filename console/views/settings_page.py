"""Settings: the connections of this desk, each checked in turn, with what to do about what does not work.

It writes nothing.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from console.errors import ConsoleError
from console.views.connection_strip import NAMES
from console.views.desk import Desk, Shell
from console.views.page import Page, PageHead, scrolled_in_card
from console.views.states import Stateful
from console.views.theme import TextRole, Tone
from console.views.widgets import Button, Card, Tag, Text, column, row
from console.views.words import in_language, tr, trn
from console.views.work import Work

if TYPE_CHECKING:
    from console.errors import System
    from console.models.record import Sentence
    from console.workflows.doctor import DoctorCheck

_SIGN_WIDTH, _NAME_WIDTH = 14, 236


class CheckRow(QFrame):
    """One check: what is looked at, how it went, and what to do."""

    def __init__(self, name: "Sentence") -> None:
        """Not known yet."""
        super().__init__()
        self.setObjectName("checkRow")
        self._sign = Text("", TextRole.STRONG)
        self._sign.setFixedWidth(_SIGN_WIDTH)
        self._name = Text(in_language(name), wrapped=True)
        self._name.setFixedWidth(_NAME_WIDTH)
        self._tag = Tag()
        self._detail = Text("", TextRole.SECOND, wrapped=True).selectable()
        self._fix = Text("", wrapped=True).selectable()
        self._fix.hide()
        said = column(spacing=3)
        said.addWidget(self._detail)
        said.addWidget(self._fix)
        line = row((16, 8, 16, 8), 10)
        for part in (self._sign, self._name):
            line.addWidget(part, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(said, 1)
        line.addWidget(self._tag, 0, Qt.AlignmentFlag.AlignTop)
        self.setLayout(line)
        self.check_again()

    def show_check(self, check: "DoctorCheck") -> None:
        """Say how it went. Where it was not tried, what to do stands with the check that was."""
        sign, words, tone = ("✕", tr("does not work"), Tone.STOP)
        if check.ok:
            sign, words, tone = ("✓", tr("works"), Tone.GOOD)
        elif not check.tried:
            sign, words, tone = ("–", tr("not tried"), Tone.NEUTRAL)
        self._show(sign, words, tone)
        self._detail.say(in_language(check.detail))
        fix = in_language(check.fix) if check.tried else ""
        self._fix.say(tr("Do this: {fix}", fix=fix) if fix else "")
        self._fix.setVisible(bool(fix))
        self._speak()

    def check_again(self) -> None:
        """What was seen stays until it is seen anew."""
        self._show("", tr("checking…"), Tone.NEUTRAL)
        self._speak()

    def _show(self, sign: str, words: str, tone: Tone) -> None:
        self._sign.say(sign)
        self._sign.tint("" if tone is Tone.NEUTRAL else tone.value)
        self._tag.show_as(words, tone)

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
        self._outline = desk.doctor.outline()
        self._rows = {name.en: CheckRow(name) for _, name in self._outline}
        self._values = [Text("", elided=True).selectable() for _ in self._facts()]
        self._head = PageHead(tr("Settings · Connections"))
        self.copy = Button(tr("Copy the report"), self._copy_text)
        self.again = Button(tr("Check again"), self.read, look="primary")
        self.copy.show_key_of(shell.actions.qt("connections.copy"))
        self.again.show_key_of(shell.actions.qt("refresh"))
        shell.actions.on("connections.copy", self._copy_text, within=self, when=lambda: bool(self._checks))

        self._place = Stateful(self._content())
        self._place.filled()
        self.copy.setEnabled(False)
        for button in (self.copy, self.again):
            self._head.tools.addWidget(button)
        layout = column((24, 16, 24, 16), 12)
        layout.addWidget(self._head)
        layout.addWidget(self._facts_card())
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
        """What these systems are and what was found, for a mail to whoever can mend it."""
        facts = [f"{label}: {value}" for label, value in self._facts()]
        return "\n".join([*facts, "", *(line for one in self._checks for line in _lines(one))])

    def _facts(self) -> list[tuple[str, str]]:
        told = self._desk.doctor.facts(self._desk.me)
        return [(in_language(label), in_language(value)) for label, value in told]

    def _show_facts(self) -> None:
        for shown, (_, value) in zip(self._values, self._facts(), strict=True):
            shown.say(value)

    def _facts_card(self) -> Card:
        card, grid = Card(), QGridLayout()
        grid.setContentsMargins(16, 12, 16, 12)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        for number, ((label, _), shown) in enumerate(zip(self._facts(), self._values, strict=True)):
            line, side = divmod(number, 2)
            grid.addWidget(Text(label, TextRole.SECOND), line, side * 2)
            grid.addWidget(shown, line, side * 2 + 1)
        for side in (1, 3):
            grid.setColumnStretch(side, 1)
        card.add(grid)
        self._show_facts()
        return card

    def _content(self) -> QWidget:
        card, inside, rows = Card(), QWidget(), column((0, 4, 0, 8), 0)
        for system, group in groupby(self._outline, lambda told: told[0]):
            rows.addWidget(_group_head(system))
            for _, name in group:
                rows.addWidget(self._rows[name.en])
        rows.addStretch(1)
        inside.setLayout(rows)
        self._area = scrolled_in_card(inside)
        self._area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._area.setAccessibleName(tr("Check the connections"))
        card.add(self._area, 1)
        return card

    def _told(self, check: "DoctorCheck") -> None:
        self._rows[check.name.en].show_check(check)
        self._show_facts()

    def _done(self, checks: "Sequence[DoctorCheck]") -> None:
        self._checks = checks
        broken = sum(not one.ok and one.tried for one in checks)
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


def _group_head(system: "System | None") -> Text:
    """The system that the checks below are about, in its own hue."""
    head = Text(NAMES[system] if system else tr("This machine"), TextRole.STRONG)
    head.tint(system or "")
    head.setContentsMargins(16, 12, 16, 4)
    return head


def _lines(check: "DoctorCheck") -> list[str]:
    sign = "✓" if check.ok else "✕" if check.tried else "–"
    lines = [f"{sign} {in_language(check.name)}: {in_language(check.detail)}"]
    return [*lines, f"    {in_language(check.fix)}"] if check.tried and check.fix.en else lines
