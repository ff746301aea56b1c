"""Where things are: resources of each kind of installation, and one place for each user for the rest."""

import sys
from pathlib import Path

import pytest

from console import paths


def test_a_checkout_has_its_resources_beside_the_package() -> None:
    assert paths.resources() == Path(paths.__file__).parents[1] / "resources"
    assert (paths.resources() / "failure_codes.toml").is_file()


def test_a_frozen_program_has_them_where_it_was_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert paths.resources() == tmp_path / "resources"


def test_everything_of_a_user_is_below_the_home_folder(clean_environment: Path) -> None:
    folders = [paths.config_dir(), paths.profiles_dir(), paths.data_dir("practice"), paths.lock_dir()]
    assert all(folder.is_relative_to(clean_environment) for folder in folders)


def test_each_profile_has_data_of_its_own_and_all_share_the_locks() -> None:
    assert paths.data_dir("practice") != paths.data_dir("production")
    assert paths.data_dir("practice").name == "practice"
    assert not paths.lock_dir().is_relative_to(paths.data_dir("practice"))


def test_asking_for_a_folder_does_not_make_it() -> None:
    assert not paths.data_dir("practice").exists()
    assert not paths.lock_dir().exists()
