"""Light and dark: words can be read on every ground that they stand on, and a change reaches everything at once."""

import re
from dataclasses import fields

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QApplication, QMainWindow

from console.views import style_sheet as sheet
from console.views.style_sheet import style_sheet
from console.views.theme import DARK, LIGHT, TextRole, Theme, Tokens, Tone, font
from console.views.widgets import Tag, Text

GROUNDS = ("window", "surface", "raised", "accent_soft")
ON_ANY_GROUND = ("text", "second")
SYSTEMS = ("customer", "portal", "salesforce", "whmcs")
PAIRS = [
    *((ink, ground) for ink in ON_ANY_GROUND for ground in (*GROUNDS, "faint")),
    *((tone, f"{tone}_soft") for tone in ("accent", "good", "look", "stop")),
    *((ink, ground) for ink in ("accent", "good", "look", "stop", *SYSTEMS) for ground in ("window", "surface")),
    ("on_accent", "accent"),
]


def luminance(color: QColor) -> float:
    """How light a colour is, as WCAG 2.2 has it."""
    values = (color.redF(), color.greenF(), color.blueF())
    parts = [value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4) for value in values]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(ink: str, ground: str) -> float:
    """How well one colour is read on the other, from 1 to 21."""
    dark, light = sorted((luminance(QColor(ink)), luminance(QColor(ground))))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_whatever_must_be_read_has_enough_contrast(tokens: Tokens, ink: str, ground: str) -> None:
    assert contrast(getattr(tokens, ink), getattr(tokens, ground)) >= 4.5


def test_contrast_is_measured_as_wcag_does() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


def test_the_sheet_names_only_colours_that_there_are() -> None:
    names = set(re.findall(r"\$(\w+)", sheet._SHEET.template))
    assert names <= {field.name for field in fields(Tokens)}
    assert "$" not in style_sheet(vars(LIGHT))
    with pytest.raises(KeyError):
        style_sheet({})


def test_every_tone_of_a_tag_and_every_hue_of_a_text_is_in_the_sheet() -> None:
    text = sheet._SHEET.template
    assert all(f'QLabel[tag="{tone}"]' in text for tone in Tone)
    assert all(f'QLabel[tint="{name}"]' in text for name in (*SYSTEMS, "accent", "good", "look", "stop"))


def test_a_change_of_appearance_reaches_palette_sheet_and_widgets_at_once(
    qapp: QApplication, theme: Theme, window: QMainWindow
) -> None:
    tag = Tag("ready", Tone.GOOD)
    window.setCentralWidget(tag)
    changes: list[bool] = []
    theme.changed.connect(lambda: changes.append(theme.is_dark))
    for scheme, tokens in ((Qt.ColorScheme.Dark, DARK), (Qt.ColorScheme.Light, LIGHT)):
        theme.choose(scheme)
        assert theme.tokens is tokens
        assert qapp.palette().window().color() == QColor(tokens.window)
        assert tokens.good_soft in qapp.styleSheet()
        assert tag.grab().toImage().pixelColor(3, tag.height() // 2) == QColor(tokens.good_soft)
    assert changes == [True, False]


def test_the_same_appearance_again_changes_nothing(theme: Theme) -> None:
    changes: list[bool] = []
    theme.changed.connect(lambda: changes.append(True))
    theme.choose(Qt.ColorScheme.Light)
    assert changes == []


def test_following_the_system_again_is_a_choice(theme: Theme) -> None:
    theme.choose(Qt.ColorScheme.Dark)
    theme.choose(Qt.ColorScheme.Unknown)
    assert theme.is_dark == (QApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark)


def test_a_tone_has_its_ink_and_its_ground(theme: Theme) -> None:
    assert theme.tone(Tone.STOP) == (QColor(LIGHT.stop), QColor(LIGHT.stop_soft))
    assert theme.tone(Tone.NEUTRAL) == (QColor(LIGHT.second), QColor(LIGHT.faint))


@pytest.mark.parametrize("role", TextRole)
def test_figures_are_of_equal_width(window: QMainWindow, role: TextRole) -> None:
    text = Text("1", role)
    window.setCentralWidget(text)
    assert font(role).featureValue(QFont.Tag("tnum")) == 1
    assert 11 <= font(role).pixelSize() <= 20
    assert text.property("role") == role.value
