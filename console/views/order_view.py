"""The review of one order: what it is, what its checks say with their evidence, and the buttons that decide it."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from console.errors import ConsoleError
from console.models.case import JournalEntry
from console.models.check import Result, Review
from console.models.order import Activation, Order, OrderState
from console.models.staff import Right
from console.notices import NoticeKind
from console.views.actions import Scope
from console.views.degraded import deciding_off, provisioning_off
from console.views.desk import Desk, Shell
from console.views.failure_words import OUTAGES
from console.views.live import Live
from console.views.order_cards import ChecksCard, SeesCard, StepsCard
from console.views.order_deciding import OrderDeciding
from console.views.order_footer import OrderFooter
from console.views.order_head import OrderHead
from console.views.order_sides import OrderSides
from console.views.order_words import number_words
from console.views.page import scrolled
from console.views.states import Stateful
from console.views.widgets import column
from console.views.words import in_language, tr
from console.views.work import Work
from console.views.workspace import View

if TYPE_CHECKING:
    from console.models.activity import ActivityEntry
    from console.models.order import OrderSummary

_STEPS_EVERY_S = 0.15
# The side of the order on which one sees what stops it, by the family of the code.
_SIDES = {"CAT": 1, "ADR": 2, "MNP": 3, "SIM": 3}
_OF_THE_CUSTOMER = ("PAY", "LNK", "DUP")


class OrderView(View):
    """One order in the workspace. `done` comes with `approve` or `provision` when that was carried out.

    `counted` comes when its checks are known to the queue as well.
    """

    done = Signal(str)
    counted = Signal()

    def __init__(self, desk: Desk, shell: Shell, live: Live, order_id: str) -> None:
        """Reads nothing before `read`."""
        super().__init__(f"order {order_id}")
        self._desk, self._shell, self._live = desk, shell, live
        self._order_id = order_id
        self._work = Work(shell.tasks, "order")
        self._order: Order | None = None
        self._review: Review | None = None
        self._off = provisioning_off(live.connections)
        self._deciding = OrderDeciding(desk, shell, live, self)
        self._deciding.started.connect(self._provisioning_started)
        self._deciding.ended.connect(self._ended)
        self.head = OrderHead()
        self.checks = ChecksCard(shell.theme)
        self.steps = StepsCard(shell.theme)
        self._sees = SeesCard()
        self._cards = column(spacing=12)
        self.sides = OrderSides(self._first_side())
        self.footer = OrderFooter(shell.actions)
        self.footer.helped.connect(self._go_to_help)
        self._place = Stateful(self._content())
        layout = column()
        layout.addWidget(self._place)
        self.setLayout(layout)
        shell.actions.hold_in(self, Scope.ORDER)
        live.orders_changed.connect(self._live_changed)
        live.connections_changed.connect(self._connections_changed)

    @property
    def is_busy(self) -> bool:
        """Whether a decision on this order is asked for or carried out."""
        return self._deciding.is_busy

    def read(self) -> None:
        """Read the order, its checks and its history, side by side."""
        if summary := self._summary():
            self.titled.emit(tr("Order {number}", number=number_words(summary.order_number)))
        self._place.loading()
        self._work.ask("order", self._desk.orders.read(self._order_id), self._show_order, self._no_order)

    def take_focus(self) -> None:
        """The tabs: arrows change the side, Tab goes to the buttons, letters decide."""
        self.sides.tabs.setFocus()

    def leave(self) -> None:
        """Drop what is read; a decision under way is finished."""
        self._work.drop_all()

    def carry_out(self, action_id: str) -> None:
        """Do what a key, a button or the palette asks for."""
        if self._order is None:
            return
        if action_id == "order.customer":
            self._shell.navigator.customer.emit(self._order.account_id)
        elif action_id in self.offered():
            self._deciding.ask(action_id, self._order, self._review)

    def offered(self) -> frozenset[str]:
        """The actions that this person can ask for now."""
        order, me = self._order, self._desk.me
        if order is None:
            return frozenset()
        can = {"order.customer"}
        if self._deciding.under_way or self._place.is_stale:
            return frozenset(can)
        may_provision = me.may(Right.PROVISION) and not self._off
        if order.state is OrderState.IN_REVIEW and me.may(Right.APPROVE) and not deciding_off(self._live.connections):
            can.add("order.reject")
            if self._review and not self._stops():
                can |= {"order.approve", "order.approve_provision"} if may_provision else {"order.approve"}
        if order.state is OrderState.APPROVED and order.activation is not Activation.ACTIVATED:
            can |= {"order.provision"} if may_provision else set()
        return frozenset(can)

    def _summary(self) -> "OrderSummary | None":
        return next((one for one in self._live.orders if one.order_id == self._order_id), None)

    def _content(self) -> QWidget:
        body = QWidget()
        inside = column((24, 16, 24, 16), 12)
        inside.addWidget(self.head)
        inside.addWidget(self.sides)
        inside.addStretch(1)
        body.setLayout(inside)
        whole = QWidget()
        whole.setObjectName("page")
        whole.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        layout = column(spacing=0)
        layout.addWidget(scrolled(body), 1)
        layout.addWidget(self.footer)
        whole.setLayout(layout)
        return whole

    def _first_side(self) -> QWidget:
        first = QWidget()
        for card in (self.checks, self.steps, self._sees):
            self._cards.addWidget(card)
        self._cards.addStretch(1)
        first.setLayout(self._cards)
        return first

    def _arrange(self) -> None:
        """What counts comes first: before the decision the checks, after it how far provisioning is."""
        decided = self._deciding.under_way or (self._order and self._order.state is not OrderState.IN_REVIEW)
        first = self.steps if decided else self.checks
        if self._cards.indexOf(first):
            self._cards.insertWidget(0, first)

    def _show_order(self, order: Order) -> None:
        """Show what the order itself tells; the checks follow."""
        self._tell_changed(order)
        self._order = order
        summary = self._summary()
        self.head.show_order(order, summary.customer if summary else "")
        self.titled.emit(tr("Order {number}", number=number_words(order.number)))
        self.sides.show_order(order)
        self._arrange()
        self._place.filled()
        self._show_buttons()
        self._read_more(order)

    def _read_more(self, order: Order) -> None:
        self.checks.running()
        self._work.ask("review", self._desk.reviewing.examine(order.id, self._desk.me), self._show_review,
                       self._no_review)  # fmt: skip
        self._work.ask("customer", self._desk.customers.open(order.account_id), self.head.show_person, lambda _: None)
        self._read_history()

    def _read_history(self) -> None:
        self._work.ask("history", self._both_histories(), self._show_history, lambda _: self.sides.fail_history())

    async def _both_histories(self) -> "tuple[Sequence[ActivityEntry], Sequence[Sequence[JournalEntry]]]":
        activity = self._desk.activity
        return await activity.of_order(self._order_id), await activity.runs(self._order_id)

    def _show_review(self, found: tuple[Order, Review]) -> None:
        order, review = found
        if self._tell_changed(order):
            self.sides.show_order(order)
        self._order, self._review = order, review
        moved = any(one.id == "address" and one.result in (Result.LOOK, Result.STOP) for one in review.checks)
        self.sides.show_moved(moved=moved)
        self.head.show_order(order, "")
        summary = self._summary()
        if summary and summary.changed_at == order.changed_at:
            self._desk.prechecks.note(summary, review)
            self.counted.emit()
        self.checks.show_review(review, decided=order.state is not OrderState.IN_REVIEW)
        self._sees.show_statuses((review.customer_sees, review.customer_will_see))
        self._show_buttons()

    def _tell_changed(self, order: Order) -> bool:
        """Say it where what would be approved is not what was shown up to now."""
        changed = self._order is not None and self._order.content_hash != order.content_hash
        if changed:
            self._shell.notices.tell(NoticeKind.CAREFUL, tr("This order was changed just now; look at it again."))
        return changed

    def _no_order(self, error: ConsoleError) -> None:
        self._place.problem(self._desk.explain(error), self.read)
        self._show_buttons()

    def _no_review(self, error: ConsoleError) -> None:
        problem = self._desk.explain(error)
        self._review = None
        self.checks.failed(f"{in_language(problem.title)}. {in_language(problem.meaning)}")
        self._show_buttons()

    def _show_history(self, both: "tuple[Sequence[ActivityEntry], Sequence[Sequence[JournalEntry]]]") -> None:
        events, runs = both
        self.sides.show_history(events, [step for run in runs for step in run])
        if runs and not self._deciding.under_way:
            self.steps.show_steps(tr("Last run of provisioning"), runs[-1])

    def _show_buttons(self) -> None:
        """The buttons that this state has, on or off, and why a decision is not offered."""
        if self._order is not None:
            self.footer.show_order(self._order, self.offered())
            self.footer.say_why(self._why_off(), self._first_stop())

    def _stops(self) -> list[str]:
        """What stops an approval: each code once, with its title."""
        checks = self._review.checks if self._review else ()
        codes = dict.fromkeys(one.code for one in checks if one.result is Result.STOP and one.code)
        return [f"{code} {in_language(self._desk.catalogue[code].title)}" for code in codes]

    def _first_stop(self) -> str:
        """The family of the first code that stops an approval, "" where none does or nobody asks for one."""
        order = self._order
        stops = self._stops()
        return stops[0].partition("-")[0] if order and order.state is OrderState.IN_REVIEW and stops else ""

    def _go_to_help(self, family: str) -> None:
        """Lead to where what stops the approval can be seen or mended."""
        if family in _SIDES:
            self.sides.tabs.setCurrentIndex(_SIDES[family])
        elif family in _OF_THE_CUSTOMER:
            self.carry_out("order.customer")
        else:
            self.read()

    def _why_off(self) -> str:
        order = self._order
        if order is None or self._deciding.under_way:
            return ""
        if self._place.is_stale:
            return tr("Can be decided as soon as the order can be read again.")
        if order.state is OrderState.IN_REVIEW:
            return self._why_not_decided()
        return self._why_not_provisioned(order) if order.state is OrderState.APPROVED else ""

    def _why_not_decided(self) -> str:
        if not self._desk.me.may(Right.APPROVE):
            return tr("Approving and rejecting are for supervisors.")
        # What could not be checked because a system is down is said by that alone.
        stops = [one for one in self._stops() if not (self._off and one.startswith(tuple(OUTAGES.values())))]
        why = tr("Cannot be approved: {stops}.", stops=", ".join(stops)) if stops else ""
        if self._off:
            return " ".join(part for part in (self._off, why) if part)
        return why or ("" if self._review else tr("Can be approved as soon as the checks are there."))

    def _why_not_provisioned(self, order: Order) -> str:
        if not self._desk.me.may(Right.PROVISION):
            return tr("Provisioning is for the back office and supervisors.")
        if self._off and order.activation is not Activation.ACTIVATED:
            return self._off
        code = self._desk.catalogue.get(order.error_code or "") if order.activation is Activation.PAUSED else None
        return f"{code.code} · {in_language(code.title)}. {order.error_message}" if code else ""

    def _provisioning_started(self) -> None:
        self._show_buttons()
        self._arrange()
        self._work.ask("steps", self._follow_steps(), lambda _: None, lambda _: None)

    async def _follow_steps(self) -> None:
        """Show the journal of the run while it is written; it is the only source of what is shown."""
        before = len(await self._desk.activity.runs(self._order_id))
        while self._deciding.under_way:
            runs = await self._desk.activity.runs(self._order_id)
            self.steps.show_steps(tr("Provisioning…"), runs[-1] if len(runs) > before else ())
            await asyncio.sleep(_STEPS_EVERY_S)

    def _ended(self, what: str) -> None:
        """Show what became of it at once, then read the order as it is now."""
        self._desk.prechecks.forget(self._order_id)
        self._work.drop("steps")
        if what:
            self.done.emit(what)
        self.read()
        self._live.refresh()

    def _connections_changed(self) -> None:
        """A system went down or came back: what it takes to provision may be off or on again."""
        before, self._off = self._off, provisioning_off(self._live.connections)
        if before and not self._off and not self._deciding.under_way:
            # What could not be read or checked meanwhile can be now.
            self.read()
        elif before != self._off:
            self._show_buttons()

    def _live_changed(self) -> None:
        """Somebody else changed the order: read it again."""
        summary = self._summary()
        if summary and self._order and not self._deciding.under_way and summary.changed_at > self._order.changed_at:
            self.read()
