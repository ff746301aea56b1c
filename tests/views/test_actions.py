"""One table of actions: keys that never clash, letters that can be switched off, and everything in its menu."""

from collections import defaultdict
from itertools import combinations

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMainWindow, QWidget

from console.views.actions import ACTIONS, Action, Actions, Menu, Scope, is_letter
from console.views.widgets import column

# Where one and the same widget, or one inside of the other, may hold the keys of both.
OVERLAPPING = {
    frozenset({scope}) for scope in Scope
} | {frozenset({Scope.WINDOW, scope}) for scope in Scope} | {frozenset({Scope.LIST, Scope.ORDER})}  # fmt: skip


def test_no_two_actions_that_can_be_meant_at_once_share_a_key() -> None:
    clashes = [
        (one.id, other.id)
        for one, other in combinations([action for action in ACTIONS if action.keys], 2)
        if frozenset({one.scope, other.scope}) in OVERLAPPING and QKeySequence(one.keys) == QKeySequence(other.keys)
    ]
    assert clashes == []


def test_every_action_has_an_id_and_words_of_its_own() -> None:
    assert len({action.id for action in ACTIONS}) == len(ACTIONS)
    by_menu = defaultdict(list)
    for action in ACTIONS:
        by_menu[action.menu].append(action.words)
    assert all(len(set(words)) == len(words) for words in by_menu.values())


def test_every_key_is_one_that_qt_knows() -> None:
    written = [action for action in ACTIONS if action.keys]
    assert [action.id for action in written if QKeySequence(action.keys).toString() != action.keys] == []


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_single_letters_hold_only_where_nobody_types(action: Action) -> None:
    assert not (is_letter(action.keys) and action.scope is Scope.WINDOW)


@pytest.mark.parametrize(
    ("keys", "letter"),
    [
        ("A", True),
        ("Shift+A", True),
        ("/", True),
        ("F1", False),
        ("Ctrl+K", False),
        ("Ctrl+Shift+P", False),
        ("", False),
    ],
)
def test_what_people_type_words_with_is_a_letter(keys: str, letter: bool) -> None:
    assert is_letter(keys) is letter


class Heard:
    """Actions of a window with two fields, one of which holds the letters of orders."""

    def __init__(self, window: QMainWindow) -> None:
        self.actions = Actions(window)
        self.held, self.other, centre = QWidget(), QLineEdit(), QWidget()
        self.held.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        layout = column()
        layout.addWidget(self.held)
        layout.addWidget(self.other)
        centre.setLayout(layout)
        window.setCentralWidget(centre)
        self.actions.hold_in(self.held, Scope.ORDER)
        self.asked: list[str] = []
        self.actions.triggered.connect(self.asked.append)

    def press(self, where: QWidget, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key in one of the fields."""
        where.setFocus()
        QTest.keyClick(where, key, held)


@pytest.fixture
def heard(window: QMainWindow) -> Heard:
    """Actions, and what was asked for."""
    return Heard(window)


def test_a_letter_acts_where_it_holds_and_types_where_one_types(heard: Heard) -> None:
    heard.press(heard.held, Qt.Key.Key_A)
    assert heard.asked == ["order.approve_provision"]
    heard.press(heard.other, Qt.Key.Key_A)
    assert heard.asked == ["order.approve_provision"]
    assert heard.other.text() == "a"


def test_keys_of_the_window_hold_everywhere(heard: Heard) -> None:
    heard.press(heard.other, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    heard.press(heard.held, Qt.Key.Key_F5)
    assert heard.asked == ["find", "refresh"]


def test_letters_can_be_switched_off_and_on_and_nothing_else_is_touched(heard: Heard) -> None:
    heard.actions.use_letters(on=False)
    heard.press(heard.held, Qt.Key.Key_A)
    heard.press(heard.held, Qt.Key.Key_F5)
    assert heard.asked == ["refresh"]
    heard.actions.use_letters(on=True)
    heard.press(heard.held, Qt.Key.Key_A, Qt.KeyboardModifier.ShiftModifier)
    assert heard.asked == ["refresh", "order.approve"]


def test_only_what_would_do_something_now_is_offered(heard: Heard) -> None:
    hidden, ready = QWidget(), list[bool]()
    heard.actions.on("refresh", lambda: None, when=lambda: bool(ready))
    heard.actions.on("list.filter", lambda: None, within=hidden)

    def offered() -> set[str]:
        return {action.id for action, _ in heard.actions.offered()}

    assert not {"refresh", "list.filter", "order.approve"} & offered()
    heard.actions.settle(Menu.VIEW)
    assert not heard.actions.qt("refresh").isEnabled()
    heard.actions.unsettle(Menu.VIEW)
    assert heard.actions.qt("refresh").isEnabled(), "its key is heard as soon as it would do something"
    ready.append(True)
    assert "refresh" in offered()
    hidden.show()
    assert "list.filter" in offered()


def test_an_action_is_carried_out_by_its_latest_handler(heard: Heard) -> None:
    done: list[str] = []
    heard.actions.on("refresh", lambda: done.append("first"))
    heard.actions.on("refresh", lambda: done.append("second"))
    heard.actions.ask_for("refresh")
    assert done == ["second"]
    with pytest.raises(KeyError):
        heard.actions.qt("nothing")


def test_every_action_is_in_one_menu_in_the_order_of_the_table(heard: Heard) -> None:
    listed = [made for menu in Menu for made in heard.actions.of_menu(menu)]
    assert len(listed) == len(ACTIONS)
    assert heard.actions.of_menu(Menu.HELP)[-1] is heard.actions.qt("quit")


def test_of_several_handlers_the_one_that_is_seen_counts(heard: Heard) -> None:
    done: list[str] = []
    heard.actions.on("list.filter", lambda: done.append("always"))
    heard.actions.on("list.filter", lambda: done.append("within"), within=heard.held)
    heard.actions.ask_for("list.filter")
    heard.held.hide()
    heard.actions.ask_for("list.filter")
    shiboken6.delete(heard.held)
    heard.actions.ask_for("list.filter")
    assert done == ["within", "always", "always"]
