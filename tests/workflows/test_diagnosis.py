"""Errors in the words of a page: the catalogue's own, and never a vendor's."""

import pytest

from console.errors import (
    AccessRefused,
    ConsoleError,
    InvalidInput,
    NotFound,
    Rejected,
    SettingsError,
    SystemFault,
    Unavailable,
)
from console.failure_catalogue import load_catalogue, load_rules
from console.models.page import BlockState
from console.models.record import Sentence
from console.workflows.diagnosis import Diagnosis
from console.workflows.sign_in import OtherKind

_CATALOGUE = load_catalogue()
_DIAGNOSIS = Diagnosis(load_rules(), _CATALOGUE)
_VENDOR = "Undefined index: note in /srv/hooks/stock.php"


@pytest.mark.parametrize(
    ("fault", "code", "state"),
    [
        (Unavailable("whmcs", "GetClients", _VENDOR), "PRV-02", BlockState.FAILED),
        (AccessRefused("whmcs", "GetInvoices", f"Invalid IP: {_VENDOR}"), "ACC-01", BlockState.REFUSED),
        (Rejected("whmcs", "SendEmail", _VENDOR), "UNK-00", BlockState.FAILED),
    ],
)
def test_a_fault_is_told_by_its_code_and_what_the_system_said_is_kept_apart(
    fault: SystemFault, code: str, state: BlockState
) -> None:
    problem = _DIAGNOSIS.explain(fault)
    entry = _CATALOGUE[code]
    assert (problem.code, problem.state, problem.title, problem.meaning) == (code, state, entry.title, entry.meaning)
    assert _VENDOR in problem.raw


def test_an_org_of_another_kind_is_told_in_both_languages() -> None:
    said = Sentence(en="It is another one.", ja="別のものです。")
    assert _DIAGNOSIS.explain(OtherKind(said)).meaning == said


def test_our_own_database_is_named_where_it_cannot_be_read() -> None:
    problem = _DIAGNOSIS.explain(Unavailable("portal", "query", "database disk image is malformed"))
    assert (problem.code, problem.title.en) == ("UNK-00", "Portal database unavailable")
    assert "its disk has room" in problem.meaning.en
    assert "malformed" not in problem.title.ja + problem.meaning.ja


@pytest.mark.parametrize(
    ("error", "title"),
    [
        (NotFound("Nobody has this number."), "Not found"),
        (InvalidInput("Name a customer."), "That did not work"),
        (SettingsError("The profile names no server."), "That did not work"),
    ],
)
def test_what_a_person_can_correct_is_told_as_it_is(error: ConsoleError, title: str) -> None:
    problem = _DIAGNOSIS.explain(error)
    assert (problem.code, problem.state, problem.meaning.en, problem.raw) == (None, BlockState.FAILED, str(error), "")
    assert problem.title.en == title
    assert problem.title.ja
