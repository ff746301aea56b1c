"""All places of an open desk, which of them is shown, and what their badges say."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSettings, Qt, Signal
from PySide6.QtWidgets import QApplication, QLineEdit

from console.errors import ConsoleError
from console.models.staff import Right, Role
from console.notices import NoticeKind, Offer
from console.views.activity_page import ActivityPage
from console.views.bulk_runs import BulkRuns
from console.views.connection_strip import ReadingProgress
from console.views.desk import Desk
from console.views.failures_page import FailuresPage
from console.views.first_steps import STEPS, FirstSteps
from console.views.live import Live
from console.views.order_queues import Queue, orders_in
from console.views.page import Page
from console.views.rail import PLACES
from console.views.records_page import RecordsPage
from console.views.settings_page import SettingsPage
from console.views.theme import Tone
from console.views.today_page import TodayPage
from console.views.words import in_language, tr
from console.views.work import Work

if TYPE_CHECKING:
    from console.models.sync import SyncReport
    from console.views.deep_links import Link
    from console.views.main_window import MainWindow

_ROLE_WORDS = {
    Role.SUPERVISOR: "supervisor",
    Role.BACK_OFFICE: "back office",
    Role.SUPPORT: "support",
    Role.WORKER: "worker",
}

_LINK_WORDS = {
    "call": "A call from {named}.",
    "customer": "A link to customer {named}.",
    "order": "A link to order {named}.",
}


class Places(QObject):
    """Made once for a desk. `shown` comes with the page and the name of the place."""

    shown = Signal(object, str)

    def __init__(self, desk: Desk, window: "MainWindow", memory: QSettings) -> None:
        """Reads nothing before `start`."""
        super().__init__(window)
        self.desk = desk
        self._window, self._memory = window, memory
        shell = window.shell
        self.work = Work(shell.tasks, "window")
        self.live = Live(desk, Work(shell.tasks, "live"), self)
        self.runs = BulkRuns(desk, shell, self.live, window)
        self.reading = ReadingProgress(desk.sync.cancel)
        desk.sync.watch(self.reading.show_progress)
        self.first_steps = self._first_steps()
        self.records = RecordsPage(desk, shell, self.live)
        self.today = TodayPage(desk, shell, self.live, self._last_seen(), self.first_steps)
        self.failures = FailuresPage(desk, shell, self.live, partial(self.runs.start, again=True))
        self.activity = ActivityPage(desk, shell, self.live)
        self.settings = SettingsPage(desk, shell)
        self._current: Page = self.today
        self._connect()

    def pages(self) -> Iterator[Page]:
        """Every page once."""
        yield from (self.today, self.records, self.failures, self.activity, self.settings)

    def start(self) -> None:
        """Say who is signed in where, show Today, and begin to read."""
        self._window.top.show_environment(self.desk.environment)
        self._window.top.show_person(self.desk.me.name, self._role())
        self._show("today")
        self.live.start()
        once = Qt.ConnectionType.SingleShotConnection
        self.live.refreshed.connect(self.runs.take_up, once)

    def show(self, place: str) -> None:
        """Show a place and put the focus into it."""
        self._show(place)
        self._current.take_focus()

    def _show(self, place: str) -> None:
        alone: dict[str, Page] = {"today": self.today, "failures": self.failures, "activity": self.activity,
                                  "settings": self.settings}  # fmt: skip
        page = alone.get(place, self.records)
        if place == "settings":
            self.settings.open()
        elif place == "orders":
            self.records.show_orders()
        elif place == "customers":
            self.records.show_customers()
        self._current = page
        self.shown.emit(page, place)

    def take_focus(self) -> None:
        """Put the focus into the place that is shown."""
        self._current.take_focus()

    def leave(self) -> None:
        """The window is closed: begin nothing more, drop what is read, remember when that was."""
        self.runs.end()
        for page in self.pages():
            page.leave()
        self._memory.setValue("last_seen", datetime.now(UTC).isoformat())

    def open_order(self, order_id: str) -> None:
        """Show an order in Orders."""
        # The focus goes to the order itself: in the list it would first open the row that is current there.
        self._show("orders")
        self.records.open_order(order_id)

    def open_customer(self, key: str) -> None:
        """Show a customer in Customers."""
        self._show("customers")
        self.records.open_customer(key)

    def open_link(self, url: str) -> None:
        """Open what a `staff-console://` address names; it never does more than that.

        Somebody who is typing or deciding keeps the keyboard: then a notice offers to open it.
        """
        from console.views.deep_links import read_link  # noqa: PLC0415 - seldom used

        link = read_link(url)
        if link is None:
            self._window.come_forward()
            self._window.notices.tell(NoticeKind.FAILED, tr("This link leads nowhere."), url[:80])
        elif _has_hands_full():
            words = tr(_LINK_WORDS[link.place], named=link.named)
            self._window.notices.tell(NoticeKind.CAREFUL, words, offer=Offer(tr("Open"), partial(self._follow, link)))
        else:
            self._window.come_forward()
            self._follow(link)

    def _follow(self, link: "Link") -> None:
        if link.place == "call":
            self._window.palette_list.look_for(link.named)
        elif link.place == "customer":
            self.open_customer(link.named)
        else:
            self.work.ask("link", self.desk.orders.resolve(link.named), self.open_order, self._failed)

    def _failed(self, error: ConsoleError) -> None:
        problem = self.desk.explain(error)
        self._window.notices.tell(NoticeKind.FAILED, in_language(problem.title), in_language(problem.meaning))

    def _connect(self) -> None:
        shell = self._window.shell
        shell.navigator.place.connect(self.show)
        shell.navigator.order.connect(self.open_order)
        shell.navigator.customer.connect(self.open_customer)
        shell.navigator.case.connect(self._open_case)
        shell.navigator.queue.connect(self._open_queue)
        for place in PLACES:
            shell.actions.on(f"go.{place.name}", partial(self.show, place.name))
        shell.actions.on("refresh", self._read)
        shell.actions.on("sync.full", self._read_everything)
        shell.actions.on("connections.check", self._check_connections)
        may_provision = self.desk.me.may(Right.PROVISION)
        shell.actions.on("orders.provision_all", self.runs.provision_all_approved, when=lambda: may_provision)
        shell.actions.on("help.first_steps", self._show_first_steps)
        self.live.orders_changed.connect(self._count)
        self.live.cases_changed.connect(self._count)
        self.live.connections_changed.connect(lambda: self._window.strip.show_connections(self.live.connections))
        self.records.found.connect(lambda: self._tick("customer"))
        self.records.done.connect(self._done)
        self.records.orders.provision.connect(self.runs.start)
        self.failures.fixed.connect(lambda: self._tick("failure"))

    def _read(self) -> None:
        self._current.read()

    def _read_everything(self) -> None:
        """Read all customers and orders anew, as after an outage or an import; a second wish waits for nobody."""
        self._window.notices.tell(NoticeKind.DONE, tr("Everything is being read again; you can go on meanwhile."))
        self.work.ask("everything", self._everything(), self._everything_read, self._failed)

    async def _everything(self) -> "SyncReport | None":
        """None where another process reads for everyone: it is asked to."""
        if await self.desk.sync.reads_for_everyone():
            return await self.desk.sync.run(full=True)
        await self.desk.sync.ask(everything=True)
        return None

    def _everything_read(self, report: "SyncReport | None") -> None:
        if report is None:
            return
        if report.cancelled:
            self._window.notices.tell(NoticeKind.DONE, tr("The reading was cancelled; what was read stays."))
            return
        words = tr("Everything was read again: {people} customers, {orders} orders.", people=f"{report.people:,}",
                   orders=f"{report.orders:,}")  # fmt: skip
        self._window.notices.tell(NoticeKind.DONE, words)
        self.live.refresh()

    def _check_connections(self) -> None:
        self.show("settings")
        self.settings.read()

    def _open_queue(self, queue: Queue) -> None:
        self.records.orders.show_queue(queue)
        self.show("orders")

    def _open_case(self, order_id: str) -> None:
        self.show("failures")
        self.failures.select_order(order_id)

    def _count(self) -> None:
        """Badges: what waits for me, and what is stuck."""
        mine = orders_in(Queue.MINE, self.live.orders, self.desk.me)
        self._window.rail.badge("orders", len(mine))
        self._window.rail.badge("failures", len(self.live.cases), Tone.STOP)

    def _done(self, what: str) -> None:
        if what in ("approve", "provision"):
            self._tick("approve")

    def _role(self) -> str:
        return next((tr(words) for role, words in _ROLE_WORDS.items() if role in self.desk.me.roles), "")

    def _last_seen(self) -> datetime | None:
        try:
            seen = datetime.fromisoformat(str(self._memory.value("last_seen", "")))
        except ValueError:
            # Never seen, or a file that somebody has damaged: neither keeps the desk from opening.
            return None
        return seen if seen.tzinfo else None

    def _first_steps(self) -> FirstSteps:
        """In practice the card is shown until it is put away; elsewhere only when somebody asks for it."""
        card = FirstSteps()
        for name, _, _ in STEPS:
            if self._memory.value(f"first_steps/{name}", False, type=bool):
                card.tick(name)
        hidden = bool(self._memory.value("first_steps/hidden", False, type=bool))
        if hidden or self.desk.environment != "practice":
            card.hide()
        card.put_away.connect(lambda: self._memory.setValue("first_steps/hidden", True))
        return card

    def _show_first_steps(self) -> None:
        self._memory.setValue("first_steps/hidden", False)
        self.first_steps.show()
        self.show("today")

    def _tick(self, name: str) -> None:
        self.first_steps.tick(name)
        self._memory.setValue(f"first_steps/{name}", True)


def _has_hands_full() -> bool:
    """Whether somebody is typing something, or is asked something, at this moment."""
    focus = QApplication.focusWidget()
    typing = isinstance(focus, QLineEdit) and bool(focus.text())
    return typing or QApplication.activeModalWidget() is not None
