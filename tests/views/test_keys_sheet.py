"""The sheet of keys lists every key of the table once, and nothing else."""

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMainWindow, QPushButton

from console.views.actions import ACTIONS, Actions
from console.views.keys_sheet import KeysSheet
from console.views.widgets import Text


def test_every_action_with_a_key_is_listed_with_it(window: QMainWindow) -> None:
    sheet = KeysSheet(Actions(window), window)
    sheet.show()
    words = [text.whole for text in sheet.findChildren(Text)]
    caps = [text.whole for text in sheet.findChildren(Text) if text.property("keycap")]
    with_keys = [action for action in ACTIONS if action.keys]
    native = QKeySequence.SequenceFormat.NativeText
    assert sorted(caps) == sorted(QKeySequence(action.keys).toString(native) for action in with_keys)
    assert [action.words for action in with_keys if action.words not in words] == []


def test_letters_that_are_switched_off_are_not_promised(window: QMainWindow) -> None:
    actions = Actions(window)
    actions.use_letters(on=False)
    sheet = KeysSheet(actions, window)
    caps = {text.whole for text in sheet.findChildren(Text) if text.property("keycap")}
    assert not {"A", "R", "Shift+A"} & caps
    assert QKeySequence("Ctrl+K").toString(QKeySequence.SequenceFormat.NativeText) in caps


def test_it_is_not_modal_and_its_button_closes_it(window: QMainWindow) -> None:
    sheet = KeysSheet(Actions(window), window)
    sheet.show()
    assert not sheet.isModal()
    [close] = sheet.findChildren(QPushButton)
    close.click()
    assert not sheet.isVisible()
