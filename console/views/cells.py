"""Rows painted in one line, or two, inside of a card: quiet text, links and tags, without headings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QHelpEvent, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolTip,
)

from console.views.tables import RECORD, Column, RecordModel, RecordTable
from console.views.theme import TextRole, Theme, Tone, font
from console.views.widgets import plain_tip

EDGE, ROW_HEIGHT = 16, 33
R = TypeVar("R")
_Index = QModelIndex | QPersistentModelIndex

_TWO_LINES, _HALF_GAP, _TAG_PAD, _TAG_HEIGHT, _MARK = 46, 5, 7, 18, 3
_OPENING_KEYS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})


@dataclass(frozen=True)
class Cells(Column[R]):
    """A column of a card; what has a tone is a tag.

    ink    the token of the text's colour; what is in the accent colour is a link
    under  a second, quieter line below the text
    tip    what is said on hover, else the text itself
    """

    ink: str = "text"
    under: Callable[[R], str] | None = None
    tip: Callable[[R], str] | None = None


def row_height(columns: Sequence[Cells[Any]]) -> int:
    """The height of a row, with room for a second line where a column has one."""
    return _TWO_LINES if any(cells.under for cells in columns) else ROW_HEIGHT


class CellPainter(QStyledItemDelegate):
    """Paints a cell as quiet text, or as a tag where its column gives a tone."""

    def __init__(self, theme: Theme, columns: Sequence[Cells[Any]], table: QTableView) -> None:
        """`table` is asked for the row with the focus."""
        super().__init__(table)
        self._theme, self._columns, self._table = theme, columns, table
        self._body, self._second, self._small = font(TextRole.BODY), font(TextRole.SECOND), font(TextRole.SMALL)
        self._small.setWeight(self._small.Weight.DemiBold)

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """As wide as the words with their distances."""
        text, tone = self._told(index)
        face, more = (self._body, 0) if tone is None else (self._small, 2 * _TAG_PAD)
        wide = QFontMetrics(face).horizontalAdvance(text) + more + 1 if text else 0
        return QSize(wide + self._before(index) + self._after(index), row_height(self._columns))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Ground, line, and the text or tag."""
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._table.hasFocus() and self._table.currentIndex().row() == index.row():
            painter.fillRect(rect, self._theme.color("accent_soft"))
            if index.column() == 0:
                painter.fillRect(QRect(rect.left(), rect.top(), _MARK, rect.height()), self._theme.color("accent"))
        if index.row():
            painter.fillRect(QRect(rect.left(), rect.top(), rect.width(), 1), self._theme.color("faint"))
        text, tone = self._told(index)
        box = rect.adjusted(self._before(index), 0, -self._after(index), 0)
        if text and tone is not None:
            self._tag(painter, box, text, tone)
        elif text:
            self._lines(painter, box, index)
        painter.restore()

    def helpEvent(
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: _Index
    ) -> bool:
        """Say on hover what a cell had no room for."""
        record = index.data(RECORD)
        if record is None:
            return False
        cells = self._columns[index.column()]
        QToolTip.showText(event.globalPos(), plain_tip((cells.tip or cells.text)(record)), view)
        return True

    def _told(self, index: _Index) -> tuple[str, Tone | None]:
        record, cells = index.data(RECORD), self._columns[index.column()]
        return cells.text(record), cells.tone(record) if cells.tone else None

    def _lines(self, painter: QPainter, box: QRect, index: _Index) -> None:
        record, cells = index.data(RECORD), self._columns[index.column()]
        below = cells.under(record) if cells.under else ""
        if below:
            middle = box.center().y() + 1
            self._words(painter, box.adjusted(0, middle - box.top(), 0, -5), below, cells, self._second, "second")
            box = QRect(box.left(), box.top() + 5, box.width(), middle - box.top() - 5)
        self._words(painter, box, cells.text(record), cells, self._body, cells.ink)

    def _words(self, painter: QPainter, box: QRect, text: str, cells: Cells[Any], face: QFont, ink: str) -> None:
        side = Qt.AlignmentFlag.AlignRight if cells.right else Qt.AlignmentFlag.AlignLeft
        one_line = " ".join(text.splitlines())
        shown = QFontMetrics(face).elidedText(one_line, Qt.TextElideMode.ElideRight, box.width())
        painter.setFont(face)
        painter.setPen(self._theme.color(ink))
        painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, shown)

    def _tag(self, painter: QPainter, box: QRect, text: str, tone: Tone) -> None:
        ink, ground = self._theme.tone(tone)
        metrics = QFontMetrics(self._small)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width() - 2 * _TAG_PAD)
        width = metrics.horizontalAdvance(shown) + 2 * _TAG_PAD
        place = QRectF(box.left(), box.center().y() - _TAG_HEIGHT / 2 + 1, width, _TAG_HEIGHT)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(place, 5, 5)
        painter.setPen(ink)
        painter.setFont(self._small)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, shown)

    def _before(self, index: _Index) -> int:
        return EDGE if index.column() == 0 else _HALF_GAP

    def _after(self, index: _Index) -> int:
        return EDGE if index.column() == len(self._columns) - 1 else _HALF_GAP


class CellTable(RecordTable):
    """The rows of a card, without headings. `opened` comes for Enter, a double click, or a click on a link."""

    opened = Signal(object)

    def __init__(self, model: RecordModel[Any], columns: Sequence[Cells[Any]], theme: Theme, name: str) -> None:
        """A column in the accent colour is a link."""
        super().__init__(model, name)
        self._columns = columns
        self.setItemDelegate(CellPainter(theme, columns, self))
        self.horizontalHeader().hide()
        self.horizontalHeader().setMinimumSectionSize(0)
        for section, cells in enumerate(columns):
            if not cells.wide:
                self.horizontalHeader().setSectionResizeMode(section, QHeaderView.ResizeMode.Fixed)
        self._row_height = row_height(columns)
        self.verticalHeader().setDefaultSectionSize(self._row_height)
        self.setSelectionMode(self.SelectionMode.NoSelection)
        self.setMouseTracking(True)
        self.clicked.connect(self._clicked)
        theme.changed.connect(self.viewport().update)

    def fit(self) -> None:
        """Make each column as wide as its widest cell; a wide one takes what is left."""
        option, painter = QStyleOptionViewItem(), self.itemDelegate()
        for section, cells in enumerate(self._columns):
            rows = [self.model().index(number, section) for number in range(self.model().rowCount())]
            if not cells.wide:
                widest = max((painter.sizeHint(option, index).width() for index in rows), default=0)
                self.setColumnWidth(section, widest)

    def sizeHint(self) -> QSize:
        """As high as all rows."""
        return QSize(200, self.model().rowCount() * self._row_height)

    def minimumSizeHint(self) -> QSize:
        """Never cut a row."""
        return QSize(120, self.sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens the current row; everything else moves as Qt has it."""
        if Qt.Key(event.key()) in _OPENING_KEYS and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex().data(RECORD))
            return
        super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click opens as Enter does."""
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid() and not self._is_link(index):
            self.opened.emit(index.data(RECORD))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """A hand shows what can be clicked."""
        super().mouseMoveEvent(event)
        link = self._is_link(self.indexAt(event.position().toPoint()))
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if link else Qt.CursorShape.ArrowCursor)

    def _clicked(self, index: QModelIndex) -> None:
        if self._is_link(index):
            self.opened.emit(index.data(RECORD))

    def _is_link(self, index: QModelIndex) -> bool:
        return index.isValid() and self._columns[index.column()].ink == "accent" and bool(index.data())
