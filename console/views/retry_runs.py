"""Retrying one stuck order at a time: once under way it is finished, and its end is told and kept for a moment."""

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from console.errors import ConsoleError
from console.models.provisioning import ProvisionOutcome, ProvisionResult
from console.notices import NoticeKind
from console.views.desk import Desk, Shell
from console.views.failure_rows import Mark
from console.views.failure_words import ACTIVE, after_tag, notice_of
from console.views.live import Live
from console.views.order_words import number_words
from console.views.theme import Tone
from console.views.words import in_language, tr
from console.views.work import Work

if TYPE_CHECKING:
    from console.workflows.failures import ListedCase

# Long enough to be read; after that the next reading takes a settled case away.
_STAYS_S = 6.0
_LEAVES_MS = int(_STAYS_S * 1000) + 100


class RetryRuns(QObject):
    """Several orders may be retried side by side, each only once. `changed` comes with the id of an order."""

    changed = Signal(str)
    fixed = Signal()

    def __init__(self, desk: Desk, shell: Shell, live: Live, parent: QObject) -> None:
        """Nothing is under way."""
        super().__init__(parent)
        self._desk, self._shell, self._live = desk, shell, live
        self._work = Work(shell.actions_under_way, "retries")
        self._running: dict[str, ListedCase] = {}
        self._ended: dict[str, tuple[ListedCase, ProvisionOutcome, float]] = {}

    @property
    def running(self) -> frozenset[str]:
        """The orders that are being retried now."""
        return frozenset(self._running)

    @property
    def busy(self) -> frozenset[str]:
        """The orders that cannot be retried now: they are being retried, or were settled just now."""
        settled = (order_id for order_id, (_, outcome, _) in self._kept().items() if outcome in ACTIVE)
        return self.running.union(settled)

    def start(self, listed: "ListedCase") -> None:
        """Retry a case; one that is being retried already is left alone."""
        order_id = listed.case.order_id
        if order_id in self.busy:
            return
        self._running[order_id] = listed
        self._ended.pop(order_id, None)
        self._work.act(
            f"retry {listed.case.order_number}",
            self._retried(listed),
            lambda result: self._tell(listed, result),
            lambda error: self._failed(listed, error),
        )
        self.changed.emit(order_id)

    def marks(self) -> dict[str, Mark]:
        """What rows say of their retry, by order id."""
        marks = {order_id: after_tag(outcome) for order_id, (_, outcome, _) in self._kept().items()}
        return marks | dict.fromkeys(self._running, (tr("checking…"), Tone.ACCENT))

    def with_settled(self, cases: "tuple[ListedCase, ...]") -> "list[ListedCase]":
        """The cases, and those that are being settled or were just now, oldest first.

        A case is closed before its retry has ended: its row must not leave for that moment.
        """
        present = {one.case.order_id for one in cases}
        held = self._running | {order_id: listed for order_id, (listed, _, _) in self._kept().items()}
        gone = [listed for order_id, listed in held.items() if order_id not in present]
        return sorted([*cases, *gone], key=lambda one: (one.since, one.case.case_id))

    async def _retried(self, listed: "ListedCase") -> ProvisionResult:
        try:
            case = await self._desk.failures.open_case(listed.case.case_id)
            return await self._desk.failures.retry(case, self._desk.me)
        finally:
            self._running.pop(listed.case.order_id, None)

    def _tell(self, listed: "ListedCase", result: ProvisionResult) -> None:
        self._ended[listed.case.order_id] = (listed, result.outcome, time.monotonic())
        # Its row leaves by itself: nobody else tells when that is due.
        QTimer.singleShot(_LEAVES_MS, self, lambda: self.changed.emit(listed.case.order_id))
        kind, text = notice_of(result, number_words(listed.case.order_number), self._desk.catalogue, again=True)
        self._shell.notices.tell(kind, text, "" if result.outcome in ACTIVE else result.message)
        self.changed.emit(listed.case.order_id)
        if result.outcome in ACTIVE:
            self.fixed.emit()
        self._live.refresh()

    def _failed(self, listed: "ListedCase", error: ConsoleError) -> None:
        problem = self._desk.explain(error)
        number = number_words(listed.case.order_number)
        text = tr("Order {number} was not tried again: {title}.", number=number, title=in_language(problem.title))
        self._shell.notices.tell(NoticeKind.FAILED, text, in_language(problem.meaning))
        self.changed.emit(listed.case.order_id)
        self._live.refresh()

    def _kept(self) -> "dict[str, tuple[ListedCase, ProvisionOutcome, float]]":
        now = time.monotonic()
        self._ended = {key: one for key, one in self._ended.items() if now - one[2] < _STAYS_S}
        return self._ended
