"""One form for everything that people search by, so that width, case, accents, kana and punctuation do not matter."""

import re
import unicodedata

import phonenumbers

_KATAKANA_TO_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
_DEFAULT_REGION = "JP"
# Anything shorter is a part of a number, such as its last four digits.
_SHORTEST_NUMBER = 9
# Control and format characters and halves of characters, as scanning and pasting leave them.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs"})


def half_width(text: str) -> str:
    """Full-width to half-width, without characters that cannot be seen and without outer blanks."""
    visible = (char for char in text if char.isspace() or unicodedata.category(char) not in _INVISIBLE)
    return unicodedata.normalize("NFKC", "".join(visible)).strip()


def fold(text: str) -> str:
    """Full-width to half-width, no accents on Latin letters, lower case, katakana as hiragana, single spaces."""
    if text.isascii() and text.isprintable():
        # Most of what is folded, and nothing of it is as dear.
        return " ".join(text.lower().split())
    lower = half_width(text).casefold()
    without_accents = "".join(
        char
        for char in unicodedata.normalize("NFD", lower)
        if not (unicodedata.combining(char) and _is_latin_mark(char))
    )
    composed = unicodedata.normalize("NFC", without_accents).translate(_KATAKANA_TO_HIRAGANA)
    return " ".join(composed.split())


def phone_digits(text: str) -> str:
    """The national digits of a phone number in any format, or "" where there are none."""
    plain = half_width(text)
    bare = re.sub(r"\D", "", plain)
    if len(bare) < _SHORTEST_NUMBER:
        return bare
    try:
        number = phonenumbers.parse(plain, _DEFAULT_REGION)
    except phonenumbers.NumberParseException:
        return bare
    national = phonenumbers.national_significant_number(number)
    return f"0{national}" if number.country_code == phonenumbers.country_code_for_region(_DEFAULT_REGION) else national


def _is_latin_mark(char: str) -> bool:
    # Voicing marks of kana (U+3099, U+309A) change the sound and therefore stay.
    return char not in "\u3099\u309a"
