"""Composite requests."""

from typing import Any

import pytest

from tests.sandbox.salesforce_bench import ACCOUNT, DATA, Client, Org, error_of


def step(name: str, method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
    found: dict[str, Any] = {"referenceId": name, "method": method, "url": f"{DATA}/{path}"}
    if body is not None:
        found["body"] = body
    if headers:
        found["httpHeaders"] = {key.replace("_", "-"): value for key, value in headers.items()}
    return found


def claim_step(key: str, holder: str = "h") -> dict[str, Any]:
    body = {"Claim_Key__c": key, "Order_Id__c": "1", "Holder__c": holder}
    return step("claim", "POST", "sobjects/Order_Claim__c", body)


def test_a_claim_its_order_and_the_read_back_are_one_call(org: Org) -> None:
    order = org.load_order(Status="Approved")
    results = org.as_("worker").composite(
        claim_step("work:1:1"),
        step("patch", "PATCH", f"sobjects/Order/{order}", {"Provisioning_Status__c": "Activating"}),
        step("order", "GET", "query/?q=SELECT%20Provisioning_Status__c%20FROM%20Order"),
    )
    assert [result["httpStatusCode"] for result in results] == [201, 204, 200]
    assert [result["referenceId"] for result in results] == ["claim", "patch", "order"]
    assert results[1]["body"] is None
    assert results[2]["body"]["records"][0]["Provisioning_Status__c"] == "Activating"


def test_one_failure_undoes_all_and_the_others_say_halted(org: Org, admin: Client) -> None:
    order = org.load_order()
    before = admin.read("Order", order)
    results = org.as_("back_office").composite(
        claim_step("work:1:1"),
        step("patch", "PATCH", f"sobjects/Order/{order}", {"Provisioning_Status__c": "Activating"}),
        step("after", "GET", f"sobjects/Order/{order}"),
    )
    assert [result["httpStatusCode"] for result in results] == [400, 400, 400]
    codes = [result["body"][0]["errorCode"] for result in results]
    assert codes == ["PROCESSING_HALTED", "FIELD_CUSTOM_VALIDATION_EXCEPTION", "PROCESSING_HALTED"]
    assert admin.read("Order", order) == before
    assert not org.store.tables["Order_Claim__c"]
    assert admin.query("SELECT Id FROM OrderHistory") == []
    # The key is free again: nothing of the row was left in the unique index.
    assert org.as_("back_office").composite(claim_step("work:1:1"))[0]["httpStatusCode"] == 201


def test_the_second_of_two_claims_learns_who_was_first(org: Org) -> None:
    (first,) = org.as_("worker").composite(claim_step("work:1:1", "one"))
    (second,) = org.as_("back_office").composite(claim_step("work:1:1", "two"))
    assert second["body"][0]["errorCode"] == "DUPLICATE_VALUE"
    assert first["body"]["id"] in second["body"][0]["message"]


def test_without_all_or_none_each_stands_for_itself(admin: Client) -> None:
    results = admin.composite(
        step("bad", "POST", "sobjects/Account", {}),
        step("good", "POST", "sobjects/Account", {"Name": "Kept"}),
        allOrNone=False,
    )
    assert [result["httpStatusCode"] for result in results] == [400, 201]
    assert admin.query("SELECT Id FROM Account WHERE Name = 'Kept'")


def test_references_carry_results_into_bodies_and_urls(admin: Client) -> None:
    results = admin.composite(
        step("account", "POST", "sobjects/Account", {"Name": "Parent"}),
        step("contact", "POST", "sobjects/Contact", {"LastName": "Mori", "AccountId": "@{account.id}"}),
        step("found", "GET", "query?q=SELECT+Id,AccountId+FROM+Contact+WHERE+AccountId='@{account.id}'"),
        step("named", "PATCH", "sobjects/Account/@{found.records[0].AccountId}", {"Phone": "of @{contact.id}"}),
    )
    assert [result["httpStatusCode"] for result in results] == [201, 201, 200, 204]
    parent = admin.read("Account", results[0]["body"]["id"])
    assert parent["Phone"] == f"of {results[1]['body']['id']}"


def test_a_reference_to_nothing_halts_the_step(admin: Client) -> None:
    results = admin.composite(
        step("account", "POST", "sobjects/Account", {"Name": "Parent"}),
        step("contact", "POST", "sobjects/Contact", {"LastName": "Mori", "AccountId": "@{account.Id}"}),
        allOrNone=False,
    )
    assert results[1]["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert "No value for account.Id" in results[1]["body"][0]["message"]


def test_a_conditional_step_sees_the_record_change(org: Org, admin: Client) -> None:
    order = org.load_order()
    org.clock.advance(10)
    admin.update("Order", order, Description="changed")
    patch = step(
        "patch",
        "PATCH",
        f"sobjects/Order/{order}",
        {"Description": "late"},
        If_Unmodified_Since="Sun, 01 Nov 2026 00:00:00 GMT",
    )
    results = admin.composite(claim_step("work:1:1"), patch)
    assert [result["httpStatusCode"] for result in results] == [400, 412]
    assert not org.store.tables["Order_Claim__c"]


def test_collated_steps_run_in_any_order_that_answers_references(admin: Client) -> None:
    seen = set()
    for number in range(20):
        results = admin.composite(
            step("count", "GET", f"query?q=SELECT+COUNT()+FROM+Account+WHERE+Name='Run {number}'"),
            step("made", "POST", "sobjects/Account", {"Name": f"Run {number}"}),
            step("child", "POST", "sobjects/Contact", {"LastName": "x", "AccountId": "@{made.id}"}),
            collateSubrequests=True,
        )
        assert [result["httpStatusCode"] for result in results] == [200, 201, 201]
        seen.add(results[0]["body"]["totalSize"])
    assert seen == {0, 1}


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [step(f"s{number}", "GET", f"sobjects/Account/{ACCOUNT}") for number in range(26)],
        [step(f"q{number}", "GET", "query?q=SELECT+Id+FROM+Account") for number in range(6)],
        [step("one", "GET", f"sobjects/Account/{ACCOUNT}"), step("one", "GET", f"sobjects/Account/{ACCOUNT}")],
        [step("one", "GET", "sobjects/Account/@{two.id}"), step("two", "GET", f"sobjects/Account/{ACCOUNT}")],
        [step("one", "GET", f"sobjects/Account/{ACCOUNT}", Authorization="Bearer x")],
        [step("bad-name", "GET", f"sobjects/Account/{ACCOUNT}")],
        [{"method": "GET", "url": "x"}],
        ["nonsense"],
    ],
)
def test_a_composite_request_that_breaks_a_limit_is_refused_whole(admin: Client, steps: list[Any]) -> None:
    answer = admin.call("POST", "composite", json={"compositeRequest": steps})
    assert answer.status_code == 400, answer.text


@pytest.mark.parametrize("path", ["limits", "composite", "../../oauth2/userinfo", "process/approvals/"])
def test_other_resources_are_no_targets(admin: Client, path: str) -> None:
    (result,) = admin.composite(step("one", "GET", path))
    assert result["httpStatusCode"] == 400


def test_a_composite_request_is_one_call(admin: Client) -> None:
    def used() -> int:
        header = admin.call("GET", f"sobjects/Account/{ACCOUNT}").headers["Sforce-Limit-Info"]
        return int(header.partition("=")[2].partition("/")[0])

    before = used()
    admin.composite(*(step(f"s{number}", "GET", f"sobjects/Account/{ACCOUNT}") for number in range(25)))
    assert used() == before + 2


def test_a_steps_rights_are_the_callers(org: Org) -> None:
    (result,) = org.as_("support").composite(claim_step("work:1:1"))
    assert (result["httpStatusCode"], result["body"][0]["errorCode"]) == (403, "INSUFFICIENT_ACCESS_OR_READONLY")


READ = step("r", "GET", f"sobjects/Account/{ACCOUNT}")


def graph(name: str, *steps: dict[str, Any]) -> dict[str, Any]:
    return {"graphId": name, "compositeRequest": list(steps)}


def test_each_graph_happens_whole_or_not_at_all(admin: Client) -> None:
    account = step("a", "POST", "sobjects/Account", {"Name": "In a graph"})
    of_it = {"AccountId": "@{a.id}"}
    good = graph("good", account, step("c", "POST", "sobjects/Contact", {"LastName": "Mori", **of_it}))
    bad = graph("bad", account, step("c", "POST", "sobjects/Contact", of_it))
    graphs = admin.call("POST", "composite/graph", json={"graphs": [good, bad]}).json()["graphs"]
    assert [(one["graphId"], one["isSuccessful"]) for one in graphs] == [("good", True), ("bad", False)]
    statuses = [[step["httpStatusCode"] for step in one["graphResponse"]["compositeResponse"]] for one in graphs]
    assert statuses == [[201, 201], [400, 400]]
    assert len(admin.query("SELECT Id FROM Account WHERE Name = 'In a graph'")) == 1


@pytest.mark.parametrize(
    ("graphs", "code"),
    [
        ([], "JSON_PARSER_ERROR"),
        ([7], "JSON_PARSER_ERROR"),
        ([graph("same", READ), graph("same", READ)], "INVALID_INPUT"),
        ([graph(str(number), READ) for number in range(76)], "LIMIT_EXCEEDED"),
        ([graph(name, *({**READ, "referenceId": f"r{n}"} for n in range(251))) for name in "ab"], "LIMIT_EXCEEDED"),
    ],
)
def test_graphs_that_are_none_are_refused(admin: Client, graphs: list[Any], code: str) -> None:
    assert error_of(admin.call("POST", "composite/graph", json={"graphs": graphs})) == code
