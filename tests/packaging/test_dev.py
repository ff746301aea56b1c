"""The environment of a checkout is filled once, whatever happens in between, and dev.py needs no library."""

import ast
import importlib.util
import subprocess
import sys
import threading
from pathlib import Path
from types import ModuleType

import packaging.version
import pytest

ROOT = Path(__file__).resolve().parents[2]
DEV = ROOT / "packaging" / "dev.py"


@pytest.fixture(scope="module")
def dev() -> ModuleType:
    """The module under test: `packaging/` is no package, so it is loaded from its file."""
    spec = importlib.util.spec_from_file_location("dev", DEV)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Filling:
    """Fills a folder with one file, and counts."""

    def __init__(self, content: str) -> None:
        self.content = content
        self.times = 0

    def __call__(self, folder: Path) -> None:
        self.times += 1
        folder.mkdir(parents=True)
        (folder / self.content).touch()


def files(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def test_an_environment_is_filled_once(dev: ModuleType, tmp_path: Path) -> None:
    filling = Filling("a")
    for _ in range(3):
        dev.Environment(tmp_path / "env-3.11", "lock 1", filling).ready()
    assert filling.times == 1


def test_another_fingerprint_makes_it_anew_without_what_was_there(dev: ModuleType, tmp_path: Path) -> None:
    dev.Environment(tmp_path / "env", "lock 1", Filling("a")).ready()
    dev.Environment(tmp_path / "env", "lock 2", Filling("b")).ready()
    assert files(tmp_path / "env") == {"b", "stamp"}


def test_what_a_killed_installation_left_is_thrown_away(dev: ModuleType, tmp_path: Path) -> None:
    def killed(folder: Path) -> None:
        folder.mkdir()
        (folder / "half").touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        dev.Environment(tmp_path / "env", "lock 1", killed).ready()
    dev.Environment(tmp_path / "env", "lock 1", Filling("whole")).ready()
    assert files(tmp_path / "env") == {"whole", "stamp"}


def test_two_that_start_at_once_fill_it_once(dev: ModuleType, tmp_path: Path) -> None:
    first_is_filling, second_started = threading.Event(), threading.Event()
    filling = Filling("a")

    def slow(folder: Path) -> None:
        first_is_filling.set()
        assert second_started.wait(10)
        filling(folder)

    def second() -> None:
        assert first_is_filling.wait(10)
        second_started.set()
        dev.Environment(tmp_path / "env", "lock 1", filling).ready()

    threads = [
        threading.Thread(target=dev.Environment(tmp_path / "env", "lock 1", slow).ready),
        threading.Thread(target=second),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert filling.times == 1


def test_the_fingerprint_follows_the_lock_and_the_metadata(
    dev: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    monkeypatch.setattr(dev, "REQUIREMENTS", tmp_path)
    project, lock = tmp_path / "pyproject.toml", tmp_path / "test.txt"
    project.write_text("[project]\nname = 'x'\n[tool.ruff]\nline-length = 1\n", encoding="utf-8")
    lock.write_text("a==1\n", encoding="utf-8")
    before = dev.fingerprint("test")
    project.write_text("[project]\nname = 'x'\n[tool.ruff]\nline-length = 2\n", encoding="utf-8")
    assert dev.fingerprint("test") == before
    project.write_text("[project]\nname = 'y'\n", encoding="utf-8")
    renamed = dev.fingerprint("test")
    lock.write_text("a==2\n", encoding="utf-8")
    assert len({before, renamed, dev.fingerprint("test")}) == 3


def test_a_failing_command_ends_it_with_the_same_status(dev: ModuleType) -> None:
    with pytest.raises(dev.StepError) as failed:
        dev.run((sys.executable, "-c", "raise SystemExit(7)"))
    assert failed.value.status == 7


def test_commands_see_nothing_of_another_python(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    dev.run((sys.executable, "-c", "import os; raise SystemExit('PYTHONPATH' in os.environ)"))


def test_it_imports_the_standard_library_alone() -> None:
    imported = set()
    for node in ast.walk(ast.parse(DEV.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").split(".")[0])
    assert imported <= sys.stdlib_module_names


def test_an_old_python_can_read_the_sentence_that_refuses_it() -> None:
    """Up to that sentence nothing newer than Python 3.7 is written or imported."""
    head = DEV.read_text(encoding="utf-8").split("import argparse")[0]
    assert "sys.exit" in head
    ast.parse(DEV.read_text(encoding="utf-8"), feature_version=(3, 7))


def test_an_unknown_command_is_refused_with_the_known_ones() -> None:
    run = subprocess.run([sys.executable, DEV, "fly"], capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert all(name in run.stderr for name in ("demo", "test", "bench", "pictures", "lock", "build"))


@pytest.mark.parametrize("arguments", [["-c"], ["-P", "-c"]])
def test_our_folder_never_hides_the_library_of_its_name(arguments: list[str]) -> None:
    assert not (ROOT / "packaging" / "__init__.py").exists()
    code = "import packaging.version; print(packaging.version.__file__)"
    run = subprocess.run([sys.executable, *arguments, code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == packaging.version.__file__
