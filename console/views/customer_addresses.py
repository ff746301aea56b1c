"""The billing address as WHMCS has it beside the one that Salesforce has; they may be in different scripts."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout

from console.models.page import Block, BlockState
from console.views.blocks import BlockCard
from console.views.theme import TextRole, Tone
from console.views.widgets import Tag, Text
from console.views.words import tr

if TYPE_CHECKING:
    from console.models.address import Address
    from console.workflows.customer_page import Addresses


class AddressCard(BlockCard):
    """Two addresses, one below the other, and what they say of each other."""

    def __init__(self, retry: Callable[[], None]) -> None:
        """Nothing has been read yet."""
        content = QFrame()
        super().__init__(tr("Billing address"), "whmcs", content, retry)
        self._told = Tag()
        self._whmcs = Text("", wrapped=True).selectable()
        self._salesforce = Text("", wrapped=True).selectable()
        grid = QGridLayout()
        grid.setContentsMargins(16, 9, 16, 11)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(8)
        for line, (system, hue, words) in enumerate(
            (("WHMCS", "whmcs", self._whmcs), ("Salesforce", "salesforce", self._salesforce))
        ):
            name = Text(system, TextRole.SMALL)
            name.tint(hue)
            name.setContentsMargins(0, 2, 0, 0)
            grid.addWidget(name, line, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(words, line, 1)
        grid.addWidget(self._told, 2, 1, Qt.AlignmentFlag.AlignLeft)
        grid.setColumnStretch(1, 1)
        content.setLayout(grid)

    def show_addresses(self, block: "Block[Addresses]", *, complete: bool) -> None:
        """Show what there is; until all is `complete` a missing half is still being read."""
        both = block.data
        if both is None or block.state is not BlockState.OK:
            return
        failed = tr("could not be read now") if block.message else ""
        missing = failed or (tr("none") if complete else "…")
        self._whmcs.say(_words(both.whmcs, missing))
        self._salesforce.say(_words(both.salesforce, missing))
        self._told.show_as(*_compared(both.mean_one_place))
        self.filled(block)


def _compared(mean_one_place: bool | None) -> tuple[str, Tone]:
    if mean_one_place is None:
        return "", Tone.NEUTRAL
    return (tr("same address"), Tone.NEUTRAL) if mean_one_place else (tr("different addresses"), Tone.LOOK)


def _words(address: "Address | None", missing: str) -> str:
    if address is None:
        return missing
    return tr("none") if address.is_empty else address.one_line()
