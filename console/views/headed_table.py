"""A table with headings that scrolls by itself: painted cells, one line a row, used by mouse and keyboard."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QHeaderView, QStyleOptionViewItem

from console.views.cells import CellPainter, Cells
from console.views.tables import RECORD, RecordModel, RecordTable
from console.views.theme import Theme

_Index = QModelIndex | QPersistentModelIndex
# The distance that headings have as well.
_PAD, _WIDEST, _ROWS_MEASURED = 14, 240, 60
_OPENING_KEYS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})


class HeadedPainter(CellPainter):
    """Cells that stand below their headings. A cell that is very long does not push the others out."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """As wide as the words, up to a limit."""
        return super().sizeHint(option, index).boundedTo(QSize(_WIDEST, 100))

    def _before(self, index: _Index) -> int:
        return _PAD

    def _after(self, index: _Index) -> int:
        return _PAD


class HeadedTable(RecordTable):
    """`opened` comes with the record of the current row for Enter or a double click."""

    opened = Signal(object)

    def __init__(self, model: RecordModel[Any], columns: Sequence[Cells[Any]], theme: Theme, name: str) -> None:
        """`columns` are those of the model."""
        super().__init__(model, name)
        self.setItemDelegate(HeadedPainter(theme, columns, self))
        self.scrolls()
        self._columns = columns
        self._fitted: dict[int, int] = {}
        self.horizontalHeader().setMinimumSectionSize(0)
        for section, cells in enumerate(columns):
            if not cells.wide:
                self.horizontalHeader().setSectionResizeMode(section, QHeaderView.ResizeMode.Fixed)
        for signal in (model.rowsInserted, model.dataChanged):
            signal.connect(self.fit)
        self.fit()
        self.setVerticalScrollMode(self.ScrollMode.ScrollPerPixel)
        theme.changed.connect(self.viewport().update)

    def fit(self) -> None:
        """Make columns wide enough for their heading and their first rows. They only grow, so that none jumps."""
        option, painter = QStyleOptionViewItem(), self.itemDelegate()
        rows = range(min(self.model().rowCount(), _ROWS_MEASURED))
        for section, cells in enumerate(self._columns):
            if cells.wide:
                continue
            hints = [painter.sizeHint(option, self.model().index(row, section)).width() for row in rows]
            heading = self.horizontalHeader().sectionSizeHint(section)
            self.setColumnWidth(section, max(heading, *hints, self._fitted.get(section, 0)))
            self._fitted[section] = self.columnWidth(section)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens the current row; everything else moves as Qt has it."""
        if Qt.Key(event.key()) in _OPENING_KEYS and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex().data(RECORD))
        else:
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click opens as Enter does."""
        super().mouseDoubleClickEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex().data(RECORD))
