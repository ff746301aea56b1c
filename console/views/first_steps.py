"""The card of first steps in practice: three things to try, each ticked off as soon as it was done."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton

from console.views.theme import TextRole
from console.views.widgets import Card, Text, column, row
from console.views.words import tr

STEPS = (
    ("customer", "Find a customer", "Press Ctrl+K and type a name, for example 佐藤 or Sato."),
    ("approve", "Approve an order", "Go to Orders, choose one that is ready, and press A."),
    ("failure", "Fix a failure", "Go to Failures, read what to do, and press R to retry."),
)


class FirstSteps(Card):
    """Ticks itself off; × hides it. `put_away` comes when somebody put it away."""

    put_away = Signal()

    def __init__(self) -> None:
        """Nothing is done yet."""
        super().__init__(tr("First steps"))
        self._signs: dict[str, Text] = {}
        self._titles: dict[str, Text] = {}
        self._done: set[str] = set()
        close = QToolButton()
        close.setText("×")
        close.setAccessibleName(tr("Hide the first steps"))
        close.clicked.connect(self._put_away)
        self.head.addWidget(close)
        body = row((16, 10, 16, 12), 24)
        for name, title, how in STEPS:
            body.addLayout(self._step(name, tr(title), tr(how)), 1)
        self.add(body)

    @property
    def done(self) -> frozenset[str]:
        """The steps that were done."""
        return frozenset(self._done)

    def tick(self, name: str) -> None:
        """A step was done."""
        self._done.add(name)
        self._signs[name].say("✓")
        self._signs[name].tint("good")
        left = len(STEPS) - len(self._done)
        self.title.say(tr("First steps") if left else tr("First steps: all done"))

    def _step(self, name: str, title: str, how: str) -> QHBoxLayout:
        self._signs[name] = Text("○", TextRole.BODY)
        self._titles[name] = Text(title, TextRole.STRONG)
        words = column(spacing=1)
        words.addWidget(self._titles[name])
        words.addWidget(Text(how, TextRole.SECOND, wrapped=True))
        words.addStretch(1)
        line = row(spacing=10)
        line.addWidget(self._signs[name], 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(words, 1)
        return line

    def _put_away(self) -> None:
        self.hide()
        self.put_away.emit()
