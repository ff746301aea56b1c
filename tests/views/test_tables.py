"""The model of all lists: rows come, go, move and change in place, and what points at a row stays with its record."""

from collections.abc import Callable
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QAbstractItemModel, QItemSelectionModel, QObject, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QMainWindow

from console.views.tables import RECORD, Column, RecordModel, RecordTable

HOSTILE = "<img src=x onerror=alert(1)><b>Bold & Co"
Tester = Callable[[QAbstractItemModel], QAbstractItemModelTester]


class Line(NamedTuple):
    """A record: what it is told apart by, and what may change."""

    key: int
    text: str = ""


LISTS = st.lists(st.builds(Line, st.integers(0, 9), st.sampled_from("ab")), unique_by=lambda line: line.key, max_size=8)


def model_of(*lines: Line) -> RecordModel[Line]:
    """A model with two columns."""
    columns: list[Column[Line]] = [
        Column("Text", lambda line: line.text, wide=True),
        Column("Key", lambda line: str(line.key), right=True),
    ]
    made: RecordModel[Line] = RecordModel(columns, lambda line: line.key, None)  # type: ignore[arg-type]  # no window
    made.set_records(lines)
    return made


class Heard:
    """What a model told."""

    def __init__(self, model: QAbstractItemModel) -> None:
        self.said: list[str] = []
        for name in ("rowsInserted", "rowsRemoved", "rowsMoved", "dataChanged", "layoutChanged", "modelReset"):
            getattr(model, name).connect(lambda *_, said=name: self.said.append(said))


@given(st.lists(LISTS, min_size=2, max_size=5), st.integers(0, 7))
def test_whatever_changes_selection_and_indexes_stay_with_their_record(
    qapp: QApplication, lists: list[list[Line]], chosen: int
) -> None:
    model = model_of(*lists[0])
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    selection = QItemSelectionModel(model)
    if chosen < len(lists[0]):
        selection.select(model.index(chosen, 0), QItemSelectionModel.SelectionFlag.ClearAndSelect)
    selected = lists[0][chosen].key if chosen < len(lists[0]) else None
    held = {line.key: QPersistentModelIndex(model.index(row, 0)) for row, line in enumerate(lists[0])}
    for lines in lists[1:]:
        model.set_records(lines)
        now = {line.key: line for line in lines}
        held = {key: index for key, index in held.items() if _is_gone_or_stays(model, key, index, now)}
        selected = selected if selected in now else None
        marked = [model.record(index) for index in selection.selectedIndexes()]
        assert marked == ([now[selected]] if selected is not None else [])
        assert list(model.records) == lines
        assert not model.updating
    del tester


def _is_gone_or_stays(model: RecordModel[Line], key: int, index: QPersistentModelIndex, now: dict[int, Line]) -> bool:
    assert index.isValid() == (key in now)
    assert model.record(index) == now.get(key)
    return key in now


@given(LISTS, LISTS)
def test_the_same_records_a_second_time_are_no_news(qapp: QApplication, before: list[Line], lines: list[Line]) -> None:
    model = model_of(*before)
    model.set_records(lines)
    heard = Heard(model)
    model.set_records(list(lines))
    assert heard.said == []


@given(LISTS)
def test_a_record_that_changed_in_its_place_is_painted_anew_and_nothing_else(
    qapp: QApplication, lines: list[Line]
) -> None:
    model = model_of(*lines)
    heard = Heard(model)
    model.set_records([line._replace(text="c") for line in lines])
    assert heard.said == (["dataChanged"] if lines else [])


def test_a_cell_gives_its_words_its_side_and_its_record(qapp: QApplication, model_tester: Tester) -> None:
    model = model_of(Line(7, HOSTILE))
    tester = model_tester(model)
    cell = model.index(0, 0)
    assert cell.data() == HOSTILE
    assert cell.data(RECORD) == Line(7, HOSTILE)
    assert cell.data(Qt.ItemDataRole.AccessibleTextRole) == HOSTILE
    assert model.index(0, 1).data(Qt.ItemDataRole.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight
    assert "<b>" not in cell.data(Qt.ItemDataRole.ToolTipRole), "a tip would take it for markup"
    assert model.headerData(1, Qt.Orientation.Horizontal) == "Key"
    assert model.headerData(2, Qt.Orientation.Horizontal) is None
    assert model.headerData(0, Qt.Orientation.Vertical) is None
    assert model.row_of(7) == 0
    assert model.row_of(8) is None
    assert tester.model() is model


@pytest.mark.parametrize(("shown", "rows"), [((1, 2, 3), [1]), ((2, 1), [0]), ((0, 4, 1, 2), [3]), ((1, 3), [])])
def test_the_selected_row_of_a_table_goes_with_its_record_and_where_that_left_none_is_marked(
    window: QMainWindow, shown: tuple[int, ...], rows: list[int]
) -> None:
    model = model_of(Line(1), Line(2), Line(3))
    table = RecordTable(model, "Lines")
    window.setCentralWidget(table)
    table.selectRow(1)
    model.set_records([Line(key) for key in shown])
    assert [index.row() for index in table.selectionModel().selectedRows()] == rows


def test_a_table_is_as_high_as_its_rows_unless_it_scrolls(window: QMainWindow) -> None:
    model = model_of(Line(1))
    table = RecordTable(model, "Lines")
    window.setCentralWidget(table)
    low = table.minimumSizeHint().height()
    model.set_records([Line(key) for key in range(9)])
    high = table.minimumSizeHint().height()
    assert high > low + 7 * 30
    table.scrolls()
    assert table.minimumSizeHint().height() < high


def test_a_model_can_stand_in_a_window(window: QMainWindow) -> None:
    owner = QObject(window)
    model: RecordModel[Line] = RecordModel([Column("Text", lambda line: line.text)], lambda line: line.key, owner)
    assert model.parent() is owner
    assert (model.rowCount(), model.columnCount()) == (0, 1)
    assert model.record(model.index(0, 0)) is None
