"""One item model for all lists and tables: rows are frozen records, columns say how to show them.

New records are put in place: selection, scroll position and the row under the cursor stay with their record.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Generic, TypeVar

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from console.views.theme import TextRole, Tone, font
from console.views.widgets import plain_tip

R = TypeVar("R")

RECORD = Qt.ItemDataRole.UserRole
"""The role under which every cell gives its whole record."""

_ROW_HEIGHT = 32
# Qt takes a good part of a millisecond for each stretch of rows that comes or goes.
_MOST_RUNS = 100
_NO_PARENT = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Column(Generic[R]):
    """One column: its heading, and how a record's cell reads. `wide` columns share the room that is left."""

    title: str
    text: Callable[[R], str]
    tone: Callable[[R], Tone | None] | None = None
    right: bool = False
    wide: bool = False


class RecordModel(QAbstractTableModel, Generic[R]):
    """Shows records; `set_records` changes only what differs."""

    def __init__(self, columns: Sequence[Column[R]], key: Callable[[R], Hashable], parent: QObject) -> None:
        """`key` tells records apart; no two of one list may share it."""
        super().__init__(parent)
        self._columns = tuple(columns)
        self._key = key
        self._records: list[R] = []
        self.updating = False

    @property
    def columns(self) -> Sequence[Column[R]]:
        """How records are shown, from left to right."""
        return self._columns

    @property
    def records(self) -> Sequence[R]:
        """What is shown, from top to bottom."""
        return self._records

    def record(self, index: _Index) -> R | None:
        """The record of a row, None outside of the list."""
        return self._records[index.row()] if index.isValid() and index.row() < len(self._records) else None

    def key(self, record: R) -> Hashable:
        """What tells a record apart."""
        return self._key(record)

    def row_of(self, key: Hashable) -> int | None:
        """The row of the record with this key."""
        return next((row for row, one in enumerate(self._records) if self._key(one) == key), None)

    def set_records(self, records: Sequence[R]) -> None:
        """Show these records: rows that are gone leave, others move, new ones come, changed ones are painted anew."""
        before, after = [self._key(one) for one in self._records], [self._key(one) for one in records]
        if before == after:
            self._change(records)
            return
        wanted, present = set(after), set(before)
        self.updating = True
        if _runs(before, wanted) + _runs(after, present) > _MOST_RUNS:
            self.beginResetModel()
            self._records = list(records)
            self.endResetModel()
        else:
            self._drop(wanted)
            self._reorder([one for one in records if self._key(one) in present])
            self._come(records)
        self.updating = False

    def index(self, row: int, column: int = 0, parent: _Index = _NO_PARENT) -> QModelIndex:
        """Where a cell is. Qt's own asks for both counts first, which a list of 20,000 rows feels."""
        inside = 0 <= row < len(self._records) and 0 <= column < len(self._columns) and not parent.isValid()
        return self.createIndex(row, column) if inside else QModelIndex()

    def rowCount(self, parent: _Index = _NO_PARENT) -> int:
        """How many records there are."""
        return 0 if parent.isValid() else len(self._records)

    def columnCount(self, parent: _Index = _NO_PARENT) -> int:
        """How many columns there are."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The text of a cell, its alignment, or its record."""
        record = self.record(index)
        if record is None or index.column() >= len(self._columns):
            return None
        column = self._columns[index.column()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return column.text(record)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(column.text(record))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _aligned(column)
        return record if role == RECORD else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The headings of the columns."""
        if orientation is not Qt.Orientation.Horizontal or section >= len(self._columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section].title
        return _aligned(self._columns[section]) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def _drop(self, wanted: set[Hashable]) -> None:
        last = len(self._records) - 1
        while last >= 0:
            if self._key(self._records[last]) in wanted:
                last -= 1
                continue
            first = last
            while first > 0 and self._key(self._records[first - 1]) not in wanted:
                first -= 1
            self.beginRemoveRows(_NO_PARENT, first, last)
            del self._records[first : last + 1]
            self.endRemoveRows()
            last = first - 1

    def _reorder(self, target: list[R]) -> None:
        """Bring the rows that stay into their new order, and paint those whose record changed."""
        before = [self._key(one) for one in self._records]
        after = [self._key(one) for one in target]
        if before == after:
            self._change(target)
            return
        self.layoutAboutToBeChanged.emit()
        places = {key: row for row, key in enumerate(after)}
        held = self.persistentIndexList()
        self._records = target
        self.changePersistentIndexList(held, [self.index(places[before[one.row()]], one.column()) for one in held])
        self.layoutChanged.emit()

    def _change(self, target: Sequence[R]) -> None:
        """Paint the rows anew whose record changed; none came, left or moved."""
        changed = [
            row
            for row, (old, new) in enumerate(zip(self._records, target, strict=True))
            if old is not new and old != new
        ]
        self._records = list(target)
        if changed:
            self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], len(self._columns) - 1))

    def _come(self, records: Sequence[R]) -> None:
        row = 0
        while row < len(records):
            here = self._key(self._records[row]) if row < len(self._records) else None
            if here is not None and here == self._key(records[row]):
                row += 1
                continue
            first = row
            while row < len(records) and (here is None or self._key(records[row]) != here):
                row += 1
            self.beginInsertRows(_NO_PARENT, first, row - 1)
            self._records[first:first] = records[first:row]
            self.endInsertRows()


def _runs(keys: Iterable[Hashable], others: Collection[Hashable]) -> int:
    """How many stretches of neighbours are not among the others: each is put in or taken out by itself."""
    changes = (key not in others for key in keys)
    return sum(1 for inside, _ in groupby(changes) if inside)


def _aligned(column: Column[R]) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


class RecordTable(QTableView):
    """A table inside a card: one line a row, as high as its rows, so that the page scrolls and not the table."""

    def __init__(self, model: RecordModel[Any], name: str, parent: QWidget | None = None) -> None:
        """`name` is what a screen reader says."""
        super().__init__(parent)
        self._scrolls = False
        self.setModel(model)
        self.setAccessibleName(name)
        self.setFont(font(TextRole.BODY))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setHighlightSections(False)
        self._share_width(model)
        for signal in (model.rowsInserted, model.rowsRemoved, model.modelReset):
            signal.connect(self.updateGeometry)

    def scrolls(self) -> None:
        """Scroll by itself where there is less room than rows."""
        self._scrolls = True
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)

    def _share_width(self, model: RecordModel[Any]) -> None:
        header = self.horizontalHeader()
        for section, column in enumerate(model.columns):
            mode = QHeaderView.ResizeMode.Stretch if column.wide else QHeaderView.ResizeMode.ResizeToContents
            header.setSectionResizeMode(section, mode)

    def keyboardSearch(self, search: str) -> None:
        """Qt would look through all rows for one that begins with a letter; here letters are keys of actions."""

    def rowsAboutToBeRemoved(self, parent: _Index, start: int, end: int) -> None:
        """Where the current row leaves, none is marked: no key may act on its neighbour."""
        leaves = start <= self.currentIndex().row() <= end
        super().rowsAboutToBeRemoved(parent, start, end)
        if leaves:
            self.clearSelection()

    def sizeHint(self) -> QSize:
        """As high as all rows with the headings."""
        rows = self.model().rowCount()
        return QSize(super().sizeHint().width(), self.horizontalHeader().sizeHint().height() + rows * _ROW_HEIGHT + 2)

    def minimumSizeHint(self) -> QSize:
        """Never cut a row."""
        return QSize(120, _ROW_HEIGHT * 3 if self._scrolls else self.sizeHint().height())
