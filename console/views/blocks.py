"""Cards that are filled each by itself: their rows, and what a card says while it has none."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QWidget

from console.models.page import Block
from console.views.cells import EDGE, ROW_HEIGHT, Cells, CellTable
from console.views.tables import RecordModel
from console.views.theme import TextRole, Theme
from console.views.widgets import Button, Card, Text, column, row
from console.views.words import tr, trn

R = TypeVar("R")

_ROWS_AT_FIRST, _ROOM_FOR = 8, 3
# A link keeps its words this far from its edge; they begin where other words begin.
_LINK_PAD = 5
_LOADING_AFTER_MS = 150
_SYSTEMS = {"salesforce": "Salesforce", "whmcs": "WHMCS", "portal": "Portal"}


def system_words(system: str) -> str:
    """The name of a system."""
    return tr(_SYSTEMS[system])


class Said(NamedTuple):
    """What a card says in the place of its rows: a title in a colour, and a sentence."""

    title: str
    sentence: str = ""
    tint: str = ""


class BlockMessage(QWidget):
    """A short state inside of a card, with at most one button."""

    def __init__(self, retry: Callable[[], None]) -> None:
        """`retry` reads the card again."""
        super().__init__()
        self._title = Text("", wrapped=True)
        self._title.setProperty("role", "second")
        self._sentence = Text("", TextRole.SECOND, wrapped=True)
        self._button = Button(tr("Try again"), retry, look="link")
        for part in (self._title, self._sentence):
            part.setContentsMargins(_LINK_PAD, 0, 0, 0)
        layout = column((EDGE - _LINK_PAD, 8, EDGE, 8), 2)
        layout.addWidget(self._title)
        layout.addWidget(self._sentence)
        line = row()
        line.addWidget(self._button)
        line.addStretch(1)
        layout.addLayout(line)
        layout.addStretch(1)
        self.setLayout(layout)

    def say(self, said: Said, *, again: bool = False) -> None:
        """Show a state; `again` offers to read it again."""
        self._title.say(said.title)
        self._title.tint(said.tint)
        self._sentence.say(said.sentence)
        self._sentence.setVisible(bool(said.sentence))
        self._button.setVisible(again)
        self.setAccessibleName(f"{said.title}. {said.sentence}")


class BlockCard(Card):
    """One block of a page with its fate. What it shows stays until the next reading has come."""

    def __init__(
        self, title: str, source: str, content: QWidget, retry: Callable[[], None], room_for: int = _ROOM_FOR
    ) -> None:
        """Nothing has been read yet.

        `source` names the system in the head of the card; so many rows have room from the start, so that little moves
        when they come.
        """
        super().__init__(title)
        self._content = content
        self._has_content = False
        # Until the first answer, and again after one that failed, there is nothing worth keeping on screen.
        self._nothing_said = True
        self._message = BlockMessage(retry)
        self._stale = Text("", TextRole.SECOND, wrapped=True)
        self._stale.setContentsMargins(EDGE, 6, EDGE, 8)
        self._stale.tint("look")
        self._slow = QTimer(self)
        self._slow.setSingleShot(True)
        self._slow.setInterval(_LOADING_AFTER_MS)
        self._slow.timeout.connect(lambda: self._say(Said(tr("Reading…"))))
        self.note.since(None, system_words(source))
        inside = column(spacing=0)
        for part in (content, self._message, self._stale):
            inside.addWidget(part)
            part.hide()
        inside.addStretch(1)
        body = row(spacing=0)
        body.addStrut(room_for * ROW_HEIGHT + 3)
        body.addLayout(inside)
        self.add(body)

    @property
    def shows_content(self) -> bool:
        """Whether the card shows what it was read for, and no state."""
        return self._has_content

    def reading(self) -> None:
        """The block is being read."""
        if self._nothing_said:
            self._slow.start()

    def filled(self, block: Block[Any]) -> None:
        """The content was put in place."""
        self._slow.stop()
        self._has_content, self._nothing_said = True, False
        self._content.show()
        self._message.hide()
        self._stale.hide()
        self._date(block)

    def empty(self, block: Block[Any], said: Said) -> None:
        """There is nothing, which is an answer as well."""
        self._date(block)
        self._say(said)
        self._nothing_said = False

    def failed(self, said: Said) -> None:
        """It could not be read. What is shown already stays, and is said to be old."""
        if self._has_content:
            self._slow.stop()
            self._stale.say(" ".join(part for part in (f"{said.title}.", said.sentence) if part))
            self._stale.show()
        else:
            self._say(said, again=True)

    def _date(self, block: Block[Any]) -> None:
        self.note.since(block.fetched_at, f"{system_words(block.source.value)} · ")

    def _say(self, said: Said, *, again: bool = False) -> None:
        self._slow.stop()
        self._has_content, self._nothing_said = False, True
        self._message.say(said, again=again)
        self._content.hide()
        self._stale.hide()
        self._message.show()


class ListBlock(BlockCard, Generic[R]):
    """A block of rows: the first eight, and the others when asked for."""

    def __init__(
        self,
        title: str,
        source: str,
        columns: Sequence[Cells[R]],
        key: Callable[[R], Hashable],
        theme: Theme,
        retry: Callable[[], None],
        room_for: int = _ROOM_FOR,
    ) -> None:
        """`key` tells rows apart."""
        content = QFrame()
        super().__init__(title, source, content, retry, room_for)
        self.model: RecordModel[R] = RecordModel(columns, key, self)
        self.table = CellTable(self.model, columns, theme, title)
        self.more = Button("", self._show_all, look="link")
        self._records: Sequence[R] = ()
        self._all_of_them = False
        layout = column(spacing=0)
        layout.addWidget(self.table)
        line = row((EDGE - _LINK_PAD, 2, EDGE, 4))
        line.addWidget(self.more)
        line.addStretch(1)
        layout.addLayout(line)
        content.setLayout(layout)

    def show_rows(self, block: Block[Any], records: Sequence[R]) -> None:
        """Put these rows in place."""
        self._records = records
        self._place()
        self.filled(block)

    def _show_all(self) -> None:
        self._all_of_them = True
        self._place()
        self.table.setFocus()

    def _place(self) -> None:
        shown = self._records if self._all_of_them else self._records[:_ROWS_AT_FIRST]
        self.model.set_records(shown)
        self.table.fit()
        left = len(self._records) - len(shown)
        self.more.setText(trn("%n more", left))
        self.more.setVisible(left > 0)
