"""The terms under which a person stands in the directory's index, and those that a typed text asks for.

A term is a letter for its kind and a piece of a folded field. Names of two characters and parts of words are common in
searches, and no index of whole words or of three letters finds those: so Japanese is indexed by one and two characters,
all else by three, and beginnings of words for themselves, so that a common one is not gathered from many.

f  a whole field without its blanks       b  the beginning of a word
w  a whole word                           p  a part of a field
e  the last four digits of a phone number
"""

import re
from collections.abc import Iterable, Iterator

from console.integrations.portal.folding import fold, phone_digits
from console.models.customer import Person

_WHOLE, _WORD, _BEGINNING, _PART, _ENDING = "fwbpe"
# Longer beginnings are told apart by reading the field.
_LONGEST_BEGINNING = 6
_PART_LENGTH, _JAPANESE_PART_LENGTH = 3, 2
_ENDING_LENGTH = 4
_LONG_WORD = 8
# What is longer is no name; PostgreSQL keeps no lexeme of more than 2 kB.
_LONGEST_WORD = 60
_PIECES = re.compile(r"[^\W_]+")
# Signs have a meaning to the index; in a term each is a character that stands in no text.
_ESCAPED = {code: 0xE000 + code for code in range(128) if not chr(code).isalnum()}
_RUNS = re.compile(r"[\x00-\x7f]+|[^\x00-\x7f]+")
_LATIN_WORD = re.compile(r"[a-zà-ɏ]{4,}")


def fields(person: Person) -> dict[str, str]:
    """What a person is searched by, folded, by the name of the field."""
    return {
        "customer_number": fold(person.customer_number),
        "email": fold(person.email),
        "name": fold(person.name),
        "reading": fold(person.reading),
        "company": fold(person.company),
    }


def terms_of(person: Person) -> frozenset[str]:
    """Every term of a person, as the index keeps them."""
    terms: set[str] = set()
    for name, text in fields(person).items():
        if not text:
            continue
        local = text.partition("@")[0] if name == "email" else text
        terms.add(_WHOLE + closed_up(text))
        for word in _words(text):
            terms.add(_WORD + word)
            terms.update(_BEGINNING + word[:length] for length in range(1, min(len(word), _LONGEST_BEGINNING) + 1))
        # Everybody has one of few domains: parts of them would tell nothing and fill the index.
        terms.update(_PART + part for part in _parts(closed_up(local)))
    digits = phone_digits(person.phone)
    if len(digits) >= _ENDING_LENGTH:
        terms.add(_ENDING + digits[-_ENDING_LENGTH:])
    terms.update(_PART + part for part in _parts(digits))
    return frozenset(map(_escaped, terms))


def latin_words(person: Person) -> frozenset[str]:
    """The words of a person's names that somebody may mistype in Latin letters."""
    return frozenset(_LATIN_WORD.findall(f"{fold(person.name)} {fold(person.reading)}"))


def whole(text: str) -> list[str]:
    """What a text asks for that is a whole field. Every argument from here on is folded."""
    return [_escaped(_WHOLE + closed_up(text))]


def words(text: str) -> list[str]:
    """What a text asks for whose words are whole words of one person."""
    return [_escaped(_WORD + word) for word in _words(text)]


def beginnings(text: str) -> list[str]:
    """What a text asks for whose words begin words of one person."""
    wanted = [_BEGINNING + word[:_LONGEST_BEGINNING] for word in _words(text)]
    # What comes after the longest beginning is known by its parts.
    rests = [word[_LONGEST_BEGINNING - 2 :] for word in _words(text) if len(word) > _LONGEST_BEGINNING]
    return list(map(_escaped, dict.fromkeys([*wanted, *(_PART + part for rest in rests for part in _parts(rest))])))


def parts(text: str) -> list[str]:
    """What a text asks for whose words stand anywhere in the fields of one person.

    A word that is too short to be looked for inside of others has to begin one.
    """
    wanted: list[str] = []
    for word in text.split():
        local, at, domain = word.partition("@")
        found = [_PART + part for part in _tellingly(_parts(local))]
        wanted += found or [_BEGINNING + piece[:_LONGEST_BEGINNING] for piece in _words(local)]
        wanted += [_BEGINNING + piece[:_LONGEST_BEGINNING] for piece in _words(domain)] if at else []
    return list(dict.fromkeys(map(_escaped, wanted)))


def phone_parts(digits: str) -> list[str]:
    """What some digits of a phone number ask for, four or more."""
    return [_escaped(_PART + part) for part in _parts(digits)]


def phone_ending(digits: str) -> list[str]:
    """What the last digits of a phone number ask for, four or more."""
    longer = phone_parts(digits) if len(digits) > _ENDING_LENGTH else []
    return [_escaped(_ENDING + digits[-_ENDING_LENGTH:]), *longer]


def can_be_mistyped(word: str) -> bool:
    """Whether a word is one of those that are known as words of names."""
    return _LATIN_WORD.fullmatch(word) is not None


def misspellings(word: str) -> frozenset[str]:
    """A word and what it becomes where one letter is left out, or two of a long word.

    Two words that are alike have one of those in common.
    """
    found = {word, *_shortened(word)}
    if len(word) >= _LONG_WORD - 1:
        found |= {shorter for one in _shortened(word) for shorter in _shortened(one)}
    return frozenset(found)


def are_alike(one: str, other: str) -> bool:
    """Whether typing errors make one word the other: one of them, or two in a long word.

    A letter too many, one that is missing or another, or two neighbours in each other's place are an error each.
    """
    most = 2 if min(len(one), len(other)) >= _LONG_WORD else 1
    return abs(len(one) - len(other)) <= most and _errors(one, other) <= most


def closed_up(text: str) -> str:
    """A text without its blanks."""
    return text.replace(" ", "")


def _shortened(word: str) -> set[str]:
    return {word[:at] + word[at + 1 :] for at in range(len(word))}


def _errors(one: str, other: str) -> int:
    """The optimal string alignment distance."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        earlier, before, row = before, row, [at]
        for to, wanted in enumerate(other, 1):
            cost = min(before[to] + 1, row[to - 1] + 1, before[to - 1] + (letter != wanted))
            if at > 1 and to > 1 and letter == other[to - 2] and one[at - 2] == wanted:
                cost = min(cost, earlier[to - 2] + 1)
            row.append(cost)
    return row[-1]


def _words(text: str) -> list[str]:
    """The words of a text, and the pieces of those that signs divide; each once."""
    found: dict[str, None] = {}
    for word in text.split():
        pieces = _PIECES.findall(word)
        found |= dict.fromkeys(piece[:_LONGEST_WORD] for piece in pieces)
    return list(found)


def _parts(text: str) -> Iterator[str]:
    for run in _RUNS.findall(text):
        if run.isascii():
            yield from _windows(run, _PART_LENGTH)
        else:
            yield from _japanese_parts(run)


def _tellingly(found: Iterable[str]) -> list[str]:
    """Without single characters where pairs tell more: what has the pair has both, and each alone is very common."""
    every = list(found)
    pairs = "".join(one for one in every if len(one) == _JAPANESE_PART_LENGTH)
    return [one for one in every if len(one) > 1 or one not in pairs]


def _japanese_parts(run: str) -> Iterable[str]:
    pairs = _windows(run, _JAPANESE_PART_LENGTH)
    return (*run, *pairs)


def _windows(text: str, length: int) -> list[str]:
    return [text[at : at + length] for at in range(len(text) - length + 1)]


def _escaped(term: str) -> str:
    return term.translate(_ESCAPED)
