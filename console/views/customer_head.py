"""The head of a customer: who it is, the three ids, and whether they agree."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QBoxLayout, QLabel, QWidget

from console.models.customer import LinkHealth, LinkState, Person
from console.views.ages import age_words
from console.views.customers_list import person_words
from console.views.flow_row import FlowRow
from console.views.page import PageHead
from console.views.theme import TextRole, Theme, Tone
from console.views.widgets import Chip, Tag, Text, column, row
from console.views.words import in_language, tr

if TYPE_CHECKING:
    from console.models.failure import FailureCatalogue

_RADIUS = 8
_OF_LINKS = "LNK-"


class CopyChip(Chip):
    """A chip whose whole id can be copied, by its menu or with the usual key."""

    def __init__(self, system: str, hue: str, theme: Theme) -> None:
        """No id yet."""
        super().__init__(system, hue)
        self._theme = theme
        self._whole = ""
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._copy = QAction(tr("Copy"), self)
        self._copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        self._copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self._copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(self._whole))
        self.addAction(self._copy)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        for part in self.findChildren(QLabel):
            part.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)

    def show_id(self, text: str, agrees: bool | None) -> None:
        """Show an id; without one there is nothing to copy."""
        super().show_id(text, agrees)
        self._whole = text
        self._copy.setEnabled(bool(text))

    def paintEvent(self, event: QPaintEvent) -> None:
        """A ring shows where the focus is."""
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(self._theme.color("accent"))
            painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), _RADIUS, _RADIUS)
            painter.end()


class CustomerHead(QWidget):
    """Name, grey line, chips, and one plain line where the ids do not agree."""

    def __init__(self, theme: Theme, catalogue: "FailureCatalogue") -> None:
        """Nobody is shown yet."""
        super().__init__()
        self._catalogue = catalogue
        self._checked_at: datetime | None = None
        self.names = PageHead("")
        self.names.line.selectable()
        self.chips = (
            CopyChip("Portal", "portal", theme),
            CopyChip("WHMCS", "whmcs", theme),
            CopyChip("Salesforce", "salesforce", theme),
        )
        self.link = Tag()
        self._code = Tag("", Tone.LOOK)
        self.evidence = Text("", TextRole.BODY, wrapped=True).selectable()
        self._lines = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._build()

    def spread(self, *, wide: bool) -> None:
        """Set the chips beside the name where there is room, else below it."""
        direction = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        self._lines.setDirection(direction)

    def show_person(self, person: Person) -> None:
        """Show what the directory knows; the link itself is checked live."""
        self.names.title.say(person_words(person))
        number = tr("Customer number {number}", number=person.customer_number) if person.customer_number else ""
        company = person.company if person.company != person.name else ""
        self.names.line.say(" · ".join(part for part in (number, person.email, person.phone, company) if part))
        self._checked_at = person.link_checked_at
        self._show_ids(person, person.link)
        linked = person.link is LinkState.LINKED
        if not linked and not self.evidence.whole:
            self._tell("", Tone.NEUTRAL, tr("Checking how the ids fit together…"))

    def show_health(self, person: Person, health: LinkHealth) -> None:
        """Show what the live check of the link found. A fault of a system says nothing of the link."""
        if health.code and not health.code.startswith(_OF_LINKS):
            self.not_checked(health.code)
            return
        self._show_ids(person, health.state)
        if health.state is LinkState.LINKED or health.code is None:
            self._tell("", Tone.NEUTRAL, "")
            return
        tone = Tone.STOP if health.state is LinkState.CONFLICT else Tone.LOOK
        entry = self._catalogue.get(health.code)
        title = f"{in_language(entry.title)} · " if entry else ""
        self._tell(health.code, tone, f"{title}{in_language(health.evidence)}")

    def not_checked(self, code: str) -> None:
        """The link could not be checked now for the reason of this code; what the directory knows stays."""
        entry = self._catalogue.get(code)
        why = f" {in_language(entry.title)}." if entry else ""
        now = tr("The link of the three ids could not be checked now.") + why
        self._tell("", Tone.NEUTRAL, f"{now} {_checked_words(self._checked_at)}")

    def _build(self) -> None:
        chips = FlowRow((*self.chips, self.link), spacing=8)
        self._lines.setSpacing(10)
        self._lines.addWidget(self.names, 1)
        self._lines.addWidget(chips)
        told = row(spacing=8)
        told.addWidget(self._code, 0, Qt.AlignmentFlag.AlignTop)
        told.addWidget(self.evidence, 1)
        layout = column(spacing=8)
        layout.addLayout(self._lines)
        layout.addLayout(told)
        self.setLayout(layout)
        self._tell("", Tone.NEUTRAL, "")

    def _show_ids(self, person: Person, link: LinkState) -> None:
        ids = (person.portal_user_id or "", str(person.whmcs_client_id or ""), person.salesforce_account_id or "")
        for chip, one in zip(self.chips, ids, strict=True):
            # Where the ids disagree nobody knows yet which one is wrong.
            chip.show_id(one, bool(one) if link is LinkState.LINKED or not one else None)
        self.link.show_link(link.value)

    def _tell(self, code: str, tone: Tone, words: str) -> None:
        self._code.show_as(code, tone)
        self.evidence.say(words)
        self.evidence.setVisible(bool(words))


def _checked_words(checked_at: datetime | None) -> str:
    """When the sync last compared the ids with the WHMCS client itself."""
    if checked_at is None:
        return tr("It was not yet compared with WHMCS.")
    return tr("It was last compared with WHMCS {age} ago.", age=age_words(datetime.now(UTC) - checked_at))
