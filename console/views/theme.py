"""How the desk looks: every colour, type size and distance once, in light and dark, following the system live.

The values are those of the visual design; a widget asks for a colour by what it means, never by its number.
"""

import sys
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from console.views.style_sheet import style_sheet


@dataclass(frozen=True)
class Tokens:
    """One appearance. A `soft` colour is the background that the strong one of the same name is read on."""

    window: str
    surface: str
    raised: str
    line: str
    faint: str
    text: str
    second: str
    third: str
    accent: str
    accent_soft: str
    on_accent: str
    good: str
    good_soft: str
    look: str
    look_soft: str
    stop: str
    stop_soft: str
    customer: str
    portal: str
    salesforce: str
    whmcs: str


LIGHT = Tokens(
    window="#F4F5F8", surface="#FFFFFF", raised="#FAFBFC", line="#E2E5EB", faint="#EDEFF3",
    text="#1A1E27", second="#566072", third="#8B94A3",
    accent="#3454E4", accent_soft="#EAEEFF", on_accent="#FFFFFF",
    good="#14713F", good_soft="#E3F5EB", look="#9A6200", look_soft="#FFF2D9", stop="#C22F4A", stop_soft="#FDE7EB",
    customer="#6D4CCB", portal="#3454E4", salesforce="#0A6FA1", whmcs="#1F7553",
)  # fmt: skip
DARK = Tokens(
    window="#121419", surface="#1A1D24", raised="#20242C", line="#2D323C", faint="#262A33",
    text="#E9EBEF", second="#A6AEBC", third="#747D8C",
    accent="#8CA1FF", accent_soft="#242C4F", on_accent="#121419",
    good="#62D29D", good_soft="#163328", look="#F1BC60", look_soft="#3A2E16", stop="#FF8499", stop_soft="#401D26",
    customer="#B49BFF", portal="#8CA1FF", salesforce="#63BEEB", whmcs="#6FD3AC",
)  # fmt: skip


class Tone(StrEnum):
    """What a tag, sign or notice means; its colour follows from that."""

    NEUTRAL = "neutral"
    ACCENT = "accent"
    GOOD = "good"
    LOOK = "look"
    STOP = "stop"


class TextRole(StrEnum):
    """What a piece of text is on its page; size and weight follow from that."""

    BODY = "body"
    STRONG = "strong"
    SECOND = "second"
    SMALL = "small"
    HINT = "hint"
    LIST_TITLE = "list_title"
    PAGE_TITLE = "page_title"


_PIXELS = {
    TextRole.BODY: 13,
    TextRole.STRONG: 13,
    TextRole.SECOND: 12,
    TextRole.SMALL: 11,
    TextRole.HINT: 12,
    TextRole.LIST_TITLE: 16,
    TextRole.PAGE_TITLE: 20,
}
_WEIGHTS = {
    TextRole.STRONG: QFont.Weight.DemiBold,
    TextRole.LIST_TITLE: QFont.Weight.DemiBold,
    TextRole.PAGE_TITLE: QFont.Weight.DemiBold,
}
# The platform's own interface font first, then one that has Japanese.
_FAMILIES = {
    "win32": ["Segoe UI Variable Text", "Segoe UI", "Yu Gothic UI", "Meiryo"],
    "darwin": [".AppleSystemUIFont", "Hiragino Sans"],
}
_ELSEWHERE = ["Inter", "Noto Sans", "DejaVu Sans", "Noto Sans CJK JP", "Noto Sans JP"]


class Theme(QObject):
    """The appearance of the moment. `changed` comes after palette and style sheet were replaced."""

    changed = Signal()

    def __init__(self, application: QApplication) -> None:
        """Dress `application` and follow the system's colour scheme from now on."""
        super().__init__(application)
        self._application = application
        self.tokens = LIGHT
        self._dressed = False
        application.setStyle("Fusion")
        application.setFont(font(TextRole.BODY))
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._dress)
        self._dress(hints.colorScheme())

    @property
    def is_dark(self) -> bool:
        """Whether the dark appearance is shown."""
        return self.tokens is DARK

    def choose(self, scheme: Qt.ColorScheme) -> None:
        """Show light or dark whatever the system says; `Unknown` follows the system again."""
        hints = QGuiApplication.styleHints()
        hints.setColorScheme(scheme)
        # Not every platform can be told; then only we know.
        self._dress(hints.colorScheme() if scheme is Qt.ColorScheme.Unknown else scheme)

    def color(self, name: str) -> QColor:
        """The colour of a token by its name."""
        return QColor(getattr(self.tokens, name))

    def tone(self, tone: Tone) -> tuple[QColor, QColor]:
        """The text and the background of a tone."""
        if tone is Tone.NEUTRAL:
            return self.color("second"), self.color("faint")
        return self.color(tone.value), self.color(f"{tone.value}_soft")

    def _dress(self, scheme: Qt.ColorScheme) -> None:
        tokens = DARK if scheme is Qt.ColorScheme.Dark else LIGHT
        if tokens is self.tokens and self._dressed:
            return
        self.tokens, self._dressed = tokens, True
        self._application.setPalette(self._palette())
        self._application.setStyleSheet(style_sheet(vars(self.tokens)))
        self.changed.emit()

    def _palette(self) -> QPalette:
        palette = QPalette()
        role = QPalette.ColorRole
        for where, name in (
            (role.Window, "window"), (role.Base, "surface"), (role.AlternateBase, "raised"), (role.Button, "surface"),
            (role.WindowText, "text"), (role.Text, "text"), (role.ButtonText, "text"), (role.ToolTipText, "text"),
            (role.ToolTipBase, "raised"), (role.PlaceholderText, "second"), (role.Highlight, "accent"),
            (role.HighlightedText, "on_accent"), (role.Link, "accent"), (role.Mid, "line"), (role.Accent, "accent"),
        ):  # fmt: skip
            palette.setColor(where, self.color(name))
        for where in (role.WindowText, role.Text, role.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, where, self.color("third"))
        return palette


def font(role: TextRole) -> QFont:
    """The font of a piece of text, with figures of equal width."""
    made = QFont(_FAMILIES.get(sys.platform, _ELSEWHERE))
    made.setPixelSize(_PIXELS[role])
    made.setWeight(_WEIGHTS.get(role, QFont.Weight.Normal))
    made.setFeature(QFont.Tag("tnum"), 1)
    return made
