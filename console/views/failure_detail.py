"""The lower part of Failures: the two cards of the failure that is chosen, kept up to date while it is retried."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from console.errors import ConsoleError
from console.views.desk import Desk, Shell
from console.views.failure_cards import Attempts, WhatHappened, attempts_of
from console.views.failure_words import Next, next_words
from console.views.retry_runs import RetryRuns
from console.views.theme import Tone
from console.views.widgets import plain_tip, row
from console.views.words import tr
from console.views.work import Work

if TYPE_CHECKING:
    from console.models.failure import FailureCode
    from console.workflows.failures import ListedCase

_STEPS_EVERY_S = 0.15
_LEAST, _MOST, _KEYS_FROM = 190, 330, 900


class FailureDetail(QWidget):
    """Shows a case, a code, or nothing. What it reads is dropped by `leave`."""

    def __init__(self, desk: Desk, shell: Shell, runs: RetryRuns, why_not: Callable[[], str]) -> None:
        """Nothing is chosen yet. `why_not` says why nothing can be retried now, "" where it can."""
        super().__init__()
        self._desk, self._runs = desk, runs
        self._why_not = why_not
        # The order whose retry is offered, "" for a whole code, None where nothing is chosen.
        self._offered: str | None = None
        self._work = Work(shell.tasks, "failure")
        self._seen: ListedCase | None = None
        self.happened = WhatHappened(shell.actions)
        self.happened.asked.connect(shell.actions.ask_for)
        self.attempts = Attempts(shell.theme)
        layout = row(spacing=12)
        for card in (self.happened, self.attempts):
            layout.addWidget(card, 1)
        self.setLayout(layout)
        self.setMinimumHeight(_LEAST)
        self.setMaximumHeight(_MOST)
        runs.changed.connect(self._retry_changed)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room, the attempts need it more than the keys on the buttons."""
        super().resizeEvent(event)
        self.happened.spread(wide=self.width() >= _KEYS_FROM)

    def show_case(self, listed: "ListedCase") -> None:
        """Show one case; its attempts are read where it is another one than before."""
        order_id = listed.case.order_id
        self.happened.show_case(listed, next_words(listed.code, Next.RETRY))
        self._say_retry(order_id)
        if self._seen == listed:
            return
        if self._seen is None or self._seen.case.order_id != order_id:
            self.attempts.loading()
        self.attempts.show_raw(listed.case.raw)
        self._seen = listed
        self._read(order_id)

    def show_code(self, code: "FailureCode", count: int) -> None:
        """Show what a code means for its orders."""
        self._forget()
        self.happened.show_group(code, count)
        self._say_retry("")
        self.attempts.show_nothing(tr("Choose one of the orders to see its attempts."))

    def show_nothing(self) -> None:
        """Nothing is chosen."""
        self._forget()
        self.happened.show_nothing()
        self.attempts.show_nothing()

    def say_retry(self) -> None:
        """Whether what is chosen can be retried now: a system may have gone down or come back."""
        if self._offered is not None:
            self._say_retry(self._offered)

    def leave(self) -> None:
        """Drop what is being read."""
        self._work.drop_all()

    def _forget(self) -> None:
        self._seen = self._offered = None
        self._work.drop("attempts")
        self.happened.tag.show_as("", Tone.NEUTRAL)

    def _say_retry(self, order_id: str) -> None:
        """Whether it can be retried now, and what became of it where it was."""
        self._offered = order_id
        why_not = self._why_not()
        self.happened.retry.setEnabled(not why_not and order_id not in self._runs.busy)
        self.happened.tag.show_as(*self._runs.marks().get(order_id, ("", Tone.NEUTRAL)))
        self.happened.why_not.say(why_not)
        self.happened.retry.setToolTip(plain_tip(why_not))

    def _retry_changed(self, order_id: str) -> None:
        if self._seen and self._seen.case.order_id == order_id:
            self._say_retry(order_id)
            self._read(order_id)

    def _read(self, order_id: str) -> None:
        self._work.ask("attempts", self._follow(order_id), lambda _: None, lambda error: self._failed(order_id, error))

    async def _follow(self, order_id: str) -> None:
        """Show what was tried; while a retry runs, go on showing what is noted of it."""
        activity = self._desk.activity
        while True:
            running = order_id in self._runs.running
            events, steps = await activity.of_order(order_id), await activity.runs(order_id)
            self.attempts.show_attempts(attempts_of(events, steps))
            if not running:
                return
            await asyncio.sleep(_STEPS_EVERY_S)

    def _failed(self, order_id: str, error: ConsoleError) -> None:
        self.attempts.failed(self._desk.explain(error), lambda: self._read(order_id))
