"""The sheet that checks the connections: every check with what to do about it, while everything else goes on."""

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QPushButton

from console.views.doctor_sheet import DoctorSheet
from tests.views.desk_window import DeskWindow, in_the_window, seen_texts
from tests.workflows.desk_bench import Bench, desk_bench


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """A desk on a sandbox."""
    with desk_bench() as bench:
        yield bench


async def opened_sheet(desk: DeskWindow) -> DoctorSheet:
    """Ask for the sheet as the menu does and wait for its answers."""
    await desk.opened()
    desk.do("connections.check")
    [sheet] = desk.window.findChildren(DoctorSheet)
    await desk.until(sheet.as_text, "the checks")
    return sheet


def button(sheet: DoctorSheet, words: str) -> QPushButton:
    [found] = [one for one in sheet.findChildren(QPushButton) if one.text() == words]
    return found


def test_where_all_is_well_it_says_so_and_is_not_modal(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        sheet = await opened_sheet(desk)
        assert "Everything works." in seen_texts(sheet)
        assert "does not work" not in seen_texts(sheet)
        assert not sheet.isModal()
        desk.click(button(sheet, "Close"))
        assert not sheet.isVisible()

    in_the_window(qapp, bench, work)


def test_what_is_broken_says_what_to_do_can_be_copied_and_checked_again(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        bench.break_with("access_ip", "GetAdminDetails", count=1000)
        sheet = await opened_sheet(desk)
        texts = seen_texts(sheet)
        assert any("General Settings > Security" in text and text.startswith("Do this: ") for text in texts)
        assert any("need" in text for text in texts)
        desk.click(button(sheet, "Copy as text"))
        assert QGuiApplication.clipboard().text() == sheet.as_text()
        assert "NOT OK" in sheet.as_text()
        bench.sandbox.board.remove()
        again = button(sheet, "Check again")

        def works() -> bool:
            # A WHMCS that has kept us out is spared for some seconds: then one presses again.
            if again.isEnabled() and "Everything works." not in seen_texts(sheet):
                desk.click(again)
            return "Everything works." in seen_texts(sheet)

        await desk.until(works, "the new answer")

    in_the_window(qapp, bench, work)


def test_closing_the_window_while_it_asks_leaves_nothing(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        bench.sandbox.board.latency_ms["salesforce"] = 200
        desk.do("connections.check")

    try:
        in_the_window(qapp, bench, work)
    finally:
        bench.sandbox.board.latency_ms["salesforce"] = 0
