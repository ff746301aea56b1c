"""One outage as one card: which system, since when, how many orders wait for it, and what still works."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame

from console.views.ages import clock_words
from console.views.failure_words import OUTAGES
from console.views.theme import TextRole, Tone
from console.views.widgets import Button, Tag, Text, row
from console.views.words import in_language, tr, trn

if TYPE_CHECKING:
    from console.models.failure import FailureCatalogue
    from console.views.failure_rows import Outage

_AGAIN = {"whmcs": "The billing system answers again", "salesforce": "Salesforce answers again"}
STILL_WORKS = {
    "portal": "nothing can be shown until it is back",
    "whmcs": "orders and customers can still be read",
    "salesforce": "services, invoices and payment methods can still be read",
}
"""What somebody can still do while a system is down."""


class IncidentCard(QFrame):
    """`orders_wanted` shows or hides the orders that wait; `retry_wanted` comes with the outage."""

    orders_wanted = Signal()
    retry_wanted = Signal(object)

    def __init__(self, catalogue: "FailureCatalogue", *, may_retry: bool) -> None:
        """Filled by `show_outage`."""
        super().__init__()
        self.setObjectName("incident")
        self._catalogue, self._may_retry = catalogue, may_retry
        self._outage: Outage | None = None
        self.title = Text("", TextRole.STRONG)
        self.line = Text("", elided=True)
        self.line.setProperty("role", "second")
        self.show_orders = Button(tr("Show orders ›"), self.orders_wanted.emit, look="link")
        self.retry = Button("", self._retry)
        layout = row((16, 5, 12, 5), 12)
        layout.addWidget(Tag(tr("Incident"), Tone.LOOK))
        layout.addWidget(self.title)
        layout.addWidget(self.line, 1)
        layout.addWidget(self.show_orders)
        layout.addWidget(self.retry)
        self.setLayout(layout)
        self.setMinimumHeight(44)

    def show_outage(self, outage: "Outage", *, orders_shown: bool) -> None:
        """Say how it stands; orders can be retried as soon as the system answers again."""
        self._outage = outage
        count = len(outage.cases)
        title = in_language(self._catalogue[OUTAGES[outage.system]].title)
        if not outage.is_down:
            self.title.say(tr(_AGAIN[outage.system]))
        elif outage.since:
            self.title.say(tr("{title} since {time}", title=title, time=clock_words(outage.since)[:-3]))
        waits = trn("%n orders wait", count) if count else tr("no order waits for it")
        still = f" · {tr(STILL_WORKS[outage.system])}" if outage.is_down else ""
        self.line.say(f"{waits}{still}")
        self.show_orders.setVisible(count > 0)
        self.show_orders.setText(tr("Hide orders") if orders_shown else tr("Show orders ›"))
        self.retry.setText(trn("Retry %n orders…", count))
        self.retry.setVisible(count > 0 and self._may_retry)
        self.retry.setEnabled(not outage.is_down)
        self.setAccessibleName(f"{tr('Incident')}: {self.title.whole}. {self.line.whole}")

    def _retry(self) -> None:
        if self._outage:
            self.retry_wanted.emit(self._outage)
