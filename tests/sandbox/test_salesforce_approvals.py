"""Approval processes: submitted, locked, decided by whom they ask."""

from typing import Any

import pytest

from tests.sandbox.salesforce_bench import ACCOUNT, Client, Org, error_of, user_id


def act(client: Client, action: str, context: str, **more: Any) -> Any:
    """The answer to one request."""
    body = {"requests": [{"actionType": action, "contextId": context, **more}]}
    return client.call("POST", "process/approvals/", json=body)


def submitted(org: Org, order: str) -> str:
    """The work item of an order that back office submits."""
    answer = act(org.as_("back_office"), "Submit", order, comments="please")
    assert answer.status_code == 200, answer.text
    return str(answer.json()[0]["newWorkitemIds"][0])


def test_the_process_is_listed_for_orders(org: Org) -> None:
    approvals = org.as_("support").call("GET", "process/approvals/").json()["approvals"]
    assert [row["object"] for row in approvals["Order"]] == ["Order"]


def test_an_order_is_submitted_locked_and_decided(org: Org) -> None:
    order, back_office, supervisor = org.load_order(), org.as_("back_office"), org.as_("supervisor")
    item = submitted(org, order)

    pending = supervisor.query(
        "SELECT Id, ActorId, ProcessInstance.TargetObjectId, ProcessInstance.ProcessDefinition.DeveloperName "
        f"FROM ProcessInstanceWorkitem WHERE ActorId = '{user_id('supervisor')}'"
    )
    assert [(row["Id"], row["ProcessInstance"]["TargetObjectId"]) for row in pending] == [(item, order)]
    assert error_of(back_office.update("Order", order, Description="x")) == "ENTITY_IS_LOCKED"
    assert supervisor.update("Order", order, Description="x").status_code == 204

    (result,) = act(supervisor, "Approve", item, comments="fine").json()
    assert (result["entityId"], result["instanceStatus"], result["success"]) == (order, "Approved", True)
    assert back_office.update("Order", order, Description="y").status_code == 204
    steps = supervisor.query("SELECT StepStatus, Comments, ActorId FROM ProcessInstanceStep ORDER BY Id")
    assert [(row["StepStatus"], row["Comments"]) for row in steps] == [("Started", "please"), ("Approved", "fine")]
    (instance,) = supervisor.query(
        "SELECT Status, (SELECT Id FROM Workitems), (SELECT Id FROM Steps) FROM ProcessInstance"
    )
    assert (instance["Status"], instance["Workitems"], instance["Steps"]["totalSize"]) == ("Approved", None, 2)


def test_a_rejected_order_can_be_submitted_again(org: Org) -> None:
    order = org.load_order()
    (result,) = act(org.as_("supervisor"), "Reject", submitted(org, order)).json()
    assert result["instanceStatus"] == "Rejected"
    assert submitted(org, order)


@pytest.mark.parametrize(
    ("who", "action", "context", "code"),
    [
        ("back_office", "Submit", "pending", "ALREADY_IN_PROCESS"),
        ("supervisor", "Submit", "own", "NO_APPLICABLE_PROCESS"),
        ("back_office", "Submit", ACCOUNT, "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"),
        ("back_office", "Submit", "abc", "MALFORMED_ID"),
        ("back_office", "Approve", "item", "INSUFFICIENT_ACCESS"),
        ("supervisor", "Approve", "pending", "INVALID_CROSS_REFERENCE_KEY"),
        ("supervisor", "Recall", "pending", "INVALID_INPUT"),
    ],
)
def test_what_cannot_be_done_is_refused(org: Org, who: str, action: str, context: str, code: str) -> None:
    pending, own = org.load_order(), org.load_order()
    named = {"pending": pending, "own": own, "item": submitted(org, pending)}
    assert error_of(act(org.as_(who), action, named.get(context, context))) == code


def test_an_order_with_a_pending_approval_goes_into_the_bin_with_it(org: Org) -> None:
    order, admin = org.load_order(), org.as_("admin")
    submitted(org, order)
    assert admin.call("DELETE", f"sobjects/Order/{order}").status_code == 204
    assert admin.query("SELECT Id FROM ProcessInstanceWorkitem") == []


@pytest.mark.parametrize("body", [{}, {"requests": []}, {"requests": [7]}, {"requests": "Submit"}])
def test_a_body_without_requests_is_refused(org: Org, body: dict[str, Any]) -> None:
    assert error_of(org.as_("admin").call("POST", "process/approvals", json=body)) == "JSON_PARSER_ERROR"


def test_nobody_writes_what_an_approval_leaves(org: Org) -> None:
    item, admin = submitted(org, org.load_order()), org.as_("admin")
    assert error_of(admin.call("DELETE", f"sobjects/ProcessInstanceWorkitem/{item}")) == (
        "INSUFFICIENT_ACCESS_OR_READONLY"
    )
    described = admin.call("GET", "sobjects/ProcessInstanceWorkitem/describe").json()
    assert (described["queryable"], described["createable"], described["deletable"]) == (True, False, False)


def test_a_refusal_may_come_as_a_result_and_leaves_the_others_done(org: Org) -> None:
    org.switches.change({"approvals_refused_as": "result"})
    pending, fresh, clerk = org.load_order(), org.load_order(), org.as_("back_office")
    submitted(org, pending)
    requests = [{"actionType": "Submit", "contextId": order} for order in (pending, fresh)]
    answer = clerk.call("POST", "process/approvals/", json={"requests": requests})
    told = {one["entityId"]: (one["success"], one["errors"]) for one in answer.json()}
    assert answer.status_code == 200
    assert told[fresh] == (True, None)
    assert (told[pending][0], told[pending][1][0]["statusCode"]) == (False, "ALREADY_IN_PROCESS")


def test_results_come_in_another_order_than_the_requests(org: Org) -> None:
    orders = [org.load_order(), org.load_order()]
    requests = [{"actionType": "Submit", "contextId": order} for order in orders]
    told = org.as_("back_office").call("POST", "process/approvals/", json={"requests": requests}).json()
    assert [one["entityId"] for one in told] == orders[::-1]
