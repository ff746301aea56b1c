"""Signing in at the window: asked for before the desk opens, quietly in the middle of work, and ended from the menu."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QPushButton

from console.app import Session
from console.desk_options import DeskOptions
from console.integrations.salesforce import sign_in as browser
from console.integrations.salesforce.redirect import PATH
from console.sandbox.salesforce_oauth import OAuthSwitches
from tests.integrations.salesforce.person import Person, free_ports
from tests.views.desk_window import no_error_logged, nothing_left, seen_texts, sit, write_profile
from tests.views.qt_loop import until
from tests.workflows.desk_bench import Bench, desk_bench


@pytest.fixture
def bench() -> Iterator[Bench]:
    """Practice systems that people sign in to."""
    with desk_bench() as bench:
        yield bench


@pytest.fixture
def profile(bench: Bench, tmp_path: Path) -> Path:
    """A profile with which people sign in by their browser."""
    ports = free_ports()
    addresses = tuple(f"http://localhost:{port}{PATH}" for port in ports)
    bench.sandbox.sign_ins.switches = OAuthSwitches(redirect_uris=addresses)
    changes: dict[str, Any] = {"sign_in": "browser", "redirect_ports": ports}
    salesforce = bench.profile.salesforce.model_copy(update=changes)
    file = tmp_path / "shop.toml"
    write_profile(bench.profile.model_copy(update={"salesforce": salesforce}), file)
    return file


def on_screen(session: Session) -> str:
    return " | ".join(seen_texts(session.window))


def click(session: Session, words: str) -> None:
    next(one for one in session.window.findChildren(QPushButton) if one.text() == words and one.isVisible()).click()


def supervisor(bench: Bench) -> str:
    return next(user.name for user in bench.sandbox.world.staff if user.role == "supervisor")


def test_a_person_signs_in_declines_first_and_works_on_after_an_expiry(
    qapp: QApplication, bench: Bench, profile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = Person(None, supervisor(bench), supervisor(bench))
    monkeypatch.setattr(browser, "system_browser", person)

    async def work(session: Session) -> None:
        await until(lambda: "Sign in to Salesforce" in on_screen(session), "the page")
        assert "PRACTICE" in on_screen(session)
        click(session, "Sign in")
        await until(lambda: "The sign-in was declined in the browser." in on_screen(session), "the no")
        click(session, "Sign in")
        await until(lambda: session.window.places, "the desk")
        places = session.window.places
        assert places
        await until(lambda: places.live.read_at, "the first reading")
        assert supervisor(bench) in on_screen(session)
        assert "Your sign-in" not in on_screen(session)
        bench.sandbox.sign_ins.end_all()
        before = places.live.read_at
        places.live.refresh()
        await until(lambda: "Your sign-in to Salesforce has ended." in on_screen(session), "the bar")
        click(session, "Sign in")
        await until(lambda: places.live.read_at != before, "the reading that waited")
        assert "Your sign-in" not in on_screen(session)

    with nothing_left(qapp), no_error_logged():
        sit(qapp, DeskOptions(profile=str(profile), data_dir=tmp_path / "data"), work)
    assert len(person.opened) == 3


def test_whoever_signs_out_is_asked_and_the_desk_closes(
    qapp: QApplication, bench: Bench, profile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser, "system_browser", Person(supervisor(bench)))

    async def work(session: Session) -> None:
        await until(lambda: "Sign in to Salesforce" in on_screen(session), "the page")
        click(session, "Sign in")
        await until(lambda: session.window.places, "the desk")
        session.window.shell.actions.ask_for("sign_out")
        await until(lambda: "Sign out of Salesforce?" in on_screen(session), "the question")
        click(session, "Sign out")
        await until(lambda: not session.window.isVisible(), "the end")

    with nothing_left(qapp), no_error_logged():
        sit(qapp, DeskOptions(profile=str(profile), data_dir=tmp_path / "data"), work)

    async def again(session: Session) -> None:
        await until(lambda: "Sign in to Salesforce" in on_screen(session), "the page, since nobody is signed in")

    with nothing_left(qapp), no_error_logged():
        sit(qapp, DeskOptions(profile=str(profile), data_dir=tmp_path / "data"), again)
