"""Terms: whatever part of a person's fields is typed asks for no term that the person does not have."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from console.integrations.portal import search_terms
from console.integrations.portal.folding import fold
from console.models.customer import Person
from tests.integrations.portal.portal_bench import person

_LETTERS = st.text(st.sampled_from("佐藤健二さとうケンジabcxyzÉö0123 .-_'"), min_size=1, max_size=14)


@st.composite
def people(draw: st.DrawFn) -> Person:
    """Somebody with any names."""
    name, reading, company = draw(_LETTERS), draw(_LETTERS), draw(_LETTERS)
    return person(
        name=name, reading=reading, company=company, email=f"{name.split() or 'x'}@example.jp", whmcs_client_id=1
    )


@given(people())
def test_everybody_has_the_terms_of_each_whole_field_and_of_its_words(one: Person) -> None:
    for text in search_terms.fields(one).values():
        if text:
            assert set(search_terms.whole(text)) <= search_terms.terms_of(one)
            assert set(search_terms.words(text)) <= search_terms.terms_of(one)


@given(people(), st.integers(0, 14), st.integers(1, 14))
def test_everybody_has_the_terms_of_any_part_of_a_name(one: Person, start: int, length: int) -> None:
    part = fold(one.name)[start : start + length].strip()
    assume(part)
    # What is too short to be looked for inside of a word has to begin one.
    assume(not any(word.isascii() and len(word) < 3 for word in part.split()))
    assume(not any(run.isascii() and len(run) < 3 for run in part.split()))
    wanted = {term for term in search_terms.parts(part) if term.startswith("p")}
    assert wanted <= search_terms.terms_of(one)


@given(people(), st.integers(1, 14))
def test_everybody_has_the_terms_of_any_beginning_of_a_word(one: Person, length: int) -> None:
    for word in search_terms.fields(one)["reading"].split():
        asked = search_terms.beginnings(word[:length])
        assume(asked)
        assert set(asked) <= search_terms.terms_of(one)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("suzuki", "suzuki", True),
        ("suzki", "suzuki", True),
        ("suzuuki", "suzuki", True),
        ("suzuko", "suzuki", True),
        ("szuuki", "suzuki", True),
        ("szuiki", "suzuki", False),
        ("sato", "kato", True),
        ("sato", "kaito", False),
        ("tkahshi", "takahashi", False),
        ("takahsih", "takahashi", True),
        ("watanbae", "watanabe", True),
        ("yamamura", "yamamoto", False),
    ],
)
def test_a_long_word_may_have_two_typing_errors_and_another_one(one: str, other: str, alike: bool) -> None:
    assert search_terms.are_alike(one, other) is alike
    assert search_terms.are_alike(other, one) is alike


@given(st.text(st.sampled_from("abcdef"), min_size=4, max_size=9), st.integers(0, 8), st.sampled_from("abcxyz"))
def test_one_error_leaves_something_in_common(word: str, place: int, letter: str) -> None:
    at = place % len(word)
    wrong = (word[:at] + word[at + 1 :], word[:at] + letter + word[at:], word[:at] + letter + word[at + 1 :])
    for mistyped in wrong:
        assert search_terms.misspellings(mistyped) & search_terms.misspellings(word)


@given(st.text(max_size=40))
def test_no_term_has_a_sign_that_an_index_would_read(text: str) -> None:
    one = person(name=text, reading=text, company=text, email=text, phone=text, whmcs_client_id=1)
    every = [*search_terms.terms_of(one), *search_terms.parts(fold(text)), *search_terms.words(fold(text))]
    assert all(not char.isspace() and (char.isalnum() or ord(char) > 127) for term in every for char in term)
