"""The desk from its first window to its end: what keeps it from opening is said, and defects are written down."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, QTimer
from PySide6.QtWidgets import QApplication, QPushButton

from console import paths
from console.app import Session, translate
from console.desk_options import DeskOptions
from console.views.confirm import ConfirmDialog, Question
from console.views.deep_links import pass_on
from console.views.places import Places
from console.views.words import tr
from tests.views.desk_window import crash_reports, no_error_logged, nothing_left, seen_texts, sit, write_profile
from tests.views.qt_loop import until
from tests.workflows.desk_bench import Bench, desk_bench

_PATIENCE_S = 60


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """A desk on a sandbox."""
    with desk_bench() as bench:
        yield bench


def opened(
    app: QApplication, options: DeskOptions, work: Callable[[Session], Awaitable[None]], *, crashes: int = 0
) -> None:
    """Open a desk with these options, and see that nothing of it is left."""
    with nothing_left(app), no_error_logged():
        sit(app, options, work, crashes=crashes)


def on_screen(session: Session) -> str:
    return " | ".join(seen_texts(session.window))


def click(session: Session, words: str) -> None:
    next(one for one in session.window.findChildren(QPushButton) if one.text() == words).click()


def places_of(session: Session) -> Places | None:
    return session.window.places


def test_without_a_profile_it_says_how_to_name_one(qapp: QApplication, tmp_path: Path) -> None:
    async def work(session: Session) -> None:
        await until(lambda: "The desk cannot be opened" in on_screen(session), "the reason")
        assert "--profile" in on_screen(session)
        assert "--demo" in on_screen(session)

    opened(qapp, DeskOptions(data_dir=tmp_path), work)


@pytest.mark.parametrize("text", ["", "not = [toml", 'id = "shop-1"\n'], ids=["empty", "no TOML", "unfinished"])
def test_a_profile_that_is_wrong_is_named_and_tried_again_when_it_was_mended(
    qapp: QApplication, bench: Bench, tmp_path: Path, text: str
) -> None:
    file = tmp_path / "shop.toml"
    file.write_text(text, encoding="utf-8")

    async def work(session: Session) -> None:
        await until(lambda: "The desk cannot be opened" in on_screen(session), "the reason")
        assert "shop.toml" in on_screen(session)
        write_profile(bench.profile, file)
        click(session, "Try again")
        await until(lambda: places_of(session), "the desk")

    opened(qapp, DeskOptions(profile=str(file), data_dir=tmp_path / "data"), work)


def test_somebody_who_is_not_there_cannot_sign_in(qapp: QApplication, bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "shop.toml"
    write_profile(bench.profile, file)

    async def work(session: Session) -> None:
        await until(lambda: "The desk cannot be opened" in on_screen(session), "the reason")
        assert "Yuki Shirai (supervisor)" in on_screen(session)

    opened(qapp, DeskOptions(profile=str(file), data_dir=tmp_path / "data", signed_in_as="nobody"), work)


@pytest.mark.parametrize(
    ("kind", "said"), [("drop", "Salesforce"), ("invalid_session", "Salesforce")], ids=["down", "refused"]
)
def test_a_system_that_does_not_let_us_in_is_said_in_plain_words_and_asked_again(
    qapp: QApplication, bench: Bench, tmp_path: Path, kind: str, said: str
) -> None:
    file = tmp_path / "shop.toml"
    write_profile(bench.profile, file)
    bench.break_with(kind, "*", "salesforce", count=10_000)

    async def work(session: Session) -> None:
        await until(lambda: "The desk cannot be opened" in on_screen(session), "the reason")
        assert said in on_screen(session)
        assert "userinfo" not in on_screen(session)
        assert "Error" not in on_screen(session)
        bench.sandbox.board.remove()
        click(session, "Try again")
        await until(lambda: places_of(session), "the desk")

    try:
        opened(qapp, DeskOptions(profile=str(file), data_dir=tmp_path / "data"), work)
    finally:
        bench.sandbox.board.remove()


def test_a_database_that_cannot_be_opened_is_said_in_plain_words(
    qapp: QApplication, bench: Bench, tmp_path: Path
) -> None:
    file = tmp_path / "shop.toml"
    write_profile(bench.profile, file)
    (tmp_path / "portal.db").write_bytes(b"no database at all" * 100)

    async def work(session: Session) -> None:
        await until(lambda: "The desk cannot be opened" in on_screen(session), "the reason")
        assert "portal " not in on_screen(session)
        assert "sqlite" not in on_screen(session).casefold()

    opened(qapp, DeskOptions(profile=str(file), data_dir=tmp_path), work)


def test_after_the_close_what_is_under_way_is_finished_and_nothing_can_begin(
    qapp: QApplication, bench: Bench, tmp_path: Path
) -> None:
    file, finished = tmp_path / "shop.toml", list[str]()
    write_profile(bench.profile, file)

    async def work(session: Session) -> None:
        await until(lambda: places_of(session), "the desk")
        release, under_way = asyncio.Event(), session.window.shell.actions_under_way

        async def order() -> None:
            await release.wait()
            finished.append("order")

        under_way.spawn(order(), "an order")
        session.window.close()
        await until(lambda: not session.window.isVisible(), "the end of the window")
        await asyncio.sleep(0)
        assert not pass_on("staff-console://order/10482", tmp_path), "a link would bring the window back"
        question = Question("Approve order 1?", ("So it is.",), "Approve")
        assert await ConfirmDialog(question, session.window).asked() is None
        session.window.shell.actions.ask_for("orders.provision_all")
        assert finished == []
        release.set()
        assert await under_way.ended(_PATIENCE_S)
        assert finished == ["order"]
        assert not session.window.isVisible()

    opened(qapp, DeskOptions(profile=str(file), data_dir=tmp_path), work)


def test_each_profile_remembers_its_own_window(qapp: QApplication, tmp_path: Path) -> None:
    async def work(session: Session) -> None:
        session.window.shell.actions.ask_for("view.dark")

    for name in ("shop-1", "shop-2"):
        opened(qapp, DeskOptions(profile=str(tmp_path / f"{name}.toml")), work)
    kept = sorted(file.name for file in (paths.config_dir() / "windows").glob("*.ini"))
    assert kept == ["shop-1.ini", "shop-2.ini"]


def in_a_callback() -> None:
    """A defect in something that the loop calls."""
    asyncio.get_running_loop().call_soon(_defect)


def in_a_slot() -> None:
    """A defect in something that Qt calls."""
    QTimer.singleShot(0, _defect)


def on_a_thread() -> None:
    """A defect on another thread."""
    threading.Thread(target=_defect).start()


def _defect() -> None:
    raise ValueError("Sato Kenji +81 90 1234 5678")


@pytest.mark.parametrize("fails", [in_a_callback, in_a_slot, on_a_thread])
def test_a_defect_is_written_down_without_anybodys_data_and_said_once(
    qapp: QApplication, tmp_path: Path, fails: Callable[[], None]
) -> None:
    async def work(session: Session) -> None:
        fails()
        await until(lambda: session.window.notice_bar.words, "the notice")
        assert session.window.notice_bar.words.startswith("Something is wrong with the program.")
        [report] = crash_reports()
        assert "ValueError" in report
        assert "Sato" not in report
        assert "1234" not in report

    opened(qapp, DeskOptions(data_dir=tmp_path), work, crashes=1)


def test_hooks_and_signals_are_given_back(qapp: QApplication, tmp_path: Path) -> None:
    before = sys.excepthook, threading.excepthook, signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)

    async def work(session: Session) -> None:
        assert sys.excepthook is not before[0]

    opened(qapp, DeskOptions(data_dir=tmp_path), work)
    assert before == (
        sys.excepthook, threading.excepthook, signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM),
    )  # fmt: skip


@pytest.mark.parametrize(("locale", "words"), [("ja_JP", "注文"), ("en_GB", "Orders"), ("fr_FR", "Orders")])
def test_the_desk_speaks_the_language_of_the_system_where_it_has_words_for_it(locale: str, words: str) -> None:
    """In a process of its own: a language stays for good."""
    code = (
        "from PySide6.QtCore import QLocale; from PySide6.QtWidgets import QApplication\n"
        "from console.app import translate; from console.views.words import tr\n"
        f"app = QApplication([]); translate(app, QLocale({locale!r})); print(tr('Orders'))"
    )
    assert python("-c", code).stdout.strip() == words


def test_english_words_are_those_of_the_code(qapp: QApplication) -> None:
    translate(qapp, QLocale("en_US"))
    assert tr("Orders") == "Orders"


def python(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run Python in a process of its own, without a screen."""
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, encoding="utf-8", check=True,
        cwd=paths.resources().parent, env=os.environ | {"QT_QPA_PLATFORM": "offscreen", "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no polite end for a process")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_the_program_says_when_it_takes_keys_and_ends_in_order_when_told_to(
    bench: Bench, tmp_path: Path, how: signal.Signals
) -> None:
    write_profile(bench.profile, tmp_path / "shop.toml")
    command = [
        sys.executable, "-m", "console", "--profile", str(tmp_path / "shop.toml"), "--data-dir", str(tmp_path / "data"),
        "--trace-startup",
    ]  # fmt: skip
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env=os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    ) as desk:
        assert desk.stderr
        assert desk.stderr.readline().startswith("search box takes keys after ")
        desk.send_signal(how)
        assert desk.wait(_PATIENCE_S) == 0
        assert desk.stderr.read() == ""
