"""Contacts and users of clients in the sandbox WHMCS."""

from typing import Any

import pytest

from tests.sandbox.whmcs_bench import HANAKO, TARO, WhmcsBench

JIRO = {"firstname": "Jiro", "lastname": "Sato", "email": "jiro.sato@example.com", "invoiceemails": "1"}


def test_a_contact_is_added_changed_and_deleted(whmcs: WhmcsBench) -> None:
    number = whmcs.call("AddContact", clientid=HANAKO, **JIRO)["contactid"]
    whmcs.call("UpdateContact", contactid=number, city="Osaka", invoiceemails="0", supportemails="1")
    (contact,) = whmcs.call("GetContacts", userid=HANAKO)["contacts"]["contact"]
    assert (contact["firstname"], contact["city"]) == ("Jiro", "Osaka")
    assert (contact["invoiceemails"], contact["supportemails"]) == (False, True)
    whmcs.call("DeleteContact", contactid=number)
    assert whmcs.call("GetContacts", userid=HANAKO)["contacts"]["contact"] == []


def test_contacts_are_found_by_whole_values_only(whmcs: WhmcsBench) -> None:
    whmcs.call("AddContact", clientid=HANAKO, **JIRO)
    assert whmcs.call("GetContacts", email="JIRO.SATO@example.com")["totalresults"] == 1
    assert whmcs.call("GetContacts", email="jiro")["totalresults"] == 0
    assert whmcs.call("GetContacts", userid=TARO)["totalresults"] == 0


@pytest.mark.parametrize(
    ("action", "params", "message"),
    [
        ("AddContact", {"clientid": 99}, "Client ID Not Found"),
        ("UpdateContact", {"contactid": 99}, "Contact ID Not Found"),
        ("DeleteContact", {"contactid": 99}, "Contact ID Not Found"),
        ("GetUserPermissions", {"user_id": 99, "client_id": HANAKO}, "Invalid user id"),
        ("GetUserPermissions", {"user_id": 21, "client_id": 99}, "Invalid client id"),
        ("GetUserPermissions", {"user_id": 21, "client_id": TARO}, "User is not associated with client"),
        ("ResetPassword", {}, "Please enter the email address or provide the id"),
        ("ResetPassword", {"email": "hanako"}, "Please provide a valid email address"),
        ("ResetPassword", {"email": "nobody@example.com"}, "User Not Found"),
        ("ResetPassword", {"id": 99}, "User Not Found"),
    ],
)
def test_what_does_not_exist_is_refused(whmcs: WhmcsBench, action: str, params: dict[str, Any], message: str) -> None:
    assert whmcs.refusal(action, **params) == message


@pytest.mark.parametrize("who", [{"id": 21}, {"email": "Hanako.Sato@example.com"}])
def test_a_password_is_reset_by_a_mail_to_the_user(whmcs: WhmcsBench, who: dict[str, Any]) -> None:
    whmcs.call("ResetPassword", **who)
    assert [(mail.to, mail.subject) for mail in whmcs.books.emails] == [("hanako.sato@example.com", "Password reset")]


def test_the_rights_of_users_are_listed_under_status(whmcs: WhmcsBench) -> None:
    answer = whmcs.ask("GetPermissionsList")
    assert (answer["status"], len(answer["permissions"]["permission"])) == ("success", 13)
    assert "result" not in answer


def test_users_are_not_there_before_8_1(whmcs: WhmcsBench) -> None:
    whmcs.server.switches.version = "8.0.4"
    assert whmcs.post("GetUsers").status_code == 403
    assert whmcs.post("GetPermissionsList").status_code == 200
