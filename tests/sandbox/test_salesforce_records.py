"""Changing records: values, required fields, rights of the roles, unique keys and the validation rules that we ship."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.sandbox.formula import Save
from tests.sandbox.salesforce_bench import ACCOUNT, BOOK, ROLES, Answer, Client, Org, error_of, schema, user_id


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({}, "REQUIRED_FIELD_MISSING"),
        ({"Name": ""}, "REQUIRED_FIELD_MISSING"),
        ({"Name": "x" * 256}, "STRING_TOO_LONG"),
        ({"Name": 5}, "JSON_PARSER_ERROR"),
        ({"Name": "x", "Colour": "red"}, "INVALID_FIELD"),
        ({"Name": "x", "Id": ACCOUNT}, "INVALID_FIELD"),
        ({"Name": "x", "CreatedDate": "2026-01-01T00:00:00Z"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"Name": "x", "BillingAddress": "Kobe"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"Name": "x", "Internet_Eligibility__c": "2G"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ({"Name": "x", "ParentId": "nonsense"}, "MALFORMED_ID"),
        ({"Name": "x", "ParentId": user_id("admin")}, "MALFORMED_ID"),
        ({"Name": "x", "ParentId": "0015g0000000zzz"}, "INVALID_CROSS_REFERENCE_KEY"),
        ({"Name": "x", "Parent": {"Customer_Number__c": "nobody"}}, "INVALID_FIELD"),
    ],
)
def test_a_wrong_account_is_refused(admin: Client, values: dict[str, Any], code: str) -> None:
    assert error_of(admin.call("POST", "sobjects/Account", json=values)) == code
    assert len(admin.query("SELECT Id FROM Account")) == 1


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("EffectiveDate", "24.11.2026", "JSON_PARSER_ERROR"),
        ("EffectiveDate", None, "REQUIRED_FIELD_MISSING"),
        ("Decided_At__c", "2026-11-24T00:00:00", "JSON_PARSER_ERROR"),
        ("Address_Changed__c", "yes", "JSON_PARSER_ERROR"),
        ("Address_Changed__c", None, "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        ("EndDate", "2026-11-23", "FIELD_INTEGRITY_EXCEPTION"),
    ],
)
def test_a_wrong_value_of_an_order_is_refused(org: Org, admin: Client, field: str, value: Any, code: str) -> None:
    assert error_of(admin.update("Order", org.load_order(), **{field: value})) == code


def test_an_email_and_a_number_are_checked(org: Org, admin: Client) -> None:
    answer = admin.call("POST", "sobjects/Contact", json={"LastName": "Mori", "Email": "not an address"})
    assert error_of(answer) == "INVALID_EMAIL_ADDRESS"
    claim = {"Claim_Key__c": "work:1:1", "Order_Id__c": "1", "Holder__c": "h"}
    answer = admin.call("POST", "sobjects/Order_Claim__c", json={**claim, "Watermark__c": 10**18})
    assert error_of(answer) == "NUMBER_OUTSIDE_VALID_RANGE"
    assert not org.store.tables["Order_Claim__c"]


def test_values_are_kept_in_the_wires_own_form(org: Org, admin: Client) -> None:
    order = org.load_order()
    when = "2026-11-24T09:30:00+09:00"
    admin.update("Order", order, Decided_At__c=when, Decision_Reason__c="", captured_by__c=user_id("support")[:15])
    found = admin.read("Order", order)
    assert found["Decided_At__c"] == "2026-11-24T00:30:00.000+0000"
    assert found["Decision_Reason__c"] is None
    assert found["Captured_By__c"] == user_id("support")


def test_a_change_leaves_the_rest_and_stamps_the_record(org: Org, admin: Client) -> None:
    before = admin.read("Account", ACCOUNT)
    org.clock.advance(5)
    assert org.as_("support").update("Account", ACCOUNT, Phone="03-0000-0000").status_code == 204
    after = admin.read("Account", ACCOUNT)
    assert (after["Name"], after["Phone"]) == ("Aoi Mori", "03-0000-0000")
    assert after["LastModifiedById"] == user_id("support")
    assert after["SystemModstamp"] == after["LastModifiedDate"] > before["LastModifiedDate"]
    assert after["SystemModstamp"].endswith(".000+0000")
    assert (after["CreatedDate"], after["CreatedById"]) == (before["CreatedDate"], before["CreatedById"])


def test_a_record_may_be_named_by_its_external_id(admin: Client) -> None:
    contact = admin.create("Contact", LastName="Mori", FirstName="Aoi", Account={"Customer_Number__c": "C-0000001"})
    found = admin.read("Contact", contact)
    assert (found["AccountId"], found["Name"]) == (ACCOUNT, "Aoi Mori")


def test_a_unique_key_tells_who_holds_it(org: Org, admin: Client) -> None:
    order = org.load_order()
    row = {"Claim_Key__c": f"work:{order}:1", "Order_Id__c": order, "Holder__c": "h"}
    holder = admin.create("Order_Claim__c", **row)
    answer = org.as_("worker").call("POST", "sobjects/Order_Claim__c", json={**row, "Holder__c": "other"})
    assert error_of(answer) == "DUPLICATE_VALUE"
    expected = f"duplicate value found: Claim_Key__c duplicates value on record with id: {holder}"
    assert answer.json()[0]["message"] == expected
    admin.create("Order_Claim__c", **{**row, "Claim_Key__c": f"WORK:{order}:1"})


def test_many_records_may_lack_a_unique_value(admin: Client) -> None:
    admin.create("Account", Name="One", Whmcs_Client_Id__c="7")
    admin.create("Account", Name="Two")
    three = admin.create("Account", Name="Three")
    assert error_of(admin.update("Account", three, Whmcs_Client_Id__c="7")) == "DUPLICATE_VALUE"


def test_auto_numbers_go_on_from_the_seeded_ones(org: Org, admin: Client) -> None:
    org.load_order(OrderNumber="00000417")
    values = {"AccountId": ACCOUNT, "EffectiveDate": "2026-11-24", "Status": "Draft"}
    assert admin.read("Order", admin.create("Order", **values))["OrderNumber"] == "00000418"
    claim = admin.create("Order_Claim__c", Claim_Key__c="work:1:1", Order_Id__c="1", Holder__c="h")
    assert admin.read("Order_Claim__c", claim)["Name"] == "CL-00000001"


def test_a_deleted_record_is_gone_and_known_as_deleted(admin: Client) -> None:
    contact = admin.create("Contact", LastName="Gone", AccountId=ACCOUNT)
    assert admin.call("DELETE", f"sobjects/Contact/{contact}").status_code == 204
    answer = admin.update("Contact", contact, LastName="Back")
    assert (answer.status_code, error_of(answer)) == (404, "ENTITY_IS_DELETED")


def test_a_record_that_others_refer_to_stays(org: Org, admin: Client) -> None:
    org.load_order()
    assert error_of(admin.call("DELETE", f"sobjects/Account/{ACCOUNT}")) == "DELETE_FAILED"


def test_a_missing_record_is_404_with_a_code_for_reading_and_one_for_writing(admin: Client) -> None:
    read = admin.call("GET", "sobjects/Order/8015g0000000zzz")
    write = admin.update("Order", "8015g0000000zzz", Description="x")
    assert (read.status_code, error_of(read)) == (404, "NOT_FOUND")
    assert (write.status_code, error_of(write)) == (404, "INVALID_CROSS_REFERENCE_KEY")
    assert error_of(admin.call("GET", "sobjects/Order/nonsense")) == "MALFORMED_ID"


# Rights of the roles


def test_support_reads_claims_and_may_not_make_them(org: Org) -> None:
    support = org.as_("support")
    answer = support.call(
        "POST", "sobjects/Order_Claim__c", json={"Claim_Key__c": "a", "Order_Id__c": "1", "Holder__c": "h"}
    )
    assert (answer.status_code, error_of(answer)) == (403, "INSUFFICIENT_ACCESS_OR_READONLY")
    assert support.query("SELECT Id FROM Order_Claim__c") == []


def test_a_field_that_a_role_may_only_read_is_refused_by_name(org: Org) -> None:
    order = org.load_order()
    answer = org.as_("support").update("Order", order, Provisioning_Status__c="Activating")
    assert error_of(answer) == "INVALID_FIELD_FOR_INSERT_UPDATE"
    assert answer.json()[0]["fields"] == ["Provisioning_Status__c"]


def test_the_worker_may_not_create_orders_and_nobody_but_admins_deletes(org: Org) -> None:
    values = {"AccountId": ACCOUNT, "EffectiveDate": "2026-11-24"}
    assert error_of(org.as_("worker").call("POST", "sobjects/Order", json=values)) == "INSUFFICIENT_ACCESS_OR_READONLY"
    order = org.as_("support").create("Order", **values)
    for role in ("support", "back_office", "supervisor", "worker"):
        assert org.as_(role).call("DELETE", f"sobjects/Order/{order}").status_code == 403
    assert org.as_("admin").call("DELETE", f"sobjects/Order/{order}").status_code == 204


def test_products_and_prices_are_read_by_all_and_written_by_admins(org: Org) -> None:
    for role in ROLES[:-1]:
        assert org.as_(role).query("SELECT Id, Product2.Sold_Online__c FROM PricebookEntry")
        assert org.as_(role).update("Pricebook2", BOOK, Name="x").status_code == 403
    assert org.as_("admin").update("Pricebook2", BOOK, Name="x").status_code == 204
    assert org.as_("admin").update("User", user_id("admin"), Name="x").status_code == 403


# The validation rules that we ship: each refuses one change and allows the one beside it.

SIGNED = {"Status": "Approved", "Approved_Hash__c": "a" * 64, "Approved_By__c": user_id("supervisor")}
CLAIM = {"Order_Id__c": "1", "Holder__c": "h"}


def refused(answer: Answer, rule: str) -> None:
    messages = {one.name: one for described in schema().objects.values() for one in described.rules}
    (error,) = answer.json()
    assert (error["errorCode"], error["message"]) == ("FIELD_CUSTOM_VALIDATION_EXCEPTION", messages[rule].message)
    assert error["fields"] == [messages[rule].error_field]


def allowed(answer: Answer) -> None:
    assert answer.status_code in (201, 204), answer.text


def test_four_eyes(org: Org) -> None:
    captured, other = org.load_order(Captured_By__c=user_id("supervisor")), org.load_order()
    supervisor = org.as_("supervisor")
    refused(supervisor.update("Order", captured, **SIGNED), "Four_Eyes")
    allowed(supervisor.update("Order", captured, Status="Rejected"))
    allowed(supervisor.update("Order", other, **SIGNED))
    created = supervisor.create("Order", AccountId=ACCOUNT, EffectiveDate="2026-11-24", Status="In Review")
    refused(supervisor.update("Order", created, **SIGNED), "Four_Eyes")


def test_approval_right(org: Org) -> None:
    order = org.load_order()
    refused(org.as_("back_office").update("Order", order, Status="Rejected"), "Approval_Right")
    allowed(org.as_("back_office").update("Order", order, Status="Cancelled"))
    allowed(org.as_("supervisor").update("Order", order, Status="Rejected"))


def test_approval_signed(org: Org) -> None:
    order = org.load_order()
    supervisor = org.as_("supervisor")
    refused(supervisor.update("Order", order, **{**SIGNED, "Approved_Hash__c": None}), "Approval_Signed")
    refused(supervisor.update("Order", order, **{**SIGNED, "Approved_By__c": user_id("admin")}), "Approval_Signed")
    allowed(supervisor.update("Order", order, **SIGNED))


def test_activating_needs_approval(org: Org) -> None:
    waiting, approved = org.load_order(), org.load_order(Status="Approved")
    worker = org.as_("worker")
    refused(worker.update("Order", waiting, Provisioning_Status__c="Activating"), "Activating_Needs_Approval")
    allowed(worker.update("Order", approved, Provisioning_Status__c="Activating"))


def test_activated_needs_billing_order(org: Org) -> None:
    order = org.load_order(Status="Approved", Provisioning_Status__c="Activating")
    back_office = org.as_("back_office")
    refused(back_office.update("Order", order, Provisioning_Status__c="Activated"), "Activated_Needs_Billing_Order")
    allowed(back_office.update("Order", order, Provisioning_Status__c="Activated", Whmcs_Order_Id__c="41"))


def test_provisioning_right(org: Org) -> None:
    order = org.load_order(Status="Approved")
    described = org.store.schema.objects["Order"]
    (rule,) = [one for one in described.rules if one.name == "Provisioning_Right"]
    before = org.store.tables["Order"][order]
    changed = {**before, "Provisioning_Status__c": "Activating"}
    for permissions, holds in ((frozenset[str](), True), (frozenset({"Console_Provision"}), False)):
        assert rule.formula.holds(Save(changed, before, "", "", permissions)) is holds
    assert not rule.formula.holds(Save(changed, None, "", "", frozenset()))
    allowed(org.as_("worker").update("Order", order, Provisioning_Status__c="Activating"))


@pytest.mark.parametrize(
    ("before", "after", "ok"),
    [
        ("Created", "Activating", True),
        ("Created", "Activated", False),
        ("Created", "Paused", False),
        ("Activating", "Activated", True),
        ("Activating", "Paused", True),
        ("Activating", "Created", False),
        ("Paused", "Activating", True),
        ("Paused", "Activated", False),
        ("Paused", "Created", False),
        ("Activated", "Paused", True),
        ("Activated", "Activating", False),
        (None, "Activating", True),
    ],
)
def test_provisioning_transition(org: Org, before: str | None, after: str, ok: bool) -> None:
    order = org.load_order(Status="Approved", Provisioning_Status__c=before, Whmcs_Order_Id__c="41")
    answer = org.as_("supervisor").update("Order", order, Provisioning_Status__c=after)
    if ok:
        allowed(answer)
    else:
        refused(answer, "Provisioning_Transition")


def test_claim_is_fixed(org: Org) -> None:
    worker = org.as_("worker")
    claim = worker.create("Order_Claim__c", Claim_Key__c="work:1:1", Person__c="Aoi", **CLAIM)
    refused(worker.update("Order_Claim__c", claim, Holder__c="thief"), "Claim_Is_Fixed")
    allowed(worker.update("Order_Claim__c", claim, Holder__c="h", Detail__c="at work"))


def test_closed_stays_closed(org: Org) -> None:
    worker = org.as_("worker")
    claim = worker.create("Order_Claim__c", Claim_Key__c="work:1:1", **CLAIM)
    closed = {"Closed_At__c": "2026-11-24T00:00:00Z", "Outcome__c": "paused PAY-01"}
    allowed(worker.update("Order_Claim__c", claim, **closed))
    refused(worker.update("Order_Claim__c", claim, Outcome__c="activated"), "Closed_Stays_Closed")
    allowed(worker.update("Order_Claim__c", claim, Detail__c="still closed", **closed))


def test_decision_right(org: Org) -> None:
    row = {"Claim_Key__c": "decide:1:1", **CLAIM}
    refused(org.as_("back_office").call("POST", "sobjects/Order_Claim__c", json=row), "Decision_Right")
    allowed(org.as_("supervisor").call("POST", "sobjects/Order_Claim__c", json=row))
    allowed(org.as_("back_office").call("POST", "sobjects/Order_Claim__c", json={**row, "Claim_Key__c": "work:1:1"}))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
JSON_TYPE = {"Content-Type": "application/json"}
ORDER_FIELDS = st.sampled_from(sorted(schema().objects["Order"].fields))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None)
@given(values=st.dictionaries(ORDER_FIELDS, JSON, min_size=1, max_size=3))
def test_no_value_makes_the_server_fail(org: Org, values: dict[str, Any]) -> None:
    order = org.load_order()
    answer = org.as_("admin").call("PATCH", f"sobjects/Order/{order}", content=json.dumps(values), headers=JSON_TYPE)
    assert answer.status_code in (204, 400, 403), answer.text
    assert org.as_("admin").call("GET", f"sobjects/Order/{order}").status_code == 200


def test_a_note_is_left_in_the_feed_of_an_order_and_goes_with_it(org: Org) -> None:
    order, support = org.load_order(), org.as_("support")
    note = support.create("FeedItem", ParentId=order, Body="The customer called.")
    soql = f"SELECT Body, Type, ParentId, CreatedById FROM FeedItem WHERE ParentId = '{order}'"
    (row,) = support.query(soql)
    assert (row["Body"], row["Type"], row["CreatedById"]) == ("The customer called.", "TextPost", user_id("support"))
    long = support.call("POST", "sobjects/FeedItem", json={"ParentId": order, "Body": "x" * 10_001})
    bare = support.call("POST", "sobjects/FeedItem", json={"ParentId": order})
    assert (error_of(long), error_of(bare)) == ("STRING_TOO_LONG", "REQUIRED_FIELD_MISSING")
    assert error_of(support.call("DELETE", f"sobjects/FeedItem/{note}")) == "INSUFFICIENT_ACCESS_OR_READONLY"
    assert org.as_("admin").call("DELETE", f"sobjects/Order/{order}").status_code == 204
    assert support.query(soql) == []
