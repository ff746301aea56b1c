"""All checks of an order in the order in which staff read them, and what they say together."""

from collections.abc import Callable, Iterable

from console.models.check import Check, Result, Verdict
from console.models.failure import Failure
from console.rules.address import address, eligibility
from console.rules.approval import may_approve
from console.rules.duplicates import no_duplicate_order, no_duplicate_service
from console.rules.evidence import Evidence
from console.rules.items import choices, required_items
from console.rules.links import three_ids
from console.rules.payment import open_invoice, payment_method, payment_risk
from console.rules.products import products
from console.rules.sim import esim, number_transfer

Rule = Callable[[Evidence], Check]

_RULES: tuple[Rule, ...] = (
    payment_method,
    payment_risk,
    open_invoice,
    products,
    required_items,
    choices,
    no_duplicate_service,
    no_duplicate_order,
    address,
    eligibility,
    number_transfer,
    esim,
    three_ids,
    may_approve,
)
# The link comes first: while it conflicts, what else was found may speak of another customer.
_LIVE_RULES: tuple[Rule, ...] = (
    three_ids,
    payment_method,
    payment_risk,
    open_invoice,
    products,
    no_duplicate_service,
)


def run_checks(evidence: Evidence) -> tuple[Check, ...]:
    """Every check of an order. Source: product.md, "Order review"."""
    return tuple(rule(evidence) for rule in _RULES)


def verdict(checks: Iterable[Check]) -> Verdict:
    """The worst of all results: one stop stops, one look is worth a look."""
    results = {check.result for check in checks}
    if Result.STOP in results:
        return Verdict.STOP
    return Verdict.LOOK if Result.LOOK in results else Verdict.READY


def what_stops_live(evidence: Evidence) -> Failure | None:
    """What stops provisioning at the last moment, or None. Source: architecture.md, step 4."""
    for rule in _LIVE_RULES:
        check = rule(evidence)
        if check.result is Result.STOP and check.code:
            return Failure(code=check.code, detail=check.evidence.en)
    return None
