"""What is installed: the console with its resources, and nothing of the workshop."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of this checkout, unpacked as an installation does it."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [wheel] = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_holds_the_console_and_its_metadata_only(installed: Path) -> None:
    assert sorted(entry.name for entry in installed.iterdir()) == ["console", "staff_console-0.1.0.dist-info"]


def test_every_resource_is_in_the_wheel(installed: Path) -> None:
    shipped = {file.relative_to(ROOT / "resources") for file in (ROOT / "resources").rglob("*") if file.is_file()}
    packed = installed / "console" / "_resources"
    assert Path("failure_codes.toml") in shipped
    assert {file.relative_to(packed) for file in packed.rglob("*") if file.is_file()} == shipped


def test_an_installed_console_finds_its_resources(installed: Path) -> None:
    code = "from console import failure_catalogue as f, paths; f.load_rules(); print(paths.resources())"
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, cwd=installed, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == str(installed / "console" / "_resources")


def test_the_command_is_declared(installed: Path) -> None:
    [entry_points] = installed.glob("*.dist-info/entry_points.txt")
    assert "staff-console = console.__main__:main" in entry_points.read_text(encoding="utf-8")
