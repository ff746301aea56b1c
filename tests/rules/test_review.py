"""All checks together: each break is found by one rule only, and the verdict is the worst of them."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.models.address import Address
from console.models.catalogue import ProductKind
from console.models.check import Check, Result, Source, Verdict
from console.models.customer import LinkHealth, LinkState
from console.models.order import OrderKind, SimType
from console.rules.evidence import Evidence, Limits
from console.rules.review import run_checks, verdict, what_stops_live
from tests.rules.cases import (
    FEE,
    JAPANESE,
    NOW,
    PLAN,
    SUPERVISOR,
    SUPPORT,
    account,
    card,
    evidence,
    invoice,
    item,
    order,
    product,
    said,
    service,
    transfer,
    yen,
)

_ON_SCREEN = (
    "payment_method",
    "payment_risk",
    "open_invoice",
    "products",
    "required_items",
    "choices",
    "no_duplicate_service",
    "no_duplicate_order",
    "address",
    "eligibility",
    "number_transfer",
    "esim",
    "three_ids",
    "may_approve",
)
_VPN_FEE = item(FEE[ProductKind.VPN], 2)


def vpn(**changes: Any) -> Evidence:
    """A VPN order whose plan is another product."""
    return evidence(order(OrderKind.VPN, items=(item(product(ProductKind.VPN, **changes)), _VPN_FEE)))


def sim(**changes: Any) -> Evidence:
    """A SIM order with other details."""
    return evidence(order(OrderKind.SIM, **changes))


def broken(code: str) -> LinkHealth:
    """A link that breaks with a code."""
    return LinkHealth(state=LinkState.PARTIAL, code=code, evidence=said("The link is broken."))


_TWICE = order(id="8015g00000000020AA", placed_at=NOW - timedelta(hours=2))
_BREAKS: list[tuple[str, str, Evidence]] = [
    ("PAY-01", "payment_method", evidence(pay_methods=())),
    ("PAY-02", "payment_method", evidence(pay_methods=(card(-1),))),
    ("PAY-04", "payment_risk", evidence(order(payment_risk=True))),
    (
        "PAY-05",
        "open_invoice",
        evidence(invoices=(invoice("Unpaid", -1),), limits=Limits(overdue_invoice_stops=True)),
    ),
    ("CAT-01", "products", vpn(sold_online=False)),
    ("CAT-02", "products", vpn(price=yen(999))),
    ("CAT-03", "products", vpn(whmcs_product_id=None)),
    ("CAT-04", "required_items", evidence(order(OrderKind.VPN, items=(item(PLAN[ProductKind.VPN]),)))),
    ("CAT-05", "choices", evidence(order(OrderKind.VPN, vpn_region=None))),
    ("DUP-01", "no_duplicate_service", evidence(services=(service(),))),
    ("DUP-02", "no_duplicate_order", evidence(other_orders=(_TWICE,))),
    ("ADR-01", "address", evidence(order(address_changed=True, address_confirmed=False))),
    ("ADR-02", "address", evidence(order(installation=JAPANESE.model_copy(update={"postal_code": ""})))),
    ("ADR-03", "eligibility", evidence(account=account("none"))),
    ("MNP-01", "number_transfer", sim(transfer=transfer(-1))),
    ("MNP-02", "number_transfer", sim(transfer=transfer(donor_holder_name="原 桜"))),
    ("MNP-03", "number_transfer", sim(transfer=transfer(reservation_number="12345"))),
    ("MNP-04", "number_transfer", sim(transfer=transfer(holder_gender=""))),
    ("SIM-01", "esim", sim(sim_type=SimType.ESIM)),
    ("LNK-01", "three_ids", evidence(link=broken("LNK-01"))),
    ("APR-01", "may_approve", evidence(order(created_by=SUPERVISOR.user_id))),
    ("APR-05", "may_approve", evidence(reviewer=SUPPORT)),
]


@pytest.mark.parametrize(("code", "name", "found"), _BREAKS, ids=[code for code, _, _ in _BREAKS])
def test_each_break_is_found_by_one_rule_and_no_other(code: str, name: str, found: Evidence) -> None:
    checks = run_checks(found)
    stops = [(check.id, check.code) for check in checks if check.result is Result.STOP]
    assert stops == [(name, code)]
    assert verdict(checks) is Verdict.STOP


@pytest.mark.parametrize("kind", [OrderKind.INTERNET, OrderKind.SIM, OrderKind.VPN])
def test_a_sound_order_of_each_kind_is_ready(kind: OrderKind) -> None:
    checks = run_checks(evidence(order(kind)))
    assert {check.result for check in checks} <= {Result.PASS, Result.NOT_APPLICABLE}
    assert verdict(checks) is Verdict.READY


def test_checks_come_in_the_order_of_the_screen_and_all_have_words() -> None:
    checks = run_checks(evidence())
    assert tuple(check.id for check in checks) == _ON_SCREEN
    assert all(check.evidence.en and check.evidence.ja for check in checks)


def test_a_review_survives_an_order_of_which_nothing_is_known() -> None:
    nothing = order(
        items=(),
        installation=Address(),
        billing_snapshot=Address(),
        installation_option=None,
        sim_type=None,
        vpn_region=None,
    )
    unread = dict.fromkeys(("account", "client", "pay_methods", "services", "invoices", "other_orders"))
    assert verdict(run_checks(evidence(nothing, **unread))) is Verdict.STOP


@given(st.lists(st.sampled_from(Result)))
def test_the_verdict_is_the_worst_result(results: list[Result]) -> None:
    checks = [
        Check(id=str(number), result=result, evidence=said("Said."), source=Source.RULE, checked_at=NOW)
        for number, result in enumerate(results)
    ]
    found = verdict(checks)
    assert (found is Verdict.STOP) == (Result.STOP in results)
    assert (found is Verdict.READY) == (not {Result.STOP, Result.LOOK} & set(results))


_LIVE = {"PAY-01", "PAY-02", "PAY-04", "PAY-05", "CAT-01", "CAT-02", "CAT-03", "DUP-01", "LNK-01"}


@pytest.mark.parametrize(("code", "name", "found"), _BREAKS, ids=[code for code, _, _ in _BREAKS])
def test_the_last_look_stops_for_what_can_change_after_the_approval(code: str, name: str, found: Evidence) -> None:
    failure = what_stops_live(found)
    assert (failure.code if failure else None) == (code if code in _LIVE else None)


def test_a_broken_link_is_named_before_what_was_read_through_it() -> None:
    failure = what_stops_live(evidence(link=broken("LNK-03"), pay_methods=(), services=(service(),)))
    assert failure is not None
    assert failure.code == "LNK-03"


def test_a_look_does_not_stop_the_last_look() -> None:
    assert what_stops_live(evidence(pay_methods=(card(5),), invoices=(invoice("Unpaid", -3),))) is None
