"""Settings ▸ Connections: every check with what to do about it, each shown as soon as it is known."""

import contextlib
from collections.abc import Iterator

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console import paths
from console.views.settings_page import SettingsPage
from console.views.words import Translator, load_catalogue
from tests.views.desk_window import DeskWindow, in_the_window, seen_texts
from tests.workflows.desk_bench import Bench, desk_bench


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """A desk on a sandbox."""
    with desk_bench() as bench:
        yield bench


@pytest.fixture(autouse=True)
def mended(bench: Bench) -> Iterator[None]:
    """What a test has broken is whole again for the next one."""
    yield
    bench.sandbox.board.remove()


@contextlib.contextmanager
def speaking_japanese(qapp: QApplication) -> Iterator[None]:
    """The words of a Japanese desk."""
    translator = Translator(load_catalogue(paths.resources() / "words", "ja"), qapp)
    qapp.installTranslator(translator)
    try:
        yield
    finally:
        qapp.removeTranslator(translator)
        shiboken6.delete(translator)


async def opened_page(desk: DeskWindow, by: str = "connections.check") -> SettingsPage:
    """Ask for the place and wait for its answers."""
    await desk.opened()
    desk.do(by)
    page = desk.places.settings
    assert page.isVisible()
    await desk.until(page.again.isEnabled, "the checks")
    return page


@pytest.mark.parametrize("by", ["connections.check", "go.settings"])
def test_where_all_is_well_it_says_so(qapp: QApplication, bench: Bench, by: str) -> None:
    async def work(desk: DeskWindow) -> None:
        page = await opened_page(desk, by)
        texts = seen_texts(page)
        assert "Everything works." in texts
        assert texts.count("works") == len(page._rows)
        assert "does not work" not in texts
        assert {bench.profile.salesforce.instance_url, bench.profile.whmcs.url} <= set(texts)
        assert {"Portal", "Salesforce", "WHMCS", "This machine"} <= set(texts)

    in_the_window(qapp, bench, work)


def test_what_is_broken_says_what_to_do_can_be_copied_and_checked_again_at_once(
    qapp: QApplication, bench: Bench
) -> None:
    async def work(desk: DeskWindow) -> None:
        bench.break_with("access_ip", "GetAdminDetails", count=1000)
        page = await opened_page(desk)
        texts = seen_texts(page)
        assert any("General Settings > Security" in text and text.startswith("Do this: ") for text in texts)
        assert any("need" in text for text in texts)
        # What could not be tried says no more than that.
        assert texts.count("does not work") == 1
        assert texts.count("not tried") > 1
        assert sum(text.startswith("Do this: ") for text in texts) == 1
        QTest.keyClick(page, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
        assert QGuiApplication.clipboard().text() == page.as_text()
        assert f"WHMCS address: {bench.profile.whmcs.url}" in page.as_text()
        assert "✕ WHMCS connection and credential: " in page.as_text()
        bench.sandbox.board.remove()
        # Whoever has mended it need not wait until WHMCS is asked by itself again.
        QTest.keyClick(page, Qt.Key.Key_F5)
        await desk.until(lambda: "Everything works." in seen_texts(page), "the new answer")

    in_the_window(qapp, bench, work)


def test_it_says_which_systems_these_are_and_who_works_with_them(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        page = await opened_page(desk)
        org = next(iter(bench.sandbox.salesforce.tables["Organization"].values()))
        told = dict(page._facts())
        assert told["Profile"] == f"{bench.profile.id} · practice"
        assert told["Salesforce org"] == f"{org['Name']}, a sandbox"
        assert told["Salesforce org id"] == org["Id"]
        assert told["Signed in"] == f"{desk.places.desk.me.name}: supervisor"
        assert told["WHMCS version"] == bench.sandbox.whmcs.switches.version
        assert "in 24 hours" in told["Salesforce calls"]
        assert set(told.values()) <= set(seen_texts(page))

    in_the_window(qapp, bench, work)


def test_a_japanese_desk_has_all_of_it_in_japanese(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        bench.break_with("access_role", "GetOrders")
        page = await opened_page(desk)
        texts = seen_texts(page)
        assert "要対応1件" in texts
        assert "この資格情報ではGetOrdersを使えません。" in texts
        assert texts.count("異常") == 1
        assert "works" not in texts
        assert "サインイン中" in page.as_text()

    with speaking_japanese(qapp):
        in_the_window(qapp, bench, work)


def test_each_check_shows_as_soon_as_it_is_known(qapp: QApplication, bench: Bench) -> None:
    async def work(desk: DeskWindow) -> None:
        await desk.opened()
        bench.break_with("answer_late", "GetAdminDetails", delay_ms=900)
        desk.do("connections.check")
        page = desk.places.settings
        await desk.until(lambda: "works" in seen_texts(page), "the first answer")
        assert "checking…" in seen_texts(page)
        assert not page.again.isEnabled()
        await desk.until(page.again.isEnabled, "the rest")
        assert "checking…" not in seen_texts(page)

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
