"""A row of widgets that goes on in a further line where there is no room for all of them."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget


class FlowRow(QWidget):
    """Widgets at their own size from left to right, each line as high as its highest.

    A widget and no layout of its own: Qt goes on asking a layout for its items while both are being taken down.
    """

    def __init__(self, parts: Sequence[QWidget], spacing: int) -> None:
        """`spacing` is the distance between widgets and between lines."""
        super().__init__()
        self._parts = parts
        self._spacing = spacing
        for part in parts:
            part.setParent(self)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:
        """Fewer in a line, more lines."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The height of all lines."""
        return max((place.bottom() + 1 for _, place in self._places(width)), default=0)

    def sizeHint(self) -> QSize:
        """All of them in one line."""
        sizes = [part.sizeHint() for part in self._seen()]
        width = sum(size.width() for size in sizes) + self._spacing * max(0, len(sizes) - 1)
        return QSize(width, max((size.height() for size in sizes), default=0))

    def minimumSizeHint(self) -> QSize:
        """The widest of them in each line."""
        width = max((part.sizeHint().width() for part in self._seen()), default=0)
        return QSize(width, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put every widget into its place."""
        super().resizeEvent(event)
        self._place()

    def event(self, event: QEvent) -> bool:
        """A widget says more or less than before: ask for another size, and place them anew."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
            self._place()
        return super().event(event)

    def _seen(self) -> list[QWidget]:
        return [part for part in self._parts if not part.isHidden()]

    def _place(self) -> None:
        for part, place in self._places(self.width()):
            part.setGeometry(place)

    def _places(self, width: int) -> list[tuple[QWidget, QRect]]:
        """Where each widget goes, in the middle of its line."""
        line_height = self.sizeHint().height()
        left, top = 0, 0
        placed: list[tuple[QWidget, QRect]] = []
        for part in self._seen():
            size = part.sizeHint()
            if left and left + size.width() > width:
                left, top = 0, top + line_height + self._spacing
            middle = top + (line_height - size.height()) // 2
            placed.append((part, QRect(QPoint(left, middle), size)))
            left += size.width() + self._spacing
        return placed
