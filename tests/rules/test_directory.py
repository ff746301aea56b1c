"""What the directory says of a customer, from what each system's lists tell."""

from datetime import UTC, datetime

import pytest

from console.models.address import Address
from console.models.billing import KnownClient
from console.models.customer import Account, Link, LinkState
from console.models.sync import ListedCustomer
from console.rules.directory import person_of

_NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
_ACCOUNT = Account(
    id="0015g0000000001AAA",
    name="森 葵",
    reading="",
    phone="",
    email="",
    customer_number="C-0040001",
    whmcs_client_id=5001,
    portal_user_id="7f1de2f0-6a3c-4a5e-9d0b-2f6f3a1c9b01",
    internet_eligibility=None,
    billing=Address(),
    changed_at=_NOW,
)
_CLIENT = KnownClient(
    id=5001, first_name="Aoi", last_name="Mori", company="例示商事", email="aoi@example.jp", status="Active"
)
_ROW = Link(
    portal_user_id="7f1de2f0-6a3c-4a5e-9d0b-2f6f3a1c9b01",
    whmcs_client_id=5001,
    salesforce_account_id="0015g0000000001AAA",
)


def listed(account: Account | None = _ACCOUNT, client: KnownClient | None = _CLIENT, **more: object) -> ListedCustomer:
    """What the lists tell of the customer."""
    return ListedCustomer.model_validate({"account": account, "client": client, "links": (_ROW,)} | more)


def test_what_the_account_does_not_tell_comes_from_the_client() -> None:
    person = person_of(listed())
    assert (person.reading, person.company, person.email) == ("Aoi Mori", "例示商事", "aoi@example.jp")
    own = _ACCOUNT.model_copy(update={"reading": "モリ アオイ", "email": "own@example.jp"})
    person = person_of(listed(own))
    assert (person.reading, person.email) == ("モリ アオイ", "own@example.jp")


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, LinkState.LINKED),
        ({"client": None}, LinkState.PARTIAL),
        # Before WHMCS's list was read a missing client proves nothing.
        ({"client": None, "billing_read": False}, LinkState.LINKED),
        ({"client": _CLIENT.model_copy(update={"status": "Closed"})}, LinkState.PARTIAL),
        ({"same_number": 2}, LinkState.CONFLICT),
        ({"links": (_ROW.model_copy(update={"whmcs_client_id": 9}),)}, LinkState.CONFLICT),
        # What only a reading of the client tells counts once it was read.
        ({"client": _CLIENT.model_copy(update={"customer_number": "C-9"})}, LinkState.LINKED),
        ({"client": _CLIENT.model_copy(update={"customer_number": "C-9", "details_at": _NOW})}, LinkState.CONFLICT),
        ({"client": _CLIENT.model_copy(update={"customer_number": "", "details_at": _NOW})}, LinkState.PARTIAL),
    ],
)
def test_the_link_is_judged_by_what_is_known_so_far(changes: dict[str, object], state: LinkState) -> None:
    assert person_of(listed(**changes)).link is state  # type: ignore[arg-type]  # by name


def test_when_the_client_itself_was_read_is_told() -> None:
    assert person_of(listed()).link_checked_at is None
    assert person_of(listed(client=_CLIENT.model_copy(update={"details_at": _NOW}))).link_checked_at == _NOW


def test_an_account_that_only_a_link_row_joins_to_a_client_has_that_client() -> None:
    alone = _ACCOUNT.model_copy(update={"whmcs_client_id": None})
    person = person_of(listed(alone))
    assert (person.whmcs_client_id, person.link) == (5001, LinkState.PARTIAL)


def test_a_client_without_an_account_is_a_person_of_its_own() -> None:
    person = person_of(listed(None, links=()))
    assert (person.salesforce_account_id, person.whmcs_client_id, person.name) == (None, 5001, "Aoi Mori")
    assert person.link is LinkState.PARTIAL


def test_nobody_is_nobody() -> None:
    with pytest.raises(ValueError, match="nobody"):
        person_of(listed(None, None))
