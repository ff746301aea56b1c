"""Every string of the interface passes through here: English in the code, other languages in resources/words.

A string with a count is written with `%n` and has its English forms in resources/words/en.toml too. What customers read
stands in catalogues of its own (resources/customer_status.toml).
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QTranslator

if TYPE_CHECKING:
    from console.models.order import CustomerStatus
    from console.models.record import Words

_CONTEXT = "console"

Catalogue = Mapping[str, str | list[str]]


class Translator(QTranslator):
    """Answers Qt's own translation calls from one catalogue, so that a change of language reaches every widget."""

    def __init__(self, catalogue: Catalogue, parent: QObject) -> None:
        """`catalogue` maps the English string to its words, or to a list: for one, and for any other number."""
        super().__init__(parent)
        self._catalogue = catalogue

    def isEmpty(self) -> bool:
        """Never: Qt would not ask an empty one."""
        return False

    def translate(self, context: str, source: str, disambiguation: str | None = None, n: int = -1) -> str:
        """The words for `source`, else the source itself.

        Never None, which PySide6 lets go once too often: before Python 3.12 that ends the program.
        """
        found = self._catalogue.get(source, source) if context == _CONTEXT else source
        if isinstance(found, str):
            return found
        return found[0] if n == 1 or len(found) == 1 else found[1]


def tr(text: str, **values: object) -> str:
    """The words for `text` in the language of the desk, with `{name}` replaced by the values."""
    words = QCoreApplication.translate(_CONTEXT, text)
    return words.format(**values) if values else words


def trn(text: str, count: int, **values: object) -> str:
    """The words for a text with a count, where `%n` stands for it."""
    words = QCoreApplication.translate(_CONTEXT, text, None, count)
    return words.format(**values) if values else words


def in_language(words: "Words | CustomerStatus") -> str:
    """Words that come in both languages, in the language of the desk; the catalogue itself says which that is."""
    return words.ja if tr("en") == "ja" else words.en


def load_catalogue(folder: Path, language: str) -> Catalogue:
    """The catalogue of a language such as `ja`; English where there is none for it."""
    file = folder / f"{language}.toml"
    if not file.is_file():
        file = folder / "en.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))
