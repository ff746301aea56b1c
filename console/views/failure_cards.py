"""What happened to one stuck order: in short, what to do, who, what the customer sees; and every attempt so far."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QPlainTextEdit, QStackedWidget, QWidget

from console.models.case import JournalEntry, StepState
from console.models.failure import SETTLED_BY_PEOPLE
from console.views.actions import Actions
from console.views.activity_words import what
from console.views.ages import clock_words, moment_words
from console.views.cells import Cells
from console.views.failure_words import do_words, fixers_words
from console.views.headed_table import HeadedTable
from console.views.order_words import number_words, step_words
from console.views.page import scrolled_in_card
from console.views.states import Stateful
from console.views.tables import RecordModel
from console.views.theme import TextRole, Theme, Tone
from console.views.widgets import Button, Card, Tag, Text, row
from console.views.words import in_language, tr, trn

if TYPE_CHECKING:
    from console.models.activity import ActivityEntry
    from console.models.failure import FailureCode
    from console.models.problem import Problem
    from console.workflows.failures import ListedCase

_LABELS_WIDTH, _TITLE_HEIGHT = 96, 20
_ANSWERS = {
    StepState.STARTED: ("under way…", Tone.ACCENT),
    StepState.DONE: ("done", Tone.GOOD),
    StepState.STOPPED: ("stopped", Tone.STOP),
}


@dataclass(frozen=True)
class Attempt:
    """One line of what was tried: a step of provisioning with its answer, or what somebody did before."""

    number: int
    at: datetime
    words: str
    answer: str = ""
    tone: Tone = Tone.NEUTRAL
    detail: str = ""


def attempts_of(events: "Sequence[ActivityEntry]", runs: Sequence[Sequence[JournalEntry]]) -> list[Attempt]:
    """The steps of all runs with the decisions before them, newest first; a step that ended stands once."""
    lines = [Attempt(0, one.at, tr("{what} by {who}", what=what(one), who=one.actor)) for one in events
             if one.action in ("approved", "rejected")]  # fmt: skip
    for run in runs:
        latest = {entry.step: entry for entry in run}
        for step in latest.values():
            words, tone = _ANSWERS[step.state]
            lines.append(Attempt(0, step.at, step_words(step.step), tr(words), tone, step.detail))
    lines.sort(key=lambda one: one.at)
    return [replace(one, number=number) for number, one in enumerate(lines)][::-1]


class Facts(QWidget):
    """Labels at the left, what they stand for at the right."""

    def __init__(self) -> None:
        """Filled by `show_facts`."""
        super().__init__()
        names = (tr("In short"), tr("Do this"), tr("Who"), tr("Customer sees"))
        grid = QGridLayout()
        grid.setContentsMargins(16, 12, 16, 8)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnMinimumWidth(0, _LABELS_WIDTH)
        grid.setColumnStretch(1, 1)
        self.values = [Text("", wrapped=True).selectable() for _ in names]
        for number, name in enumerate(names):
            label = Text(name)
            label.setProperty("role", "second")
            grid.addWidget(label, number, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(self.values[number], number, 1)
        self._other = Text("", TextRole.SECOND, wrapped=True).selectable()
        grid.addWidget(self._other, len(names), 1)
        grid.setRowStretch(len(names) + 1, 1)
        self.setLayout(grid)

    def show_facts(self, in_short: str, who: str, code: "FailureCode") -> None:
        """Say what happened, and what the code means for staff and for the customer."""
        sees = code.customer
        words = tr("“{words}”", words=in_language(sees)) if sees else tr("the same as before")
        for text, said in zip(self.values, (in_short, do_words(code), who, words), strict=True):
            text.say(said)
        self._other.say("" if sees is None else sees.en if in_language(sees) == sees.ja else sees.ja)


class WhatHappened(Card):
    """The left card, with the buttons of the case. `asked` comes with the id of an action."""

    asked = Signal(str)

    def __init__(self, actions: Actions) -> None:
        """The buttons show the keys that the actions have."""
        super().__init__(" ")
        self.title.setMinimumHeight(_TITLE_HEIGHT)
        self.tag = Tag()
        self.head.insertWidget(1, self.tag)
        self._facts = Facts()
        self._nothing = Text(tr("Choose a failure above to see what happened and what helps."), wrapped=True)
        self._nothing.setProperty("role", "second")
        self._nothing.setContentsMargins(16, 12, 16, 12)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._nothing)
        self._stack.addWidget(scrolled_in_card(self._facts))
        self.retry = Button(tr("Retry"), lambda: self.asked.emit("failure.retry"), look="primary")
        self.settle = Button(tr("Settle…"), lambda: self.asked.emit("failure.settle"))
        self.settle.hide()
        self.order = Button(tr("Open order"), lambda: self.asked.emit("failure.order"))
        self.customer = Button(tr("Open customer"), lambda: self.asked.emit("failure.customer"))
        self._actions = actions
        self.retry.show_key_of(actions.qt("failure.retry"))
        self.why_not = Text("", TextRole.SECOND, elided=True)
        self.add(self._stack, 1)
        self.add(self._button_line())
        self.show_nothing()

    def show_nothing(self) -> None:
        """Nothing is chosen."""
        self.title.say(tr("What happened"))
        self.settle.hide()
        self.retry.setText(tr("Retry"))
        self._stack.setCurrentIndex(0)
        self._enable(on=False)

    def show_group(self, code: "FailureCode", count: int) -> None:
        """Say what a code means for all of its orders."""
        self.settle.hide()
        self.title.say(tr("{code} · what it means", code=code.code))
        self._facts.show_facts(in_language(code.meaning), _sentence(fixers_words(code.who_fixes)), code)
        self.retry.setText(trn("Retry %n orders…", count))
        self._stack.setCurrentIndex(1)
        self._enable(on=False)
        self.retry.setEnabled(True)

    def show_case(self, listed: "ListedCase", words: str) -> None:
        """Say what happened to one order; `words` are those of its retry."""
        name = " · ".join(part for part in (number_words(listed.case.order_number), listed.customer) if part)
        self.title.say(tr("{name} · what happened", name=name))
        # A case that was taken over says no more than that the order is paused.
        tried = bool(listed.case.attempts and listed.case.detail)
        meaning = in_language(listed.code.meaning)
        in_short = listed.case.detail if tried else meaning
        if tried and meaning == listed.code.meaning.ja:
            # What was noted is in English.
            in_short = f"{meaning} {listed.case.detail}"
        self._facts.show_facts(in_short, _who(listed), listed.code)
        self.retry.setText(words)
        self._stack.setCurrentIndex(1)
        self._enable(on=True)
        self.customer.setEnabled(listed.account_id is not None)
        self.settle.setVisible(listed.code.code in SETTLED_BY_PEOPLE)

    def spread(self, *, wide: bool) -> None:
        """Put the keys on all buttons where there is room for them."""
        for button, action_id in self._buttons()[1:]:
            button.show_key_of(self._actions.qt(action_id) if wide else None)

    def _enable(self, *, on: bool) -> None:
        for button, _ in self._buttons():
            button.setEnabled(on)

    def _buttons(self) -> tuple[tuple[Button, str], ...]:
        return (
            (self.retry, "failure.retry"),
            (self.settle, "failure.settle"),
            (self.order, "failure.order"),
            (self.customer, "failure.customer"),
        )

    def _button_line(self) -> QHBoxLayout:
        line = row((16, 4, 16, 12), 8)
        for button, _ in self._buttons():
            line.addWidget(button)
        line.addWidget(self.why_not, 1)
        return line


class Attempts(Card):
    """The right card: every step that was tried, newest first, or the system's own text where somebody asks for it."""

    def __init__(self, theme: Theme) -> None:
        """Nothing is chosen yet."""
        super().__init__(tr("Attempts"))
        self.title.setMinimumHeight(_TITLE_HEIGHT)
        columns: list[Cells[Attempt]] = [
            Cells(tr("Time"), lambda one: clock_words(one.at), tip=lambda one: moment_words(one.at)),
            Cells(tr("Step"), lambda one: one.words, wide=True, tip=lambda one: one.detail or one.words),
            Cells(tr("Answer"), lambda one: one.answer, tone=lambda one: one.tone, tip=lambda one: one.detail),
        ]
        self.model: RecordModel[Attempt] = RecordModel(columns, lambda one: one.number, self)
        table = HeadedTable(self.model, columns, theme, tr("Attempts"))
        table.setSelectionMode(table.SelectionMode.NoSelection)
        self._place = Stateful(table)
        self.raw = QPlainTextEdit()
        self.raw.setReadOnly(True)
        self.raw.setAccessibleName(tr("Raw reply of the system"))
        self.raw.setFrameShape(QFrame.Shape.NoFrame)
        self.toggle = Button(tr("raw reply ▸"), self._toggle, look="link")
        self.toggle.setAccessibleName(tr("Show or hide the raw reply of the system"))
        self._stack = QStackedWidget()
        self._stack.addWidget(self._place)
        self._stack.addWidget(self.raw)
        self.head.setContentsMargins(16, 7, 12, 7)
        self.head.addWidget(self.toggle)
        self.add(self._stack, 1)
        self.show_nothing()

    @property
    def raw_is_shown(self) -> bool:
        """Whether the system's own text is seen."""
        return self._stack.currentWidget() is self.raw

    def show_nothing(self, words: str = "") -> None:
        """No order is chosen."""
        self.model.set_records([])
        self._place.empty("", words or tr("What was tried for an order is listed here."))
        self.show_raw("")

    def show_raw(self, raw: str) -> None:
        """Hold the system's own text ready; it is hidden until somebody asks for it."""
        self.raw.setPlainText(raw)
        # Kept in its place, so that the head does not jump from case to case.
        self.toggle.setEnabled(bool(raw))
        self.toggle.setText(tr("raw reply ▸") if raw else "")
        self._stack.setCurrentWidget(self._place)

    def loading(self) -> None:
        """Another order was chosen."""
        self.model.set_records([])
        self._place.forget()
        self._place.loading()

    def show_attempts(self, attempts: Sequence[Attempt]) -> None:
        """Show what was tried."""
        self.model.set_records(attempts)
        if attempts:
            self._place.filled()
        else:
            self._place.empty("", tr("Nothing was tried from here yet. It was paused elsewhere."))

    def failed(self, problem: "Problem", again: Callable[[], None]) -> None:
        """The attempts could not be read."""
        self._place.problem(problem, again)

    def _toggle(self) -> None:
        self._stack.setCurrentWidget(self._place if self.raw_is_shown else self.raw)
        self.toggle.setText(tr("raw reply ▾") if self.raw_is_shown else tr("raw reply ▸"))


def _who(listed: "ListedCase") -> str:
    who = _sentence(fixers_words(listed.code.who_fixes))
    tried = trn("tried %n times", listed.case.attempts) if listed.case.attempts else tr("not tried here")
    return f"{who} · {tried}"


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"
