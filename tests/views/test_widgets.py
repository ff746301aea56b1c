"""The small parts: plain text whatever it looks like, cut where there is no room, and never a window of their own."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QFontMetrics, QKeySequence, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow, QWidget
from pytestqt.qtbot import QtBot

from console.views.theme import TextRole, Tone
from console.views.widgets import (
    AgeText,
    Button,
    Card,
    Chip,
    Tag,
    Text,
    column,
    emptied,
    plain_tip,
    restyle,
    row,
    shortened,
)

HOSTILE = "<img src=x onerror=alert(1)><b>Bold & Co"


def shown(window: QMainWindow, *parts: QWidget) -> None:
    """Put widgets side by side into the window."""
    line, centre = row(), QWidget()
    for part in parts:
        line.addWidget(part)
    centre.setLayout(line)
    window.setCentralWidget(centre)
    QApplication.sendPostedEvents()


def test_text_that_looks_like_markup_is_shown_letter_by_letter(window: QMainWindow) -> None:
    text = Text(HOSTILE)
    shown(window, text)
    assert text.textFormat() is Qt.TextFormat.PlainText
    assert text.text() == text.whole == HOSTILE
    assert text.sizeHint().width() >= QFontMetrics(text.font()).horizontalAdvance(HOSTILE)


def test_a_tag_and_a_chip_are_plain_text_as_well(window: QMainWindow) -> None:
    tag, chip = Tag(HOSTILE), Chip("WHMCS", "whmcs")
    chip.show_id(HOSTILE, True)
    shown(window, tag, chip)
    labels = [tag, *chip.findChildren(QLabel)]
    assert {label.textFormat() for label in labels} == {Qt.TextFormat.PlainText}


def test_a_text_without_room_is_cut_and_the_tip_has_all_of_it(window: QMainWindow) -> None:
    text = Text(f"{HOSTILE} " * 9, elided=True)
    shown(window, text)
    text.setFixedWidth(120)
    QApplication.sendPostedEvents()
    assert text.text().endswith("…")
    assert text.whole == f"{HOSTILE} " * 9
    assert read(text.toolTip()) == text.whole
    text.say("short")
    assert (text.text(), text.toolTip()) == ("short", "")


def test_several_lines_are_cut_to_one(window: QMainWindow) -> None:
    text = Text("one\ntwo", elided=True)
    shown(window, text)
    assert text.text() == "one two"


def read(tip: str) -> str:
    """What a tool tip shows."""
    document = QTextDocument()
    document.setHtml(tip)
    return document.toPlainText()


@given(st.text(st.sampled_from("<>&;\"'/= \nab佐"), min_size=1, max_size=30))
def test_a_tip_shows_every_text_as_it_is(qapp: QApplication, text: str) -> None:
    assert read(plain_tip(text)) == text


def test_no_text_makes_no_tip() -> None:
    assert plain_tip("") == ""


def windows(app: QApplication) -> list[QWidget]:
    """The seen windows."""
    return [one for one in app.topLevelWidgets() if one.isVisible()]


def test_a_tag_never_becomes_a_window_of_its_own(qapp: QApplication, window: QMainWindow) -> None:
    before = windows(qapp)
    tag = Tag()
    tag.show_as("ready", Tone.GOOD)
    assert windows(qapp) == before
    shown(window, tag)
    assert tag.isVisible()
    assert tag.property("tag") == "good"
    tag.show_as("", Tone.NEUTRAL)
    assert not tag.isVisible()
    tag.show_as("again", Tone.STOP)
    assert tag.isVisible()
    assert windows(qapp) == before


def test_an_empty_tag_takes_no_room(window: QMainWindow) -> None:
    tag = Tag()
    shown(window, tag)
    assert not tag.isVisible()


@pytest.mark.parametrize(
    ("state", "words", "tone"),
    [("linked", "linked", "good"), ("partial", "not fully linked", "look"), ("conflict", "conflict", "stop")],
)
def test_a_tag_says_whether_the_ids_agree(window: QMainWindow, state: str, words: str, tone: str) -> None:
    tag = Tag()
    shown(window, tag)
    tag.show_link(state)
    assert (tag.whole, tag.property("tag")) == (words, tone)


def test_an_age_counts_while_it_is_seen(window: QMainWindow, qtbot: QtBot) -> None:
    age = AgeText(TextRole.SMALL, "WHMCS · ")
    shown(window, age)
    assert age.whole == "WHMCS"
    age.since(datetime.now(UTC) - timedelta(minutes=3, seconds=59, milliseconds=700))
    assert age.whole == "WHMCS · 3 m"
    qtbot.waitUntil(lambda: age.whole == "WHMCS · 4 m", timeout=5000)
    assert len(age.toolTip()) == len("2026-01-01 00:00:00")
    age.since(None, "checking…")
    assert (age.whole, age.toolTip()) == ("checking…", "")


def test_a_button_calls_without_arguments_by_mouse_and_by_keyboard(window: QMainWindow) -> None:
    pressed: list[bool] = []
    button = Button("Approve", lambda: pressed.append(True))
    shown(window, button)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert pressed == [True, True]


def test_a_key_stands_on_its_button_and_makes_room_for_itself(window: QMainWindow) -> None:
    button, plain = Button("Approve and provision…", look="primary"), Button("Approve and provision…")
    shown(window, button, plain)
    action = QAction("Approve", window)
    action.setShortcut("Ctrl+Shift+P")
    button.show_key_of(action)
    QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
    cap = button.findChild(QLabel)
    assert isinstance(cap, QLabel)
    assert cap.text() == QKeySequence("Ctrl+Shift+P").toString(QKeySequence.SequenceFormat.NativeText)
    assert button.sizeHint().width() >= plain.sizeHint().width() + cap.sizeHint().width()
    button.grab()
    assert cap.geometry().right() < button.width()
    assert cap.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    action.setShortcut("")
    assert not cap.isVisible(), "a key that was switched off is not promised"
    action.setShortcut("A")
    assert cap.isVisible()
    button.show_key_of(None)
    assert not cap.isVisible()
    assert button.sizeHint().width() == plain.sizeHint().width()


def test_a_lit_filter_is_styled_anew(window: QMainWindow) -> None:
    button = Button("By code", look="filter")
    shown(window, button)
    off = button.grab().toImage()
    button.light(on=True)
    assert button.grab().toImage() != off
    assert button.property("on") == "true"


def test_a_card_has_a_head_only_with_a_title(window: QMainWindow) -> None:
    card, bare = Card("Checks"), Card()
    inner, line = Text("inside"), row()
    card.add(inner)
    bare.add(line)
    shown(window, card, bare)
    assert card.accessibleName() == "Checks"
    assert card.title.isVisible()
    assert not bare.title.isVisible()
    assert inner.isVisible()


@pytest.mark.parametrize(
    ("agrees", "sign"), [(True, "✓"), (False, "✕"), (None, "")], ids=["agrees", "differs", "unknown"]
)
def test_a_chip_shortens_an_id_and_says_whether_it_agrees(window: QMainWindow, agrees: bool | None, sign: str) -> None:
    chip = Chip("Portal", "portal")
    shown(window, chip)
    chip.show_id("7f3a0000-1111-2222-3333-444455556666", agrees)
    words = [label.text() for label in chip.findChildren(QLabel)]
    assert words == ["Portal", "7f3a…6666", sign]
    assert chip.accessibleName() == "Portal 7f3a0000-1111-2222-3333-444455556666"
    chip.show_id("", None)
    assert chip.findChildren(QLabel)[1].text() == "none"


def test_short_ids_stay_whole() -> None:
    assert shortened("5521") == "5521"
    assert shortened("0015g00000AAAAAEAX") == "0015g00000AAAAAEAX"
    assert shortened("0015g00000AAAAAEAXY") == "0015…EAXY"


def test_a_layout_is_emptied_with_what_is_inside_of_it(window: QMainWindow) -> None:
    outer, inner, centre = column(), row(), QWidget()
    parts = [Text("a"), Text("b")]
    outer.addWidget(parts[0])
    inner.addWidget(parts[1])
    outer.addLayout(inner)
    centre.setLayout(outer)
    window.setCentralWidget(centre)
    emptied(outer)
    assert outer.count() == 0
    assert not [part for part in parts if part.isVisible()]


def test_a_property_that_stays_the_same_costs_no_new_style(window: QMainWindow) -> None:
    text = Text("a")
    shown(window, text)
    restyle(text, "tint", "good")
    good = text.palette().color(text.foregroundRole()).name()
    restyle(text, "tint", "good")
    assert text.palette().color(text.foregroundRole()).name() == good
