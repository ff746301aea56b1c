"""The payment method, the risk flag and older invoices."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.models.billing import PayMethod
from console.models.check import Result
from console.rules.evidence import Limits
from console.rules.payment import open_invoice, payment_method, payment_risk
from tests.rules.cases import TODAY, card, evidence, invoice, order, says

BANK = card().model_copy(update={"type": "BankAccount", "card_type": "", "description": "Ao Bank", "expires": None})


@pytest.mark.parametrize(
    ("methods", "expected"),
    [
        ((), (Result.STOP, "PAY-01")),
        ((card(-1),), (Result.STOP, "PAY-02")),
        ((card(-40), card(-1)), (Result.STOP, "PAY-02")),
        ((card(0),), (Result.LOOK, "PAY-02")),
        ((card(29),), (Result.LOOK, "PAY-02")),
        ((card(30),), (Result.PASS, None)),
        ((card(-1), card(90)), (Result.PASS, None)),
        ((card(5), card(90)), (Result.PASS, None)),
        ((BANK,), (Result.PASS, None)),
        ((card(-1), BANK), (Result.PASS, None)),
    ],
)
def test_the_best_method_on_file_decides(methods: tuple[PayMethod, ...], expected: tuple[Result, str | None]) -> None:
    assert says(payment_method(evidence(pay_methods=methods))) == expected


@given(st.lists(st.integers(-500, 500), min_size=1, max_size=5))
def test_a_method_stops_exactly_when_every_card_is_out_of_date(days: list[int]) -> None:
    check = payment_method(evidence(pay_methods=tuple(map(card, days))))
    assert (check.result is Result.STOP) == (max(days) < 0)


def test_the_evidence_names_card_ending_and_expiry_and_nothing_more() -> None:
    words = payment_method(evidence(pay_methods=(card(400),))).evidence.en
    assert words == f"Visa ending 4242, valid to {card(400).expires:%m/%y}"


def test_a_risk_flag_stops_without_saying_why() -> None:
    check = payment_risk(evidence(order(payment_risk=True)))
    assert says(check) == (Result.STOP, "PAY-04")
    assert "fraud" not in check.evidence.en.lower()
    assert says(payment_risk(evidence())) == (Result.PASS, None)


@pytest.mark.parametrize(
    ("status", "due_in_days", "expected"),
    [
        ("Unpaid", -1, (Result.LOOK, "PAY-05")),
        ("Overdue", -12, (Result.LOOK, "PAY-05")),
        ("Unpaid", 0, (Result.PASS, None)),
        ("Unpaid", None, (Result.PASS, None)),
        ("Paid", -30, (Result.PASS, None)),
        ("Cancelled", -30, (Result.PASS, None)),
        ("Refunded", -30, (Result.PASS, None)),
    ],
)
def test_only_an_unpaid_invoice_past_its_day_is_worth_a_look(
    status: str, due_in_days: int | None, expected: tuple[Result, str | None]
) -> None:
    assert says(open_invoice(evidence(invoices=(invoice(status, due_in_days),)))) == expected


def test_an_overdue_invoice_stops_where_the_setting_holds_new_orders() -> None:
    found = evidence(invoices=(invoice("Unpaid", -3),), limits=Limits(overdue_invoice_stops=True))
    assert says(open_invoice(found)) == (Result.STOP, "PAY-05")


def test_the_oldest_overdue_invoice_is_named() -> None:
    found = evidence(invoices=(invoice("Unpaid", -3), invoice("Unpaid", -40), invoice("Unpaid", 9)))
    assert open_invoice(found).evidence.en == "2 overdue, the oldest (4980 JPY) for 40 days."


def test_an_open_invoice_that_is_not_due_is_mentioned() -> None:
    found = evidence(invoices=(invoice("Paid", -3), invoice("Unpaid", 9)))
    assert open_invoice(found).evidence.en == "4980 JPY open, not overdue."


def test_the_day_is_that_of_the_evidence_and_not_of_this_machine() -> None:
    later = evidence().now.replace(year=TODAY.year + 9)
    assert says(payment_method(evidence(now=later))) == (Result.STOP, "PAY-02")
