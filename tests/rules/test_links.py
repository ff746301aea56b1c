"""The verdict on the link of the three ids."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.models.check import Result
from console.models.customer import Link, LinkFacts, LinkHealth, LinkState
from console.rules.links import judge, three_ids
from tests.rules.cases import evidence, said, says

_ACCOUNT, _USER, _NUMBER = "0015g00000000010AA", "7f3a0000-0000-4000-8000-000000000001", "C-0040001"
_ROW = Link(portal_user_id=_USER, whmcs_client_id=5521, salesforce_account_id=_ACCOUNT)
_CONFLICT, _PARTIAL = LinkState.CONFLICT, LinkState.PARTIAL


def row(**changes: Any) -> tuple[Link, ...]:
    """The customer's link row, changed."""
    return (_ROW.model_copy(update=changes),)


def facts(**changes: Any) -> LinkFacts:
    """Facts that agree, changed."""
    values: dict[str, Any] = {
        "account_id": _ACCOUNT,
        "account_customer_number": _NUMBER,
        "account_whmcs_client_id": 5521,
        "account_portal_user_id": _USER,
        "accounts_with_customer_number": 1,
        "client_id": 5521,
        "client_exists": True,
        "client_open": True,
        "client_customer_number": _NUMBER,
        "portal_user_exists": True,
        "rows": (_ROW,),
    }
    return LinkFacts(**values | changes)


_NO_CLIENT = {"client_id": None, "client_exists": False, "client_open": False, "client_customer_number": ""}


@pytest.mark.parametrize(
    ("changes", "state", "code"),
    [
        ({"account_whmcs_client_id": None, "rows": (), **_NO_CLIENT}, _PARTIAL, "LNK-01"),
        ({"client_exists": False, "client_open": False, "client_customer_number": ""}, _PARTIAL, "LNK-01"),
        ({"account_id": None, "account_customer_number": ""}, _PARTIAL, "LNK-02"),
        ({"account_customer_number": ""}, _PARTIAL, "LNK-02"),
        ({"client_customer_number": "C-0099999"}, _CONFLICT, "LNK-03"),
        ({"client_customer_number": "C-0099999", "client_open": False}, _CONFLICT, "LNK-03"),
        ({"client_id": 5522}, _CONFLICT, "LNK-03"),
        ({"rows": row(whmcs_client_id=5522)}, _CONFLICT, "LNK-03"),
        ({"rows": row(salesforce_account_id="0015g00000000099AA")}, _CONFLICT, "LNK-03"),
        ({"rows": (_ROW, *row(salesforce_account_id="0015g00000000099AA"))}, _CONFLICT, "LNK-03"),
        ({"client_customer_number": ""}, _PARTIAL, "LNK-03"),
        ({"account_whmcs_client_id": None}, _PARTIAL, "LNK-03"),
        ({"account_portal_user_id": None}, _PARTIAL, "LNK-03"),
        ({"rows": row(portal_user_id="0b0b0000-0000-4000-8000-000000000002")}, _CONFLICT, "LNK-04"),
        ({"accounts_with_customer_number": 2}, _CONFLICT, "LNK-04"),
        ({"client_open": False}, _PARTIAL, "LNK-05"),
        ({"account_portal_user_id": None, "portal_user_exists": False, "rows": ()}, _PARTIAL, "LNK-06"),
        (
            {"rows": row(whmcs_client_id=5522), "other_client_customer_numbers": (_NUMBER,)},
            _CONFLICT,
            "LNK-07",
        ),
    ],
)
def test_each_break_has_its_name(changes: dict[str, Any], state: LinkState, code: str) -> None:
    health = judge(facts(**changes))
    assert (health.state, health.code) == (state, code)
    assert health.evidence.en
    assert re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", health.evidence.ja)


def test_facts_that_agree_are_linked() -> None:
    health = judge(facts())
    assert (health.state, health.code) == (LinkState.LINKED, None)
    assert health.evidence.en == f"Customer number {_NUMBER} in both systems."


def test_a_row_that_is_still_to_be_written_is_said() -> None:
    health = judge(facts(rows=()))
    assert (health.state, health.code) == (LinkState.LINKED, None)
    assert "will be written" in health.evidence.en


def test_two_accounts_and_two_logins_are_told_apart_in_words() -> None:
    assert "2 Salesforce accounts" in judge(facts(accounts_with_customer_number=2)).evidence.en
    second = row(portal_user_id="0b0b0000-0000-4000-8000-000000000002")
    assert "2 Portal logins" in judge(facts(rows=second)).evidence.en


_IDS = st.sampled_from([None, 5521, 5522])
_NUMBERS = st.sampled_from(["", _NUMBER, "C-0040002"])
_USERS = st.sampled_from([None, _USER, "0b0b0000-0000-4000-8000-000000000002"])


@given(_IDS, _IDS, _NUMBERS, _USERS, st.booleans(), st.integers(0, 2))
def test_a_link_is_whole_only_when_all_three_facts_agree(
    client_id: int | None, told: int | None, number: str, user: str | None, is_open: bool, same: int
) -> None:
    given_facts = facts(
        client_id=client_id,
        account_whmcs_client_id=told,
        client_exists=client_id is not None,
        client_open=is_open,
        client_customer_number=number,
        account_portal_user_id=user,
        portal_user_exists=user is not None,
        accounts_with_customer_number=same,
    )
    health = judge(given_facts)
    agree = client_id == told == 5521 and number == _NUMBER and user == _USER and is_open
    assert (health.state is LinkState.LINKED) == (agree and same < 2)
    assert (health.code is None) == (health.state is LinkState.LINKED)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (None, (Result.PASS, None)),
        ("LNK-06", (Result.LOOK, "LNK-06")),
        ("LNK-01", (Result.STOP, "LNK-01")),
        ("LNK-03", (Result.STOP, "LNK-03")),
        ("LNK-05", (Result.STOP, "LNK-05")),
    ],
)
def test_a_broken_link_stops_the_order_but_a_missing_login_does_not(
    code: str | None, expected: tuple[Result, str | None]
) -> None:
    state = LinkState.PARTIAL if code else LinkState.LINKED
    health = LinkHealth(state=state, code=code, evidence=said("What was found."))
    assert says(three_ids(evidence(link=health))) == expected
