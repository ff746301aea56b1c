"""What an order's states, kinds, checks and steps are called. Every place that names them takes the words from here."""

from typing import TYPE_CHECKING

from console.models.check import Result
from console.models.order import Activation, OrderKind, OrderState
from console.views.theme import Tone
from console.views.words import tr, trn

if TYPE_CHECKING:
    from console.models.order import Order, OrderSummary
    from console.workflows.prechecks import Counted

_KINDS = {OrderKind.INTERNET: "Internet", OrderKind.SIM: "SIM", OrderKind.VPN: "VPN", OrderKind.MIXED: "Mixed"}
_STATES = {
    OrderState.IN_REVIEW: ("In review", Tone.ACCENT),
    OrderState.APPROVED: ("Approved", Tone.ACCENT),
    OrderState.REJECTED: ("Rejected", Tone.NEUTRAL),
    OrderState.PROCESSED: ("Processed", Tone.GOOD),
    OrderState.CANCELLED: ("Cancelled", Tone.NEUTRAL),
}
_ACTIVATIONS = {
    Activation.ACTIVATING: ("Activating", Tone.ACCENT),
    Activation.ACTIVATED: ("Active", Tone.GOOD),
    Activation.PAUSED: ("Paused", Tone.LOOK),
}
_CHECKS = {
    "payment_method": "Payment method on file",
    "payment_risk": "Payment risk",
    "open_invoice": "Open invoice",
    "products": "Products approved and priced",
    "required_items": "Required items",
    "choices": "Choices made",
    "no_duplicate_service": "No duplicate service",
    "no_duplicate_order": "Not ordered twice",
    "address": "Installation address",
    "eligibility": "Available at the address",
    "number_transfer": "Number transfer",
    "esim": "eSIM number",
    "three_ids": "Three IDs agree",
    "may_approve": "You may approve",
}
_STEPS = {
    "check": "Check the decision",
    "look": "Look for an earlier order",
    "re-check": "Check payment and link again",
    "send": "Create the order in WHMCS",
    "accept": "Accept it",
    "verify": "Verify that services are active",
    "write back": "Mark Activated",
}
STEPS = tuple(_STEPS)
"""The steps of provisioning in their order, by the names of the journal."""

SIGNS = {Result.PASS: "✓", Result.LOOK: "!", Result.STOP: "✕", Result.NOT_APPLICABLE: "–"}
RESULT_TONES = {
    Result.PASS: Tone.GOOD,
    Result.LOOK: Tone.LOOK,
    Result.STOP: Tone.STOP,
    Result.NOT_APPLICABLE: Tone.NEUTRAL,
}


def number_words(order_number: str) -> str:
    """An order number as people say it: without the zeros in front."""
    return order_number.lstrip("0") or order_number


def kind_words(kind: OrderKind) -> str:
    """What is ordered."""
    return tr(_KINDS[kind])


def check_words(check_id: str) -> str:
    """The title of a check."""
    return tr(_CHECKS[check_id])


def step_words(step: str) -> str:
    """The title of a step of provisioning."""
    return tr(_STEPS[step])


def state_tag(order: "Order | OrderSummary") -> tuple[str, Tone]:
    """Where an order stands, in one or two words. What blocks it is said by its code."""
    if order.activation is Activation.PAUSED and order.error_code and order.state is OrderState.APPROVED:
        return tr("Paused · {code}", code=order.error_code), Tone.LOOK
    decided = order.state in (OrderState.APPROVED, OrderState.PROCESSED)
    words, tone = _ACTIVATIONS.get(order.activation, _STATES[order.state]) if decided else _STATES[order.state]
    return tr(words), tone


def counted_tag(counted: "Counted") -> tuple[str, Tone]:
    """What the checks of an order say, counted."""
    if counted.stops:
        return trn("%n stop", counted.stops), Tone.STOP
    if counted.looks:
        return trn("%n to look at", counted.looks), Tone.LOOK
    return tr("ready"), Tone.GOOD
