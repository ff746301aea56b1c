"""The wire of the sandbox WHMCS: one address, access, encodings of requests and answers."""

from typing import Any

import httpx
import pytest

from console.sandbox.whmcs_call import Switches
from tests.sandbox.whmcs_bench import (
    CREDENTIALS,
    CUSTOMER_NUMBER,
    HANAKO,
    MARKER,
    SIM,
    WhmcsBench,
    serialised,
)


def test_actions_are_found_in_any_case_and_unknown_parameters_ignored(whmcs: WhmcsBench) -> None:
    assert whmcs.call("gEtClIeNtS", nonsense="1")["totalresults"] == 2


def test_only_post_to_the_one_address_is_served(whmcs: WhmcsBench) -> None:
    assert whmcs.http.get(f"{whmcs.url}/includes/api.php").status_code == 405
    assert whmcs.http.post(f"{whmcs.url}/api.php").status_code == 404


def test_a_request_for_another_host_name_is_refused(whmcs: WhmcsBench) -> None:
    answer = whmcs.http.post(f"{whmcs.url}/includes/api.php", headers={"host": "billing.example.com"})
    assert answer.status_code == 400


def test_credentials_work_as_username_and_password_too(whmcs: WhmcsBench) -> None:
    whmcs.call(
        "GetClients",
        identifier="",
        secret="",
        username=CREDENTIALS.identifier,
        password=CREDENTIALS.secret,
    )


def test_a_multipart_form_is_read_like_any_other(whmcs: WhmcsBench) -> None:
    sent = {**whmcs.signed_in, "action": "GetClientsDetails", "responsetype": "json", "clientid": str(HANAKO)}
    parts = {name: (None, text) for name, text in sent.items()}
    answer = whmcs.http.post(f"{whmcs.url}/includes/api.php", files=parts)
    assert answer.json()["client"]["email"] == "hanako.sato@example.com"


def test_a_json_body_is_an_empty_form(whmcs: WhmcsBench) -> None:
    answer = whmcs.http.post(f"{whmcs.url}/includes/api.php", json={"action": "GetClients"})
    assert answer.status_code == 403


@pytest.mark.parametrize("responsetype", ["", "nvp"])
def test_without_json_asked_for_the_answer_is_text(whmcs: WhmcsBench, responsetype: str) -> None:
    assert whmcs.post("AddClient", responsetype=responsetype).text.startswith("result=error;message=You did not")


def _denied(answer: httpx.Response, status: int, message: str) -> None:
    assert answer.status_code == status
    assert answer.json() == {"result": "error", "message": message}


def test_wrong_credentials_are_denied(whmcs: WhmcsBench) -> None:
    _denied(whmcs.post("GetClients", secret="wrong"), 403, "Invalid or missing credentials")


def test_a_call_without_action_is_denied(whmcs: WhmcsBench) -> None:
    _denied(whmcs.post(""), 400, "Empty action request")


def test_an_address_that_is_not_allowed_is_denied_unless_the_access_key_is_sent(whmcs: WhmcsBench) -> None:
    whmcs.server.switches.ip_allowed = False
    _denied(whmcs.post("GetClients"), 403, "Invalid IP 127.0.0.1")
    whmcs.call("GetClients", accesskey=CREDENTIALS.access_key)


@pytest.mark.parametrize("action", ["AddOrder", "NoSuchAction"])
def test_an_action_that_the_role_lacks_is_denied(whmcs: WhmcsBench, action: str) -> None:
    whmcs.server.switches.disabled_actions = frozenset({"addorder"})
    answer = whmcs.post(action)
    _denied(answer, 403, f'Invalid Permissions: API action "{action.lower()}" is not allowed')
    assert r"\u0022" in answer.text


def test_an_action_that_the_version_lacks_is_denied(whmcs: WhmcsBench) -> None:
    whmcs.call("GetUsers")
    whmcs.server.switches.version = "8.0.4"
    assert whmcs.post("GetUsers").status_code == 403


def test_access_errors_can_come_as_text_although_json_was_asked_for(whmcs: WhmcsBench) -> None:
    whmcs.server.switches.access_as_nvp = True
    answer = whmcs.post("GetClients", secret="wrong")
    assert (answer.status_code, answer.text) == (403, "result=error;message=Invalid or missing credentials;")


def test_text_is_escaped_as_php_does(whmcs: WhmcsBench) -> None:
    whmcs.books.clients[0].companyname = '佐藤 "A/B" \\'
    answer = whmcs.post("GetClients")
    assert r'"companyname":"\u4f50\u85e4 \u0022A\/B\u0022 \\"' in answer.text
    assert answer.json()["clients"]["client"][0]["companyname"] == '佐藤 "A/B" \\'


def test_entities_are_encoded_when_the_switch_says_so(whmcs: WhmcsBench) -> None:
    whmcs.books.clients[0].companyname = 'Mori & Sons\' "Tea"'
    whmcs.server.switches.entity_encoded = True
    client = whmcs.call("GetClientsDetails", clientid=HANAKO)["client"]
    assert client["companyname"] == "Mori &amp; Sons&#039; &quot;Tea&quot;"


@pytest.mark.parametrize(
    ("form", "expected"),
    [("wrapper", {"order": []}), ("text", ""), ("list", []), ("object", {}), ("missing", None)],
)
def test_an_empty_list_comes_in_the_form_that_is_set(whmcs: WhmcsBench, form: Any, expected: Any) -> None:
    whmcs.server.switches.empty_form = form
    answer = whmcs.call("GetOrders")
    assert answer.get("orders") == expected
    assert ("orders" in answer) == (form != "missing")


def test_a_list_of_one_can_come_as_the_single_object(whmcs: WhmcsBench) -> None:
    whmcs.server.switches.list_form = "single_object"
    whmcs.order(**{"customfields[0]": serialised({MARKER: "m"})})
    assert whmcs.call("GetOrders")["orders"]["order"]["lineitems"]["lineitem"]["status"] == "Pending"
    assert whmcs.call("GetPayMethods", clientid=HANAKO)["paymethods"]["card_last_four"] == "4242"
    assert len(whmcs.call("GetClients")["clients"]["client"]) == 2


def test_a_list_can_come_as_an_object_with_numbers_for_keys(whmcs: WhmcsBench) -> None:
    whmcs.server.switches.list_form = "numeric_keys"
    assert set(whmcs.call("GetClients")["clients"]["client"]) == {"0", "1"}


def test_shuffled_types_keep_every_value_but_not_its_type(whmcs: WhmcsBench) -> None:
    plain = whmcs.call("GetClients")["clients"]["client"]
    whmcs.server.switches.shuffled_types = True
    answers = [whmcs.call("GetClients")["clients"]["client"] for _ in range(6)]
    assert {type(rows[0]["id"]) for rows in answers} == {int, str}
    assert all([str(row["id"]) for row in rows] == [str(row["id"]) for row in plain] for rows in answers)


def test_pages_start_at_25_rows_and_follow_limitstart(whmcs: WhmcsBench) -> None:
    for _ in range(30):
        whmcs.order(noinvoice="1", noemail="1")
    first, rest = whmcs.call("GetOrders"), whmcs.call("GetOrders", limitstart="25")
    counts = [(part["totalresults"], part["startnumber"], part["numreturned"]) for part in (first, rest)]
    assert counts == [(30, 0, 25), (30, 25, 5)]
    ids = [row["id"] for part in (first, rest) for row in part["orders"]["order"]]
    assert len(set(ids)) == 30
    assert ids != sorted(ids), "GetOrders promises no order"


def test_the_server_clock_is_in_its_own_zone_and_follows_the_sandbox(whmcs: WhmcsBench) -> None:
    answer = whmcs.post("GetAdminDetails")
    assert answer.json()["requesttime"] == whmcs.server.moment()
    hour = int(whmcs.server.moment()[11:13])
    assert hour == (whmcs.server.clock.now().hour + 9) % 24
    assert whmcs.post("GetAdminDetails").headers["date"].endswith("GMT")


def test_get_products_hides_admin_only_fields(whmcs: WhmcsBench) -> None:
    product = whmcs.call("GetProducts", pid=SIM)["products"]["product"][0]
    assert [field["name"] for field in product["customfields"]["customfield"]] == ["Delivery note"]
    assert (product["pricing"]["JPY"]["monthly"], product["pricing"]["JPY"]["annually"]) == (
        "980.00",
        "-1.00",
    )


def test_get_clients_details_answers_with_the_client_and_at_top_level(whmcs: WhmcsBench) -> None:
    answer = whmcs.call("GetClientsDetails", email="HANAKO.sato@example.com", stats="1")
    assert answer["client"]["customfields"] == [{"id": CUSTOMER_NUMBER, "value": "C000011"}]
    assert answer["customfields1"] == answer["client"]["customfields1"] == "C000011"
    assert answer["stats"]["productsnumtotal"] == 0


def test_switches_reject_what_they_do_not_know() -> None:
    with pytest.raises(ValueError, match="colour"):
        Switches.model_validate({"colour": "red"})
