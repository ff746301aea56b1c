"""Words: each literal of the code is in the catalogues, with the same places for values, and nothing else is."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtWidgets import QApplication

from console import app, paths
from console.models.record import Words
from console.views.actions import ACTIONS
from console.views.words import Catalogue, Translator, in_language, load_catalogue, tr, trn

ROOT = Path(app.__file__).parent
SOURCES = [ROOT / "app.py", *sorted((ROOT / "views").glob("*.py"))]
FOLDER = paths.resources() / "words"
JA, EN = load_catalogue(FOLDER, "ja"), load_catalogue(FOLDER, "en")
TRANSLATED = ("tr", "trn")
# Names of keys, and of what has the same name in every language.
KEYS_AND_SYSTEMS = {key.keys for key in ACTIONS} | {"Portal", "Salesforce", "WHMCS"}


def trees() -> Iterator[tuple[str, ast.Module]]:
    for source in SOURCES:
        yield source.name, ast.parse(source.read_text(encoding="utf-8"))


def asked(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Each call of tr and trn with what it asks for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TRANSLATED:
            yield node.func.id, node.args[0]


def literals(function: str) -> set[str]:
    return {
        wanted.value
        for _, tree in trees()
        for called, wanted in asked(tree)
        if called == function and isinstance(wanted, ast.Constant) and isinstance(wanted.value, str)
    }


def strings(node: ast.AST) -> Iterator[str]:
    """Every string that an expression holds, keys of tables left out."""
    for part in ast.iter_child_nodes(node):
        if isinstance(node, ast.Dict) and part in node.keys:
            continue
        yield from strings(part)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def tables(tree: ast.Module) -> dict[str, set[str]]:
    """The strings of each table of module level, by the table's name; those of enums by the class's."""
    found: dict[str, set[str]] = {}
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        names = [target.id for target in targets if isinstance(target, ast.Name)]
        if isinstance(node, ast.ClassDef) and any(getattr(base, "id", "") == "StrEnum" for base in node.bases):
            found[node.name] = {text for part in node.body if isinstance(part, ast.Assign) for text in strings(part)}
        elif value := getattr(node, "value", None):
            found |= {name: set(strings(value)) for name in names}
    return found


def reads_as_words(text: str) -> bool:
    """Whether a string of a table is meant for people: it has several words, or begins with a capital."""
    return " " in text.strip() or text.istitle()


def test_only_literals_and_tables_of_literals_are_translated() -> None:
    """A sentence that is put together, or comes from outside, has no words in another language."""
    put_together = [
        f"{name}:{wanted.lineno} {ast.unparse(wanted)}"
        for name, tree in trees()
        for _, wanted in asked(tree)
        if isinstance(wanted, ast.JoinedStr | ast.BinOp | ast.Call)
    ]
    assert put_together == []


def test_every_text_of_the_code_has_japanese_words() -> None:
    wanted = literals("tr") | literals("trn")
    assert sorted(wanted - set(JA)) == []


def test_every_text_of_a_table_that_is_translated_has_japanese_words() -> None:
    missing = set()
    for _, tree in trees():
        known = tables(tree)
        for _, wanted in asked(tree):
            named = {node.id for node in ast.walk(wanted) if isinstance(node, ast.Name)} & set(known)
            missing |= {text for name in named for text in known[name]} - set(JA)
            if not named and not isinstance(wanted, ast.Constant):
                # The words come from one of the module's tables by way of a variable.
                missing |= {text for texts in known.values() for text in texts if reads_as_words(text)} - set(JA)
    assert sorted(missing - KEYS_AND_SYSTEMS) == []


def test_no_words_are_kept_that_nobody_uses() -> None:
    everything = {text for _, tree in trees() for text in strings(tree)}
    everything |= {text for _, tree in trees() for node in ast.walk(tree) for text in keys(node)}
    assert sorted(set(JA) - everything - {"en"}) == []
    assert sorted(set(EN) - literals("trn")) == []


def keys(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Dict):
        yield from (key.value for key in node.keys if isinstance(key, ast.Constant) and isinstance(key.value, str))


def test_a_text_with_a_count_has_one_and_many() -> None:
    assert sorted(literals("trn") - set(EN)) == []
    assert {text for text, forms in EN.items() if not isinstance(forms, list) or len(forms) != 2} == set()
    counted = {text: JA[text] for text in literals("trn") & set(JA)}
    assert {text for text, forms in counted.items() if not isinstance(forms, list) or len(forms) not in (1, 2)} == set()
    assert {text for text in literals("tr") if isinstance(JA.get(text), list)} == set()


def places(text: str) -> list[str]:
    """Where values and counts go."""
    return sorted(re.findall(r"\{\w*\}|%n", text))


@pytest.mark.parametrize("catalogue", [JA, EN], ids=["ja", "en"])
def test_words_have_the_same_places_for_values(catalogue: Catalogue) -> None:
    """The form for one may say it without the figure."""
    wrong = {
        text: forms
        for text, forms in catalogue.items()
        for number, form in enumerate(every_form(forms))
        if places(form) != places(text) and not (number == 0 and isinstance(forms, list) and len(forms) == 2)
    }
    assert wrong == {}


def every_form(forms: str | list[str]) -> list[str]:
    return [forms] if isinstance(forms, str) else forms


def test_words_say_something() -> None:
    assert [text for text, forms in JA.items() if not all(form.strip() for form in every_form(forms))] == []


def speaking(app: QApplication, catalogue: Mapping[str, str | list[str]]) -> Translator:
    """The desk in the language of a catalogue."""
    made = Translator(catalogue, app)
    app.installTranslator(made)
    return made


@pytest.fixture
def japanese(qapp: QApplication) -> Iterator[None]:
    """The desk in Japanese."""
    made = speaking(qapp, JA)
    yield
    qapp.removeTranslator(made)
    shiboken6.delete(made)


@pytest.fixture
def english(qapp: QApplication) -> Iterator[None]:
    """The desk in English."""
    made = speaking(qapp, EN)
    yield
    qapp.removeTranslator(made)
    shiboken6.delete(made)


def test_english_counts(english: None) -> None:
    assert [trn("%n orders", count) for count in (0, 1, 2)] == ["0 orders", "1 order", "2 orders"]
    assert tr("Order {number}", number="10482") == "Order 10482"
    assert in_language(Words(en="Paused", ja="保留")) == "Paused"


def test_japanese_words_take_values_and_counts(japanese: None) -> None:
    assert tr("Order {number}", number="10482") == "注文 10482"
    assert trn("%n orders", 1) == "1件"
    assert trn("%n orders", 3) == "3件"
    assert in_language(Words(en="Paused", ja="保留")) == "保留"
    assert tr("Nobody has translated this") == "Nobody has translated this"


def test_without_a_catalogue_the_english_of_the_code_is_spoken(qapp: QApplication) -> None:
    assert tr("Order {number}", number="1") == "Order 1"
    assert dict(load_catalogue(FOLDER, "xx")) == dict(EN)


def test_words_of_others_are_left_alone(qapp: QApplication) -> None:
    made = Translator({"Cancel": "Halt"}, qapp)
    assert made.translate("QPlatformTheme", "Cancel") == "Cancel"
    assert made.translate("console", "Cancel") == "Halt"
    assert not made.isEmpty()
    shiboken6.delete(made)
