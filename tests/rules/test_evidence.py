"""Evidence that could not be read, and the age of what could."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from console.models.check import Result, Source
from console.rules.address import eligibility
from console.rules.duplicates import no_duplicate_order, no_duplicate_service
from console.rules.payment import open_invoice, payment_method
from console.rules.review import Rule
from tests.rules.cases import NOW, evidence, says


@pytest.mark.parametrize(
    ("rule", "missing", "code"),
    [
        (payment_method, "pay_methods", "PRV-02"),
        (open_invoice, "invoices", "PRV-02"),
        (no_duplicate_service, "services", "PRV-02"),
        (no_duplicate_service, "other_orders", "SYN-05"),
        (no_duplicate_order, "other_orders", "SYN-05"),
        (eligibility, "account", "SYN-05"),
    ],
)
def test_what_could_not_be_read_stops_until_it_is_read(rule: Rule, missing: str, code: str) -> None:
    check = rule(evidence(**{missing: None}))
    assert says(check) == (Result.STOP, code)
    assert check.evidence.en.endswith("could not be read; re-check.")


def test_the_reason_why_a_source_could_not_be_read_is_kept() -> None:
    found = evidence(pay_methods=None, unreadable={Source.WHMCS: "ACC-01"})
    assert says(payment_method(found)) == (Result.STOP, "ACC-01")


def test_a_check_is_as_old_as_its_source() -> None:
    read_at = NOW - timedelta(seconds=20)
    found = evidence(read_at={Source.WHMCS: read_at})
    assert payment_method(found).checked_at == read_at
    assert no_duplicate_order(found).checked_at == NOW


def test_evidence_cannot_be_changed_after_it_was_gathered() -> None:
    with pytest.raises(ValidationError):
        evidence().now = NOW  # type: ignore[misc]
