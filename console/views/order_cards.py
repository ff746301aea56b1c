"""The cards of the review: checks with their evidence, the steps of provisioning, and what the customer sees."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from console.models.case import JournalEntry, StepState
from console.models.check import Check, Result, Review
from console.views.order_words import RESULT_TONES, SIGNS, STEPS, check_words, step_words
from console.views.theme import TextRole, Theme, Tone, font
from console.views.widgets import AgeText, Card, Tag, Text, column, emptied, row
from console.views.words import in_language, tr, trn

if TYPE_CHECKING:
    from console.models.order import CustomerStatus

_SOURCES = {"salesforce": "Salesforce", "whmcs": "WHMCS", "portal": "Portal", "rule": "rule"}
_RESULTS = {Result.PASS: "pass", Result.LOOK: "look", Result.STOP: "stop", Result.NOT_APPLICABLE: "does not apply"}
_TITLE_WIDTH, _TITLE_NARROW, _ROW_HEIGHT = 210, 130, 34
_WIDE_FROM = 560
_ROOM = 8 * _ROW_HEIGHT + 40
_WHO = "may_approve"


class Sign(QWidget):
    """A small disc with a sign: what a check or a step says, by shape as well as by colour."""

    def __init__(self, theme: Theme) -> None:
        """Nothing is said yet."""
        super().__init__()
        self._theme = theme
        self._sign, self._tone = "", Tone.NEUTRAL
        self.setFixedSize(QSize(18, 18))
        theme.changed.connect(self.update)

    def say(self, sign: str, tone: Tone, words: str) -> None:
        """Show a sign; `words` are what a screen reader says."""
        self._sign, self._tone = sign, tone
        self.setAccessibleName(words)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A soft disc, and the sign in the strong colour."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        strong, soft = self._theme.tone(self._tone)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(soft)
        painter.drawEllipse(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.setPen(strong)
        bold = font(TextRole.SMALL)
        bold.setWeight(bold.Weight.Bold)
        painter.setFont(bold)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._sign)
        painter.end()


class CheckRow(QFrame):
    """One check: sign, title, evidence, source and age."""

    def __init__(self, theme: Theme) -> None:
        """Filled by `show_check`."""
        super().__init__()
        self.setObjectName("cardRow")
        self.setMinimumHeight(_ROW_HEIGHT)
        self._sign = Sign(theme)
        self._title = Text("", TextRole.BODY, wrapped=True)
        self._title.setFixedWidth(_TITLE_WIDTH)
        self._code = Tag("", Tone.STOP)
        self._evidence = Text("", TextRole.BODY, wrapped=True)
        self._evidence.setProperty("role", "second")
        self._note = AgeText(TextRole.SMALL)
        line = row((14, 6, 16, 6), 10)
        line.addWidget(self._sign)
        line.addWidget(self._title)
        line.addWidget(self._code)
        line.addWidget(self._evidence, 1)
        line.addWidget(self._note)
        self.setLayout(line)

    def spread(self, *, wide: bool) -> None:
        """Say source and age only where the evidence has room beside them."""
        self._title.setFixedWidth(_TITLE_WIDTH if wide else _TITLE_NARROW)
        self._note.setVisible(wide)

    def show_check(self, check: Check) -> None:
        """Say what the check found."""
        tone = RESULT_TONES[check.result]
        self._sign.say(SIGNS[check.result], tone, tr(_RESULTS[check.result]))
        self._title.say(check_words(check.id))
        judged = check.result in (Result.LOOK, Result.STOP)
        self._code.show_as(check.code or "" if judged else "", tone)
        found = in_language(check.evidence).rstrip(".。")
        self._evidence.say(found)
        source = tr(_SOURCES[check.source.value])
        self._note.since(None if check.source.value == "rule" else check.checked_at, f"{source} · ")
        self.setAccessibleName(f"{tr(_RESULTS[check.result])}: {check_words(check.id)}. {found}")


class ChecksCard(Card):
    """All checks of one order."""

    def __init__(self, theme: Theme) -> None:
        """Nothing was checked yet."""
        super().__init__(tr("Checks"))
        # Room for what is about to come, so that nothing below jumps when it does.
        self.setMinimumHeight(_ROOM)
        self._theme = theme
        self._rows: list[CheckRow] = []
        self._body = column(spacing=0)
        self._waiting = Text(tr("Running the checks…"), TextRole.BODY)
        self._waiting.setContentsMargins(16, 12, 16, 12)
        self._apart = Text("", TextRole.SECOND, wrapped=True)
        self._apart.setContentsMargins(16, 8, 16, 10)
        self._apart.hide()
        self._body.addWidget(self._waiting)
        self.add(self._body)
        self.add(self._apart)
        self._layout.addStretch(1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Less is said in each row where the card is narrow."""
        super().resizeEvent(event)
        self._spread()

    def running(self) -> None:
        """The checks are run again; what was found before stays to be read."""
        self.note.since(None, tr("checking…"))

    def show_review(self, review: Review, *, decided: bool) -> None:
        """Show every check in its place; those that do not apply to such an order are only named.

        Nobody asks of an order that is decided whether this person may approve it.
        """
        self._waiting.hide()
        asked = [check for check in review.checks if not (decided and check.id == _WHO)]
        applying = [check for check in asked if check.result is not Result.NOT_APPLICABLE]
        apart = [check_words(check.id) for check in asked if check.result is Result.NOT_APPLICABLE]
        while len(self._rows) < len(applying):
            made = CheckRow(self._theme)
            self._rows.append(made)
            self._body.addWidget(made)
        self._spread()
        for number, made in enumerate(self._rows):
            made.setVisible(number < len(applying))
        for made, check in zip(self._rows, applying, strict=False):
            made.show_check(check)
        self._apart.say(f"–  {tr('Does not apply: {checks}', checks=', '.join(apart))}")
        self._apart.setVisible(bool(apart))
        results = [check.result for check in asked]
        parts = [
            trn("%n pass", results.count(Result.PASS)),
            trn("%n to look at", results.count(Result.LOOK)),
            trn("%n stop", results.count(Result.STOP)),
        ]
        self.title.say(f"{tr('Checks')} · {', '.join(parts)}")
        self.note.since(review.checks[0].checked_at, tr("checked "))

    def failed(self, words: str) -> None:
        """The checks could not be run."""
        self.note.since(None, "")
        if not self._rows:
            self._waiting.say(words)
            self._waiting.show()
        else:
            self.title.say(words)

    def _spread(self) -> None:
        for made in self._rows:
            made.spread(wide=self.width() >= _WIDE_FROM)


class StepsCard(Card):
    """What provisioning does, and while it runs how far it is."""

    def __init__(self, theme: Theme) -> None:
        """All steps are still to come."""
        super().__init__(tr("What provisioning does"))
        self._signs: dict[str, Sign] = {}
        self._details: dict[str, Text] = {}
        self._times: dict[str, Text] = {}
        grid = QGridLayout()
        grid.setContentsMargins(14, 8, 16, 10)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(7)
        for number, step in enumerate(STEPS):
            grid.addWidget(self._sign(theme, step, number + 1), number, 0)
            grid.addWidget(Text(step_words(step)), number, 1)
            self._details[step] = Text("", TextRole.SECOND, wrapped=True)
            self._times[step] = Text("", TextRole.SMALL)
            grid.addWidget(self._details[step], number, 2)
            grid.addWidget(self._times[step], number, 3)
        grid.setColumnMinimumWidth(1, _TITLE_WIDTH)
        grid.setColumnStretch(2, 1)
        self.add(grid)

    def to_come(self, title: str) -> None:
        """Every step is still to come."""
        self.title.say(title)
        for number, step in enumerate(STEPS):
            self._signs[step].say(str(number + 1), Tone.NEUTRAL, tr("to come"))
            self._details[step].say("")
            self._times[step].say("")

    def show_steps(self, title: str, entries: Sequence[JournalEntry]) -> None:
        """Show how far a run is: its journal from the first line to the newest."""
        self.to_come(title)
        for entry in entries:
            if entry.step in self._signs:
                self._show_step(entry)

    def _show_step(self, entry: JournalEntry) -> None:
        sign, tone, words = {
            StepState.STARTED: ("…", Tone.ACCENT, tr("under way")),
            StepState.DONE: ("✓", Tone.GOOD, tr("done")),
            StepState.STOPPED: ("✕", Tone.STOP, tr("stopped")),
        }[entry.state]
        self._signs[entry.step].say(sign, tone, words)
        self._details[entry.step].say(entry.detail)
        self._times[entry.step].say(f"{entry.at.astimezone():%H:%M:%S}")

    def _sign(self, theme: Theme, step: str, number: int) -> Sign:
        self._signs[step] = Sign(theme)
        self._signs[step].say(str(number), Tone.NEUTRAL, tr("to come"))
        return self._signs[step]


class SeesCard(Card):
    """What the customer sees now, and will see; in the other language as well."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        super().__init__()
        self._line = row((16, 9, 16, 9), 12)
        self._line.addWidget(Text(tr("Customer sees"), TextRole.SECOND))
        holder = QWidget()
        holder.setLayout(self._line)
        self.add(holder)
        self.setMinimumHeight(40)

    def show_statuses(self, statuses: "Sequence[CustomerStatus]") -> None:
        """Show one status after the other; one that repeats is said once."""
        emptied(self._line)
        self._line.addWidget(Text(tr("Customer sees"), TextRole.SECOND))
        shown: list[CustomerStatus] = []
        for status in statuses:
            if status not in shown:
                shown.append(status)
        for number, status in enumerate(shown):
            if number:
                self._line.addWidget(Text("→", TextRole.SECOND))
            self._line.addWidget(Tag(in_language(status), _tone(status.slug)))
        other = [status.ja if in_language(status) == status.en else status.en for status in shown]
        note = Text(" → ".join(other), TextRole.SMALL, elided=True)
        note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._line.addWidget(note, 1)


def _tone(slug: str) -> Tone:
    return Tone.GOOD if slug == "active" else Tone.NEUTRAL
