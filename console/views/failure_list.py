"""The list of Failures: rows painted in columns, each with its next button, used by mouse and by keyboard alike."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from console.views.failure_rows import CaseRow, FailureRow, GroupRow, RowLook
from console.views.list_view import Look, RecordList
from console.views.tables import RECORD, RecordModel
from console.views.theme import TextRole, Theme, font
from console.views.widgets import plain_tip
from console.views.words import tr

_Index = QModelIndex | QPersistentModelIndex
_ROW_HEIGHT, _PAD, _GAP, _MARK = 54, 16, 12, 3
_SIGN, _LEAD, _INDENT = 16, 70, 12
_TAG_PAD, _TAG_HEIGHT, _BUTTON_PAD, _BUTTON_HEIGHT = 7, 18, 14, 31
# Room for tag, age and button; the second where the page is narrow.
_RIGHT, _RIGHT_NARROW, _NARROW = (130, 190, 190), (98, 120, 152), 900


class FailurePainter(QStyledItemDelegate):
    """Paints a row from its `RowLook`. `pressed` comes with a row whose button was clicked, `toggled` with a group."""

    pressed = Signal(object)
    toggled = Signal(object)

    def __init__(self, theme: Theme, look: Callable[[Any], RowLook], parent: QWidget) -> None:
        """`look` is asked for the rows that are seen only."""
        super().__init__(parent)
        self._theme, self._look = theme, look
        self._fonts = {role: font(role) for role in TextRole}
        self._fonts[TextRole.SMALL].setWeight(self._fonts[TextRole.STRONG].weight())
        self._metrics = {role: QFontMetrics(made) for role, made in self._fonts.items()}
        self._armed = False

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Every row is as high as every other."""
        return QSize(400, _ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Ground, code or number, two lines, tag, age over who, button."""
        row: FailureRow | None = index.data(RECORD)
        if row is None:
            return
        look, rect = self._look(row), option.rect
        nested = isinstance(row, CaseRow) and row.in_group
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._ground(painter, option, nested)
        if isinstance(row, GroupRow):
            self._sign(painter, QPoint(rect.left() + _PAD + 4, rect.center().y()), row.expanded)
        lead, words, tag, age, button = _columns(rect, row)
        strong = isinstance(row, GroupRow) or not nested
        self._line(
            painter, lead, look.lead, TextRole.STRONG if strong else TextRole.BODY, "text" if strong else "second"
        )
        self._two(painter, words, (look.title, TextRole.STRONG if strong else TextRole.BODY, "text"), look.second)
        self._tag(painter, tag, look)
        self._two(painter, age, (look.age, TextRole.SECOND, "second"), look.who)
        if look.button:
            self._button(painter, self.button_rect(button, look), look, quiet=nested)
        painter.restore()

    def editorEvent(
        self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: _Index
    ) -> bool:
        """A click on the button presses it; one elsewhere on a group shows or hides its cases."""
        if not isinstance(event, QMouseEvent) or event.button() != Qt.MouseButton.LeftButton:
            return False
        if event.type() != QEvent.Type.MouseButtonRelease:
            self._armed = event.type() == QEvent.Type.MouseButtonPress
            return False
        armed, self._armed = self._armed, False
        row: FailureRow | None = index.data(RECORD)
        if row is None or not armed:
            return False
        if self.on_button(event.position().toPoint(), option.rect, row):
            self.pressed.emit(row)
        elif isinstance(row, GroupRow):
            self.toggled.emit(row)
        return True

    def helpEvent(
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: _Index
    ) -> bool:
        """Say on hover the two lines, which may have been cut, and since when."""
        row: FailureRow | None = index.data(RECORD)
        if row is None:
            return False
        look = self._look(row)
        QToolTip.showText(event.globalPos(), plain_tip(f"{look.title}\n{look.second}"), view)
        return True

    def on_button(self, point: QPoint, rect: QRect, row: FailureRow) -> bool:
        """Whether a point of a row is on its button."""
        look = self._look(row)
        return bool(look.button) and not look.is_off and self.button_rect(_columns(rect, row)[-1], look).contains(point)

    def button_rect(self, room: QRect, look: RowLook) -> QRect:
        """Where the button of a row is: at the right end of its room."""
        wide = min(self._metrics[TextRole.BODY].horizontalAdvance(look.button) + 2 * _BUTTON_PAD + 2, room.width())
        top = room.center().y() - _BUTTON_HEIGHT // 2
        return QRect(room.right() - wide + 1, top, wide, _BUTTON_HEIGHT)

    def _ground(self, painter: QPainter, option: QStyleOptionViewItem, nested: bool) -> None:
        rect = option.rect
        state = option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, self._theme.color("accent_soft"))
            painter.fillRect(QRect(rect.left(), rect.top(), _MARK, rect.height()), self._theme.color("accent"))
        elif nested or state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, self._theme.color("raised"))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), self._theme.color("faint"))

    def _sign(self, painter: QPainter, middle: QPoint, expanded: bool) -> None:
        """An angle that points to the right, or down where the cases are shown."""
        painter.setPen(QPen(self._theme.color("second"), 1.6))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        corners = [(-3, -2), (0, 1), (3, -2)] if expanded else [(-1, -4), (2, -1), (-1, 2)]
        painter.drawPolyline(QPolygonF([(middle + QPoint(x, y)).toPointF() for x, y in corners]))

    def _line(self, painter: QPainter, box: QRect, text: str, role: TextRole, color: str) -> None:
        one_line = " ".join(text.split("\n"))
        shown = self._metrics[role].elidedText(one_line, Qt.TextElideMode.ElideRight, box.width())
        painter.setFont(self._fonts[role])
        painter.setPen(self._theme.color(color))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, shown)

    def _two(self, painter: QPainter, box: QRect, upper: tuple[str, TextRole, str], lower: str) -> None:
        half = box.height() // 2
        self._line(painter, QRect(box.left(), box.top(), box.width(), half), *upper)
        below = QRect(box.left(), box.top() + half, box.width(), half)
        self._line(painter, below, lower, TextRole.SECOND, "second")

    def _tag(self, painter: QPainter, box: QRect, look: RowLook) -> None:
        if not look.tag:
            return
        ink, ground = self._theme.tone(look.tone)
        metrics = self._metrics[TextRole.SMALL]
        shown = metrics.elidedText(look.tag, Qt.TextElideMode.ElideRight, box.width() - 2 * _TAG_PAD)
        wide = metrics.horizontalAdvance(shown) + 2 * _TAG_PAD
        place = QRectF(box.left(), box.center().y() - _TAG_HEIGHT / 2 + 1, wide, _TAG_HEIGHT)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(place, 5, 5)
        painter.setPen(ink)
        painter.setFont(self._fonts[TextRole.SMALL])
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, shown)

    def _button(self, painter: QPainter, place: QRect, look: RowLook, *, quiet: bool) -> None:
        """A button with a border, or only its words where it stands in a nested row; pale where it is off."""
        if not quiet:
            painter.setPen(self._theme.color("line"))
            painter.setBrush(self._theme.color("surface"))
            painter.drawRoundedRect(QRectF(place).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        painter.setPen(self._theme.color("third" if look.is_off else "accent" if quiet else "text"))
        painter.setFont(self._fonts[TextRole.BODY])
        where = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter if quiet else Qt.AlignmentFlag.AlignCenter
        painter.drawText(place, where | Qt.TextFlag.TextSingleLine, look.button)


class FailureList(RecordList):
    """`pressed` comes with the row whose button was clicked, `toggled` with a group to show or hide."""

    pressed = Signal(object)
    toggled = Signal(object)

    def __init__(self, model: RecordModel[FailureRow], theme: Theme, look: Callable[[Any], RowLook]) -> None:
        """`look` says how a row reads now."""
        super().__init__(model, theme, lambda row: Look(look(row).title, look(row).second), tr("Failures"))
        self._painter = FailurePainter(theme, look, self)
        self._painter.pressed.connect(self.pressed)
        self._painter.toggled.connect(self.toggled)
        self.setItemDelegate(self._painter)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left, Right, Space and Enter show and hide the cases of a group; Left leads from a case to its group."""
        row, key = self.current_record(), Qt.Key(event.key())
        if isinstance(row, GroupRow) and self._toggles(row, key):
            self.toggled.emit(row)
        elif isinstance(row, CaseRow) and row.in_group and key == Qt.Key.Key_Left:
            self.choose(("group", row.listed.code.code))
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """A hand shows what can be clicked."""
        super().mouseMoveEvent(event)
        point = event.position().toPoint()
        index = self.indexAt(point)
        row = index.data(RECORD)
        hand = row is not None and self._painter.on_button(point, self.visualRect(index), row)
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if hand else Qt.CursorShape.ArrowCursor)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click opens a case; a group was shown or hidden by its first half already."""
        row = self.indexAt(event.position().toPoint()).data(RECORD)
        if isinstance(row, CaseRow):
            super().mouseDoubleClickEvent(event)

    def _toggles(self, row: GroupRow, key: Qt.Key) -> bool:
        if key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return True
        return key == (Qt.Key.Key_Left if row.expanded else Qt.Key.Key_Right)


def _columns(rect: QRect, row: FailureRow) -> tuple[QRect, QRect, QRect, QRect, QRect]:
    """The room for code, words, tag, age and button."""
    box = rect.adjusted(_PAD, 9, -_PAD, -9)
    tag, age, button = _RIGHT_NARROW if rect.width() < _NARROW else _RIGHT
    flat = isinstance(row, CaseRow) and not row.in_group
    nested = isinstance(row, CaseRow) and row.in_group
    lead_at = box.left() + (0 if flat else _SIGN) + (_INDENT if nested else 0)
    words_at = lead_at + _LEAD + _GAP
    tag_at = box.right() + 1 - button - age - tag
    return (
        QRect(lead_at, box.top(), _LEAD, box.height()),
        QRect(words_at, box.top(), tag_at - words_at - _GAP, box.height()),
        QRect(tag_at, box.top(), tag - _GAP, box.height()),
        QRect(tag_at + tag, box.top(), age - _GAP, box.height()),
        QRect(tag_at + tag + age, box.top(), button, box.height()),
    )
