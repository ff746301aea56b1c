"""Every error row of the Salesforce reference (sections 1.4 and 2.8), caused in the sandbox, row by row.

Each arrives as the right exception, for a read, for a change and for a step of a composite call alike, and where it
has one under the right failure code.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, NamedTuple

import pytest
from pydantic import SecretStr

from console.errors import (
    AccessRefused,
    Conflict,
    Missing,
    OutcomeUnknown,
    Rejected,
    Stale,
    SystemFault,
    Unavailable,
)
from console.failure_catalogue import load_catalogue, load_rules
from console.integrations.salesforce.oauth import ClientApp, OAuthWire
from console.integrations.salesforce.org import Salesforce
from console.integrations.salesforce.transport import Step
from console.models.failure import UNCLASSIFIED, FailureRules
from console.rules.failures import classify, report_of
from tests.integrations.salesforce.org_bench import OrgBench, org_bench

Act = Callable[[Salesforce], Awaitable[object]]

_ACCOUNTS = "SELECT Id FROM Account LIMIT 1"
_OURS = "You created or captured this order. Somebody else has to approve it."


class Row(NamedTuple):
    """One row: status, errorCode, the words, and what that is for us."""

    status: int
    error_code: str
    kind: type[SystemFault]
    code: str = UNCLASSIFIED
    message: str = "words in the language of the person"


_REFUSED = [
    Row(401, "INVALID_SESSION_ID", AccessRefused, "SYN-03"),
    Row(401, "INVALID_AUTH_HEADER", AccessRefused),
    Row(403, "REQUEST_LIMIT_EXCEEDED", Unavailable, "SYN-02", "TotalRequests Limit exceeded."),
    Row(403, "REQUEST_LIMIT_EXCEEDED", Unavailable, "SYN-02", "ConcurrentRequests (Concurrent) Limit exceeded."),
    Row(403, "API_DISABLED_FOR_ORG", AccessRefused, "ACC-02"),
    Row(403, "API_CURRENTLY_DISABLED", AccessRefused, "ACC-02"),
    Row(403, "FUNCTIONALITY_NOT_ENABLED", AccessRefused, "ACC-02"),
    Row(403, "INSUFFICIENT_ACCESS", AccessRefused, "ACC-02"),
    Row(403, "INSUFFICIENT_ACCESS_OR_READONLY", AccessRefused, "ACC-02"),
    Row(400, "INSUFFICIENT_ACCESS_OR_READONLY", AccessRefused, "ACC-02"),
    Row(400, "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", AccessRefused, "ACC-02"),
    Row(400, "UNABLE_TO_LOCK_ROW", Rejected, "SYN-01"),
    Row(500, "UNABLE_TO_LOCK_ROW", Rejected, "SYN-01"),
    Row(400, "ENTITY_IS_LOCKED", Rejected, "APR-03"),
    Row(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", Rejected, "APR-01", _OURS),
    Row(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", Rejected),
    Row(400, "REQUIRED_FIELD_MISSING", Rejected),
    Row(400, "STRING_TOO_LONG", Rejected),
    Row(400, "INVALID_EMAIL_ADDRESS", Rejected),
    Row(400, "NUMBER_OUTSIDE_VALID_RANGE", Rejected),
    Row(400, "FIELD_INTEGRITY_EXCEPTION", Rejected, "ADR-02", "There's a problem with this state, even though it…"),
    Row(400, "FIELD_INTEGRITY_EXCEPTION", Rejected, "CAT-01", "The price book entry is not of this price book"),
    Row(400, "FIELD_INTEGRITY_EXCEPTION", Rejected),
    Row(400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", Rejected),
    Row(400, "DUPLICATE_VALUE", Conflict, "SYN-06", "duplicate value found: Claim_Key__c duplicates value"),
    Row(400, "DUPLICATE_VALUE", Conflict, "LNK-03", "duplicate value found: Whmcs_Client_Id__c duplicates value"),
    Row(400, "DUPLICATES_DETECTED", Rejected, "LNK-04", "Use one of these records?"),
    Row(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", Rejected, "ACC-02", "insufficient access rights on Order"),
    Row(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", Rejected),
    Row(400, "CANNOT_EXECUTE_FLOW_TRIGGER", Rejected),
    Row(400, "FAILED_ACTIVATION", Rejected, "CAT-04", "An order must have at least one product."),
    Row(400, "FAILED_ACTIVATION", Rejected, "SYN-04"),
    Row(400, "INVALID_STATUS", Rejected, "SYN-04"),
    Row(400, "MALFORMED_QUERY", Rejected),
    Row(400, "INVALID_FIELD", Rejected, "ACC-02"),
    Row(400, "INVALID_TYPE", Rejected, "ACC-02"),
    Row(400, "MALFORMED_SEARCH", Rejected),
    Row(400, "INVALID_QUERY_LOCATOR", Rejected),
    Row(400, "QUERY_TOO_COMPLICATED", Rejected),
    Row(400, "MALFORMED_ID", Rejected),
    Row(400, "INVALID_CROSS_REFERENCE_KEY", Rejected),
    Row(400, "JSON_PARSER_ERROR", Rejected),
    Row(400, "INVALID_FIELD_FOR_INSERT_UPDATE", Rejected, "ACC-02"),
    Row(400, "QUERY_TIMEOUT", Rejected, "SYN-05"),
    Row(404, "NOT_FOUND", Missing, "ACC-02"),
    Row(404, "ENTITY_IS_DELETED", Missing),
    Row(404, "INVALID_CROSS_REFERENCE_KEY", Missing, "ACC-02"),
    Row(405, "METHOD_NOT_ALLOWED", Rejected),
    Row(409, "CONFLICT", Rejected),
    Row(410, "UNSUPPORTED_API_VERSION", Rejected),
    Row(412, "PRECONDITION_FAILED", Stale, "APR-02"),
    Row(414, "URI_TOO_LONG", Rejected),
    Row(415, "UNSUPPORTED_MEDIA_TYPE", Rejected),
    Row(428, "PRECONDITION_REQUIRED", Rejected),
    Row(431, "REQUEST_HEADER_FIELDS_TOO_LARGE", Rejected),
]

# No errorCode that says that nothing was done: a read may be sent again, a change may have happened.
_OUTAGES: list[tuple[str, dict[str, Any]]] = [
    ("refuse", {"status": 500, "error_code": "UNKNOWN_EXCEPTION"}),
    ("refuse", {"status": 503, "error_code": "SERVER_UNAVAILABLE"}),
    ("html", {"status": 420}),
    ("html", {"status": 502}),
    ("html", {"status": 503}),
    ("html_200", {}),
    ("empty", {}),
    ("truncated", {}),
    ("drop", {}),
    ("commit_then_drop", {}),
]

# 1.4. What asks for a new sign-in or an administrator, and what passes.
_OAUTH = [
    Row(400, "invalid_grant", AccessRefused, "SYN-03", "expired access/refresh token"),
    Row(400, "invalid_grant", AccessRefused, "SYN-03", "authentication failure"),
    Row(400, "invalid_client", AccessRefused, "ACC-02"),
    Row(400, "invalid_client_id", AccessRefused, "ACC-02"),
    Row(400, "invalid_client_credentials", AccessRefused, "ACC-02"),
    Row(400, "unsupported_grant_type", AccessRefused, "ACC-02"),
    Row(400, "inactive_user", AccessRefused, "ACC-02"),
    Row(400, "inactive_org", AccessRefused, "ACC-02"),
    Row(400, "unauthorized_client", AccessRefused, "ACC-02"),
    Row(400, "redirect_uri_mismatch", AccessRefused, "ACC-02"),
    Row(400, "rate_limit_exceeded", Unavailable, "SYN-02"),
    Row(503, "temporarily_unavailable", Unavailable, "SYN-05"),
]


def read(org: Salesforce) -> Awaitable[object]:
    return org.transport.query(_ACCOUNTS)


def changed(record_id: str, sobject: str = "Account", **body: Any) -> Act:
    """A change of one record by its id."""
    step = Step(name="change", method="PATCH", path=f"sobjects/{sobject}/{record_id}", body=body)
    return lambda org: org.transport.composite([step])


def created(sobject: str, **body: Any) -> Act:
    """A new record."""
    step = Step(name="create", method="POST", path=f"sobjects/{sobject}/", body=body)
    return lambda org: org.transport.composite([step])


def asked(soql: str) -> Act:
    """A query."""
    return lambda org: org.transport.query(soql)


def step(method: str, path: str) -> Act:
    """Any sub-request."""
    return lambda org: org.transport.composite([Step(name="step", method=method, path=path)])


@pytest.fixture(scope="module")
def running() -> Iterator[OrgBench]:
    with org_bench() as opened:
        yield opened


@pytest.fixture
def org(running: OrgBench) -> Iterator[OrgBench]:
    switches = running.sandbox.sign_ins.org
    usual = switches.model_dump()
    with running.put_back():
        yield running
    running.sandbox.board.remove()
    switches.change(usual)


@pytest.fixture(scope="module")
def rules() -> FailureRules:
    return load_rules()


def fault_of(org: OrgBench, act: Act, role: str = "supervisor") -> SystemFault:
    with pytest.raises(SystemFault) as caught:
        org.run(act, role)
    return caught.value


def code_of(fault: SystemFault, rules: FailureRules) -> str:
    return classify(report_of(fault), rules)


def _id(row: Row) -> str:
    return f"{row.status}-{row.error_code}-{row.code}"


@pytest.mark.parametrize("row", _REFUSED, ids=_id)
@pytest.mark.parametrize("action", ["query", "composite"])
def test_each_row_arrives_as_its_exception_with_its_code(
    org: OrgBench, rules: FailureRules, action: str, row: Row
) -> None:
    org.break_next(action, "refuse", status=row.status, error_code=row.error_code, message=row.message)

    fault = fault_of(org, read if action == "query" else changed("001000000000000AAA", Phone="1"))

    assert type(fault) is row.kind
    assert (fault.status, fault.error_code, fault.message) == (row.status, row.error_code, row.message)
    assert fault.mutating is (action == "composite")
    assert code_of(fault, rules) == row.code


@pytest.mark.parametrize("row", _REFUSED, ids=_id)
def test_each_row_inside_a_composite_answer_is_that_of_the_step(org: OrgBench, rules: FailureRules, row: Row) -> None:
    error = [{"message": row.message, "errorCode": row.error_code}]
    parts = [{"referenceId": "change", "httpStatusCode": row.status, "body": error, "httpHeaders": {}}]
    org.break_next("composite", "html_200", body=json.dumps({"compositeResponse": parts}))

    fault = fault_of(org, changed("001000000000000AAA", Phone="1"))

    assert type(fault) is row.kind
    assert (fault.action, fault.status, fault.error_code) == ("composite change", row.status, row.error_code)
    assert code_of(fault, rules) == row.code


@pytest.mark.parametrize(("kind", "options"), _OUTAGES)
def test_an_outage_may_be_read_again_and_leaves_a_change_unknown(
    org: OrgBench, rules: FailureRules, kind: str, options: dict[str, Any]
) -> None:
    org.break_next("query", kind, **options)
    org.break_next("composite", kind, **options)

    reading, change = fault_of(org, read), fault_of(org, changed(next(iter(org.table("Account"))), Phone="1"))

    assert (type(reading), code_of(reading, rules)) == (Unavailable, "SYN-05")
    # Nothing was answered, or something that nobody can read: then it is as if nothing had been.
    assert (type(change), code_of(change, rules)) == (OutcomeUnknown, "PRV-01" if change.status is None else "SYN-05")
    assert org.run(read)


@pytest.mark.parametrize("row", _OAUTH, ids=_id)
def test_each_row_of_the_sign_in_arrives_as_its_exception_with_its_code(
    org: OrgBench, rules: FailureRules, row: Row
) -> None:
    org.break_next("oauth_token", "refuse", status=row.status, error_code=row.error_code, message=row.message)
    app = ClientApp(client_id="console", login_url=org.info.salesforce_url, environment="practice")

    with pytest.raises(SystemFault) as caught:
        asyncio.run(asyncio.to_thread(OAuthWire(app).by_refresh_token, SecretStr("5Aep-example")))

    fault = caught.value
    assert type(fault) is row.kind
    assert fault.error_code == row.error_code
    assert code_of(fault, rules) == row.code


def test_every_code_of_the_tables_is_in_the_catalogue() -> None:
    assert {row.code for row in (*_REFUSED, *_OAUTH)} <= set(load_catalogue())


# The same rows by their real cause, as far as the sandbox's org has it: act, status, errorCode, exception.
_NOBODY = "001000000000000AAA"
_CAUSED: dict[str, tuple[Act, int, str, type[SystemFault]]] = {
    "a query that is none": (asked("SELECT FROM"), 400, "MALFORMED_QUERY", Rejected),
    "a column that is not there": (asked("SELECT Colour__c FROM Account"), 400, "INVALID_FIELD", Rejected),
    "an object that is not there": (asked("SELECT Id FROM Colour__c"), 400, "INVALID_TYPE", Rejected),
    "a record that is not there": (step("GET", f"sobjects/Account/{_NOBODY}"), 404, "NOT_FOUND", Missing),
    "a change of nobody": (changed(_NOBODY, Phone="1"), 404, "INVALID_CROSS_REFERENCE_KEY", Missing),
    "an id that is none": (step("GET", "sobjects/Account/abc"), 400, "MALFORMED_ID", Rejected),
    "a resource that is not there": (step("GET", "sobjects/Nothing__c/describe"), 404, "NOT_FOUND", Missing),
    "a method that is not served": (step("DELETE", "query/?q=x"), 405, "METHOD_NOT_ALLOWED", Rejected),
    "a name too long": (created("Account", Name="x" * 256), 400, "STRING_TOO_LONG", Rejected),
    "no name": (created("Account", Phone="1"), 400, "REQUIRED_FIELD_MISSING", Rejected),
    "an address that is none": (
        created("Contact", LastName="Mori", Email="jiro"),
        400,
        "INVALID_EMAIL_ADDRESS",
        Rejected,
    ),
    "a locator that nobody gave": (
        step("GET", "query/01g000000000000AAA-2000"),
        400,
        "INVALID_QUERY_LOCATOR",
        Rejected,
    ),
}


@pytest.mark.parametrize("cause", _CAUSED)
def test_each_row_that_the_sandbox_can_bring_about_arrives_the_same_way(org: OrgBench, cause: str) -> None:
    act, status, error_code, kind = _CAUSED[cause]

    fault = fault_of(org, act, "admin")

    assert (type(fault), fault.status, fault.error_code) == (kind, status, error_code)


def test_a_customer_number_that_is_taken_names_its_holder(org: OrgBench, rules: FailureRules) -> None:
    first, second = list(org.table("Account"))[:2]
    taken = org.table("Account")[second]["Customer_Number__c"]

    fault = fault_of(org, changed(first, Customer_Number__c=taken), "admin")

    assert isinstance(fault, Conflict)
    assert (fault.error_code, fault.holder_id, code_of(fault, rules)) == ("DUPLICATE_VALUE", second, "LNK-04")


def test_a_picklist_value_that_is_none_is_refused(org: OrgBench) -> None:
    fault = fault_of(org, changed(org.fresh_order(), "Order", Provisioning_Status__c="Almost"), "admin")

    assert (type(fault), fault.error_code) == (Rejected, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")


def test_who_may_not_approve_is_refused_by_the_org_itself(org: OrgBench, rules: FailureRules) -> None:
    order_id = org.fresh_order("In Review", "Created")

    fault = fault_of(org, changed(order_id, "Order", Status="Approved"), "support")

    assert isinstance(fault, Rejected | AccessRefused)
    assert code_of(fault, rules) in ("APR-05", "ACC-02")


def test_who_captured_an_order_may_not_approve_it(org: OrgBench, rules: FailureRules) -> None:
    order_id, supervisor = org.fresh_order("In Review", "Created"), org.user_id("supervisor")
    org.sandbox.salesforce.put("Order", {**org.table("Order")[order_id], "Captured_By__c": supervisor})
    signed = {"Approved_By__c": supervisor, "Approved_Hash__c": "0" * 64}

    fault = fault_of(org, changed(order_id, "Order", Status="Approved", **signed))

    assert (type(fault), fault.error_code) == (Rejected, "FIELD_CUSTOM_VALIDATION_EXCEPTION")
    assert code_of(fault, rules) == "APR-01"


def test_a_token_that_has_ended_asks_for_a_sign_in(org: OrgBench, rules: FailureRules) -> None:
    async def with_another_token(org: Salesforce) -> None:
        org.session.adopt(SecretStr("00D-ended"), org.session.instance_url)
        await org.transport.query(_ACCOUNTS)

    fault = fault_of(org, with_another_token)

    assert (type(fault), fault.status, fault.error_code) == (AccessRefused, 401, "INVALID_SESSION_ID")
    assert code_of(fault, rules) == "SYN-03"


class SetUp(NamedTuple):
    """How the org is set up, what is done in it, and what comes of it."""

    switches: dict[str, Any]
    act: Callable[[str], Act]
    """For the id of an order that may change."""
    status: int
    error_code: str
    kind: type[SystemFault]
    code: str


# The rows that an administrator, other people or Salesforce itself bring about.
_SET_UP = {
    "a field that is hidden from a query": SetUp(
        {"hidden_fields": ["Order.Vpn_Region__c"]},
        lambda _: asked("SELECT Vpn_Region__c FROM Order LIMIT 1"),
        400,
        "INVALID_FIELD",
        Rejected,
        "ACC-02",
    ),
    "a field that is hidden from a change": SetUp(
        {"hidden_fields": ["Order.Vpn_Region__c"]},
        lambda order_id: changed(order_id, "Order", Vpn_Region__c="Tokyo"),
        400,
        "INVALID_FIELD",
        Rejected,
        "ACC-02",
    ),
    "an org without orders": SetUp(
        {"orders_enabled": False}, lambda _: asked("SELECT Id FROM Order"), 400, "INVALID_TYPE", Rejected, "ACC-02"
    ),
    "an order of an org without orders": SetUp(
        {"orders_enabled": False},
        lambda order_id: changed(order_id, "Order", Description="x"),
        404,
        "NOT_FOUND",
        Missing,
        "ACC-02",
    ),
    "a version that is withdrawn": SetUp(
        {"oldest_version": 68}, lambda _: read, 410, "UNSUPPORTED_API_VERSION", Rejected, UNCLASSIFIED
    ),
    "a day without calls": SetUp(
        {"daily_calls": 0}, lambda _: read, 403, "REQUEST_LIMIT_EXCEEDED", Unavailable, "SYN-02"
    ),
    "headers that are too long": SetUp(
        {"longest_header": 40}, lambda _: read, 431, "REQUEST_HEADER_FIELDS_TOO_LARGE", Rejected, UNCLASSIFIED
    ),
    "a name that is there": SetUp(
        {"duplicate_rules": ["Account"]},
        lambda _: twice("Account", Name="Namesake"),
        400,
        "DUPLICATES_DETECTED",
        Rejected,
        "LNK-04",
    ),
    "a state that is not listed": SetUp(
        {"address_picklists": True},
        lambda order_id: changed(order_id, "Order", ShippingState="Tokio"),
        400,
        "FIELD_INTEGRITY_EXCEPTION",
        Rejected,
        "ADR-02",
    ),
}


def twice(sobject: str, **body: Any) -> Act:
    """The same record made two times."""

    async def act(org: Salesforce) -> None:
        for _ in range(2):
            await created(sobject, **body)(org)

    return act


@pytest.mark.parametrize("circumstance", _SET_UP)
def test_each_row_that_the_set_up_of_the_org_brings_about_arrives_with_its_code(
    org: OrgBench, rules: FailureRules, circumstance: str
) -> None:
    case, order_id = _SET_UP[circumstance], org.fresh_order()
    org.sandbox.sign_ins.org.change(case.switches)

    fault = fault_of(org, case.act(order_id), "admin")

    assert (type(fault), fault.status, fault.error_code) == (case.kind, case.status, case.error_code)
    assert code_of(fault, rules) == case.code


def test_a_row_that_is_held_is_waited_for_and_then_refused(org: OrgBench, rules: FailureRules) -> None:
    order_id = org.fresh_order()
    org.sandbox.sign_ins.org.change({"locked_rows": [order_id], "row_lock_wait_s": 0.05})

    fault = fault_of(org, changed(order_id, "Order", Description="late"), "admin")

    assert (type(fault), fault.status, fault.error_code) == (Rejected, 400, "UNABLE_TO_LOCK_ROW")
    assert code_of(fault, rules) == "SYN-01"
    assert org.table("Order")[order_id]["Description"] != "late"


@pytest.mark.parametrize(
    ("kind", "status", "error_code", "expected"),
    [
        ("invalid_auth_header", 401, "INVALID_AUTH_HEADER", AccessRefused),
        ("header_too_large", 431, "REQUEST_HEADER_FIELDS_TOO_LARGE", Rejected),
    ],
)
def test_a_call_whose_headers_are_wrong_arrives_as_its_exception(
    org: OrgBench, kind: str, status: int, error_code: str, expected: type[SystemFault]
) -> None:
    org.break_next("query", kind)

    fault = fault_of(org, read)

    assert (type(fault), fault.status, fault.error_code) == (expected, status, error_code)
