"""Search in both its forms: what is found, in what, and what is refused."""

from typing import Any

import pytest

from tests.sandbox.salesforce_bench import ACCOUNT, Client, Org, error_of


@pytest.fixture
def client() -> Client:
    """Somebody in an org with three people more."""
    org = Org()
    admin = org.as_("admin")
    for name, phone, email in (
        ("Aoi Sato", "03-1111-2222", "aoi.sato@example.com"),
        ("Ren Mori-Kato", "03-3333-4444", "ren@example.com"),
        ("森 葵", "03-5555-6666", "mori@example.com"),
    ):
        account = admin.create("Account", Name=name, Phone=phone)
        admin.create("Contact", LastName=name, Email=email, Phone=phone, AccountId=account)
    return org.as_("support")


def names(client: Client, sosl: str) -> list[str]:
    answer = client.call("GET", "search/", params={"q": sosl})
    assert answer.status_code == 200, answer.text
    return [row["Name"] for row in answer.json()["searchRecords"]]


def found(client: Client, **asked: Any) -> list[str]:
    body = {"fields": ["Id", "Name"], "sobjects": [{"name": "Account"}], **asked}
    answer = client.call("POST", "parameterizedSearch", json=body)
    assert answer.status_code == 200, answer.text
    return [row["Name"] for row in answer.json()["searchRecords"]]


@pytest.mark.parametrize(
    ("find", "scope", "expected"),
    [
        ("aoi", "NAME", ["Aoi Mori", "Aoi Sato"]),
        ("aoi mori", "NAME", ["Aoi Mori"]),
        ("mor", "NAME", ["Aoi Mori", "Ren Mori-Kato"]),
        ("m*ri", "NAME", ["Aoi Mori", "Ren Mori-Kato"]),
        ("m?ri", "NAME", ["Aoi Mori", "Ren Mori-Kato"]),
        ("ori", "NAME", []),
        ("森", "ALL", None),
        ("森 葵", "NAME", ["森 葵"]),
        (r"Mori\-Kato", "NAME", ["Ren Mori-Kato"]),
        (r"03\-1111", "PHONE", ["Aoi Sato"]),
        (r"03\-1111", "NAME", []),
        (r"C\-0000001", "ALL", ["Aoi Mori"]),
    ],
)
def test_words_are_found_where_they_are_looked_for(
    client: Client, find: str, scope: str, expected: list[str] | None
) -> None:
    sosl = f"FIND {{{find}}} IN {scope} FIELDS RETURNING Account(Id, Name ORDER BY Name)"
    if expected is None:
        assert error_of(client.call("GET", "search", params={"q": sosl})) == "MALFORMED_SEARCH"
    else:
        assert names(client, sosl) == expected


def test_each_object_has_its_own_fields_conditions_and_limit(client: Client) -> None:
    sosl = (
        "FIND {aoi} IN ALL FIELDS RETURNING Account(Name WHERE Phone LIKE '03%' ORDER BY Name LIMIT 1), "
        "Contact(Name, Email ORDER BY Email LIMIT 5)"
    )
    assert names(client, sosl) == ["Aoi Sato", "Aoi Sato"]
    assert names(client, f"{sosl} LIMIT 1") == ["Aoi Sato"]


def test_without_returning_it_looks_through_what_the_person_may_see(client: Client) -> None:
    rows = client.call("GET", "search", params={"q": "FIND {aoi}"}).json()["searchRecords"]
    assert {row["attributes"]["type"] for row in rows} == {"Account", "Contact"}
    assert ACCOUNT in {row["Id"] for row in rows}


def test_plain_text_needs_no_escape_in_parameters(client: Client) -> None:
    assert found(client, q="Mori-Kato") == ["Ren Mori-Kato"]
    assert found(client, q="(aoi)", overallLimit=1) == []
    assert found(client, q="aoi", overallLimit=1) == ["Aoi Mori"]
    assert found(client, q="aoi", sobjects=[{"name": "Account", "where": "Phone != null", "limit": 3}]) == ["Aoi Sato"]
    answer = client.call("GET", "parameterizedSearch", params={"q": "sato", "sobject": "Account", "fields": "Name"})
    assert [row["Name"] for row in answer.json()["searchRecords"]] == ["Aoi Sato"]


@pytest.mark.parametrize(
    "sosl",
    [
        "",
        "SELECT Id FROM Account",
        "FIND {a}",
        "FIND {}",
        "FIND {*oi}",
        "FIND {aoi-mori}",
        "FIND {aoi} IN SHOE FIELDS",
        "FIND {aoi} RETURNING Account(Id",
        "FIND {aoi} RETURNING ;",
    ],
)
def test_what_is_no_search_is_refused(client: Client, sosl: str) -> None:
    assert error_of(client.call("GET", "search", params={"q": sosl})) == "MALFORMED_SEARCH"


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"q": 7},
        {"q": "aoi", "in": "SHOE"},
        {"q": "aoi", "sobjects": [7]},
        {"q": "aoi", "sobjects": "Account"},
        {"q": "aoi", "fields": 7},
        {"q": "aoi", "overallLimit": "many"},
    ],
)
def test_parameters_that_make_no_search_are_refused(client: Client, asked: dict[str, Any]) -> None:
    assert error_of(client.call("POST", "parameterizedSearch", json=asked)) == "MALFORMED_SEARCH"


def test_a_hidden_field_and_an_unknown_object_are_refused(client: Client) -> None:
    for returning, code in (("Account(Colour__c)", "INVALID_FIELD"), ("Colour__c(Id)", "INVALID_TYPE")):
        answer = client.call("GET", "search", params={"q": f"FIND {{aoi}} RETURNING {returning}"})
        assert error_of(answer) == code


def test_what_is_much_too_long_finds_nothing(client: Client) -> None:
    answer = client.call("POST", "parameterizedSearch", json={"q": "a" * 10_001, "sobjects": [{"name": "Account"}]})
    assert answer.json() == {"searchRecords": []}


@pytest.mark.parametrize(
    ("find", "expected"),
    [
        ("sato OR kato", ["Aoi Sato", "Ren Mori-Kato"]),
        ("aoi AND sato", ["Aoi Sato"]),
        ("aoi AND NOT sato", ["Aoi Mori"]),
        ('"aoi mori"', ["Aoi Mori"]),
        ('"mori aoi"', []),
        (r'"Mori\-Kato"', ["Ren Mori-Kato"]),
        (r"\OR", []),
        ("sato AND " + "aoi AND " * 500 + "kato", ["Aoi Mori", "Aoi Sato", "Ren Mori-Kato"]),
        ("sato AND kato", []),
    ],
)
def test_words_may_be_joined_and_a_phrase_keeps_its_order(client: Client, find: str, expected: list[str]) -> None:
    assert names(client, f"FIND {{{find}}} IN NAME FIELDS RETURNING Account(Name ORDER BY Name)") == expected


@pytest.mark.parametrize("find", ['""', '"" aoi', '"aoi', "OR aoi", "aoi OR", "aoi AND NOT", "NOT", "(aoi)"])
def test_a_search_that_is_not_escaped_or_not_finished_is_refused(client: Client, find: str) -> None:
    answer = client.call("GET", "search", params={"q": f"FIND {{{find}}} RETURNING Account(Name)"})
    assert error_of(answer) == "MALFORMED_SEARCH"


@pytest.mark.parametrize("text", list("?&|!{}[]()^~*:\"'+-"))
def test_a_reserved_character_is_escaped_to_be_looked_for(client: Client, text: str) -> None:
    bare = client.call("GET", "search", params={"q": f"FIND {{zz {text}zz}} RETURNING Account(Name)"})
    escaped = client.call("GET", "search", params={"q": f"FIND {{zz \\{text}zz}} RETURNING Account(Name)"})
    plain = client.call("POST", "parameterizedSearch", json={"q": f"zz {text}zz", "sobjects": [{"name": "Account"}]})
    # A question mark is a wildcard, which is no error but finds something else.
    assert (bare.status_code, escaped.status_code, plain.status_code) == (200 if text == "?" else 400, 200, 200)


def test_words_that_join_are_just_words_in_parameters(client: Client) -> None:
    assert found(client, q="sato OR kato") == []
