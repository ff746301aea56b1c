"""The other sides of an order: its items, its addresses, the number transfer, and what happened to it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QGridLayout, QWidget

from console.models.case import JournalEntry, StepState
from console.models.catalogue import BillingCycle, ItemRole
from console.models.order import Order, OrderItem, SimType
from console.views.activity_words import what
from console.views.ages import clock_words, day_words, money_words
from console.views.order_words import step_words
from console.views.tables import Column, RecordModel, RecordTable
from console.views.theme import TextRole, Tone
from console.views.widgets import Card, Tag, Text, column, emptied
from console.views.words import tr

if TYPE_CHECKING:
    from console.models.activity import ActivityEntry

_ROLES = {
    ItemRole.PLAN: "Service plan",
    ItemRole.ACTIVATION_FEE: "Activation fee",
    ItemRole.INSTALLATION: "Installation",
    ItemRole.OPTION: "Option",
}
_CYCLES = {BillingCycle.MONTHLY: "monthly", BillingCycle.ONETIME: "once"}
_SIMS = {SimType.ESIM: "eSIM", SimType.PHYSICAL: "Physical SIM"}
_PARTS = (
    ("street", "Street"),
    ("city", "City"),
    ("state", "Prefecture or state"),
    ("postal_code", "Postcode"),
    ("country", "Country"),
)


class ItemsTab(QWidget):
    """The lines of the order with their prices."""

    def __init__(self) -> None:
        """Empty until an order is shown."""
        super().__init__()
        columns: list[Column[OrderItem]] = [
            Column(tr("Product"), lambda item: item.product_name, wide=True),
            Column(tr("Is"), _role),
            Column(tr("Billed"), _cycle),
            Column(tr("Quantity"), lambda item: str(item.quantity), right=True),
            Column(tr("Price"), lambda item: money_words(item.unit_price), right=True),
            Column(tr("Services in WHMCS"), _services, right=True),
        ]
        self.model: RecordModel[OrderItem] = RecordModel(columns, lambda item: item.id, self)
        self._card = Card(tr("Items"))
        self._card.add(RecordTable(self.model, tr("Items")))
        layout = column(spacing=12)
        layout.addWidget(self._card)
        layout.addStretch(1)
        self.setLayout(layout)

    def show_order(self, order: Order) -> None:
        """Show the order's lines and its total."""
        self.model.set_records(order.items)
        self._card.title.say(f"{tr('Items')} · {tr('total {amount}', amount=money_words(order.total))}")


class AddressTab(QWidget):
    """The billing address as it was when ordering, beside the address of the installation."""

    def __init__(self) -> None:
        """Empty until an order is shown."""
        super().__init__()
        self._card = Card(tr("Address"))
        self._grid = _grid()
        self._card.add(self._grid)
        layout = column(spacing=12)
        layout.addWidget(self._card)
        layout.addStretch(1)
        self.setLayout(layout)

    def show_order(self, order: Order, *, differs: bool = False) -> None:
        """Show both addresses part by part; where the rules say that the place `differs`, so do its parts.

        The same place in another script is no difference: the rules tell, not the letters.
        """
        emptied(self._grid)
        if order.installation.is_empty:
            self._grid.addWidget(Text(tr("Nothing is installed at an address.")), 0, 0)
            _lines(self._grid, [(tr("Billing"), order.billing_snapshot.one_line() or "–")], first=1)
            return
        headings = (tr("Billing, when ordered"), tr("Installation"))
        for place, heading in enumerate(headings, start=1):
            self._grid.addWidget(Text(heading, TextRole.SECOND), 0, place)
        for number, (part, title) in enumerate(_PARTS, start=1):
            both = getattr(order.billing_snapshot, part), getattr(order.installation, part)
            self._add_part(number, tr(title), both, marked=differs)
        facts = [
            (tr("Confirmed by the customer"), tr("yes") if order.address_confirmed else tr("no")),
            (tr("Said to be changed"), tr("yes") if order.address_changed else tr("no")),
            (tr("Installation option"), order.installation_option or tr("not chosen")),
        ]
        _lines(self._grid, facts, first=len(_PARTS) + 1)

    def _add_part(self, line: int, title: str, both: tuple[str, str], *, marked: bool) -> None:
        billing, installation = both
        differs = marked and billing.strip() != installation.strip()
        role = TextRole.STRONG if differs else TextRole.BODY
        self._grid.addWidget(Text(title, TextRole.SECOND), line, 0)
        self._grid.addWidget(Text(billing or "–", wrapped=True).selectable(), line, 1)
        self._grid.addWidget(Text(installation or "–", role, wrapped=True).selectable(), line, 2)
        if differs:
            self._grid.addWidget(Tag(tr("differs"), Tone.LOOK), line, 3)


class TransferTab(QWidget):
    """The SIM and the number transfer exactly as the customer entered them."""

    def __init__(self) -> None:
        """Empty until an order is shown."""
        super().__init__()
        self._card = Card(tr("SIM and number transfer"))
        self._grid = _grid()
        self._card.add(self._grid)
        layout = column(spacing=12)
        layout.addWidget(self._card)
        layout.addStretch(1)
        self.setLayout(layout)

    def show_order(self, order: Order) -> None:
        """Show every field of the transfer; where there is none, say so."""
        emptied(self._grid)
        lines = [(tr("SIM"), tr(_SIMS[order.sim_type]) if order.sim_type else tr("no SIM ordered"))]
        if order.sim_type is SimType.ESIM:
            lines.append((tr("EID"), order.esim_eid or "–"))
        if order.vpn_region:
            lines.append((tr("VPN region"), order.vpn_region))
        if order.activation_date:
            lines.append((tr("Not before"), day_words(order.activation_date)))
        transfer = order.transfer
        if transfer is None:
            lines.append((tr("Number transfer"), tr("none; a new number where a SIM is ordered")))
            _lines(self._grid, lines)
            return
        lines += [
            (tr("Number"), transfer.number),
            (tr("Old carrier"), transfer.donor),
            (tr("Reservation number"), transfer.reservation_number),
            (tr("Valid to"), day_words(transfer.reserved_until)),
            (tr("Contract holder"), transfer.holder_name),
            (tr("Holder at the old carrier"), transfer.donor_holder_name or tr("not reported")),
            (tr("Reading"), transfer.holder_reading),
            (tr("Birth date"), day_words(transfer.holder_birth_date)),
            (tr("Gender"), transfer.holder_gender),
        ]
        _lines(self._grid, lines)


class HistoryTab(QWidget):
    """Who did what to the order, and the steps of its provisioning."""

    def __init__(self) -> None:
        """Nothing has been read yet."""
        super().__init__()
        events: list[Column[ActivityEntry]] = [
            Column(tr("When"), lambda entry: clock_words(entry.at)),
            Column(tr("Who"), lambda entry: entry.actor),
            Column(tr("What"), what),
            Column(tr("Why"), lambda entry: entry.detail, wide=True),
        ]
        steps: list[Column[JournalEntry]] = [
            Column(tr("When"), lambda entry: clock_words(entry.at)),
            Column(tr("Step"), lambda entry: step_words(entry.step)),
            Column(tr("Answer"), _answer),
            Column(tr("More"), lambda entry: entry.detail, wide=True),
        ]
        self.events: RecordModel[ActivityEntry] = RecordModel(events, lambda one: (one.at, one.action), self)
        self.steps: RecordModel[JournalEntry] = RecordModel(steps, lambda one: (one.run, one.step, one.state), self)
        self._nothing = Text(tr("Loading…"))
        self._nothing.setContentsMargins(16, 12, 16, 12)
        self._events_table = RecordTable(self.events, tr("Who did what"))
        self._steps_card = Card(tr("Steps of provisioning"))
        self._steps_card.add(RecordTable(self.steps, tr("Steps of provisioning")))
        card = Card(tr("Who did what"))
        card.add(self._nothing)
        card.add(self._events_table)
        layout = column(spacing=12)
        layout.addWidget(card)
        layout.addWidget(self._steps_card)
        layout.addStretch(1)
        self.setLayout(layout)

    def show_history(self, events: "Sequence[ActivityEntry]", steps: Sequence[JournalEntry]) -> None:
        """Show both, the newest last."""
        self.events.set_records(list({(one.at, one.action): one for one in events}.values()))
        finished = [one for one in steps if one.state is not StepState.STARTED]
        self.steps.set_records(list({(one.run, one.step, one.state): one for one in finished}.values()))
        self._nothing.say(tr("Nothing was done to this order here yet."))
        self._nothing.setVisible(not events)
        self._events_table.setVisible(bool(events))
        self._steps_card.setVisible(bool(finished))

    def fail_history(self) -> None:
        """Say that it could not be read; what was shown before stays."""
        self._nothing.say(tr("What was done here could not be read; read the order again."))
        self._nothing.show()


def _services(item: OrderItem) -> str:
    return ", ".join(map(str, item.whmcs_service_ids)) or "–"


def _role(item: OrderItem) -> str:
    return tr(_ROLES[item.product.role]) if item.product and item.product.role else "–"


def _cycle(item: OrderItem) -> str:
    cycle = item.product.billing_cycle if item.product else None
    return tr(_CYCLES[cycle]) if cycle else tr("not set up")


def _answer(entry: JournalEntry) -> str:
    return tr("done") if entry.state is StepState.DONE else tr("stopped")


def _grid() -> QGridLayout:
    grid = QGridLayout()
    grid.setContentsMargins(16, 10, 16, 12)
    grid.setHorizontalSpacing(18)
    grid.setVerticalSpacing(8)
    grid.setColumnMinimumWidth(0, 170)
    grid.setColumnStretch(1, 1)
    grid.setColumnStretch(2, 1)
    return grid


def _lines(grid: QGridLayout, lines: Sequence[tuple[str, str]], first: int = 0) -> None:
    for number, (title, value) in enumerate(lines, start=first):
        grid.addWidget(Text(title, TextRole.SECOND), number, 0)
        grid.addWidget(Text(value or "–", wrapped=True).selectable(), number, 1, 1, 2)
