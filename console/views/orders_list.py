"""The queue: orders with their age and what their checks say, filtered as one goes."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup, QShowEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QMenu

from console.errors import ConsoleError
from console.models.order import OrderKind, OrderState, OrderSummary
from console.models.staff import Right
from console.views.actions import Scope
from console.views.ages import money_words, since_words
from console.views.chosen_orders import ChosenOrders
from console.views.desk import Desk, Shell
from console.views.list_view import Look, RecordList
from console.views.live import Live
from console.views.order_queues import QUEUE_WORDS, Filter, Queue, Spoken, orders_in
from console.views.order_words import counted_tag, kind_words, number_words, state_tag
from console.views.states import Stateful
from console.views.tables import Column, RecordModel
from console.views.theme import TextRole, Tone
from console.views.widgets import AgeText, Button, Text, column, row
from console.views.words import tr
from console.views.work import Work

_AGES = {None: "Any age", 1: "Over 1 hour", 4: "Over 4 hours", 24: "Over a day"}

# As many orders that cannot be checked: a system is down, and the next reading tries again.
_GIVE_UP = 3


class OrdersList(QFrame):
    """The left side of Orders. `chosen` comes with the current order, `opened` for Enter.

    `provision` comes with the ids of the orders that somebody chose several of, to provision them together.
    """

    chosen = Signal(object)
    opened = Signal(object)
    provision = Signal(object)

    def __init__(self, desk: Desk, shell: Shell, live: Live) -> None:
        """Lists what waits for this person; support, for whom nothing waits, sees all orders."""
        super().__init__()
        self.setObjectName("side")
        self._desk, self._shell, self._live = desk, shell, live
        self._work = Work(shell.tasks, "queue")
        mine = desk.me.may(Right.APPROVE) or desk.me.may(Right.PROVISION)
        self._words = Spoken()
        # What is being checked now, and what could not be: asked for again with the next reading.
        self._checking = self._behind = False
        self._unchecked: set[str] = set()
        self._filter = Filter(queue=Queue.MINE if mine else Queue.ALL)
        self._model: RecordModel[OrderSummary] = RecordModel([Column("", self._spoken)], lambda one: one.order_id, self)
        self.list = RecordList(self._model, shell.theme, self._look, tr("Orders"),
                               several=desk.me.may(Right.PROVISION))  # fmt: skip
        self._chosen = ChosenOrders(desk.me, self._provision_chosen, self._choose_none)
        self.list.marked.connect(lambda: self._chosen.show_orders(self.list.marked_records()))
        self.list.chosen.connect(self.chosen)
        self.list.opened.connect(self.opened)
        self.list.verticalScrollBar().valueChanged.connect(self._check_next)
        self._title = Text("", TextRole.LIST_TITLE)
        self._count = Text("", TextRole.LIST_TITLE)
        self._count.setProperty("role", "second")
        self._read_at = AgeText(TextRole.SECOND, tr("oldest first · read "))
        self._place = Stateful(self.list)
        self._text = QLineEdit()
        self._queue_button = self._menu_button(QUEUE_WORDS, self.show_queue)
        kinds: dict[Any, str] = {None: "Every kind", **{kind: kind_words(kind) for kind in OrderKind}}
        self._kind_button = self._menu_button(kinds, lambda chosen: self._narrow(kind=chosen))
        self._age_button = self._menu_button(_AGES, lambda chosen: self._narrow(over_hours=chosen))
        self._build()
        shell.actions.hold_in(self.list, Scope.ORDER, Scope.LIST)
        shell.actions.on("list.filter", self._text.setFocus, within=self)
        shell.actions.on("orders.provision_chosen", self._provision_chosen, within=self,
                         when=lambda: bool(self._chosen.to_provision))  # fmt: skip
        live.orders_changed.connect(self._orders_changed)
        live.refreshed.connect(self._show_refreshed)
        live.failed.connect(lambda _: self._say_trouble())
        self._place.loading()
        self._show()

    def take_focus(self) -> None:
        """Put the focus into the list, on its first row where none is current."""
        self.list.setFocus()
        self.list.mark()

    def choose(self, order_id: str) -> None:
        """Make an order current where it is listed."""
        self.list.choose(order_id)

    def show_queue(self, queue: Queue) -> None:
        """List another queue."""
        self._narrow(queue=queue)

    def leave(self) -> None:
        """Drop what is still being checked."""
        self._work.drop_all()

    def _build(self) -> None:
        self._text.setPlaceholderText(tr("Filter by name, number or code"))
        self._text.setAccessibleName(tr("Filter orders"))
        self._text.setClearButtonEnabled(True)
        self._text.textChanged.connect(lambda text: self._narrow(text=text))
        self._text.returnPressed.connect(self.take_focus)
        title = row(spacing=8)
        title.addWidget(self._title)
        title.addWidget(self._count)
        title.addStretch(1)
        chips = row(spacing=6)
        for chip in (self._queue_button, self._kind_button, self._age_button):
            chips.addWidget(chip)
        chips.addStretch(1)
        head = column((16, 12, 16, 8), 6)
        head.addLayout(title)
        head.addWidget(self._read_at)
        head.addLayout(chips)
        head.addWidget(self._text)
        layout = column(spacing=0)
        layout.addLayout(head)
        layout.addWidget(self._place, 1)
        layout.addWidget(self._chosen)
        self.setLayout(layout)

    def _provision_chosen(self) -> None:
        self.provision.emit([order.order_id for order in self._chosen.to_provision])

    def _choose_none(self) -> None:
        """The order that is shown stays marked."""
        self.list.mark_current_only()
        self.list.setFocus()

    def _menu_button(self, choices: Mapping[Any, str], chosen: Callable[[Any], None]) -> Button:
        """A button that shows what is chosen, with a menu of all choices."""
        button = Button("", look="filter")
        menu = QMenu(button)
        group = QActionGroup(menu)
        for value, words in choices.items():
            action = QAction(tr(words), menu)
            action.setCheckable(True)
            action.setData(value)
            action.triggered.connect(lambda _checked=False, picked=value: chosen(picked))
            group.addAction(action)
            menu.addAction(action)
        button.setMenu(menu)
        return button

    def _narrow(self, **changes: Any) -> None:
        self._filter = replace(self._filter, **changes)
        self._place.forget()
        self._show()

    def _orders_changed(self) -> None:
        """What is not seen is put in place when it is shown. The words of all are made ready on another thread."""
        words = asyncio.to_thread(self._words.learn, self._live.orders)
        self._work.ask("words", words, lambda _: None, lambda _: None)
        self._behind = not self.isVisible()
        if not self._behind:
            self._show()

    def _show(self) -> None:
        """Put the rows of the moment in place."""
        now = datetime.now(UTC)
        queue = orders_in(self._filter.queue, self._live.orders, self._desk.me)
        rows = self._filter.kept(queue, now, self._words)
        self._model.set_records(rows)
        self._title.say(tr(QUEUE_WORDS[self._filter.queue]))
        self._count.say(f"{len(rows):,}" if self._live.read_once else "")
        self._name_buttons()
        if rows:
            self._place.filled()
        elif self._live.problem and not self._live.read_once:
            self._place.problem(self._desk.explain(self._live.problem), self._live.refresh)
        elif self._live.read_once:
            self._say_empty()
        if self._live.read_once:
            self._read_at.since(self._live.read_at)
            self._say_trouble()
        self._check_next()

    def _show_refreshed(self) -> None:
        """The systems were read, whatever came of it: what could not be checked has its next chance.

        A try under way comes to its own end first. Else one that takes longer than the time between two readings would
        never count enough failures to give up.
        """
        self._read_at.since(self._live.read_at)
        self._place.stale_line.clear()
        if not self._checking:
            self._unchecked.clear()
            self._check_next()

    def _say_trouble(self) -> None:
        if self._live.problem and self._live.read_once:
            self._place.stale(self._desk.explain(self._live.problem), self._live.refresh)

    def _say_empty(self) -> None:
        if self._filter.is_narrow:
            self._place.empty(tr("No order fits"), tr("Take a filter away to see more."), tr("Show all of them"),
                              self._widen)  # fmt: skip
        else:
            self._place.empty(tr("Nothing waits here"), tr("New orders appear by themselves."))

    def _widen(self) -> None:
        self._text.clear()
        self._narrow(kind=None, over_hours=None, text="")

    def _name_buttons(self) -> None:
        """Each button says what is chosen with it."""
        kind = kind_words(self._filter.kind) if self._filter.kind else tr("Kind")
        age = tr(_AGES[self._filter.over_hours]) if self._filter.over_hours else tr("Age")
        for button, words, chosen in (
            (self._queue_button, tr(QUEUE_WORDS[self._filter.queue]), self._filter.queue),
            (self._kind_button, kind, self._filter.kind),
            (self._age_button, age, self._filter.over_hours),
        ):
            button.setText(f"{words} ▾")
            button.light(on=chosen is not None)
            for action in button.menu().actions():
                action.setChecked(action.data() == chosen)

    def _look(self, order: OrderSummary) -> Look:
        second = f"{number_words(order.order_number)} · {kind_words(order.kind)} · {money_words(order.total)}"
        tag, tone = state_tag(order)
        if order.state is OrderState.IN_REVIEW:
            waiting = tr("not checked") if self._gave_up or order.order_id in self._unchecked else tr("checking…")
            counted = self._desk.prechecks.known(order)
            tag, tone = counted_tag(counted) if counted else (waiting, Tone.NEUTRAL)
        return Look(order.customer, second, since_words(order.placed_at), tag, tone)

    def _spoken(self, order: OrderSummary) -> str:
        return self._look(order).spoken()

    @property
    def _gave_up(self) -> bool:
        """Whether so many could not be checked that it is no fault of theirs."""
        return len(self._unchecked) >= _GIVE_UP

    def showEvent(self, event: QShowEvent) -> None:
        """Put the rows of the moment in place, and go on checking what is seen."""
        super().showEvent(event)
        if self._behind:
            self._behind = False
            self._show()
        self._check_next()

    def _check_next(self) -> None:
        """Run the checks of the first seen row whose checks are not known; the rows below follow one by one.

        What is being checked is always finished: starting anew with each change would end nothing where answers are
        slow.
        """
        if self._checking or self._gave_up or not self.isVisible():
            return
        known = self._desk.prechecks.known
        for order in self.list.visible_records():
            if order.state is OrderState.IN_REVIEW and order.order_id not in self._unchecked and known(order) is None:
                self._checking = True
                count = self._desk.prechecks.of(order, self._desk.me)
                self._work.ask("checks", count, partial(self._checked, order), partial(self._not_checked, order))
                return

    def _checked(self, order: OrderSummary, counted: object) -> None:
        """A count that one of the systems left out of is not known: going on would ask for it over and over."""
        self._checking = False
        if self._desk.prechecks.known(order) is None:
            self._unchecked.add(order.order_id)
        self.list.viewport().update()
        self._check_next()

    def _not_checked(self, order: OrderSummary, error: ConsoleError) -> None:
        """The tag says so, and the rows below have their turn."""
        self._checking = False
        self._unchecked.add(order.order_id)
        self.list.viewport().update()
        self._check_next()
