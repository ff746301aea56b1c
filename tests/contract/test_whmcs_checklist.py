"""The simulator checklist of the reference, line by line; what has its own file is there. Source: whmcs-api.md 13."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from console.sandbox.whmcs_call import ApiCredential
from tests.sandbox.whmcs_bench import (
    CREDENTIALS,
    FEE,
    HANAKO,
    INTERNET,
    MARKER,
    NOTE,
    SIM,
    WhmcsBench,
    serialised,
    whmcs_bench,
)

TWO_ITEMS: dict[str, Any] = {"pid[]": [SIM, INTERNET], "billingcycle[]": ["monthly", "monthly"]}


@pytest.fixture(scope="module")
def running() -> Iterator[WhmcsBench]:
    """A WHMCS of these tests' own, since the sandbox's fixture belongs to its folder."""
    with whmcs_bench() as bench:
        yield bench


@pytest.fixture
def whmcs(running: WhmcsBench) -> WhmcsBench:
    """Two clients and no orders."""
    running.reset()
    return running


def test_1_one_address_takes_posts_in_php_brackets_and_ignores_what_it_does_not_know(whmcs: WhmcsBench) -> None:
    assert whmcs.http.get(f"{whmcs.url}/includes/api.php").status_code == 405
    placed = whmcs.call("ADDORDER", clientid=HANAKO, paymentmethod="stripe", **TWO_ITEMS, colour="red")
    assert len(placed["serviceids"].split(",")) == 2
    last_wins = whmcs.post("GetClientsDetails", clientid=[99, HANAKO]).json()
    assert last_wins["id"] == HANAKO


def test_2_credentials_addresses_roles_and_old_bodies(whmcs: WhmcsBench) -> None:
    login = {"identifier": "", "secret": "", "username": CREDENTIALS.identifier, "password": CREDENTIALS.secret}
    whmcs.call("GetClients", **login)
    whmcs.server.switches.allowed_addresses = frozenset()
    whmcs.server.switches.access_as_nvp = True
    assert whmcs.post("GetClients").text == "result=error;message=Invalid IP 127.0.0.1;"
    whmcs.server.switches.credentials = (ApiCredential(identifier="a", secret="b", roles=("none",)),)
    sent = {"identifier": "a", "secret": "b", "accesskey": CREDENTIALS.access_key}
    denied = whmcs.post("GetClients", **sent)
    assert (denied.status_code, denied.text) == (
        403,
        'result=error;message=Invalid Permissions: API action "getclients" is not allowed;',
    )


@pytest.mark.parametrize(
    ("form", "expected"),
    [("wrapper", {"order": []}), ("text", ""), ("list", []), ("object", {}), ("null", None), ("missing", "gone")],
)
def test_3_an_empty_list_in_every_form(whmcs: WhmcsBench, form: Any, expected: Any) -> None:
    whmcs.server.switches.empty_form = form
    assert whmcs.call("GetOrders").get("orders", "gone") == expected


def test_3_numbers_as_in_the_documents_or_all_as_text(whmcs: WhmcsBench) -> None:
    whmcs.order()
    assert isinstance(whmcs.call("GetOrders")["orders"]["order"][0]["ordernum"], int)
    whmcs.server.switches.number_types = "text"
    answer = whmcs.call("GetOrders")
    assert answer["totalresults"] == "1"
    assert answer["orders"]["order"][0]["ordernum"].isdecimal()


def test_3_text_with_entities_of_html_and_of_latin_letters(whmcs: WhmcsBench) -> None:
    whmcs.books.clients[0].companyname = "Café & Thé 佐藤"
    whmcs.server.switches.entity_encoded = True
    assert whmcs.call("GetClientsDetails", clientid=HANAKO)["companyname"] == "Café &amp; Thé 佐藤"
    whmcs.server.switches.latin_entities = True
    assert whmcs.call("GetClientsDetails", clientid=HANAKO)["companyname"] == "Caf&eacute; &amp; Th&eacute; 佐藤"


def test_3_xml_where_it_is_asked_for(whmcs: WhmcsBench) -> None:
    whmcs.books.clients[0].companyname = "Mori & <Sons>"
    answer = whmcs.post("GetClients", responsetype="xml")
    assert answer.headers["content-type"].startswith("text/xml")
    assert answer.text.count("<client>") == 2
    assert "<companyname>Mori &amp; &lt;Sons&gt;</companyname>" in answer.text
    refused = whmcs.post("GetClientsDetails", responsetype="xml").text
    assert "<result>error</result>" in refused


def test_4_an_order_is_new_pending_and_mailed_about_each_time(whmcs: WhmcsBench) -> None:
    fields = serialised({MARKER: "802-1", NOTE: "ring"})
    first, second = (whmcs.order(**{"customfields[0]": fields, "notes": "token"}) for _ in range(2))
    assert first["orderid"] != second["orderid"]
    assert {order.status for order in whmcs.books.orders} == {"Pending"}
    assert {order.notes for order in whmcs.books.orders} == {"token"}
    assert whmcs.books.services[0].customfields == {MARKER: "802-1", NOTE: "ring"}
    assert [mail.subject for mail in whmcs.books.emails[:2]] == ["Invoice Created", "Order Confirmation"]
    assert whmcs.order(noinvoice="1")["invoiceid"] == 0
    whmcs.server.switches.notes_ignored = True
    whmcs.order(notes="token")
    assert whmcs.books.orders[-1].notes == ""


def test_5_an_order_is_accepted_once_and_its_item_may_stay_behind(whmcs: WhmcsBench) -> None:
    whmcs.books.products[0].setup = "fail"
    order = whmcs.order()["orderid"]
    whmcs.call("AcceptOrder", orderid=order, autosetup="1")
    assert (whmcs.books.orders[0].status, whmcs.books.services[0].status) == ("Active", "Pending")
    assert whmcs.call("GetModuleQueue")["count"] == 1
    assert whmcs.refusal("AcceptOrder", orderid=order) == "Order ID not found or Status not Pending"


def test_5_a_module_refuses_in_its_own_words_and_takes_its_time(whmcs: WhmcsBench) -> None:
    whmcs.books.products[0].setup, whmcs.books.products[0].setup_message = "refuse", "Quota exceeded"
    order = whmcs.order()["orderid"]
    whmcs.break_with("answer_late", "AcceptOrder", delay_ms=300)
    with pytest.raises(httpx.ReadTimeout):
        whmcs.http.post(f"{whmcs.url}/includes/api.php", data=accepting(whmcs, order), timeout=0.1)
    assert whmcs.refusal("AcceptOrder", orderid=order, autosetup="1") == "Quota exceeded"


def accepting(whmcs: WhmcsBench, order: str) -> dict[str, str]:
    """The form of AcceptOrder."""
    sent = {"action": "AcceptOrder", "responsetype": "json", "orderid": order, "autosetup": "1"}
    return {**whmcs.signed_in, **sent}


@pytest.mark.parametrize("status", [429, 503])
def test_6_a_server_that_is_busy_says_when_to_come_again(whmcs: WhmcsBench, status: int) -> None:
    whmcs.break_with("status", "GetClients", status=status, retry_after_s=7)
    answer = whmcs.post("GetClients")
    assert (answer.status_code, answer.headers["retry-after"]) == (status, "7")


def test_6_a_call_is_denied_in_the_middle_as_text_of_old_servers(whmcs: WhmcsBench) -> None:
    whmcs.break_with("access_credentials", "GetClients", call=2, as_text=True)
    assert whmcs.post("GetClients").status_code == 200
    answer = whmcs.post("GetClients")
    assert (answer.status_code, answer.text) == (403, "result=error;message=Invalid or missing credentials;")


def test_7_times_are_of_the_servers_own_zone_without_saying_so(whmcs: WhmcsBench) -> None:
    told = {}
    for zone in ("Asia/Tokyo", "America/New_York"):
        whmcs.server.switches.time_zone = zone
        told[zone] = whmcs.call("GetAdminDetails")["requesttime"]
    assert told["Asia/Tokyo"] > told["America/New_York"]
    assert all(len(moment) == 19 for moment in told.values())
    whmcs.order()
    invoice = whmcs.call("GetInvoices")["invoices"]["invoice"][0]
    assert invoice["datepaid"] == "0000-00-00 00:00:00"


def test_7_a_zone_that_there_is_not_is_refused(whmcs: WhmcsBench) -> None:
    with pytest.raises(ValueError, match="there is no time zone"):
        whmcs.server.switches.time_zone = "Mars/Olympus"


def test_8_pages_of_25_shift_when_a_row_comes_in_between(whmcs: WhmcsBench) -> None:
    for _ in range(30):
        whmcs.order(noinvoice="1", noemail="1")
    newest_first = {"sorting": "DESC", "limitnum": 1}
    last = whmcs.call("GetClients", **newest_first)["clients"]["client"][0]["id"]
    whmcs.call("AddClient", skipvalidation="1", email="new@example.com")
    again = whmcs.call("GetClients", **newest_first, limitstart=1)["clients"]["client"][0]["id"]
    assert again == last
    assert whmcs.call("GetOrders")["numreturned"] == 25
    ids = [order["id"] for order in whmcs.call("GetOrders", limitnum=100)["orders"]["order"]]
    assert ids != sorted(ids)
    assert ids != sorted(ids, reverse=True)
    assert whmcs.call("GetProducts", limitnum=1)["totalresults"] == 3
    assert len(whmcs.call("GetProducts", limitnum=1)["products"]["product"]) == 3


def test_9_a_link_for_sixty_seconds_and_one_use(whmcs: WhmcsBench) -> None:
    answer = whmcs.call("CreateSsoToken", client_id=HANAKO)
    assert parse_qs(urlsplit(answer["redirect_url"]).query) == {"access_token": [answer["access_token"]]}
    whmcs.server.clock.advance(50)
    assert whmcs.http.get(answer["redirect_url"]).status_code == 200
    assert whmcs.http.get(answer["redirect_url"]).status_code == 403


def test_9_a_link_can_fail_for_reasons_of_the_server(whmcs: WhmcsBench) -> None:
    whmcs.server.switches.sso_unavailable = True
    message = whmcs.refusal("CreateSsoToken", client_id=HANAKO)
    assert message == "Token could not be provisioned: invalid_client. client credentials are required"


@pytest.mark.parametrize(
    ("version", "slug", "quantity"), [("8.1.3", False, False), ("8.12.1", True, True), ("9.0.4", True, True)]
)
def test_10_versions_differ_in_what_they_tell(whmcs: WhmcsBench, version: str, slug: bool, quantity: bool) -> None:
    whmcs.order()
    whmcs.server.switches.version = version
    product = whmcs.call("GetProducts")["products"]["product"][0]
    service = whmcs.call("GetClientsProducts", clientid=HANAKO)["products"]["product"][0]
    assert ("slug" in product, "allowqty" in product, "qty" in service) == (slug, quantity, quantity)


def test_10_several_of_one_product_are_known_from_8_12(whmcs: WhmcsBench) -> None:
    made = {}
    for version in ("8.1.3", "8.12.1"):
        whmcs.server.switches.version = version
        made[version] = len(whmcs.order(product=FEE, **{"qty[0]": 3})["serviceids"].split(","))
    assert made == {"8.1.3": 1, "8.12.1": 3}


def test_11_only_a_clients_address_is_kept_from_coming_twice(whmcs: WhmcsBench) -> None:
    whmcs.call("AddClient", skipvalidation="1", email="new@example.com")
    message = whmcs.refusal("AddClient", skipvalidation="1", email="New@example.com")
    assert message == "The email address entered is not available for use."
    for action in ("CreateInvoice", "AddClientNote"):
        first, second = (json.dumps(whmcs.call(action, userid=HANAKO, notes="x")) for _ in range(2))
        assert first != second
