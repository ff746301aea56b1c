"""The outline icons of resources/icons in the colour of the text that they stand beside."""

from pathlib import Path

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

SIZE = 16


class Icons:
    """Draws the icons of one folder."""

    def __init__(self, folder: Path) -> None:
        """`folder` holds one SVG file per icon, drawn in `currentColor`."""
        self._folder = folder

    def icon(self, name: str, color: QColor) -> QIcon:
        """The icon in one colour, sharp at 100 and at 200 per cent."""
        made = QIcon()
        for ratio in (1, 2):
            made.addPixmap(self._drawn(name, color, ratio))
        return made

    def _drawn(self, name: str, color: QColor, ratio: int) -> QPixmap:
        source = (self._folder / f"{name}.svg").read_text(encoding="utf-8").replace("currentColor", color.name())
        pixmap = QPixmap(QSize(SIZE, SIZE) * ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        QSvgRenderer(QByteArray(source.encode())).render(painter)
        painter.end()
        pixmap.setDevicePixelRatio(ratio)
        return pixmap
