"""Nothing is ordered or provisioned without a payment method on file."""

from collections.abc import Sequence
from datetime import date, timedelta

from console.models.billing import Invoice, PayMethod
from console.models.check import Check, Source
from console.rules.evidence import Evidence

_METHOD, _RISK, _INVOICE = "payment_method", "payment_risk", "open_invoice"


def payment_method(evidence: Evidence) -> Check:
    """A method is on file and not out of date; one that ends soon is worth a look.

    Source: product.md, "Nothing is ordered or provisioned without a payment method on file"; PAY-01, PAY-02.
    """
    methods = evidence.pay_methods
    if methods is None:
        return evidence.unread(_METHOD, Source.WHMCS)
    if not methods:
        return evidence.stops(_METHOD, "PAY-01", "No payment method on file.", Source.WHMCS)
    today = evidence.now.date()
    valid = [method for method in methods if method.expires is None or method.expires >= today]
    if not valid:
        return evidence.stops(_METHOD, "PAY-02", f"{_latest(methods).words()}: expired.", Source.WHMCS)
    best = _latest(valid)
    if best.expires and best.expires < today + timedelta(days=evidence.limits.card_look_days):
        return evidence.looks(_METHOD, "PAY-02", f"{best.words()}: ends soon.", Source.WHMCS)
    return evidence.passes(_METHOD, best.words(), Source.WHMCS)


def payment_risk(evidence: Evidence) -> Check:
    """The order is not flagged as risky. Source: failure-codes.md PAY-04, "do not say why"."""
    if evidence.order.payment_risk:
        return evidence.stops(_RISK, "PAY-04", "The payment needs a risk check by a supervisor.", Source.SALESFORCE)
    return evidence.passes(_RISK, "No risk flag.", Source.SALESFORCE)


def open_invoice(evidence: Evidence) -> Check:
    """No older invoice is overdue; where the setting holds new orders it stops, else it is worth a look. PAY-05."""
    if evidence.invoices is None:
        return evidence.unread(_INVOICE, Source.WHMCS)
    today = evidence.now.date()
    unpaid = [invoice for invoice in evidence.invoices if invoice.status in ("Unpaid", "Overdue")]
    overdue = [invoice for invoice in unpaid if invoice.due and invoice.due < today]
    if overdue:
        words = _invoice_words(overdue, today)
        if evidence.limits.overdue_invoice_stops:
            return evidence.stops(_INVOICE, "PAY-05", words, Source.WHMCS)
        return evidence.looks(_INVOICE, "PAY-05", words, Source.WHMCS)
    if unpaid:
        return evidence.passes(_INVOICE, f"{unpaid[0].total} open, not overdue.", Source.WHMCS)
    return evidence.passes(_INVOICE, "No open invoice.", Source.WHMCS)


def _latest(methods: Sequence[PayMethod]) -> PayMethod:
    return max(methods, key=lambda method: method.expires or date.max)


def _invoice_words(overdue: Sequence[Invoice], today: date) -> str:
    oldest = min(overdue, key=lambda invoice: invoice.due or today)
    days = (today - oldest.due).days if oldest.due else 0
    return f"{len(overdue)} overdue, the oldest ({oldest.total}) for {days} days."
