"""The server as clients meet it: over a real socket with simple-salesforce, and its answers outside any record."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import (
    SalesforceError,
    SalesforceExpiredSession,
    SalesforceGeneralError,
    SalesforceMalformedRequest,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)
from simple_salesforce.format import format_external_id, format_soql

from console.sandbox.loopback import serving
from console.sandbox.salesforce import action_of
from tests.sandbox.salesforce_bench import ACCOUNT, DATA, ENTRY, Client, Org, error_of, user_id


class _PlainHttp(HTTPAdapter):
    """Sends what simple-salesforce insists on calling https as http."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        request.url = (request.url or "").replace("https://", "http://", 1)
        return super().send(request, *args, **kwargs)


@pytest.fixture
def url(org: Org) -> Iterator[str]:
    with serving([(org.app, 0)], org.clock) as (port,):
        yield f"http://127.0.0.1:{port}"


def client(url: str, role: str) -> Any:
    """A Salesforce; typed as anything, since its attributes are the org's objects."""
    session = requests.Session()
    session.trust_env = False
    secure = url.replace("http://", "https://")
    session.mount(secure, _PlainHttp())
    return Salesforce(
        instance_url=secure, session_id=f"token-{role}", version="66.0", session=session, parse_float=Decimal
    )


@pytest.fixture
def supervisor(url: str) -> Iterator[Any]:
    salesforce = client(url, "supervisor")
    yield salesforce
    salesforce.session.close()


def test_simple_salesforce_queries_page_by_page(org: Org, supervisor: Any) -> None:
    org.store.load("Contact", [{"LastName": f"O'Neil {number}", "AccountId": ACCOUNT} for number in range(2500)])
    soql = format_soql("SELECT Id, LastName, Account.Name FROM Contact WHERE LastName LIKE '{:like}%'", "O'Neil")
    rows = list(supervisor.query_all_iter(soql))
    assert len(rows) == 2500
    assert rows[-1]["Account"]["Name"] == "Aoi Mori"
    assert supervisor.query("SELECT COUNT() FROM Contact")["totalSize"] == 2500


def test_simple_salesforce_does_a_records_whole_life(supervisor: Any) -> None:
    order = supervisor.Order.create({"AccountId": ACCOUNT, "EffectiveDate": "2026-11-24", "Description": "new"})["id"]
    assert supervisor.Order.update(order, {"Description": "changed"}) == 204
    assert supervisor.Order.get(order)["Description"] == "changed"
    headers = {"If-Unmodified-Since": "Sun, 01 Nov 2026 00:00:00 GMT"}
    with pytest.raises(SalesforceGeneralError) as caught:
        supervisor.Order.update(order, {"Description": "late"}, headers=headers)
    assert caught.value.status == 412
    with pytest.raises(SalesforceRefusedRequest):
        supervisor.Order.delete(order)


def test_simple_salesforce_upserts_by_external_id(url: str) -> None:
    salesforce = client(url, "admin")
    path = format_external_id("Customer_Number__c", "C 7/ä")
    assert salesforce.Account.upsert(path, {"Name": "Seven"}) == 201
    assert salesforce.Account.upsert(path, {"Name": "Sieben"}) == 200
    assert salesforce.Account.get(path)["Name"] == "Sieben"
    salesforce.session.close()


def test_simple_salesforce_reaches_composite_limits_and_describe(org: Org, supervisor: Any) -> None:
    body = {
        "allOrNone": True,
        "collateSubrequests": False,
        "compositeRequest": [{"method": "GET", "url": f"{DATA}/sobjects/Account/{ACCOUNT}", "referenceId": "one"}],
    }
    answer = supervisor.restful("composite", method="POST", json=body)
    assert answer["compositeResponse"][0]["body"]["Name"] == "Aoi Mori"
    assert supervisor.limits()["DailyApiRequests"]["Max"] == 100_000
    assert supervisor.api_usage["api-usage"].used == 2
    assert supervisor.Order.describe()["name"] == "Order"
    order = org.load_order()
    org.load_item(order)
    total = supervisor.query("SELECT TotalAmount FROM Order")["records"][0]["TotalAmount"]
    assert total == Decimal("5280.0")


@pytest.mark.parametrize(
    ("token", "call", "error"),
    [
        ("wrong", lambda salesforce: salesforce.query("SELECT Id FROM Account"), SalesforceExpiredSession),
        ("admin", lambda salesforce: salesforce.query("SELECT"), SalesforceMalformedRequest),
        ("admin", lambda salesforce: salesforce.Order.get("8015g0000000zzz"), SalesforceResourceNotFound),
        ("support", lambda salesforce: salesforce.Order_Claim__c.create({}), SalesforceRefusedRequest),
    ],
)
def test_simple_salesforce_knows_the_refusals(url: str, token: str, call: Any, error: type[SalesforceError]) -> None:
    salesforce = client(url, token)
    with pytest.raises(error) as caught:
        call(salesforce)
    content: Any = caught.value.content
    assert set(content[0]) >= {"message", "errorCode"}
    salesforce.session.close()


def test_a_body_may_come_in_chunks_and_an_answer_compressed(url: str) -> None:
    def chunks() -> Iterator[bytes]:
        yield b'{"Name": "In '
        yield b'chunks"}'

    headers = {"Authorization": "Bearer token-admin", "Content-Type": "application/json"}
    with httpx.Client(base_url=url, headers=headers, trust_env=False) as http:
        created = http.post(f"{DATA}/sobjects/Account", content=chunks())
        assert created.status_code == 201
        described = http.get(f"{DATA}/sobjects/Order/describe")
        assert described.headers["Content-Encoding"] == "gzip"
        plain = http.get(f"{DATA}/sobjects/Order/describe", headers={"Accept-Encoding": "identity"})
        assert "Content-Encoding" not in plain.headers
        assert plain.json() == described.json()


def test_versions_are_open_and_free(org: Org) -> None:
    answer = Client(org.app, "none").call("GET", "/services/data/")
    assert [one["version"] for one in answer.json()] == [f"{number}.0" for number in range(62, 69)]
    assert "Sforce-Limit-Info" not in answer.headers
    assert org.as_("admin").call("GET", "limits").json()["DailyApiRequests"]["Remaining"] == 99_999


def test_the_version_names_its_resources(admin: Client) -> None:
    found = admin.call("GET", f"{DATA}/").json()
    assert found["query"] == f"{DATA}/query"
    assert found["identity"].endswith(f"/{user_id('admin')}")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/services/data/v61.0/limits", 404, "NOT_FOUND"),
        ("GET", "/services/data/v99.0/limits", 404, "NOT_FOUND"),
        ("GET", "/services/data/v30.0/limits", 410, "UNSUPPORTED_API_VERSION"),
        ("GET", "/nowhere", 404, "NOT_FOUND"),
        ("GET", "nowhere", 404, "NOT_FOUND"),
        ("PUT", "sobjects/Account", 405, "METHOD_NOT_ALLOWED"),
        ("DELETE", "query", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "query?q=" + "x" * 16_384, 414, "URI_TOO_LONG"),
    ],
)
def test_what_is_not_served_is_refused(admin: Client, method: str, path: str, status: int, code: str) -> None:
    answer = admin.call(method, path)
    assert (answer.status_code, error_of(answer)) == (status, code)


@pytest.mark.parametrize(
    ("content", "content_type", "status", "code"),
    [
        ("{", "application/json", 400, "JSON_PARSER_ERROR"),
        ('{"Phone": NaN}', "application/json", 400, "JSON_PARSER_ERROR"),
        ("[" * 100_000, "application/json", 400, "JSON_PARSER_ERROR"),
        ("", "application/json", 400, "JSON_PARSER_ERROR"),
        ("Phone=1", "application/x-www-form-urlencoded", 415, "UNSUPPORTED_MEDIA_TYPE"),
    ],
)
def test_a_body_must_be_json(admin: Client, content: str, content_type: str, status: int, code: str) -> None:
    path, headers = f"sobjects/Account/{ACCOUNT}", {"Content-Type": content_type}
    answer = admin.call("PATCH", path, content=content, headers=headers)
    assert (answer.status_code, error_of(answer)) == (status, code)


def test_a_wrong_token_is_an_expired_session(org: Org) -> None:
    answer = Client(org.app, "nonsense").call("GET", "limits")
    assert answer.status_code == 401
    assert answer.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Basic abc", "Bearer two words"])
def test_a_header_that_carries_no_token_is_told_apart(org: Org, header: str) -> None:
    answer = org.as_("admin").call("GET", "limits", headers={"Authorization": header})
    assert (answer.status_code, error_of(answer)) == (401, "INVALID_AUTH_HEADER")


def test_every_call_is_counted_the_refused_too(admin: Client) -> None:
    used = [
        admin.call("GET", path).headers["Sforce-Limit-Info"]
        for path in ("limits", "nowhere", "query", f"sobjects/Account/{ACCOUNT}")
    ]
    assert used == [f"api-usage={number}/100000" for number in (1, 2, 3, 4)]
    limits = admin.call("GET", "limits").json()
    assert limits["DailyApiRequests"] == {"Max": 100_000, "Remaining": 99_995}
    assert all(limit.keys() == {"Max", "Remaining"} for limit in limits.values())


def test_userinfo_and_identity_tell_who_is_signed_in(org: Org) -> None:
    support = org.as_("support")
    about = support.call("GET", "/services/oauth2/userinfo").json()
    assert (about["user_id"], about["name"], about["email"]) == (
        user_id("support"),
        "Invented support",
        "support@example.com",
    )
    identity = support.call("GET", httpx.URL(about["sub"]).path).json()
    assert (identity["username"], identity["organization_id"]) == (
        about["preferred_username"],
        about["organization_id"],
    )


def test_identity_takes_the_token_as_a_parameter_too(org: Org) -> None:
    path = f"/id/{next(iter(org.store.tables['Organization']))}/{user_id('support')}"
    stranger = Client(org.app, "none")
    assert (
        stranger.call("GET", path, params={"oauth_token": "token-support"}, headers={"Authorization": ""}).status_code
        == 200
    )
    answers = [stranger.call("GET", "/services/oauth2/userinfo"), stranger.call("GET", path)]
    assert [(answer.status_code, answer.text) for answer in answers] == [(403, "Bad_OAuth_Token")] * 2


def test_the_org_knows_its_people_and_their_permission_sets(org: Org) -> None:
    soql = f"SELECT PermissionSet.Name FROM PermissionSetAssignment WHERE AssigneeId = '{user_id('worker')}'"
    assert [row["PermissionSet"]["Name"] for row in org.as_("worker").query(soql)] == ["Staff_Console_Worker"]
    (user,) = org.as_("worker").query(f"SELECT Name, Profile.Name FROM User WHERE Id = '{user_id('worker')}'")
    assert (user["Name"], user["Profile"]["Name"]) == ("Invented worker", "Standard User")
    (organization,) = org.as_("worker").query("SELECT IsSandbox FROM Organization")
    assert organization["IsSandbox"] is True


def test_describe_shows_what_the_person_may_do(org: Org) -> None:
    def fields(role: str) -> dict[str, Any]:
        described = org.as_(role).call("GET", "sobjects/Order/describe").json()
        return {field["name"]: field for field in described["fields"]}

    assert fields("support")["Approved_Hash__c"]["updateable"] is False
    assert fields("supervisor")["Approved_Hash__c"]["updateable"] is True
    assert fields("supervisor")["TotalAmount"]["createable"] is False
    status = fields("support")["Provisioning_Status__c"]
    assert [value["value"] for value in status["picklistValues"]] == ["Created", "Activating", "Activated", "Paused"]
    objects = {one["name"]: one for one in org.as_("worker").call("GET", "sobjects").json()["sobjects"]}
    assert (objects["Order"]["createable"], objects["Order"]["updateable"]) == (False, True)
    assert objects["Order_Claim__c"]["custom"] is True
    assert org.as_("worker").call("GET", "sobjects/Order").json()["objectDescribe"] == objects["Order"]


def test_an_unchanged_description_is_not_sent_again(admin: Client) -> None:
    seen = admin.call("GET", "sobjects/Order/describe").headers["Last-Modified"]
    assert admin.call("GET", "sobjects/Order/describe", headers={"If-Modified-Since": seen}).status_code == 304
    assert admin.call("GET", "sobjects", headers={"If-Modified-Since": seen}).status_code == 304


def test_text_that_no_wire_can_carry_comes_back_as_a_question_mark(admin: Client) -> None:
    headers = {"Content-Type": "application/json"}
    content = json.dumps({"Phone": "\ud800"})
    assert admin.call("PATCH", f"sobjects/Account/{ACCOUNT}", content=content, headers=headers).status_code == 204
    assert admin.read("Account", ACCOUNT)["Phone"] == "?"


@pytest.mark.parametrize(
    ("method", "path", "action"),
    [
        ("GET", f"{DATA}/query?", "other"),
        ("GET", f"{DATA}/query/", "query"),
        ("GET", f"{DATA}/queryAll", "query"),
        ("GET", f"{DATA}/query/01g5g0000000001MAAY-2000", "query_more"),
        ("POST", f"{DATA}/sobjects/Order/", "create:Order"),
        ("GET", f"{DATA}/sobjects/Order/{ENTRY}", "read:Order"),
        ("PATCH", f"{DATA}/sobjects/Order/{ENTRY}", "update:Order"),
        ("DELETE", f"{DATA}/sobjects/Order/{ENTRY}", "delete:Order"),
        ("PATCH", f"{DATA}/sobjects/Account/Customer_Number__c/C-1", "upsert:Account"),
        ("GET", f"{DATA}/sobjects/Account/Customer_Number__c/C-1", "read:Account"),
        ("GET", f"{DATA}/sobjects/Order/describe", "describe:Order"),
        ("POST", f"{DATA}/composite", "composite"),
        ("PATCH", f"{DATA}/composite/sobjects", "collections"),
        ("GET", f"{DATA}/limits", "limits"),
        ("POST", f"{DATA}/actions/standard/emailSimple", "email"),
        ("GET", "/services/data/", "versions"),
        ("GET", "/services/oauth2/userinfo", "userinfo"),
        ("GET", "/id/00D/005", "identity"),
        ("GET", "/favicon.ico", "other"),
    ],
)
def test_every_request_has_a_name_for_fault_rules(method: str, path: str, action: str) -> None:
    assert action_of(method, path) == action
