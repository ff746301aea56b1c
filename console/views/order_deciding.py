"""Deciding on an order from its page: ask, say what will happen, do it, and tell what came of it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from console.errors import ConsoleError
from console.models.check import Result
from console.models.order import Activation, Order
from console.models.provisioning import DecisionOutcome, DecisionResult, ProvisionResult
from console.notices import NoticeKind
from console.views.ages import money_words
from console.views.confirm import Answer, ConfirmDialog, Question
from console.views.desk import Desk, Shell
from console.views.failure_words import ACTIVE, notice_of
from console.views.live import Live
from console.views.order_words import check_words, number_words
from console.views.words import in_language, tr, trn
from console.views.work import Work

if TYPE_CHECKING:
    from console.models.check import Review


class OrderDeciding(QObject):
    """One decision at a time for one order. `ended` carries `approve`, `provision`, or "" where nothing was done."""

    started = Signal()
    ended = Signal(str)

    def __init__(self, desk: Desk, shell: Shell, live: Live, page: QWidget) -> None:
        """Confirmations are asked over the window of `page`."""
        super().__init__(page)
        self._desk, self._shell, self._live, self._page = desk, shell, live, page
        self._work = Work(shell.actions_under_way, "order")
        self._asking = False
        self.under_way = False

    @property
    def is_busy(self) -> bool:
        """Whether a confirmation is open or a decision is carried out."""
        return self._asking or self.under_way

    def ask(self, action_id: str, order: Order, review: "Review | None") -> None:
        """Ask for a confirmation and carry the action out; a second press while that goes on does nothing."""
        if self._asking or self.under_way:
            return
        self._asking = True
        self._work.act(action_id, self._carried_out(action_id, order, review), self._ended, self._failed)

    async def _carried_out(self, action_id: str, order: Order, review: "Review | None") -> str | None:
        try:
            return await self._carry_out(action_id, order, review)
        finally:
            # Also where it broke off: the next decision must be possible.
            self._asking = self.under_way = False

    async def _carry_out(self, action_id: str, order: Order, review: "Review | None") -> str | None:
        """What was done, "" where it did not come to that, None where it was not confirmed."""
        question = self._question(action_id, order, review)
        answer = await ConfirmDialog(question, self._page.window()).asked()
        self._asking = False
        if answer is None:
            return None
        self.under_way = True
        self.started.emit()
        if action_id == "order.reject":
            return self._tell_decision(order, await self._desk.deciding.reject(order.id, self._desk.me, answer.reason))
        if action_id == "order.provision":
            result = await self._desk.engine.provision(order.id, self._desk.me)
            return self._tell_provisioned(order.number, result, again=order.activation is Activation.PAUSED)
        return await self._approve(order, review, answer, provision=action_id == "order.approve_provision")

    async def _approve(self, order: Order, review: "Review | None", answer: Answer, *, provision: bool) -> str:
        reviewed = review.content_hash if review else None
        decided = await self._desk.deciding.approve(order.id, self._desk.me, answer.reason, reviewed)
        if not provision or decided.outcome is DecisionOutcome.REFUSED:
            return self._tell_decision(order, decided)
        result = await self._desk.engine.provision(order.id, self._desk.me)
        return self._tell_provisioned(order.number, result) or "approve"

    def _tell_provisioned(self, order_number: str, result: ProvisionResult, *, again: bool = False) -> str:
        """Say what provisioning came to; returns what was done."""
        kind, text = notice_of(result, number_words(order_number), self._desk.catalogue, again=again)
        self._shell.notices.tell(kind, text, "" if result.outcome in ACTIVE else result.message)
        return "provision" if result.outcome in ACTIVE else ""

    def _tell_decision(self, order: Order, decided: DecisionResult) -> str:
        number = number_words(order.number)
        if decided.outcome is DecisionOutcome.REFUSED:
            text = tr("Order {number} was not decided: {why}", number=number, why=self._why(decided.code))
            self._shell.notices.tell(NoticeKind.FAILED, text, decided.message)
            return ""
        approved = decided.outcome is DecisionOutcome.APPROVED
        words = tr("Order {number} is approved.", number=number) if approved else tr("Order {number} is rejected.",
                                                                                     number=number)  # fmt: skip
        self._shell.notices.tell(NoticeKind.DONE, words, decided.message)
        return "approve" if approved else ""

    def _why(self, code: str | None) -> str:
        known = self._desk.catalogue.get(code or "")
        return f"{code} {in_language(known.title)}" if known else tr("see the details")

    def _ended(self, what: str | None) -> None:
        if what is not None:
            self.ended.emit(what)

    def _failed(self, error: ConsoleError) -> None:
        problem = self._desk.explain(error)
        self._shell.notices.tell(NoticeKind.FAILED, in_language(problem.title), in_language(problem.meaning))
        self.ended.emit("")

    def _question(self, action_id: str, order: Order, review: "Review | None") -> Question:
        """What the confirmation says: which order, of whom, what it comes to, and what will happen."""
        number = number_words(order.number)
        summary = next((one for one in self._live.orders if one.order_id == order.id), None)
        what = trn("%n item", len(order.items))
        of = summary.customer if summary else tr("this customer")
        subject = tr("{who}: {what}, {amount}.", who=of, what=what, amount=money_words(order.total))
        provisions = tr("Payment is checked once more, then exactly one order is made in WHMCS and accepted.")
        if action_id == "order.reject":
            sees = tr("The customer sees that the order was not accepted.")
            title = tr("Reject order {number}?", number=number)
            return Question(title, (subject, sees), tr("Reject"), tr("Reason (required)"), True, True)
        if action_id == "order.provision":
            if order.activation is Activation.PAUSED:
                title = tr("Try to provision order {number} again?", number=number)
                return Question(title, (subject, provisions), tr("Try again"))
            return Question(tr("Provision order {number}?", number=number), (subject, provisions), tr("Provision"))
        looks = [check_words(one.id) for one in review.checks if one.result is Result.LOOK] if review else []
        reason = tr("Reason to approve in spite of: {looks} (required)", looks=", ".join(looks)) if looks else ""
        if action_id == "order.approve":
            line = tr("Nothing is made in WHMCS yet; the order waits to be provisioned.")
            title = tr("Approve order {number}?", number=number)
            return Question(title, (subject, line), tr("Approve"), reason, bool(looks))
        title = tr("Approve and provision order {number}?", number=number)
        return Question(title, (subject, provisions), tr("Approve and provision"), reason, bool(looks))
