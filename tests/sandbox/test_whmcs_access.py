"""Payment methods, sign-in and single sign-on of the sandbox WHMCS."""

from typing import Any

import pytest

from tests.sandbox.whmcs_bench import HANAKO, TARO, WhmcsBench


def test_payment_methods_are_an_unwrapped_list_with_last_four_and_expiry(whmcs: WhmcsBench) -> None:
    (method,) = whmcs.call("GetPayMethods", clientid=HANAKO)["paymethods"]
    assert (method["card_last_four"], method["expiry_date"]) == ("4242", "12/30")
    assert whmcs.call("GetPayMethods", clientid=HANAKO, type="BankAccount")["paymethods"] == []
    assert len(whmcs.call("GetPayMethods", clientid=HANAKO, type="CreditCard")["paymethods"]) == 1


def test_an_added_card_keeps_its_last_four_only(whmcs: WhmcsBench) -> None:
    whmcs.call("AddPayMethod", clientid=HANAKO, card_number="4000 0000 0000 0002", card_expiry="0331")
    method = whmcs.call("GetPayMethods", clientid=HANAKO)["paymethods"][-1]
    assert (method["card_last_four"], method["card_type"], method["expiry_date"]) == ("0002", "Visa", "03/31")
    assert whmcs.books.paymethods[-1].declines
    assert "4000 0000" not in str(whmcs.books)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "Client ID Is Required"),
        ({"clientid": 99}, "Invalid Client ID"),
        ({"clientid": HANAKO, "type": "Cash"}, "Invalid Pay Method Type. Type should be one of"),
        ({"clientid": HANAKO}, "Card Number is required for"),
        ({"clientid": HANAKO, "card_number": "4242"}, "Expiry Date is required"),
        ({"clientid": HANAKO, "card_number": "4242", "card_expiry": "1331"}, "Expiry Date is invalid"),
        ({"clientid": HANAKO, "type": "RemoteCreditCard"}, "Gateway is Required for RemoteCreditCard type"),
        (
            {"clientid": HANAKO, "gateway_module_name": "x"},
            "Invalid Gateway Module Name. Must be one of: stripe",
        ),
    ],
)
def test_a_payment_method_that_is_incomplete_is_refused(
    whmcs: WhmcsBench, params: dict[str, Any], message: str
) -> None:
    assert whmcs.refusal("AddPayMethod", **params).startswith(message)


def test_payment_methods_need_a_client_that_exists(whmcs: WhmcsBench) -> None:
    assert whmcs.refusal("GetPayMethods") == "Client ID Is Required"
    assert whmcs.refusal("GetPayMethods", clientid=99) == "Client Not Found"
    assert whmcs.refusal("GetPayMethods", clientid=HANAKO, type="Cash").startswith("Invalid Pay Method Type.")


def test_a_login_proves_nothing_where_two_factors_are_asked_for(whmcs: WhmcsBench) -> None:
    answer = whmcs.call("ValidateLogin", email="hanako.sato@example.com", password2="correct horse")
    assert answer["twoFactorEnabled"] == "false"
    assert len(answer["passwordhash"]) == 40
    answer = whmcs.call("ValidateLogin", email="taro.suzuki@example.com", password2="correct horse")
    assert answer["twoFactorEnabled"] == "true"
    assert "passwordhash" not in answer


@pytest.mark.parametrize(
    ("email", "password"), [("hanako.sato@example.com", "wrong"), ("nobody@example.com", "correct horse")]
)
def test_a_wrong_login_does_not_say_what_is_wrong(whmcs: WhmcsBench, email: str, password: str) -> None:
    assert whmcs.refusal("ValidateLogin", email=email, password2=password) == "Email or Password Invalid"


def test_a_single_sign_on_link_works_once(whmcs: WhmcsBench) -> None:
    link = whmcs.call("CreateSsoToken", client_id=HANAKO, destination="clientarea:billing_info")["redirect_url"]
    assert link.startswith(whmcs.url)
    assert "Client 11, clientarea:billing_info" in whmcs.http.get(link).text
    assert whmcs.http.get(link).status_code == 403


def test_a_single_sign_on_link_ends_after_sixty_seconds(whmcs: WhmcsBench) -> None:
    link = whmcs.call("CreateSsoToken", user_id=21)["redirect_url"]
    whmcs.server.clock.advance(61)
    assert whmcs.http.get(link).status_code == 403


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "A valid client_id or user_id is required"),
        ({"client_id": 99}, "Invalid client_id"),
        ({"user_id": 99}, "Invalid user_id"),
        ({"client_id": TARO, "user_id": 21}, "Invalid user_id for client"),
        ({"client_id": HANAKO, "destination": "clientarea:attic"}, "Invalid destination"),
    ],
)
def test_a_single_sign_on_that_cannot_be_is_refused(whmcs: WhmcsBench, params: dict[str, Any], message: str) -> None:
    assert whmcs.refusal("CreateSsoToken", **params) == message


@pytest.mark.parametrize("way", ["switched off", "closed"])
def test_single_sign_on_is_blocked_for_some_clients(whmcs: WhmcsBench, way: str) -> None:
    client = whmcs.books.clients[0]
    client.allow_sso, client.status = way != "switched off", "Closed" if way == "closed" else "Active"
    message = whmcs.refusal("CreateSsoToken", client_id=HANAKO)
    assert message == f"SSO authentication blocked for client {HANAKO}"
