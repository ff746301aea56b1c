"""A sample of the crash matrix, and that a broken promise would show in it."""

import pytest

from tests.chaos.books import Verdict
from tests.chaos.crash_matrix import CLEAN, SCENES, Cell, Outcome, Run, bench, cells_of, run_cells, sample
from tests.chaos.lanes import PATIENT, Request
from tests.chaos.troubles import KILLED, TROUBLES, Trouble, changes

# At most so many cells of what goes well at first, and of what has to be set up again.
_CELLS, _CELLS_OF_SETUP = 20, 4
_SENDS = {"insert work", "insert send", "AddOrder", "record order", "insert accept", "AcceptOrder", "set Activated"}
_ADD_ORDER = Request("whmcs", "AddOrder")
_KEPT = Verdict("1", "Activated", "", "", (7,), ())


@pytest.mark.slow
@pytest.mark.parametrize(("setup_fails", "most"), [(False, _CELLS), (True, _CELLS_OF_SETUP)])
def test_a_crash_or_fault_anywhere_ends_active_with_one_billing_order(setup_fails: bool, most: int) -> None:
    scenes = [scene for scene in SCENES if scene.setup_fails == setup_fails]
    with bench(orders=2 * most, setup_fails=setup_fails, profile=PATIENT) as on:
        cells = cells_of(on, scenes)
        chosen = sample(cells, most)
        outcomes = run_cells(on, chosen)
    assert [str(outcome) for outcome in outcomes if outcome.wrong] == []
    assert {cell.scene for cell in cells} == set(scenes)
    assert setup_fails or {cell.trouble.name for cell in chosen} == set(TROUBLES)
    sends = {"ModuleCreate"} if setup_fails else _SENDS
    assert sends <= {cell.trouble.request.name for cell in cells if changes(cell.trouble.request)}


def _outcome(name: str, hit: bool, codes: tuple[str, ...], verdict: Verdict = _KEPT) -> Outcome:
    return Outcome(Run(Cell(CLEAN, Trouble(name, _ADD_ORDER)), "1", hit, codes), verdict)


@pytest.mark.parametrize(
    "outcome",
    [
        _outcome("reset", True, ("",), _KEPT._replace(wrong=("2 live WHMCS orders: 7, 8",))),
        _outcome("reset", True, ("PRV-02", "PRV-02"), _KEPT._replace(status="Paused", code="PRV-02")),
        _outcome("reset", True, ("UNK-00", "")),
        _outcome("reset", True, ("ACC-01", "")),
        _outcome("reset", True, ("nothing said", "")),
        _outcome("reset", False, ("",)),
        _outcome("killed after", True, ("",)),
    ],
)
def test_a_cell_that_breaks_the_promise_is_wrong(outcome: Outcome) -> None:
    assert outcome.wrong
    assert "WRONG" in str(outcome)


@pytest.mark.parametrize(
    ("name", "codes"), [("reset", ("PRV-02", "")), ("403", ("ACC-01", "")), ("killed after", (KILLED, "PRV-06"))]
)
def test_a_cell_that_keeps_the_promise_is_not(name: str, codes: tuple[str, ...]) -> None:
    assert not _outcome(name, True, codes).wrong
