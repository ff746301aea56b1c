"""Links open places and never act; a later start gives its link to the desk that runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from console.views.deep_links import Link, LinkServer, pass_on, read_link


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("staff-console://order/10482", Link("order", "10482")),
        ("staff-console://ORDER/10482/", Link("order", "10482")),
        ("staff-console://customer/0015g00000AAAAAEAX", Link("customer", "0015g00000AAAAAEAX")),
        ("staff-console://call?number=%2B81%203%201234", Link("call", "+81 3 1234")),
        ("staff-console://order/", None),
        ("staff-console://order", None),
        ("staff-console://approve/10482", None),
        ("staff-console://order/1%0A2", None),
        ("https://order/10482", None),
        ("staff-console:order/10482", None),
        ("staff-console://[", None),
        ("", None),
        ("staff-console://order/" + "1" * 500, None),
    ],
)
def test_only_what_opens_a_place_is_a_link(url: str, link: Link | None) -> None:
    assert read_link(url) == link


@given(st.text(max_size=60))
def test_whatever_is_passed_in_is_a_link_or_none(text: str) -> None:
    for url in (text, f"staff-console://{text}", f"staff-console://order/{text}"):
        found = read_link(url)
        assert found is None or (found.place in ("order", "customer", "call") and found.named.isprintable())


class Listening:
    """A desk that takes links, and those that came."""

    def __init__(self, folder: Path, window: QMainWindow) -> None:
        self.came: list[str] = []
        self.server = LinkServer(folder, window)
        self.server.asked.connect(self.came.append)


@pytest.fixture
def desk(tmp_path: Path, window: QMainWindow) -> Iterator[Listening]:
    """A desk on a folder."""
    made = Listening(tmp_path, window)
    yield made
    made.server.close()


def test_a_link_goes_to_the_desk_of_its_folder(desk: Listening, tmp_path: Path, qtbot: QtBot) -> None:
    assert pass_on("staff-console://order/10482", tmp_path)
    qtbot.waitUntil(lambda: desk.came == ["staff-console://order/10482"], timeout=5000)


def test_nobody_listens_on_another_folder(desk: Listening, tmp_path: Path) -> None:
    assert not pass_on("staff-console://order/10482", tmp_path / "other")
    assert desk.came == []


def test_a_second_desk_leaves_the_links_to_the_first(
    desk: Listening, tmp_path: Path, window: QMainWindow, qtbot: QtBot
) -> None:
    second = Listening(tmp_path, window)
    assert pass_on("staff-console://order/1", tmp_path)
    qtbot.waitUntil(lambda: desk.came == ["staff-console://order/1"], timeout=5000)
    second.server.close()
    assert pass_on("staff-console://order/2", tmp_path)
    qtbot.waitUntil(lambda: len(desk.came) == 2, timeout=5000)
    assert second.came == []


def test_what_a_killed_desk_left_is_no_hindrance(tmp_path: Path, window: QMainWindow, qtbot: QtBot) -> None:
    killed = Listening(tmp_path, window)
    left = Path(killed.server._server.fullServerName())
    killed.server.close()
    left.touch()
    desk = Listening(tmp_path, window)
    assert pass_on("staff-console://order/1", tmp_path)
    qtbot.waitUntil(lambda: desk.came == ["staff-console://order/1"], timeout=5000)
    desk.server.close()


def test_where_the_desk_is_closed_nobody_listens(desk: Listening, tmp_path: Path) -> None:
    desk.server.close()
    assert not pass_on("staff-console://order/10482", tmp_path)
