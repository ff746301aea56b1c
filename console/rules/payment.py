"""Nothing is ordered or provisioned without a payment method on file."""

from collections.abc import Sequence
from datetime import date, timedelta

from console.models.billing import Invoice, PayMethod
from console.models.check import Check, Source
from console.models.record import Sentence
from console.rules.evidence import Evidence

_METHOD, _RISK, _INVOICE = "payment_method", "payment_risk", "open_invoice"
_NO_METHOD = Sentence(en="No payment method on file.", ja="支払い方法が登録されていません。")
_RISKY = Sentence(
    en="The payment needs a risk check by a supervisor.", ja="この決済はスーパーバイザーによるリスク確認が必要です。"
)
_NOT_RISKY = Sentence(en="No risk flag.", ja="リスクの印はありません。")
_NO_INVOICE = Sentence(en="No open invoice.", ja="未払いの請求書はありません。")


def payment_method(evidence: Evidence) -> Check:
    """A method is on file and not out of date; one that ends soon is worth a look.

    Source: product.md, "Nothing is ordered or provisioned without a payment method on file"; PAY-01, PAY-02.
    """
    methods = evidence.pay_methods
    if methods is None:
        return evidence.unread(_METHOD, Source.WHMCS)
    if not methods:
        return evidence.stops(_METHOD, "PAY-01", _NO_METHOD, Source.WHMCS)
    today = evidence.now.date()
    valid = [method for method in methods if method.expires is None or method.expires >= today]
    if not valid:
        last = _latest(methods)
        expired = Sentence(en=f"{last.words()}: expired.", ja=f"{_in_japanese(last)}：期限切れ")
        return evidence.stops(_METHOD, "PAY-02", expired, Source.WHMCS)
    best = _latest(valid)
    if best.expires and best.expires < today + timedelta(days=evidence.limits.card_look_days):
        ends = Sentence(en=f"{best.words()}: ends soon.", ja=f"{_in_japanese(best)}：まもなく期限切れ")
        return evidence.looks(_METHOD, "PAY-02", ends, Source.WHMCS)
    return evidence.passes(_METHOD, Sentence(en=best.words(), ja=_in_japanese(best)), Source.WHMCS)


def payment_risk(evidence: Evidence) -> Check:
    """The order is not flagged as risky. Source: failure-codes.md PAY-04, "do not say why"."""
    if evidence.order.payment_risk:
        return evidence.stops(_RISK, "PAY-04", _RISKY, Source.SALESFORCE)
    return evidence.passes(_RISK, _NOT_RISKY, Source.SALESFORCE)


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
        total = unpaid[0].total
        still = Sentence(en=f"{total} open, not overdue.", ja=f"未払い {total}（支払期限前）")
        return evidence.passes(_INVOICE, still, Source.WHMCS)
    return evidence.passes(_INVOICE, _NO_INVOICE, Source.WHMCS)


def _latest(methods: Sequence[PayMethod]) -> PayMethod:
    return max(methods, key=lambda method: method.expires or date.max)


def _in_japanese(method: PayMethod) -> str:
    name = method.card_type or method.description or method.type
    ending = f" 末尾{method.last_four}" if method.last_four else ""
    expiry = f"、有効期限 {method.expires:%m/%y}" if method.expires else ""
    return f"{name}{ending}{expiry}"


def _invoice_words(overdue: Sequence[Invoice], today: date) -> Sentence:
    oldest = min(overdue, key=lambda invoice: invoice.due or today)
    days = (today - oldest.due).days if oldest.due else 0
    return Sentence(
        en=f"{len(overdue)} overdue, the oldest ({oldest.total}) for {days} days.",
        ja=f"期限超過{len(overdue)}件、最も古いもの（{oldest.total}）は{days}日超過しています。",
    )
