"""The card of first steps: ticked off one by one, and put away for good by its ×."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMainWindow, QToolButton

from console.views.first_steps import STEPS, FirstSteps
from console.views.widgets import Text


def signs(card: FirstSteps) -> list[str]:
    return [text.whole for text in card.findChildren(Text) if text.whole in ("○", "✓")]


def test_steps_are_ticked_off_and_the_last_one_says_so(window: QMainWindow) -> None:
    card = FirstSteps()
    window.setCentralWidget(card)
    assert signs(card) == ["○", "○", "○"]
    card.tick("approve")
    card.tick("approve")
    assert signs(card) == ["○", "✓", "○"]
    assert card.title.whole == "First steps"
    for name, _, _ in STEPS:
        card.tick(name)
    assert card.done == {name for name, _, _ in STEPS}
    assert card.title.whole == "First steps: all done"


def test_the_cross_puts_it_away(window: QMainWindow) -> None:
    card = FirstSteps()
    window.setCentralWidget(card)
    told: list[bool] = []
    card.put_away.connect(lambda: told.append(True))
    [close] = card.findChildren(QToolButton)
    assert close.accessibleName() == "Hide the first steps"
    QTest.mouseClick(close, Qt.MouseButton.LeftButton)
    assert told == [True]
    assert not card.isVisible()
