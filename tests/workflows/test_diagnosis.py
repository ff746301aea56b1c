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
from console.workflows.diagnosis import Diagnosis

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
    assert (problem.code, problem.state, problem.title, problem.detail) == (code, state, entry.title, entry.meaning.en)
    assert _VENDOR in problem.raw


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
    assert (problem.code, problem.state, problem.detail, problem.raw) == (None, BlockState.FAILED, str(error), "")
    assert problem.title.en == title
    assert problem.title.ja
