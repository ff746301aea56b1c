"""Single records over the wire: conditional requests, chosen fields, external ids."""

import pytest

from console.sandbox.salesforce_times import http_date, parse_datetime
from tests.sandbox.salesforce_bench import ACCOUNT, BOOK, DATA, Client, Org, error_of


def modified(client: Client, sobject: str, record_id: str) -> dict[str, str]:
    stamp = client.read(sobject, record_id)["LastModifiedDate"]
    return {"If-Unmodified-Since": http_date(parse_datetime(stamp))}


def test_a_created_record_is_told_where_it_is(admin: Client) -> None:
    answer = admin.call("POST", "sobjects/Account/", json={"Name": "New"})
    assert answer.json() == {"id": answer.json()["id"], "success": True, "errors": []}
    assert answer.headers["Location"] == f"{DATA}/sobjects/Account/{answer.json()['id']}"


def test_only_the_chosen_fields_are_shown(admin: Client) -> None:
    found = admin.call("GET", f"sobjects/account/{ACCOUNT[:15]}", params={"fields": "name,customer_number__C"}).json()
    assert set(found) == {"attributes", "Name", "Customer_Number__c", "Id"}
    assert found["Id"] == ACCOUNT
    answer = admin.call("GET", f"sobjects/Account/{ACCOUNT}", params={"fields": "Colour"})
    assert (answer.status_code, error_of(answer)) == (400, "INVALID_FIELD")


def test_a_write_to_a_changed_record_is_refused_and_changes_nothing(org: Org, admin: Client) -> None:
    order = org.load_order()
    seen = modified(admin, "Order", order)
    org.clock.advance(2)
    path = f"sobjects/Order/{order}"
    assert admin.call("PATCH", path, json={"Description": "first"}, headers=seen).status_code == 204
    answer = admin.call("PATCH", path, json={"Description": "second"}, headers=seen)
    assert answer.status_code == 412
    assert admin.read("Order", order)["Description"] == "first"


def test_writes_within_one_second_pass_each_other_by(org: Org, admin: Client) -> None:
    order = org.load_order(LastModifiedDate="2026-11-23T00:00:00.900Z")
    headers = {"If-Unmodified-Since": "Mon, 23 Nov 2026 00:00:00 GMT"}
    assert admin.call("PATCH", f"sobjects/Order/{order}", json={"Name": "x"}, headers=headers).status_code == 204


def test_a_date_that_is_none_is_refused(admin: Client) -> None:
    headers = {"If-Unmodified-Since": "yesterday"}
    answer = admin.call("PATCH", f"sobjects/Account/{ACCOUNT}", json={"Phone": "1"}, headers=headers)
    assert answer.status_code == 400


def test_an_unchanged_record_is_not_sent_again(org: Org, admin: Client) -> None:
    order = org.load_order()
    path = f"sobjects/Order/{order}"
    headers = {"If-Modified-Since": admin.call("GET", path).headers["Last-Modified"]}
    answer = admin.call("GET", path, headers=headers)
    assert (answer.status_code, answer.content) == (304, b"")
    org.clock.advance(2)
    admin.update("Order", order, Description="new")
    assert admin.call("GET", path, headers=headers).status_code == 200


def test_entity_tags_work_on_accounts_and_are_ignored_elsewhere(org: Org, admin: Client) -> None:
    path = f"sobjects/Account/{ACCOUNT}"
    tag = admin.call("GET", path).headers["ETag"]
    assert admin.call("GET", path, headers={"If-None-Match": tag}).status_code == 304
    assert admin.call("PATCH", path, json={"Phone": "1"}, headers={"If-Match": tag}).status_code == 204
    assert admin.call("PATCH", path, json={"Phone": "2"}, headers={"If-Match": tag}).status_code == 412
    order = f"sobjects/Order/{org.load_order()}"
    assert "ETag" not in admin.call("GET", order).headers
    assert admin.call("PATCH", order, json={"Name": "x"}, headers={"If-Match": '"other"'}).status_code == 204


def test_an_upsert_creates_then_changes(admin: Client) -> None:
    path = "sobjects/Account/Customer_Number__c/C-77%2Fa"
    created = admin.call("PATCH", path, json={"Name": "New"})
    assert (created.status_code, created.json()["created"]) == (201, True)
    changed = admin.call("PATCH", path, json={"Phone": "1"})
    assert (changed.status_code, changed.json()["created"]) == (200, False)
    found = admin.call("GET", path).json()
    assert (found["Name"], found["Phone"], found["Customer_Number__c"]) == ("New", "1", "C-77/a")


def test_an_upsert_may_be_for_changes_only(admin: Client) -> None:
    path = "sobjects/Account/Customer_Number__c/C-77"
    answer = admin.call("PATCH", path, json={"Name": "New"}, params={"updateOnly": "true"})
    assert (answer.status_code, error_of(answer)) == (404, "NOT_FOUND")


def test_an_upsert_asks_for_the_right_that_it_needs(org: Org) -> None:
    support = org.as_("support")
    assert (
        support.call("PATCH", "sobjects/Account/Customer_Number__c/C-0000001", json={"Phone": "1"}).status_code == 200
    )
    assert support.call("PATCH", "sobjects/Account/Customer_Number__c/C-77", json={"Name": "x"}).status_code == 403


def test_a_key_that_several_records_share_gives_their_urls(admin: Client) -> None:
    ids = [
        admin.create("Order_Claim__c", Claim_Key__c=f"work:1:{number}", Order_Id__c="shared", Holder__c="h")
        for number in (1, 2)
    ]
    urls = [f"{DATA}/sobjects/Order_Claim__c/{one}" for one in ids]
    for method, body in (("GET", None), ("PATCH", {"Detail__c": "x"})):
        answer = admin.call(method, "sobjects/Order_Claim__c/Order_Id__c/shared", json=body)
        assert (answer.status_code, answer.json()) == (300, urls)


def test_a_key_field_must_be_one_and_stays_out_of_the_body(admin: Client) -> None:
    answer = admin.call("PATCH", "sobjects/Account/Phone/1", json={"Name": "x"})
    assert (answer.status_code, error_of(answer)) == (404, "NOT_FOUND")
    answer = admin.call("PATCH", "sobjects/Account/Customer_Number__c/C-1", json={"customer_number__c": "C-1"})
    assert (answer.status_code, error_of(answer)) == (400, "INVALID_FIELD")


def test_an_object_that_is_not_there_is_not_found(admin: Client) -> None:
    assert admin.call("GET", "sobjects/Shoe/describe").status_code == 404
    assert admin.call("POST", "sobjects/Shoe", json={}).status_code == 404
    assert admin.call("PATCH", f"sobjects/Pricebook2/{BOOK}", json=["x"]).json()[0]["errorCode"] == "JSON_PARSER_ERROR"


def test_a_read_may_insist_that_nothing_has_changed(org: Org, admin: Client) -> None:
    order = org.load_order()
    path, seen = f"sobjects/Order/{order}", modified(admin, "Order", order)
    assert admin.call("GET", path, headers=seen).status_code == 200
    org.clock.advance(2)
    admin.update("Order", order, Description="new")
    assert admin.call("GET", path, headers=seen).status_code == 412


@pytest.mark.parametrize("condition", ["If-Modified-Since", "If-Unmodified-Since"])
def test_a_write_with_a_condition_that_is_no_date_is_refused(org: Org, admin: Client, condition: str) -> None:
    headers, count = {condition: "next week"}, len(org.store.tables["Account"])
    created = admin.call("POST", "sobjects/Account", json={"Name": "New"}, headers=headers)
    changed = admin.call("PATCH", f"sobjects/Account/{ACCOUNT}", json={"Phone": "1"}, headers=headers)
    assert [(one.status_code, error_of(one)) for one in (created, changed)] == [(400, "INVALID_HEADER")] * 2
    assert len(org.store.tables["Account"]) == count
    assert admin.call("GET", f"sobjects/Account/{ACCOUNT}", headers=headers).status_code == 200


def test_conditions_have_no_effect_on_deletes_and_on_rows_by_external_id(org: Org, admin: Client) -> None:
    old = {"If-Unmodified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"}
    by_key = "sobjects/Account/Customer_Number__c/C-0000001"
    assert admin.call("GET", by_key, headers=old).status_code == 200
    assert admin.call("PATCH", by_key, json={"Phone": "1"}, headers=old).status_code == 200
    assert admin.call("DELETE", f"sobjects/Order/{org.load_order()}", headers=old).status_code == 204


def test_a_condition_inside_a_composite_undoes_all_of_it(org: Org, admin: Client) -> None:
    order = org.load_order()
    old = {"If-Unmodified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"}
    step = {"method": "PATCH", "url": f"{DATA}/sobjects/Order/{order}", "body": {"Description": "late"}}
    account = {"method": "PATCH", "url": f"{DATA}/sobjects/Account/{ACCOUNT}", "body": {"Phone": "1"}}
    results = admin.composite(
        {**account, "referenceId": "before"}, {**step, "referenceId": "guarded", "httpHeaders": old}
    )
    assert [one["httpStatusCode"] for one in results] == [400, 412]
    assert admin.read("Account", ACCOUNT)["Phone"] is None


def test_a_graph_knows_no_conditions(org: Org, admin: Client) -> None:
    order = org.load_order()
    step = {
        "method": "PATCH",
        "url": f"{DATA}/sobjects/Order/{order}",
        "referenceId": "change",
        "body": {"Description": "late"},
        "httpHeaders": {"If-Unmodified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"},
    }
    graph = {"graphId": "one", "compositeRequest": [step]}
    (told,) = admin.call("POST", "composite/graph", json={"graphs": [graph]}).json()["graphs"]
    assert told["isSuccessful"] is True
    assert admin.read("Order", order)["Description"] == "late"


def test_a_duplicate_rule_refuses_a_name_that_is_there_unless_it_may_be_saved(org: Org, admin: Client) -> None:
    org.switches.change({"duplicate_rules": ["Account", "Contact"]})
    twin = {"Name": "aoi mori"}
    assert error_of(admin.call("POST", "sobjects/Account", json=twin)) == "DUPLICATES_DETECTED"
    assert error_of(admin.call("PATCH", "sobjects/Account/Customer_Number__c/C-9", json=twin)) == "DUPLICATES_DETECTED"
    allowed = {"Sforce-Duplicate-Rule-Header": "allowSave=true; includeRecordDetails=true"}
    assert admin.call("POST", "sobjects/Account", json=twin, headers=allowed).status_code == 201
    admin.create("Contact", LastName="Mori")
    answer = admin.call("POST", "sobjects/Contact", json={"LastName": "Mori"})
    assert answer.json() == [{"message": "Use one of these records?", "errorCode": "DUPLICATES_DETECTED"}]
