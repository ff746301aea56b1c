"""Icons take the colour of the text that they stand beside, sharp at every scale."""

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor

from console import paths
from console.views.icons import SIZE, Icons
from console.views.rail import PLACES

SHIPPED = sorted(file.stem for file in (paths.resources() / "icons").glob("*.svg"))


@pytest.mark.parametrize("name", SHIPPED)
def test_every_icon_is_drawn_in_the_colour_that_is_asked_for(icons: Icons, name: str) -> None:
    color = QColor("#C22F4A")
    image = icons.icon(name, color).pixmap(QSize(SIZE, SIZE), 2.0).toImage()
    assert image.width() == 2 * SIZE
    solid = {
        image.pixelColor(x, y).name()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    }
    assert solid == {color.name()}


def test_every_place_has_an_icon() -> None:
    assert {place.name for place in PLACES} <= set(SHIPPED)
    assert "menu" in SHIPPED
