"""The main job by commands, asked back from both systems directly; and every way in which a command is refused."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.commands import Answer, Practice, practice, run

_ORDER_KEYS = {"order_id", "order_number", "state", "activation", "customer", "kind", "placed_at", "total"}
_PERSON_KEYS = {
    *("portal_user_id", "whmcs_client_id", "salesforce_account_id", "customer_number"),
    *("name", "email", "phone", "link", "matched_on"),
}
_RESULT_KEYS = {"order_id", "outcome", "code", "message", "whmcs_order_id", "service_ids", "took_ms"}
_CASE_KEYS = {
    *("case_id", "order_id", "code", "title", "since", "owner", "retry"),
    *("max_tries", "next_action", "customer_sees", "attempts"),
}
_BLOCKS = {"identity", "link", "orders", "services", "invoices", "payment_methods", "addresses", "timeline"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    """A sandbox in a process of its own."""
    with practice(tmp_path_factory.mktemp("practice")) as running:
        yield running


def ready_order(desk: Practice) -> dict[str, Any]:
    """The first order in review whose every check passes, as `orders` and `review` tell it."""
    listed = desk.run("orders", "--state", "in_review")
    assert listed.status == 0
    for order in listed.document["orders"]:
        assert set(order) >= _ORDER_KEYS
        review = desk.run("review", order["order_number"])
        assert set(review.document) >= {"order_id", "verdict", "checks", "customer_sees"}
        if review.document["verdict"] == "ready":
            found: dict[str, Any] = order
            return found
    raise AssertionError("no order is ready")


def order_in_salesforce(desk: Practice, order_id: str) -> dict[str, Any]:
    """What Salesforce itself says of an order."""
    fields = (
        "Status, Provisioning_Status__c, Provisioning_Error_Code__c, Whmcs_Order_Id__c, Customer_Status__c, AccountId"
    )
    [order] = desk.salesforce(f"SELECT {fields} FROM Order WHERE Id = '{order_id}'")
    return order


def client_of(desk: Practice, order: dict[str, Any]) -> str:
    """The WHMCS client of an order's account, as Salesforce says."""
    [account] = desk.salesforce(f"SELECT Whmcs_Client_Id__c FROM Account WHERE Id = '{order['AccountId']}'")
    return str(account["Whmcs_Client_Id__c"])


def test_the_main_job_from_lookup_to_activated_and_again(desk: Practice) -> None:
    order = ready_order(desk)
    found = desk.run("lookup", order["customer"])
    assert found.status == 0
    assert all(set(person) >= _PERSON_KEYS for person in found.document["people"])
    account_id = order_in_salesforce(desk, order["order_id"])["AccountId"]
    assert account_id in {person["salesforce_account_id"] for person in found.document["people"]}
    page = desk.run("customer", account_id)
    assert set(page.document) == _BLOCKS
    assert all(set(block) >= {"source", "fetched_at", "state", "data"} for block in page.document.values())

    approved = desk.run("approve", order["order_number"])
    assert (approved.status, approved.document["outcome"]) == (0, "approved")
    first = desk.run("provision", order["order_number"])
    assert first.status == 0
    [result] = first.document["results"]
    assert set(result) >= _RESULT_KEYS
    assert result["outcome"] == "activated"

    present = order_in_salesforce(desk, order["order_id"])
    assert present["Provisioning_Status__c"] == "Activated"
    assert present["Whmcs_Order_Id__c"] == str(result["whmcs_order_id"])
    assert present["Customer_Status__c"] == "active"
    client_id = client_of(desk, present)
    ours = [
        one
        for one in desk.whmcs("GetOrders", userid=client_id)["orders"]["order"]
        if one["id"] == result["whmcs_order_id"]
    ]
    assert [one["status"] for one in ours] == ["Active"]
    services = desk.whmcs("GetClientsProducts", clientid=client_id)["products"]["product"]
    of_order = [one for one in services if int(one["orderid"]) == result["whmcs_order_id"]]
    assert {one["status"] for one in of_order} == {"Active"}
    assert {int(one["id"]) for one in of_order} == set(result["service_ids"])

    before = desk.whmcs("GetOrders", userid=client_id)["totalresults"]
    again = desk.run("provision", order["order_id"])
    assert (again.status, again.document["results"][0]["outcome"]) == (0, "already_active")
    assert desk.whmcs("GetOrders", userid=client_id)["totalresults"] == before
    assert order_in_salesforce(desk, order["order_id"]) == present


def test_an_order_without_a_payment_method_is_paused_and_ends_active_after_a_retry(desk: Practice) -> None:
    waiting = desk.run("orders", "--state", "approved").document["orders"]
    for order in waiting:
        checks = desk.run("review", order["order_id"]).document["checks"]
        if any(check["code"] == "PAY-01" for check in checks):
            break
    paused = desk.run("provision", order["order_number"])
    assert paused.status == 3
    assert "PAY-01" in paused.err
    assert (paused.document["results"][0]["outcome"], paused.document["results"][0]["code"]) == ("paused", "PAY-01")
    present = order_in_salesforce(desk, order["order_id"])
    assert (present["Provisioning_Status__c"], present["Provisioning_Error_Code__c"]) == ("Paused", "PAY-01")
    assert present["Customer_Status__c"] == "awaiting_payment_method"

    [case] = [
        one
        for one in desk.run("failures", "--code", "PAY-01").document["cases"]
        if one["order_id"] == order["order_id"]
    ]
    assert set(case) >= _CASE_KEYS
    assert (case["title"], case["customer_sees"]) == ("No payment method on file", "Awaiting payment method")
    added = desk.whmcs(
        "AddPayMethod",
        clientid=client_of(desk, present),
        type="CreditCard",
        card_number="4111111111111111",
        card_expiry="1235",
    )
    assert added["result"] == "success", added
    retried = desk.run("retry", str(case["case_id"]))
    assert (retried.status, retried.document["results"][0]["outcome"]) == (0, "activated")
    assert order_in_salesforce(desk, order["order_id"])["Provisioning_Status__c"] == "Activated"
    assert order["order_id"] not in {one["order_id"] for one in desk.run("failures").document["cases"]}


def test_all_approved_gives_one_result_for_each_order_and_a_mixed_status(desk: Practice) -> None:
    done = desk.run("provision", "--all-approved", "--parallel", "4")
    outcomes = [result["outcome"] for result in done.document["results"]]
    assert done.status == 3
    assert outcomes.count("activated") >= 40
    assert "paused" in outcomes
    assert desk.run("orders", "--state", "approved").status == 0
    assert {case["code"] for case in desk.run("failures").document["cases"]} >= {"PAY-02", "LNK-03", "PRV-07", "CAT-01"}


def test_the_doctor_and_the_sync_are_content(desk: Practice) -> None:
    assert all(check["ok"] for check in desk.run("doctor").document["checks"])
    report = desk.run("sync", "--full").document
    assert set(report) >= {"people", "orders", "changed", "removed", "calls", "took_ms"}
    assert set(report["calls"]) == {"salesforce", "whmcs"}


@pytest.mark.parametrize(
    "arguments",
    [
        ("review", "99999999"),
        ("review", "not-an-order"),
        ("approve", "' OR Id != '"),
        ("provision", "<img src=x onerror=alert(1)>"),
        ("provision",),
        ("provision", "1", "--all-approved"),
        ("provision", "1", "--pace", "fast"),
        ("reject", "1"),
        ("customer", ""),
        ("customer", "nobody"),
        ("retry", "4711"),
        ("retry", "one"),
        ("retry", "99999999999999999999999"),
        ("failures", "--code", "XYZ-99"),
        ("orders", "--state", "lost"),
        ("no-such-command",),
        ("lookup", "x", "--as", "nobody at all"),
    ],
)
def test_bad_input_gets_a_message_and_status_2_and_changes_nothing(desk: Practice, arguments: tuple[str, ...]) -> None:
    answer = desk.run(*arguments)
    assert answer.status == 2, answer
    assert answer.err.strip()
    assert "Traceback" not in answer.err


@pytest.mark.parametrize("text", ["O'Brien \\' OR Name LIKE '%", "%_%", "<b>山</b>", '"; DROP TABLE directory; --'])
def test_a_hostile_name_finds_nobody_and_harms_nothing(desk: Practice, text: str) -> None:
    answer = desk.run("lookup", text)
    assert (answer.status, answer.document["people"]) == (0, [])
    assert answer.document["query"] == text


def test_a_person_without_the_right_is_refused_with_the_code(desk: Practice) -> None:
    order = desk.run("orders", "--state", "in_review").document["orders"][-1]
    answer = desk.run("approve", order["order_id"], "--as", "support")
    assert answer.status == 3
    assert answer.document["outcome"] == "refused"
    assert answer.document["code"] in answer.err


def test_a_refusal_is_one_json_document_too(desk: Practice) -> None:
    assert "not-an-order" in desk.run("review", "not-an-order").document["error"]["message"]


def test_a_missing_or_broken_profile_is_a_matter_of_settings(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("id = [", encoding="utf-8")
    for profile in (str(tmp_path / "none.toml"), str(broken)):
        answer = run("lookup", "x", "--profile", profile)
        assert answer.status == 2
        assert profile in answer.err
    assert run("lookup", "x").status == 2


def test_a_system_that_is_not_there_ends_with_4(tmp_path: Path) -> None:
    with practice(tmp_path, "--customers", "60", "--orders", "110") as gone:
        assert gone.run("lookup", "x").status == 0
        order_id = gone.run("orders").document["orders"][0]["order_id"]
    answer: Answer = gone.run("review", order_id)
    assert answer.status == 4
    assert answer.document["error"]["code"] == "SYN-05"
