"""What a customer's services, invoices, payment methods and addresses are called, and how urgent they are."""

from datetime import UTC, date, datetime, timedelta

from PySide6.QtCore import QDate, QLocale

from console.models.billing import Invoice, PayMethod, Service
from console.views.theme import Tone
from console.views.words import tr

_SERVICES = {
    "Active": ("Active", Tone.GOOD),
    "Completed": ("Completed", Tone.GOOD),
    "Pending": ("Pending", Tone.LOOK),
    "Suspended": ("Suspended", Tone.LOOK),
    "Fraud": ("Fraud", Tone.STOP),
    "Cancelled": ("Cancelled", Tone.NEUTRAL),
    "Terminated": ("Terminated", Tone.NEUTRAL),
}
_INVOICES = {
    "Paid": ("Paid", Tone.GOOD),
    "Payment Pending": ("Payment on its way", Tone.LOOK),
    "Collections": ("In collection", Tone.STOP),
    "Overdue": ("Overdue", Tone.STOP),
    "Draft": ("Draft", Tone.NEUTRAL),
    "Cancelled": ("Cancelled", Tone.NEUTRAL),
    "Refunded": ("Refunded", Tone.NEUTRAL),
}
# What runs comes before what has run down.
_LIVELIEST_LAST = ("Pending", "Suspended", "Active")
_SOON = timedelta(days=31)


def short_day(day: date | None) -> str:
    """A day as people say it, with the year only where it is another one: `30 Nov`, `30 Nov 2023`."""
    if day is None:
        return "–"
    pattern = tr("d MMM") if day.year == _today().year else tr("d MMM yyyy")
    return QLocale().toString(QDate(day.year, day.month, day.day), pattern)


def service_tag(service: Service) -> tuple[str, Tone]:
    """Where a service stands. A state that we do not know is shown as it is."""
    words, tone = _SERVICES.get(service.status, ("", Tone.NEUTRAL))
    return (tr(words) if words else service.status), tone


def liveliness(service: Service) -> int:
    """The higher, the further up a service stands in its list."""
    return _LIVELIEST_LAST.index(service.status) + 1 if service.status in _LIVELIEST_LAST else 0


def next_due_words(service: Service) -> str:
    """When the service is billed next, where it still is."""
    if service.next_due is None or service.status not in _LIVELIEST_LAST:
        return ""
    return tr("due {day}", day=short_day(service.next_due))


def invoice_tag(invoice: Invoice) -> tuple[str, Tone]:
    """Whether an invoice is paid, still to be paid, or late."""
    if invoice.status == "Unpaid":
        late = invoice.due is not None and invoice.due < _today()
        return (tr("Overdue"), Tone.STOP) if late else (tr("Unpaid"), Tone.LOOK)
    words, tone = _INVOICES.get(invoice.status, ("", Tone.NEUTRAL))
    return (tr(words) if words else invoice.status), tone


def invoice_day_words(invoice: Invoice) -> str:
    """The day that matters: when it was paid, else when it is due."""
    if invoice.status == "Paid" and invoice.paid_at:
        return tr("Paid {day}", day=short_day(invoice.paid_at.date()))
    return tr("Due {day}", day=short_day(invoice.due))


def method_words(method: PayMethod) -> str:
    """A payment method as staff say it: `Visa ending 4242`."""
    name = method.card_type or method.description or method.type
    return tr("{card} ending {digits}", card=name, digits=method.last_four) if method.last_four else name


def valid_words(method: PayMethod) -> str:
    """To when a card is valid, as it is printed on it."""
    return tr("valid to {month}", month=f"{method.expires:%m/%y}") if method.expires else ""


def method_tag(method: PayMethod) -> tuple[str, Tone]:
    """Whether a card has expired or soon will."""
    if method.expires is None or method.expires > _today() + _SOON:
        return "", Tone.NEUTRAL
    return (tr("Expired"), Tone.STOP) if method.expires < _today() else (tr("Expires soon"), Tone.LOOK)


def _today() -> date:
    return datetime.now(UTC).astimezone().date()
