"""Clients and users of the sandbox WHMCS."""

from typing import Any

import pytest

from tests.sandbox.whmcs_bench import CUSTOMER_NUMBER, HANAKO, TARO, WhmcsBench, serialised

_NEW = {
    "firstname": "Jiro",
    "lastname": "Mori",
    "email": "jiro.mori@example.jp",
    "address1": "4-5 Tsubaki",
    "city": "Gifu",
    "state": "Gifu",
    "postcode": "500-0001",
    "country": "JP",
    "phonenumber": "058-555-0101",
    "password2": "pw",
}


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("hana", [HANAKO]),
        ("SATO", [HANAKO]),
        ("taro su", [TARO]),
        ("taro.s", [TARO]),
        ("ato", []),
        ("", [HANAKO, TARO]),
    ],
)
def test_search_matches_the_start_of_names_only(whmcs: WhmcsBench, search: str, found: list[int]) -> None:
    rows = whmcs.call("GetClients", search=search)["clients"]["client"]
    assert [row["id"] for row in rows] == found


def test_clients_are_sorted_and_filtered(whmcs: WhmcsBench) -> None:
    whmcs.books.clients[1].status = "Closed"
    backwards = whmcs.call("GetClients", orderby="lastname", sorting="DESC")["clients"]["client"]
    assert [row["lastname"] for row in backwards] == ["Suzuki", "Sato"]
    assert whmcs.call("GetClients", status="Closed")["totalresults"] == 1


def test_a_client_is_added_with_custom_fields_and_a_user_of_its_own(whmcs: WhmcsBench) -> None:
    added = whmcs.call("AddClient", **_NEW, customfields=serialised({CUSTOMER_NUMBER: "C13"}))
    client = whmcs.call("GetClientsDetails", clientid=added["clientid"])["client"]
    assert (client["firstname"], client["customfields1"]) == ("Jiro", "C13")
    assert client["users"]["user"][0]["is_owner"] is True
    assert whmcs.books.emails[-1].to == "jiro.mori@example.jp"


def test_a_repeated_email_address_is_refused(whmcs: WhmcsBench) -> None:
    whmcs.call("AddClient", **_NEW)
    refused = whmcs.refusal("AddClient", **_NEW)
    assert refused == "The email address entered is not available for use."
    assert len(whmcs.books.clients) == 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"firstname": ""}, "You did not enter your first name"),
        ({"email": "nonsense"}, "The email address you entered was not valid"),
        ({"country": "Japan"}, "Valid country required"),
        ({"phonenumber": "call me"}, "Invalid telephone phone number"),
        ({"owner_user_id": "99"}, "Invalid Owner User ID"),
    ],
)
def test_a_client_that_is_incomplete_is_refused(whmcs: WhmcsBench, change: dict[str, str], message: str) -> None:
    assert whmcs.refusal("AddClient", **{**_NEW, **change}) == message


def test_a_required_custom_field_blocks_a_new_client(whmcs: WhmcsBench) -> None:
    whmcs.books.client_fields[0].required = True
    message = whmcs.refusal("AddClient", **_NEW)
    assert message == "You did not provide required custom field value for Customer Number"


def test_an_owner_may_have_several_clients(whmcs: WhmcsBench) -> None:
    added = whmcs.call("AddClient", **_NEW, owner_user_id="21")
    (user,) = whmcs.call("GetUsers")["users"]
    assert {row["id"] for row in user["clients"]} == {HANAKO, int(added["clientid"])}


def test_an_update_changes_what_is_sent_and_leaves_the_rest(whmcs: WhmcsBench) -> None:
    whmcs.call("UpdateClient", clientid=HANAKO, city="Osaka", customfields=serialised({CUSTOMER_NUMBER: "C99"}))
    client = whmcs.call("GetClientsDetails", clientid=HANAKO)["client"]
    assert (client["city"], client["state"], client["customfields1"]) == ("Osaka", "Aichi", "C99")
    whmcs.call("UpdateClient", clientemail="hanako.sato@example.com", **{"customfields[0]": serialised({7: "x"})})
    assert whmcs.books.clients[0].customfields[CUSTOMER_NUMBER] == "C99"


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"clientid": 99}, "Client ID Not Found"),
        ({"clientid": HANAKO, "email": "taro.suzuki@example.com"}, "Duplicate Email Address"),
        ({"clientid": HANAKO, "email": "nonsense"}, "The email address entered is not valid"),
    ],
)
def test_an_update_that_cannot_be_is_refused(whmcs: WhmcsBench, params: dict[str, Any], message: str) -> None:
    assert whmcs.refusal("UpdateClient", **params) == message


def test_client_details_need_an_id_or_address_that_exists(whmcs: WhmcsBench) -> None:
    assert whmcs.refusal("GetClientsDetails") == "Either clientid Or email Is Required"
    assert whmcs.refusal("GetClientsDetails", clientid=99) == "Client Not Found"
