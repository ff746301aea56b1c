"""The sheet on which a supervisor settles what the machine may not: what was sent, what billing has, and what to do."""

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from console.errors import ConsoleError
from console.models.provisioning import DecisionResult, ProvisionResult, SettleWay
from console.notices import NoticeKind
from console.views.ages import clock_words, money_words
from console.views.confirm import ConfirmDialog, Question
from console.views.desk import Desk, Shell
from console.views.failure_words import ACTIVE, notice_of
from console.views.order_words import number_words
from console.views.page import scrolled_in_card
from console.views.states import Stateful
from console.views.theme import TextRole, Tone
from console.views.widgets import Button, Card, Tag, Text, column, emptied, row
from console.views.words import in_language, tr
from console.views.work import Work

if TYPE_CHECKING:
    from console.models.provisioning import Candidate, OpenOutcome

_WIDTH, _HEIGHT = 860, 560
_LOOK_AGAIN_MS = 1000


class SettleSheet(QDialog):
    """Shows one order beside the WHMCS orders that may be its own. `settled` comes when something was decided.

    Nothing here is the default button: Enter alone decides nothing.
    """

    settled = Signal()

    def __init__(self, desk: Desk, shell: Shell, order_id: str, order_number: str, parent: QWidget) -> None:
        """Looks at once."""
        super().__init__(parent)
        self._number = number_words(order_number)
        self.setWindowTitle(tr("What became of order {number}", number=self._number))
        self.resize(_WIDTH, _HEIGHT)
        self._desk, self._shell, self._order_id = desk, shell, order_id
        self._reading = Work(shell.tasks, "settle")
        self._acting = Work(shell.actions_under_way, "settle")
        self._seen: OpenOutcome | None = None
        self._deciding = self._closed = False
        self._wanted = column((16, 12, 16, 12), 6)
        self._there = column((16, 4, 16, 12), 0)
        self._line = Text("", wrapped=True)
        self._why = Text("", TextRole.SECOND, wrapped=True)
        self.again = Button(tr("None exists, send again"), self._send_again, look="danger")
        self.anew = Button(tr("Provision anew"), self._provision_anew, look="danger")
        self.reject_order = Button(tr("Reject order…"), self._reject_order, look="danger")
        self.look_again = Button(tr("Look again"), self.look)
        self.adopting: list[Button] = []
        self.place = Stateful(self._side_by_side())
        self._build()
        # While the time for sending again runs, the sheet looks by itself when it is over.
        self._due = QTimer(self)
        self._due.setSingleShot(True)
        self._due.timeout.connect(self.look)
        self.finished.connect(lambda _: self._leave())
        self.look()

    def look(self) -> None:
        """Read everything again; what stands there stays until then."""
        if self._seen is None:
            self.place.loading()
        self._enable(on=False)
        self._reading.ask("look", self._desk.settlement.look(self._order_id, self._desk.me), self._show, self._not_seen)

    def _build(self) -> None:
        buttons = row(spacing=8)
        for button in (self.look_again, self.again, self.anew, self.reject_order):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        buttons.addStretch(1)
        closing = Button(tr("Close"), self.close)
        closing.setAutoDefault(False)
        buttons.addWidget(closing)
        layout = column((24, 20, 24, 18), 10)
        layout.addWidget(Text(self.windowTitle(), TextRole.PAGE_TITLE))
        layout.addWidget(self._line)
        layout.addWidget(self.place, 1)
        layout.addWidget(self._why)
        layout.addLayout(buttons)
        self.setLayout(layout)

    def _side_by_side(self) -> QWidget:
        whole, sides = QWidget(), row(spacing=12)
        for title, inside, share in (
            (tr("What the order wants"), self._wanted, 2),
            (tr("What the customer has in WHMCS since then"), self._there, 5),
        ):
            card, content = Card(title), QWidget()
            content.setLayout(inside)
            card.add(scrolled_in_card(content), 1)
            sides.addWidget(card, share)
        whole.setLayout(sides)
        return whole

    def _show(self, seen: "OpenOutcome") -> None:
        self._seen = seen
        self._line.say(_sent_words(seen))
        _fill(self._wanted, [Text(name, wrapped=True) for name in seen.wanted])
        self.adopting = []
        rows = [self._candidate(one, may_adopt=SettleWay.ADOPT in seen.ways) for one in seen.candidates]
        rows += [_dead(number) for number in seen.dead]
        _fill(self._there, rows or [Text(tr("Nothing: WHMCS has no order that came after it."), wrapped=True)])
        self.place.filled()
        self._enable(on=True)
        self._why.say(_why_not(seen, may=bool(seen.ways)))
        if seen.sendable_from and SettleWay.SEND_AGAIN not in seen.ways:
            self._due.start(_LOOK_AGAIN_MS)

    def _candidate(self, one: "Candidate", *, may_adopt: bool) -> QWidget:
        shown, head = QWidget(), row(spacing=8)
        order = one.billing_order
        head.addWidget(Text(tr("WHMCS order {id} · {status}", id=order.id, status=order.status), TextRole.STRONG))
        alike = (tr("same products"), Tone.GOOD) if one.alike else (tr("other products"), Tone.LOOK)
        head.addWidget(Tag(*alike))
        head.addStretch(1)
        if not one.why_not and may_adopt:
            adopt = Button(tr("Adopt order {id}", id=order.id), lambda: self._adopt(order.id), look="primary")
            adopt.setAutoDefault(False)
            self.adopting.append(adopt)
            head.addWidget(adopt)
        placed = f"{order.placed_at:%Y-%m-%d %H:%M:%S}" if order.placed_at else "–"
        layout = column((0, 8, 0, 8), 2)
        layout.addLayout(head)
        told = " · ".join((placed, money_words(order.amount), ", ".join(one.services) or tr("no services")))
        layout.addWidget(Text(told, TextRole.SECOND, wrapped=True))
        if one.why_not:
            layout.addWidget(Text(tr(one.why_not) if one.why_not in _WHY_NOT else one.why_not, wrapped=True))
        shown.setLayout(layout)
        return shown

    def _enable(self, *, on: bool) -> None:
        ways = self._seen.ways if self._seen and on else ()
        self.again.setVisible(self._seen is None or not self._seen.dead)
        self.anew.setVisible(bool(self._seen and self._seen.dead))
        self.again.setEnabled(SettleWay.SEND_AGAIN in ways)
        self.anew.setEnabled(SettleWay.PROVISION_ANEW in ways)
        self.reject_order.setVisible(bool(self._seen and self._seen.dead))
        self.reject_order.setEnabled(SettleWay.REJECT in ways)
        self.look_again.setEnabled(on)
        for adopt in self.adopting:
            adopt.setEnabled(on)

    def _adopt(self, whmcs_order_id: int) -> None:
        self._do("adopt", self._desk.settlement.adopt(self._order_id, whmcs_order_id, self._desk.me))

    def _send_again(self) -> None:
        shown = [one.billing_order.id for one in self._seen.candidates] if self._seen else []
        self._do("send again", self._desk.settlement.send_again(self._order_id, self._desk.me, shown))

    def _provision_anew(self) -> None:
        self._do("provision anew", self._desk.settlement.provision_anew(self._order_id, self._desk.me))

    def _reject_order(self) -> None:
        self._rest()
        self._acting.act(f"reject {self._number}", self._rejected(), self._decided, self._not_done)

    async def _rejected(self) -> DecisionResult | None:
        """What became of it, None where it was not confirmed."""
        dead = ", ".join(map(str, self._seen.dead)) if self._seen else ""
        gone = tr("In WHMCS nothing of it lives: order {id} is cancelled or gone.", id=dead)
        sees = tr("The customer sees that the order was not accepted.")
        title = tr("Reject order {number}?", number=self._number)
        question = Question(title, (gone, sees), tr("Reject"), tr("Reason (required)"), True, True)
        answer = await ConfirmDialog(question, self).asked()
        if answer is None:
            return None
        self._why.say(tr("Working…"))
        return await self._desk.settlement.reject(self._order_id, self._desk.me, answer.reason)

    def _decided(self, result: DecisionResult | None) -> None:
        if result is None:
            self._go_on()
            return
        words = tr("Order {number} is rejected.", number=self._number)
        self._shell.notices.tell(NoticeKind.DONE, words, result.message)
        self._end()

    def _do(self, what: str, deed: Coroutine[Any, Any, ProvisionResult]) -> None:
        self._rest()
        self._why.say(tr("Working…"))
        self._acting.act(f"{what} {self._number}", deed, self._done, self._not_done)

    def _rest(self) -> None:
        """Nothing else is asked or read until this is decided."""
        self._deciding = True
        self._due.stop()
        self._reading.drop_all()
        self._enable(on=False)

    def _done(self, result: ProvisionResult) -> None:
        kind, text = notice_of(result, self._number, self._desk.catalogue, again=True)
        self._shell.notices.tell(kind, text, "" if result.outcome in ACTIVE else result.message)
        self._end()

    def _not_done(self, error: ConsoleError) -> None:
        problem = self._desk.explain(error)
        self._shell.notices.tell(NoticeKind.FAILED, in_language(problem.title), in_language(problem.meaning))
        self.settled.emit()
        self._go_on()

    def _end(self) -> None:
        self._deciding = False
        self.settled.emit()
        if self._closed:
            self.deleteLater()
        else:
            self.close()

    def _go_on(self) -> None:
        """Nothing was decided: look again where somebody still looks at it."""
        self._deciding = False
        if self._closed:
            self.deleteLater()
        else:
            self.look()

    def _not_seen(self, error: ConsoleError) -> None:
        self.place.problem(self._desk.explain(error), self.look)
        self.look_again.setEnabled(True)

    def _leave(self) -> None:
        """It is closed; what is being decided goes on, and what comes of it is told all the same."""
        self._due.stop()
        self._reading.drop_all()
        self._closed = True
        if not self._deciding:
            self.deleteLater()


_WHY_NOT = frozenset({"It carries the marker of another order."})


def _sent_words(seen: "OpenOutcome") -> str:
    if seen.sent_at is None:
        if seen.dead:
            return tr("What was ordered in WHMCS is cancelled or gone, and nothing was made in its place.")
        return tr("No request is without an answer. “Check outcome now” on Failures goes on with it.")
    when, who = clock_words(seen.sent_at), seen.sent_by or tr("the worker")
    sent = tr("Sent at {when} by {who}, and no answer came.", when=when, who=who)
    if not seen.watermark:
        return f"{sent} {tr('The customer had no WHMCS order then.')}"
    return f"{sent} {tr('The customer’s newest WHMCS order was {watermark} then.', watermark=seen.watermark)}"


def _why_not(seen: "OpenOutcome", *, may: bool) -> str:
    if seen.sendable_from and SettleWay.SEND_AGAIN not in seen.ways and may:
        return tr("WHMCS may still be working on it until {when}.", when=clock_words(seen.sendable_from))
    if may and seen.alive and seen.dead:
        alive = ", ".join(map(str, seen.alive))
        return tr("It cannot be rejected while WHMCS has order {id} for it.", id=alive)
    return "" if may else tr("Only a supervisor settles this, once WHMCS cannot be working on it any more.")


def _dead(number: int) -> QWidget:
    shown = Text(tr("WHMCS order {id} is cancelled or gone.", id=number), wrapped=True)
    shown.setContentsMargins(0, 8, 0, 8)
    return shown


def _fill(layout: QVBoxLayout, widgets: "list[Text] | list[QWidget]") -> None:
    emptied(layout)
    for widget in widgets:
        layout.addWidget(widget)
    layout.addStretch(1)
