"""The shipped catalogue is whole, and a faulty one is refused by name."""

import shutil
from pathlib import Path

import pytest

from console import paths
from console.failure_catalogue import load_catalogue, load_customer_statuses, load_rules
from console.models.failure import FailureCode, Fixer, Retry

# failure-codes.md, every row: code, slug, retry.
DESIGNED = """
PAY-01 payment_method_missing W
PAY-02 payment_method_expired W
PAY-03 payment_declined W
PAY-04 payment_risk_hold H
PAY-05 invoice_overdue W
LNK-01 whmcs_client_missing H
LNK-02 salesforce_account_missing H
LNK-03 link_conflict H
LNK-04 duplicate_portal_user H
LNK-05 billing_account_closed H
LNK-06 portal_user_missing H
LNK-07 two_clients_one_number H
CAT-01 product_not_sellable H
CAT-02 price_changed H
CAT-03 product_not_mapped W
CAT-04 required_item_missing H
CAT-05 choice_missing H
DUP-01 duplicate_internet H
DUP-02 duplicate_order H
ADR-01 address_changed H
ADR-02 address_incomplete H
ADR-03 address_not_covered H
MNP-01 transfer_number_expired H
MNP-02 transfer_name_mismatch H
MNP-03 transfer_number_invalid H
MNP-04 transfer_details_missing H
SIM-01 esim_id_invalid H
PRV-01 outcome_unknown C
PRV-02 billing_down B
PRV-03 setup_failed C
PRV-04 partly_active C
PRV-05 request_refused H
PRV-06 already_active none
PRV-07 duplicate_in_billing H
PRV-08 billing_order_cancelled H
ACC-01 billing_access_denied H
ACC-02 salesforce_access_denied H
SYN-01 record_busy A
SYN-02 api_limit B
SYN-03 sign_in_expired A
SYN-04 status_differs W
SYN-05 salesforce_down B
SYN-06 claimed_elsewhere A
APR-01 own_order H
APR-02 changed_since_review H
APR-03 approval_locked W
APR-04 not_approved H
APR-05 not_permitted H
APR-06 already_decided H
UNK-00 unclassified H
"""
CATALOGUE = load_catalogue()
ENTRIES = pytest.mark.parametrize("entry", CATALOGUE.values(), ids=str)
# A repeat that the design allows once only.
ONCE = {"PRV-03", "SYN-03"}
TRIES = {Retry.SOON: 5, Retry.SPACED: 8, Retry.SETTLE_FIRST: 5}


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the shipped files, to be spoilt."""
    for name in ("failure_codes.toml", "failure_rules.toml", "customer_status.toml"):
        shutil.copy(paths.resources() / name, tmp_path / name)
    return tmp_path


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_catalogue_has_every_designed_code_and_no_other() -> None:
    built = {f"{entry.code} {entry.slug} {entry.retry}" for entry in CATALOGUE.values()}
    assert built == set(DESIGNED.strip().splitlines())


@ENTRIES
def test_a_title_has_at_most_six_words(entry: FailureCode) -> None:
    assert 1 <= len(entry.title.en.split()) <= 6


@ENTRIES
def test_every_text_is_there_in_both_languages(entry: FailureCode) -> None:
    for words in (entry.title, entry.meaning, entry.next_action):
        assert words.en.isascii() and words.en == words.en.strip() != ""
        assert is_japanese(words.ja)


@ENTRIES
def test_the_number_of_tries_follows_the_kind_of_retry(entry: FailureCode) -> None:
    assert entry.max_tries == (1 if entry.code in ONCE else TRIES.get(entry.retry, 0))


@ENTRIES
def test_only_payment_and_unmapped_products_carry_on_by_themselves(entry: FailureCode) -> None:
    assert entry.carries_on == (entry.code.startswith("PAY-") or entry.code == "CAT-03")


def test_the_customer_keeps_the_last_status_where_the_design_says_so() -> None:
    unchanged = {entry.code for entry in CATALOGUE.values() if entry.customer is None}
    assert unchanged == {
        "LNK-06", "ACC-01", "ACC-02", "SYN-01", "SYN-02", "SYN-03", "SYN-04", "SYN-05", "APR-05",
    }  # fmt: skip


def test_a_code_is_looked_up_with_its_customer_words() -> None:
    entry = CATALOGUE["PAY-01"]
    assert entry.customer is not None
    assert (entry.customer.slug, entry.customer.en) == ("awaiting_payment_method", "Awaiting payment method")
    assert entry.who_fixes == (Fixer.CUSTOMER,)


def test_customer_words_are_short_whole_and_name_no_vendor() -> None:
    for status in load_customer_statuses().values():
        assert status.en.isascii() and len(status.en) <= 60
        assert is_japanese(status.ja) and len(status.ja) <= 60
        assert not any(name in status.en + status.ja for name in ("WHMCS", "Salesforce", "Portal", "ポータル"))


def test_every_customer_status_is_shown_by_some_code_or_plain_state() -> None:
    shown = {entry.customer.slug for entry in CATALOGUE.values() if entry.customer}
    plain = {"in_review", "approved", "activating", "active", "rejected", "cancelled"}
    assert set(load_customer_statuses()) == shown | plain


def is_japanese(text: str) -> bool:
    return any("\u3040" <= char <= "\u30ff" or "\u4e00" <= char <= "\u9fff" for char in text)


def test_a_missing_field_is_an_error_that_names_the_code(copied: Path) -> None:
    replace(copied / "failure_codes.toml", 'slug = "price_changed"\n', "")
    with pytest.raises(ValueError, match=r"CAT-02.*\n?.*slug"):
        load_catalogue(copied)


def test_an_unknown_field_is_an_error_that_names_the_code(copied: Path) -> None:
    replace(copied / "failure_codes.toml", 'slug = "price_changed"\n', 'slug = "price_changed"\ncolour = "red"\n')
    with pytest.raises(ValueError, match=r"CAT-02.*\n?.*colour"):
        load_catalogue(copied)


def test_a_missing_language_is_an_error_that_names_the_code(copied: Path) -> None:
    replace(copied / "failure_codes.toml", ', ja = "価格を比較する"', "")
    with pytest.raises(ValueError, match=r"CAT-02.*\n?.*next_action\.ja"):
        load_catalogue(copied)


def test_an_unknown_customer_status_is_an_error_that_names_the_code(copied: Path) -> None:
    replace(copied / "failure_codes.toml", '"confirming_price"', '"no_such_status"')
    with pytest.raises(ValueError, match="CAT-02: customer_status 'no_such_status'"):
        load_catalogue(copied)


def test_a_slug_that_stands_twice_is_an_error(copied: Path) -> None:
    replace(copied / "failure_codes.toml", '"price_changed"', '"own_order"')
    with pytest.raises(ValueError, match="twice"):
        load_catalogue(copied)


def test_a_rule_with_an_unknown_code_is_an_error(copied: Path) -> None:
    replace(copied / "failure_rules.toml", 'code = "SYN-01"', 'code = "SYN-99"')
    with pytest.raises(ValueError, match="SYN-99"):
        load_rules(copied)


def test_a_rule_with_an_unknown_condition_is_an_error_that_names_the_rule(copied: Path) -> None:
    replace(copied / "failure_rules.toml", "error_code = [", "error_kode = [")
    with pytest.raises(ValueError, match=r"rule 1:"):
        load_rules(copied)
