"""What every place in the rail is: a widget that can be read again, takes the focus, and is left in order."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from console.views.theme import TextRole
from console.views.widgets import Text, column, row


class Page(QWidget):
    """A place. Subclasses read through the workflows and draw; they hold no business."""

    def __init__(self, title: str) -> None:
        """`title` is what a screen reader says of the place."""
        super().__init__()
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(title)

    def read(self) -> None:
        """Read everything again, as F5 asks for."""
        raise NotImplementedError

    def take_focus(self) -> None:
        """Put the focus where the keyboard is of use."""
        raise NotImplementedError

    def leave(self) -> None:
        """The window is closed: drop what is still being read."""
        raise NotImplementedError


class PageHead(QWidget):
    """The one loud thing of a place: its title, a grey line below it, and room for buttons at the right."""

    def __init__(self, title: str) -> None:
        """`tools` is the layout at the right end."""
        super().__init__()
        self.title = Text(title, TextRole.PAGE_TITLE, elided=True)
        self.line = Text("", TextRole.BODY, elided=True)
        self.line.setProperty("role", "second")
        self.tools = row(spacing=8)
        words = column(spacing=2)
        words.addWidget(self.title)
        words.addWidget(self.line)
        layout = row(spacing=12)
        layout.addLayout(words, 1)
        layout.addLayout(self.tools)
        self.setLayout(layout)


def scrolled(content: QWidget) -> QScrollArea:
    """A page's content in a view that scrolls downwards only."""
    content.setObjectName("page")
    content.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    return _downwards(content)


def scrolled_in_card(content: QWidget) -> QScrollArea:
    """What may be longer than its card scrolls in it, on the card's own ground."""
    area = _downwards(content)
    area.setStyleSheet("QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; }")
    return area


def _downwards(content: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(content)
    return area
