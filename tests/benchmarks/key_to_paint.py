"""From a key in the search box to the painted change of what it finds, among 20,000 customers.

Held against the same search in the same database, asked directly: what is more is the window's.
"""

import asyncio
import tempfile
import time
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from console.app import Session
from console.integrations.portal import directory_people
from console.models.customer import LinkState, Person
from console.views.palette import Palette
from console.views.places import Places
from tests.benchmarks.figures import Figure, options, percentile, show
from tests.benchmarks.in_the_window import in_practice, until
from tests.journeys.commands import practice

_TYPED = ("佐藤", "sato ken", "tanaka", "090-12", "C-00123", "u777@", "smith anna", "鈴木 花")
_FAMILIES = (
    "佐藤 Sato",
    "鈴木 Suzuki",
    "田中 Tanaka",
    "高橋 Takahashi",
    "伊藤 Ito",
    "Smith",
    "Garcia",
    "Nguyen",
    "森 Mori",
)
_GIVEN = (
    "健二 Kenji",
    "花子 Hanako",
    "翔 Sho",
    "愛 Ai",
    "Anna",
    "Lucas",
    "Maria",
    "葵 Aoi",
    "桜 Sakura",
    "誠 Makoto",
    "Emi",
)


class Painted(QObject):
    """Notes when a widget was last painted."""

    def __init__(self, widget: QWidget) -> None:
        """Watches from now on."""
        super().__init__(widget)
        self.at = 0.0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the event go on; note the time of a paint."""
        if event.type() == QEvent.Type.Paint:
            self.at = time.perf_counter()
        return False


def person(number: int) -> Person:
    """An invented customer."""
    family, given = _FAMILIES[number % len(_FAMILIES)], _GIVEN[number // len(_FAMILIES) % len(_GIVEN)]
    return Person(
        portal_user_id=f"00000000-0000-4000-8000-{number:012x}",
        whmcs_client_id=100_000 + number,
        salesforce_account_id=f"0015g{number:010d}AAA",
        customer_number=f"C-{number:07d}",
        name=f"{family.split()[0]} {given.split()[0]}",
        reading=f"{given.split()[-1]} {family.split()[-1]}",
        company="",
        email=f"u{number}@example.com",
        phone=f"090-{number % 10_000:04d}-{number * 7 % 10_000:04d}",
        link=LinkState.LINKED,
    )


def _is_listed(palette: Palette, text: str) -> bool:
    return palette._listed_for == text


def _is_painted(painted: Painted, since: float) -> bool:
    return painted.at > since


def main() -> None:
    """Measure and print."""
    asked = options(__doc__)
    count = 500 if asked.short else 20_000
    shown: list[float] = []
    searched: list[float] = []

    async def work(session: Session, places: Places) -> None:
        database = places.desk.lookup._directory._database
        everyone = [person(number) for number in range(count)]
        await database.run(lambda connection: directory_people.put(connection, everyone))
        palette, box = session.window.palette_list, session.window.top.search
        painted = Painted(palette._list.viewport())
        for typed in _TYPED[: 2 if asked.short else None]:
            session.window.activateWindow()
            box.setFocus()
            for length in range(1, len(typed) + 1):
                before = time.perf_counter()
                if typed[length - 1].isascii():
                    QTest.keyClicks(box, typed[length - 1])
                else:
                    box.insert(typed[length - 1])
                    box.textEdited.emit(box.text())
                text = typed[:length].strip()
                listed = list(palette._model.records)
                await until(partial(_is_listed, palette, text))
                now = [one.key for one in palette._model.records]
                if now and now != [one.key for one in listed]:
                    # Where a key changes nothing that is found, or leaves nothing, no row is painted.
                    await until(partial(_is_painted, painted, before))
                    shown.append((painted.at - before) * 1000)
            for length in range(1, len(typed) + 1):
                before = time.perf_counter()
                await places.desk.lookup.as_you_type(typed[:length], 20)
                searched.append((time.perf_counter() - before) * 1000)
            QTest.keyClick(box, Qt.Key.Key_Escape)
            await asyncio.sleep(0.05)

    with tempfile.TemporaryDirectory() as folder, practice(Path(folder)):
        in_practice(Path(folder) / "p.toml", Path(folder) / "data", work)
    name, peer, aim = f"key to painted hits, {count:,} customers", "search alone", "aim: 50 ms"
    figures = [
        Figure(f"{name}, p{part}", percentile(shown, part), "ms", percentile(searched, part), peer, aim)
        for part in (50, 95)
    ]
    show(figures, as_json=asked.json)


if __name__ == "__main__":
    main()
