"""What the search box finds: customers, orders and actions in one list below it, best first, as one types."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QFrame, QWidget
from shiboken6 import isValid

from console.errors import ConsoleError
from console.views.list_view import ROW_HEIGHT, Look, RecordList
from console.views.tables import Column, RecordModel
from console.views.theme import TextRole, Tone
from console.views.top_bar import SearchBox
from console.views.widgets import Text, column
from console.views.words import in_language, tr

if TYPE_CHECKING:
    from console.models.customer import Person
    from console.models.order import OrderSummary
    from console.views.desk import Desk, Shell
    from console.views.live import Live
    from console.views.work import Work
    from console.workflows.lookup import Hits

_MOST_ROWS, _LEAST_WIDTH = 8, 520
_FEW_ACTIONS, _PEOPLE = 4, 20
# Keys of entries that are actions begin so.
_ACTION = "action "
_RECORDS = ("customer ", "order ")
_ASK = "ask the systems"


class Entry(NamedTuple):
    """One hit: how it reads, and what choosing it does."""

    key: str
    look: Look
    run: Callable[[], None]


class Palette(QFrame):
    """The list below the search box. It never takes the focus: typing goes on. `left` comes when one has done."""

    left = Signal()

    def __init__(self, box: SearchBox, shell: "Shell", window: QWidget) -> None:
        """Until a desk is there, what is typed waits."""
        super().__init__(window)
        self.setObjectName("popup")
        self.hide()
        self._window = window
        self._box = box
        self._shell = shell
        self._desk: Desk | None = None
        self._work: Work | None = None
        self._live: Live | None = None
        self._recent: list[Entry] = []
        self._listed_for = self._asked_for = ""
        self._enter_waits = self._asking = False
        self._model: RecordModel[Entry] = RecordModel([Column("", _spoken)], lambda entry: entry.key, self)
        self._list = RecordList(self._model, shell.theme, lambda entry: entry.look, tr("Found"))
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._hint = Text("", TextRole.SECOND, wrapped=True)
        self._hint.setContentsMargins(16, 10, 16, 10)
        layout = column((1, 4, 1, 4), 0)
        layout.addWidget(self._list)
        layout.addWidget(self._hint)
        self.setLayout(layout)
        box.textEdited.connect(self._typed)
        box.moved.connect(self._move)
        box.entered.connect(self._run_current)
        box.left.connect(self._leave)
        box.installEventFilter(self)
        self._before: QWidget | None = None
        if isinstance(app := QApplication.instance(), QApplication):
            app.focusChanged.connect(self._focus_moved)
        self._list.clicked.connect(lambda index: self._run(self._model.record(index)))

    def open_desk(self, desk: "Desk", work: "Work", live: "Live") -> None:
        """From now on customers and orders are found; what was typed before is looked for."""
        self._desk, self._work, self._live = desk, work, live
        live.orders_changed.connect(self._look_again)
        live.people_changed.connect(self._look_again)
        if self._box.text() and self._box.hasFocus():
            self._typed(self._box.text())

    def remember(self, key: str, look: Look, run: Callable[[], None]) -> None:
        """Offer what was opened lately while the box is empty."""
        self._recent = [Entry(key, look, run), *[one for one in self._recent if one.key != key]][:_FEW_ACTIONS]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The list is there while the box has the focus and goes with it."""
        if event.type() == QEvent.Type.FocusOut:
            self.hide()
        elif event.type() == QEvent.Type.MouseButtonPress:
            self._typed(self._box.text())
        return super().eventFilter(watched, event)

    def _focus_moved(self, before: QWidget | None, now: QWidget | None) -> None:
        """Note where somebody came from: leaving the box leads back there."""
        if now is self._box and before is not None and before.window() is self._window.window():
            self._before = before

    def call(self) -> None:
        """Put the focus into the box and offer what is likely."""
        self._box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._box.selectAll()
        self._typed(self._box.text())

    def look_for(self, text: str) -> None:
        """Look for a text as if it had been typed."""
        self._box.setText(text)
        self._box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._typed(text)

    def _typed(self, text: str) -> None:
        wanted = text.strip()
        self._enter_waits = self._asking = False
        actions = self._actions(wanted)
        if not wanted:
            self._show([*self._recent, *actions], "")
        elif self._desk is None or self._work is None:
            self._show(actions, tr("Connecting; this is looked for as soon as the desk is ready."))
        else:
            self._work.ask("search", self._desk.lookup.as_you_type(wanted, _PEOPLE), self._found, self._failed)

    def _found(self, hits: "Hits") -> None:
        if hits.query != self._box.text().strip():
            return
        asked, self._asking = self._asking, False
        self._asked_for = hits.query if asked else ""
        people, orders = [self._person(one) for one in hits.people], [self._order(one) for one in hits.orders]
        actions = self._actions(hits.query)
        if people or orders:
            self._show([*orders, *people, *actions], "")
        elif self._live and self._live.read_at is None:
            hint = tr("Customers and orders are still being read; this is looked for again then.")
            self._show(actions, hint)
        elif asked:
            hint = tr("The systems do not know this either. Try an id, a number, a name, a phone or an e-mail address.")
            self._show(actions, hint)
        else:
            self._show([*actions, self._ask_entry()], "")

    def _ask_entry(self) -> Entry:
        """What is new in the systems is not here yet: one can ask for it."""
        second = tr("Nobody and nothing is known by this here; what is new is read.")
        return Entry(_ASK, Look(tr("Ask the systems"), second, ""), self._ask_systems)

    def _ask_systems(self) -> None:
        if self._desk and self._work:
            self._asking = True
            self._show([], tr("Asking the systems…"))
            text = self._box.text().strip()
            self._work.ask("search", self._desk.lookup.find(text, _PEOPLE), self._found, self._failed)

    def _look_again(self) -> None:
        """What was not found may be there by now; where the systems were asked for it, it is not."""
        if self._asking or self._asked_for == self._box.text().strip():
            return
        found = any(entry.key.startswith(_RECORDS) for entry in self._model.records)
        if self.isVisible() and self._box.text().strip() and not found:
            self._typed(self._box.text())

    def _failed(self, error: ConsoleError) -> None:
        assert self._desk
        problem = self._desk.explain(error)
        self._enter_waits = self._asking = False
        self._show(
            self._actions(self._box.text().strip()), f"{in_language(problem.title)}. {in_language(problem.meaning)}"
        )

    def _show(self, entries: Sequence[Entry], hint: str) -> None:
        if not self._box.hasFocus():
            return
        self._listed_for = self._box.text().strip()
        self._model.set_records(list({entry.key: entry for entry in entries}.values()))
        self._hint.say(hint)
        self._hint.setVisible(bool(hint))
        self._list.setVisible(bool(entries))
        if entries:
            self._list.setCurrentIndex(self._model.index(0, 0))
            self._list.scrollToTop()
        self._place(len(entries), bool(hint))
        first = self._list.current_record()
        if self._enter_waits and entries and first.key.startswith(_RECORDS):
            # Somebody who typed a name and Enter meant that record, never whatever action is like it.
            self._run(first)
        self._enter_waits = False

    def _place(self, count: int, hint: bool) -> None:
        below = self._box.mapTo(self._window, QPoint(0, self._box.height() + 4))
        width = max(self._box.width(), _LEAST_WIDTH)
        height = min(count, _MOST_ROWS) * ROW_HEIGHT + 12
        height += self._hint.heightForWidth(width) + 4 if hint else 0
        left = max(8, min(below.x(), self._window.width() - width - 8))
        self.setGeometry(left, below.y(), width, height)
        self.setVisible(bool(count) or hint)
        self.raise_()

    def _actions(self, text: str) -> list[Entry]:
        """The actions whose words are typed; those that begin with what is typed come first."""
        wanted = text.casefold().removeprefix(">").strip()
        found = []
        for action, made in self._shell.actions.offered():
            spoken = made.text().replace("&&", "&")
            if action.id == "find" or not all(word in spoken.casefold() for word in wanted.split()):
                continue
            keys = made.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            found.append(Entry(f"{_ACTION}{action.id}", Look(spoken, tr("Action"), keys), made.trigger))
        found.sort(key=lambda entry: not entry.look.title.casefold().startswith(wanted))
        # A > alone asks for all of them.
        return found if text else found[:_FEW_ACTIONS]

    def _person(self, person: "Person") -> Entry:
        from console.views.customers_list import customer_key, person_words  # noqa: PLC0415 - needs the models

        known = [person.customer_number, person.email, person.phone]
        customer = customer_key(person)
        tone = {"linked": Tone.GOOD, "partial": Tone.LOOK, "conflict": Tone.STOP}[person.link.value]
        words = {"linked": tr("linked"), "partial": tr("not fully linked"), "conflict": tr("conflict")}
        second = " · ".join(part for part in known if part)
        look = Look(person_words(person), second, tr("Customer"), words[person.link.value], tone)
        return Entry(f"customer {customer}", look, lambda: self._shell.navigator.customer.emit(customer))

    def _order(self, order: "OrderSummary") -> Entry:
        look = Look(order.customer, tr("Order {number}", number=order.order_number.lstrip("0")), tr("Order"))
        return Entry(f"order {order.order_id}", look, lambda: self._shell.navigator.order.emit(order.order_id))

    def _move(self, key: int) -> None:
        if self.isVisible():
            press = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)
            self._list.keyPressEvent(press)

    def _run_current(self) -> None:
        """Enter means the first hit of what is typed, also where that is still being looked for."""
        if self._listed_for != self._box.text().strip():
            self._enter_waits = True
        elif self.isVisible():
            self._run(self._list.current_record())

    def _run(self, entry: Entry | None) -> None:
        if entry is None:
            return
        if entry.key == _ASK:
            # The box stays as it is: its text is what is asked for.
            entry.run()
            return
        if not entry.key.startswith(_ACTION):
            self.remember(*entry)
        self._leave()
        entry.run()

    def _leave(self) -> None:
        """Empty the box and give the focus back to what had it, or to the page where that is gone."""
        self.hide()
        self._box.clear()
        if not self._box.hasFocus():
            return
        before, self._before = self._before, None
        if before is not None and isValid(before) and before.isVisible() and before.isEnabled():
            before.setFocus()
        else:
            self.left.emit()


def _spoken(entry: Entry) -> str:
    return entry.look.spoken()
