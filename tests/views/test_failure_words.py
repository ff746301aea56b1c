"""Every code of the catalogue has plain words for what to do, who, and its one next button."""

import pytest
from PySide6.QtWidgets import QApplication

from console.failure_catalogue import load_catalogue
from console.models.provisioning import ProvisionOutcome, ProvisionResult
from console.views.failure_words import (
    Next,
    after_tag,
    code_tone,
    do_words,
    fixers_words,
    next_of,
    next_words,
    notice_of,
    result_words,
)
from console.views.theme import Tone

CATALOGUE = load_catalogue()


@pytest.mark.parametrize("code", CATALOGUE)
def test_each_code_has_words(qapp: QApplication, code: str) -> None:
    entry = CATALOGUE[code]
    said = [do_words(entry), fixers_words(entry.who_fixes), *(next_words(entry, what) for what in Next)]
    assert all(said)
    assert not [words for words in said if "{" in words or "_" in words]


@pytest.mark.parametrize(
    ("code", "may_retry", "words"),
    [
        ("PAY-01", True, "Check again"),
        ("PAY-01", False, "Open order"),
        ("PRV-01", True, "Check outcome now"),
        ("SYN-01", True, "Retry now"),
        ("MNP-01", True, "Retry"),
        ("LNK-03", True, "Open customer"),
        ("APR-02", True, "Open order"),
    ],
)
def test_the_next_button_is_what_helps_today(qapp: QApplication, code: str, may_retry: bool, words: str) -> None:
    entry = CATALOGUE[code]
    assert next_words(entry, next_of(entry, may_retry=may_retry)) == words


@pytest.mark.parametrize(("code", "tone"), [("PAY-01", Tone.LOOK), ("PRV-02", Tone.LOOK), ("MNP-01", Tone.STOP)])
def test_the_tone_says_whether_a_person_has_to_act(code: str, tone: Tone) -> None:
    assert code_tone(CATALOGUE[code]) is tone


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("outcome", ProvisionOutcome)
def test_each_end_of_provisioning_is_told(qapp: QApplication, outcome: ProvisionOutcome, again: bool) -> None:
    result = ProvisionResult(order_id="x", outcome=outcome, code="PAY-02", message="It expired.")
    _, text = notice_of(result, "10440", CATALOGUE, again=again)
    assert "10440" in text
    assert "{" not in text
    assert after_tag(outcome)[0]
    assert result_words(outcome)


def test_only_an_order_that_is_paused_is_called_paused(qapp: QApplication) -> None:
    for outcome in set(ProvisionOutcome) - {ProvisionOutcome.PAUSED}:
        result = ProvisionResult(order_id="x", outcome=outcome, code="PRV-01", message="")
        assert "paused" not in notice_of(result, "10440", CATALOGUE, again=False)[1]
        assert "paused" not in result_words(outcome)
