"""Lists with two lines a row: name and age above, kind and tag below. Painted, so that 20,000 rows cost what ten do."""

from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from console.views.tables import RECORD, RecordModel
from console.views.theme import TextRole, Theme, Tone, font

ROW_HEIGHT = 55
_PAD, _GAP, _TAG_PAD, _TAG_HEIGHT, _MARK = 16, 10, 7, 18, 3
_MOVING_KEYS = frozenset({Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End})
_OPENING_KEYS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})


class Look(NamedTuple):
    """How one row reads: two lines at the left, an age and a tag at the right."""

    title: str
    second: str
    right: str = ""
    tag: str = ""
    tone: Tone = Tone.NEUTRAL

    def spoken(self) -> str:
        """The row as a screen reader says it."""
        return ", ".join(part for part in (self.title, self.second, self.right, self.tag) if part)


class TwoLines(QStyledItemDelegate):
    """Paints a row from its `Look`."""

    def __init__(self, theme: Theme, look: Callable[[Any], Look], parent: QWidget) -> None:
        """`look` is asked for the rows that are seen only."""
        super().__init__(parent)
        self._theme = theme
        self._look = look
        self._fonts = {role: font(role) for role in (TextRole.STRONG, TextRole.SECOND, TextRole.SMALL)}
        self._metrics = {role: QFontMetrics(made) for role, made in self._fonts.items()}

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Every row is as high as every other."""
        return QSize(200, ROW_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Ground, two lines, age and tag."""
        record = index.data(RECORD)
        if record is None:
            return
        look = self._look(record)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._ground(painter, option)
        box = option.rect.adjusted(_PAD, 9, -_PAD, -9)
        upper = QRect(box.left(), box.top(), box.width(), box.height() // 2)
        lower = QRect(box.left(), box.top() + box.height() // 2, box.width(), box.height() // 2)
        right = self._text(painter, upper, look.right, TextRole.SECOND, "second", at_right=True)
        self._text(painter, upper.adjusted(0, 0, -right, 0), look.title, TextRole.STRONG, "text")
        right = self._tag(painter, lower, look)
        self._text(painter, lower.adjusted(0, 0, -right, 0), look.second, TextRole.SECOND, "second")
        painter.restore()

    def _ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        rect: QRect = option.rect
        state = option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, self._theme.color("accent_soft"))
            painter.fillRect(QRect(rect.left(), rect.top(), _MARK, rect.height()), self._theme.color("accent"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, self._theme.color("raised"))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), self._theme.color("faint"))

    def _text(
        self, painter: QPainter, box: QRect, text: str, role: TextRole, color: str, *, at_right: bool = False
    ) -> int:
        """Draw one line, cut where it is too long; returns the width that it takes with its distance."""
        if not text:
            return 0
        shown = self._metrics[role].elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        side = Qt.AlignmentFlag.AlignRight if at_right else Qt.AlignmentFlag.AlignLeft
        painter.setFont(self._fonts[role])
        painter.setPen(self._theme.color(color))
        painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, shown)
        return self._metrics[role].horizontalAdvance(shown) + _GAP

    def _tag(self, painter: QPainter, box: QRect, look: Look) -> int:
        if not look.tag:
            return 0
        text, ground = self._theme.tone(look.tone)
        width = self._metrics[TextRole.SMALL].horizontalAdvance(look.tag) + 2 * _TAG_PAD
        place = QRectF(box.right() - width + 1, box.center().y() - _TAG_HEIGHT / 2 + 1, width, _TAG_HEIGHT)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(place, 5, 5)
        painter.setPen(text)
        painter.setFont(self._fonts[TextRole.SMALL])
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, look.tag)
        return width + _GAP


class RecordList(QListView):
    """A list that one can use by mouse and keyboard.

    `chosen` comes for the current row, `opened` for Enter, `marked` where other rows are marked than before.
    """

    chosen = Signal(object)
    opened = Signal(object)
    marked = Signal()

    def __init__(
        self, model: RecordModel[Any], theme: Theme, look: Callable[[Any], Look], name: str, *, several: bool = False
    ) -> None:
        """`name` is what a screen reader says of the list; in one with `several` any number of rows can be marked."""
        super().__init__()
        self._records = model
        self._held: tuple[Hashable, int] = (None, 0)
        self._held_marks: frozenset[Hashable] = frozenset()
        self.setModel(model)
        # After Qt's own: that forgets what was current.
        model.modelAboutToBeReset.connect(self._hold)
        model.modelReset.connect(self._restore)
        self.setItemDelegate(TwoLines(theme, look, self))
        self.setAccessibleName(name)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        modes = QAbstractItemView.SelectionMode
        self.setSelectionMode(modes.ExtendedSelection if several else modes.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        theme.changed.connect(self.viewport().update)

    def current_record(self) -> Any:
        """The record of the current row, or None."""
        return self._records.record(self.currentIndex())

    def marked_records(self) -> list[Any]:
        """The records of the marked rows, from top to bottom."""
        rows = sorted(index.row() for index in self.selectionModel().selectedIndexes())
        return [self._records.records[row] for row in rows]

    def mark(self) -> None:
        """Mark the current row, or the first where none is current. Qt makes a row current with the focus, unmarked.

        What is marked is chosen, also where the row was current before: as the one beside another that left.
        """
        was_current = self.currentIndex().isValid()
        index = self.currentIndex() if was_current else self._records.index(0, 0)
        if index.isValid() and not self.selectionModel().hasSelection():
            self.setCurrentIndex(index)
            if was_current:
                self.chosen.emit(self._records.record(index))

    def choose(self, key: object) -> bool:
        """Make the record with this key current; tells whether it is there."""
        row = self._records.row_of(key)
        if row is None:
            return False
        self._mark_only(self._records.index(row, 0))
        return True

    def mark_current_only(self) -> None:
        """Mark no other row than the current one."""
        self._mark_only(self.currentIndex())

    def _mark_only(self, index: QModelIndex) -> None:
        # Said outright: by itself Qt would go by the keys that are held at this moment.
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def visible_records(self) -> list[Any]:
        """The records of the rows that are seen now."""
        first = self.indexAt(self.viewport().rect().topLeft()).row()
        if first < 0:
            return []
        count = self.viewport().height() // ROW_HEIGHT + 2
        return list(self._records.records[first : first + count])

    def currentChanged(
        self, current: QModelIndex | QPersistentModelIndex, previous: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Tell which record somebody made current. That the current one left the list is nobody's choice."""
        super().currentChanged(current, previous)
        record = self._records.record(current)
        if record is not None and not self._records.updating:
            self.chosen.emit(record)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        """Tell that other rows are marked."""
        super().selectionChanged(selected, deselected)
        self.marked.emit()

    def keyboardSearch(self, search: str) -> None:
        """Qt would look through all rows for one that begins with a letter; here letters are keys of actions."""

    def _hold(self) -> None:
        """All rows are about to be put in anew: note which one is current, and where it stands."""
        record = self.current_record()
        self._held_marks = frozenset(map(self._records.key, self.marked_records()))
        self._held = (None if record is None else self._records.key(record)), self.visualRect(self.currentIndex()).top()

    def _restore(self) -> None:
        """Where they are still there, the same record is current again, at the height where it was, and all marked."""
        key, height = self._held
        row = None if key is None else self._records.row_of(key)
        if row is not None:
            self._mark_only(self._records.index(row, 0))
            self.doItemsLayout()
            moved = self.visualRect(self.currentIndex()).top() - height
            self.verticalScrollBar().setValue(self.verticalScrollBar().value() + moved)
        if len(self._held_marks) > 1:
            for row, record in enumerate(self._records.records):
                if self._records.key(record) in self._held_marks:
                    mark = QItemSelectionModel.SelectionFlag.Select
                    self.selectionModel().select(self._records.index(row, 0), mark)

    def rowsAboutToBeRemoved(self, parent: QModelIndex | QPersistentModelIndex, start: int, end: int) -> None:
        """Where the current row leaves, none takes its place: going down leads to the one that followed it."""
        leaves = start <= self.currentIndex().row() <= end
        others = [index for index in self.selectionModel().selectedIndexes() if not start <= index.row() <= end]
        super().rowsAboutToBeRemoved(parent, start, end)
        if leaves:
            self.setCurrentIndex(self._records.index(start - 1, 0) if start else QModelIndex())
            self.clearSelection()
            for index in others:
                self.selectionModel().select(index, QItemSelectionModel.SelectionFlag.Select)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens the current row; everything else moves as Qt has it."""
        if Qt.Key(event.key()) in _OPENING_KEYS and self.current_record() is not None:
            self.opened.emit(self.current_record())
            return
        super().keyPressEvent(event)
        if Qt.Key(event.key()) in _MOVING_KEYS:
            # Also where there is nowhere to go to.
            self.mark()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on the row that is current already chooses it again: something else may be shown meanwhile."""
        before = QPersistentModelIndex(self.currentIndex())
        super().mousePressEvent(event)
        pressed = self.indexAt(event.position().toPoint())
        plainly = event.button() == Qt.MouseButton.LeftButton and not event.modifiers()
        if plainly and pressed.isValid() and before == pressed:
            self.chosen.emit(self._records.record(pressed))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click opens as Enter does."""
        super().mouseDoubleClickEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and self.current_record() is not None:
            self.opened.emit(self.current_record())
