"""The tests mirror the source, and the source keeps the house rules that no linter sees."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONSOLE = ROOT / "console"
TESTS = ROOT / "tests"
# Folders of tests about more than one module of the source.
BESIDE_THE_SOURCE = {"architecture", "benchmarks", "chaos", "contract", "journeys", "packaging", "resources"}
SOURCES = sorted(CONSOLE.rglob("*.py"))
# Heavy libraries that an idle desk never needs.
LATE = ("dbos", "keyring", "simple_salesforce", "sqlalchemy")
# What an import may make under a name in small letters: loggers, types, and the declarations of tables and
# commands. Constants are written in capitals.
MADE_AT_IMPORT = {"MetaData", "NewType", "Table", "TypeVar", "Typer", "getLogger", "namedtuple"}


def mirrored() -> Iterator[Path]:
    for file in sorted(TESTS.rglob("test_*.py")):
        if file.relative_to(TESTS).parts[0] not in BESIDE_THE_SOURCE:
            yield file.relative_to(TESTS)


@pytest.mark.parametrize("test_file", list(mirrored()), ids=str)
def test_a_test_file_mirrors_a_module(test_file: Path) -> None:
    source = CONSOLE / test_file.with_name(test_file.name.removeprefix("test_"))
    assert source.is_file() or source.with_suffix("").is_dir(), f"there is no {source.relative_to(ROOT)}"


@pytest.mark.parametrize("source", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_nothing_pumps_the_event_loop_by_hand(source: Path) -> None:
    called = {
        node.func.attr
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert called.isdisjoint({"exec", "exec_", "processEvents"})


def instances(tree: ast.Module) -> Iterator[str]:
    """Names of module level, written in small letters, that hold something that was called into being."""
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [target.id for target in targets if isinstance(target, ast.Name)]
            if maker(node.value) not in MADE_AT_IMPORT:
                yield from (name for name in names if not name.isupper())


def maker(call: ast.Call) -> str:
    called = call.func
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


@pytest.mark.parametrize("source", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_module_holds_no_instance(source: Path) -> None:
    """Parts are made by `app.py` and `services.py` and passed on; an import makes nothing that changes."""
    assert list(instances(ast.parse(source.read_text(encoding="utf-8")))) == []


def test_an_instance_is_told_from_a_constant() -> None:
    tree = ast.parse("session = Session()\n_log = logging.getLogger('x')\nLIMITS = Limits(3)\n")
    assert list(instances(tree)) == ["session"]


@pytest.mark.parametrize("module", ["console", "console.app"])
def test_the_desk_is_imported_without_the_heavy_libraries(module: str) -> None:
    if not (ROOT / Path(*module.split("."))).with_suffix(".py").is_file() and module != "console":
        pytest.skip("the desk is not built yet")
    code = f"import sys, {module}; print([name for name in {LATE} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


# The first window is up before these: they load behind it.
BEHIND_THE_WINDOW = ("console.services", "console.workflows", "httpx", "pydantic", *LATE)
VIEWS = sorted((CONSOLE / "views").glob("*.py"))
# What takes text for markup unless it is told not to. These few make their labels plain themselves.
MARKUP = {"QErrorMessage", "QLabel", "QMessageBox", "QTextBrowser", "QTextEdit", "QWhatsThis"}
MAKES_ITS_OWN_LABELS = {"widgets.py", "top_bar.py"}
# Words of ours without anything from outside in them.
TIPS_OF_OURS = {"moment_words"}


def calls(source: Path) -> Iterator[tuple[str, ast.Call]]:
    """Each call in a module by the last part of its name."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield maker(node), node


@pytest.mark.parametrize("source", VIEWS, ids=lambda file: file.name)
def test_views_show_text_from_outside_in_nothing_that_knows_markup(source: Path) -> None:
    made = {name for name, _ in calls(source)} & MARKUP
    assert made == ({"QLabel"} & made if source.name in MAKES_ITS_OWN_LABELS else set())


@pytest.mark.parametrize("source", VIEWS, ids=lambda file: file.name)
def test_tool_tips_are_made_of_plain_text(source: Path) -> None:
    wrong = [
        f"line {call.lineno}: {ast.unparse(call)}"
        for name, call in calls(source)
        if name in ("setToolTip", "setTabToolTip", "setStatusTip", "setWhatsThis") and not plain_tips(call.args[-1])
    ]
    assert wrong == []


def plain_tips(value: ast.expr) -> bool:
    """Whether a tip is empty, or comes out of `plain_tip` or words of ours, whichever way a condition goes."""
    if isinstance(value, ast.IfExp):
        return plain_tips(value.body) and plain_tips(value.orelse)
    if isinstance(value, ast.Constant):
        return value.value == ""
    return isinstance(value, ast.Call) and maker(value) in {"plain_tip", *TIPS_OF_OURS}


@pytest.mark.parametrize(
    ("code", "plain"),
    [("plain_tip(x)", True), ("x", False), ("plain_tip(x) if y else ''", True), ("y or plain_tip(x)", False)],
)
def test_a_plain_tip_is_told_from_another(code: str, plain: bool) -> None:
    assert plain_tips(ast.parse(code, mode="eval").body) is plain


def test_the_first_window_loads_nothing_that_it_does_not_need() -> None:
    code = f"import sys, console.app; print([name for name in {BEHIND_THE_WINDOW} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
