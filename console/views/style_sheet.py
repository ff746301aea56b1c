"""The style sheet of the desk, written once and filled with the colours of the appearance of the moment."""

from collections.abc import Mapping
from string import Template

_SHEET = Template("""
QWidget#window, QWidget#page, QScrollArea, QScrollArea > QWidget > QWidget#page { background: $window; }
QFrame#topBar, QFrame#strip, QFrame#rail, QFrame#side { background: $surface; }
QFrame#topBar { border-bottom: 1px solid $line; border-top: 3px solid $surface; }
QFrame#topBar[environment="practice"] { border-top: 3px solid $look; }
QFrame#topBar[environment="production"] { border-top: 3px solid $stop; }
QFrame#strip { border-top: 1px solid $line; }
QFrame#side_foot { background: $surface; border-top: 1px solid $line; }
QFrame#rail, QFrame#side { border-right: 1px solid $line; }
QFrame#card { background: $surface; border: 1px solid $line; border-radius: 10px; }
QFrame#cardHead { border: none; border-bottom: 1px solid $faint; background: transparent; }
QFrame#cardRow { border: none; border-top: 1px solid $faint; background: transparent; }
QFrame#chip { background: $surface; border: 1px solid $line; border-radius: 8px; }
QFrame#popup { background: $surface; border: 1px solid $line; border-radius: 10px; }
QWidget#stale { background: $look_soft; }
QFrame#incident { background: $surface; border: 1px solid $look; border-radius: 10px; }

QLabel { background: transparent; color: $text; }
QLabel[role="second"], QLabel[role="small"] { color: $second; }
QLabel[role="hint"] { color: $second; }
QLabel[tint="accent"] { color: $accent; } QLabel[tint="good"] { color: $good; }
QLabel[tint="look"] { color: $look; } QLabel[tint="stop"] { color: $stop; }
QLabel[tint="customer"] { color: $customer; } QLabel[tint="portal"] { color: $portal; }
QLabel[tint="salesforce"] { color: $salesforce; } QLabel[tint="whmcs"] { color: $whmcs; }
QLabel[tag="neutral"] { color: $second; background: $faint; }
QLabel[tag="accent"] { color: $accent; background: $accent_soft; }
QLabel[tag="good"] { color: $good; background: $good_soft; }
QLabel[tag="look"] { color: $look; background: $look_soft; }
QLabel[tag="stop"] { color: $stop; background: $stop_soft; }
QLabel[tag] { border-radius: 5px; padding: 1px 7px; font-size: 11px; font-weight: 600; }
QLabel[keycap] { color: $second; border: 1px solid $line; border-radius: 4px; padding: 0px 5px; font-size: 11px; }
QLabel[keycap="primary"] { color: $on_accent; border: 1px solid $on_accent; }
QLabel[keycap="primary"]:disabled { color: $second; border: 1px solid $line; }

QPushButton {
    color: $text; background: $surface; border: 1px solid $line; border-radius: 8px;
    padding: 0px 14px; min-height: 31px; font-weight: 500;
}
QPushButton:hover { background: $raised; }
QPushButton:pressed { background: $faint; }
QPushButton:focus { border: 1px solid $accent; }
QPushButton:disabled { color: $third; background: $raised; }
QPushButton[look="primary"] { color: $on_accent; background: $accent; border: 1px solid $accent; }
QPushButton[look="primary"]:focus { border: 2px solid $text; }
QPushButton[look="primary"]:disabled { color: $second; background: $faint; border: 1px solid $line; }
QPushButton[look="danger"] { color: $stop; }
QPushButton[look="danger"]:disabled { color: $third; }
QPushButton[look="link"] {
    color: $accent; background: transparent; border: 1px solid transparent; padding: 0px 4px; min-height: 22px;
}
QPushButton[look="link"]:hover { text-decoration: underline; }
QPushButton[look="link"]:focus { border: 1px solid $accent; border-radius: 5px; }
QPushButton[look="link"]:disabled { color: $third; }
QPushButton[look="filter"] {
    color: $second; background: $surface; border-radius: 13px; padding: 0px 11px; min-height: 24px; font-size: 12px;
}
QPushButton[look="filter"][on="true"] { color: $accent; background: $accent_soft; border: 1px solid $accent_soft; }
QPushButton[look="filter"]:focus { border: 1px solid $accent; }
QPushButton::menu-indicator { width: 0px; }
QToolButton { background: transparent; border: none; border-radius: 6px; padding: 3px; color: $second; }
QToolButton:hover { background: $faint; }
QToolButton:focus { border: 1px solid $accent; }

QLineEdit, QPlainTextEdit, QComboBox {
    color: $text; background: $raised; border: 1px solid $line; border-radius: 8px; padding: 0px 10px;
    min-height: 30px; selection-background-color: $accent; selection-color: $on_accent;
}
QPlainTextEdit { padding: 6px 8px; }
QLineEdit:focus, QPlainTextEdit:focus, QComboBox:focus { border: 1px solid $accent; background: $surface; }

QListView, QTableView, QTreeView {
    background: transparent; border: none; outline: none; color: $text;
    selection-background-color: $accent_soft; selection-color: $text;
}
QTableView { gridline-color: $faint; }
QTableView::item { padding: 0px 14px; border-bottom: 1px solid $faint; }
QTableView::item:selected { background: $accent_soft; color: $text; }
QHeaderView { background: transparent; border: none; }
QHeaderView::section {
    background: transparent; color: $second; border: none; border-bottom: 1px solid $faint; padding: 6px 14px;
    font-size: 11px; font-weight: 500;
}

QTabBar { background: transparent; qproperty-drawBase: 0; }
QTabBar::tab {
    color: $second; background: transparent; border: none; border-bottom: 2px solid transparent;
    padding: 7px 1px; margin-right: 18px; font-weight: 500;
}
QTabBar::tab:selected { color: $text; border-bottom: 2px solid $accent; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:focus { color: $accent; }
QTabBar::tab:disabled { color: $third; }
QTabBar#workspaceTabs { background: $surface; }
QTabBar#workspaceTabs::tab {
    background: $surface; border: none; border-right: 1px solid $line; border-bottom: 1px solid $line;
    padding: 7px 10px; margin: 0px; color: $second; min-width: 90px; max-width: 220px;
}
QTabBar#workspaceTabs::tab:selected { background: $window; color: $text; border-bottom: 1px solid $window; }
QTabWidget::pane { border: none; }

QSplitter::handle { background: $line; }
QSplitter::handle:horizontal { width: 1px; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0px; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0px; }
QScrollBar::handle { background: $line; border-radius: 4px; min-height: 32px; min-width: 32px; margin: 1px; }
QScrollBar::handle:hover { background: $third; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {
    background: transparent; width: 0px; height: 0px;
}
QMenu { background: $surface; color: $text; border: 1px solid $line; padding: 4px; }
QMenu::item { padding: 6px 22px 6px 12px; border-radius: 5px; }
QMenu::item:selected { background: $accent_soft; color: $text; }
QMenu::item:disabled { color: $third; }
QMenu::separator { height: 1px; background: $faint; margin: 4px 8px; }
QToolTip { background: $raised; color: $text; border: 1px solid $line; padding: 4px 6px; }
QProgressBar { background: $faint; border: none; border-radius: 3px; max-height: 6px; min-height: 6px; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
QDialog { background: $surface; }
QCheckBox { color: $text; spacing: 8px; }
""")


def style_sheet(colours: Mapping[str, str]) -> str:
    """The whole sheet; `colours` maps each token's name to its value. Raises KeyError where one is missing."""
    return _SHEET.substitute(colours)
