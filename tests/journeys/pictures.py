"""The pictures of the README, made from the real windows without a screen: `python packaging/dev.py pictures`."""

import asyncio
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QApplication

from console.app import translate
from console.models.order import OrderState
from console.models.staff import StaffMember
from console.services import Services
from console.workflows.bulk import BulkPace
from tests.views.desk_window import DeskWindow, in_the_window
from tests.workflows.desk_bench import desk_bench

_SIZE = 1280, 800
_PLACES = {"en": ("order", "failures"), "ja": ("today", "customer")}
_SETTLED_S = 1.5
_LANGUAGES = {"en": QLocale.Language.English, "ja": QLocale.Language.Japanese}


def main(folder: Path) -> None:
    """Make every picture anew in `folder`."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as home:
        os.environ["HOME"] = os.environ["XDG_CONFIG_HOME"] = home
        app = QApplication([])
        folder.mkdir(parents=True, exist_ok=True)
        for language, spoken in _LANGUAGES.items():
            with desk_bench() as bench:
                translate(app, QLocale(spoken))
                bench.run(_a_day_of_work)
                in_the_window(app, bench, _taking(folder, language), folder=bench.folder)


async def _a_day_of_work(services: Services, me: StaffMember) -> None:
    """Provision what is approved, so that there is something to look at."""
    await services.orders.refresh()
    approved = [order.order_id for order in await services.orders.queue(OrderState.APPROVED)]
    await services.bulk.new(me, approved, BulkPace(4)).run()


def _taking(folder: Path, language: str) -> Callable[[DeskWindow], Awaitable[None]]:
    async def taken(desk: DeskWindow) -> None:
        await desk.opened()
        desk.window.resize(*_SIZE)
        for name, scheme in (("light", Qt.ColorScheme.Light), ("dark", Qt.ColorScheme.Dark)):
            desk.window.shell.theme.choose(scheme)
            for place in _PLACES[language]:
                await _show(desk, place, language)
                await asyncio.sleep(_SETTLED_S)
                desk.window.grab().save(str(folder / f"{place}-{language}-{name}.png"))

    return taken


async def _show(desk: DeskWindow, place: str, language: str) -> None:
    """Go to a place and open what is worth a picture there."""
    places = desk.places
    if place == "customer":
        wanted = "佐藤" if language == "ja" else "Fisher"
        found = await places.desk.lookup.as_you_type(wanted, 1)
        places.open_customer(found.people[0].salesforce_account_id or "")
    elif place == "order":
        places.show("orders")
        ready = next(one for one in places.live.orders if one.state is OrderState.IN_REVIEW)
        places.records.orders.choose(ready.order_id)
    else:
        places.show(place)
    await desk.quiet()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
