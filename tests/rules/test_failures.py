"""What Salesforce and WHMCS are documented to answer becomes the right code, and anything else UNK-00."""

import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console import paths
from console.errors import AccessRefused, OutcomeUnknown, Rejected
from console.failure_catalogue import load_catalogue, load_rules
from console.models.failure import FailureRule, SystemReport
from console.rules.failures import classify, matches, report_of

RULES = load_rules()
CATALOGUE = load_catalogue()
SHIPPED_RULES = sorted(paths.resources().glob("salesforce/**/*.validationRule-meta.xml"))


def salesforce(status: int | None, error_code: str | None, message: str = "", **facts: Any) -> SystemReport:
    facts.setdefault("outcome", "rejected")
    return SystemReport(system="salesforce", status=status, error_code=error_code, message=message, **facts)


def whmcs(action: str, message: str, **facts: Any) -> SystemReport:
    facts.setdefault("outcome", "rejected")
    return SystemReport(system="whmcs", status=200, action=action, message=message, **facts)


REFUSED_BY_RULE = "FIELD_CUSTOM_VALIDATION_EXCEPTION"
ACCOUNT_READ: dict[str, Any] = {"action": "read:Account"}
UNAVAILABLE: dict[str, Any] = {"outcome": "unavailable"}
LOST: dict[str, Any] = {"outcome": "unknown", "mutating": True}
ACCESS: dict[str, Any] = {"outcome": "access"}

# salesforce-api.md 2.8, every row, then 1.4, 2.6, 3.2, 3.3 and 3.5.
SALESFORCE_CASES = [
    (salesforce(401, "INVALID_SESSION_ID", "Session expired or invalid", **ACCESS), "SYN-03"),
    (salesforce(401, "INVALID_AUTH_HEADER", **ACCESS), "UNK-00"),
    (salesforce(401, None, "Unauthorized", **UNAVAILABLE), "SYN-03"),
    (salesforce(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", **UNAVAILABLE), "SYN-02"),
    (salesforce(403, "API_DISABLED_FOR_ORG", **ACCESS), "ACC-02"),
    (salesforce(403, "API_CURRENTLY_DISABLED", **ACCESS), "ACC-02"),
    (salesforce(403, "FUNCTIONALITY_NOT_ENABLED", **ACCESS), "ACC-02"),
    (salesforce(403, "INSUFFICIENT_ACCESS", **ACCESS), "ACC-02"),
    (salesforce(400, "INSUFFICIENT_ACCESS_OR_READONLY", **ACCESS), "ACC-02"),
    (salesforce(400, "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"), "ACC-02"),
    (salesforce(400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record"), "SYN-01"),
    (salesforce(500, "UNABLE_TO_LOCK_ROW"), "SYN-01"),
    (salesforce(400, "ENTITY_IS_LOCKED"), "APR-03"),
    (salesforce(400, REFUSED_BY_RULE, "A rule that the administrator wrote."), "UNK-00"),
    (salesforce(400, "REQUIRED_FIELD_MISSING", "Select an account."), "UNK-00"),
    (salesforce(400, "STRING_TOO_LONG"), "UNK-00"),
    (salesforce(400, "INVALID_EMAIL_ADDRESS"), "UNK-00"),
    (salesforce(400, "NUMBER_OUTSIDE_VALID_RANGE"), "UNK-00"),
    (salesforce(400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"), "UNK-00"),
    (salesforce(400, "FIELD_INTEGRITY_EXCEPTION", "There's a problem with this country"), "ADR-02"),
    (salesforce(400, "FIELD_INTEGRITY_EXCEPTION", "The order is missing a price book"), "CAT-01"),
    (salesforce(400, "FIELD_INTEGRITY_EXCEPTION", "End date is before start date"), "UNK-00"),
    (salesforce(400, "DUPLICATE_VALUE", "duplicate value found: Claim_Key__c duplicates value on"), "SYN-06"),
    (salesforce(400, "DUPLICATE_VALUE", "duplicate value found: Whmcs_Order_Id__c duplicates"), "PRV-07"),
    (salesforce(400, "DUPLICATE_VALUE", "duplicate value found: Portal_User_Id__c duplicates"), "LNK-03"),
    (salesforce(400, "DUPLICATE_VALUE", "duplicate value found: Customer_Number__c duplicates"), "LNK-04"),
    (salesforce(400, "DUPLICATE_VALUE", "duplicate value found: Other__c duplicates value on"), "UNK-00"),
    (salesforce(400, "DUPLICATES_DETECTED", "Use one of these records?"), "LNK-04"),
    (salesforce(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "insufficient access rights"), "ACC-02"),
    (salesforce(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "OrderTrigger: line 12"), "UNK-00"),
    (salesforce(400, "CANNOT_EXECUTE_FLOW_TRIGGER", "the flow failed"), "UNK-00"),
    (salesforce(400, "FAILED_ACTIVATION", "An order must have at least one product."), "CAT-04"),
    (salesforce(400, "FAILED_ACTIVATION", "For a new or cloned order, choose Draft"), "SYN-04"),
    (salesforce(400, "INVALID_STATUS"), "SYN-04"),
    (salesforce(400, "MALFORMED_QUERY"), "UNK-00"),
    (salesforce(400, "INVALID_FIELD", "No such column 'Payment_Risk__c' on entity 'Order'"), "ACC-02"),
    (salesforce(400, "INVALID_TYPE", "sObject type 'Order' is not supported"), "ACC-02"),
    (salesforce(400, "MALFORMED_SEARCH"), "UNK-00"),
    (salesforce(400, "INVALID_QUERY_LOCATOR"), "UNK-00"),
    (salesforce(400, "QUERY_TOO_COMPLICATED"), "UNK-00"),
    (salesforce(400, "MALFORMED_ID"), "UNK-00"),
    (salesforce(400, "INVALID_CROSS_REFERENCE_KEY"), "UNK-00"),
    (salesforce(400, "JSON_PARSER_ERROR"), "UNK-00"),
    (salesforce(400, "INVALID_FIELD_FOR_INSERT_UPDATE"), "ACC-02"),
    (salesforce(400, "QUERY_TIMEOUT"), "SYN-05"),
    (salesforce(404, "NOT_FOUND", **ACCOUNT_READ), "LNK-02"),
    (salesforce(404, "NOT_FOUND", action="read:Order"), "ACC-02"),
    (salesforce(404, "ENTITY_IS_DELETED"), "UNK-00"),
    (salesforce(404, "INVALID_CROSS_REFERENCE_KEY", action="update:Order"), "ACC-02"),
    (salesforce(300, None), "UNK-00"),
    (salesforce(405, "METHOD_NOT_ALLOWED"), "UNK-00"),
    (salesforce(410, None, **UNAVAILABLE), "UNK-00"),
    (salesforce(412, None), "APR-02"),
    (salesforce(431, None, **UNAVAILABLE), "UNK-00"),
    (salesforce(500, "UNKNOWN_EXCEPTION", **UNAVAILABLE), "SYN-05"),
    (salesforce(502, None, "<html>Bad Gateway</html>", **UNAVAILABLE), "SYN-05"),
    (salesforce(503, "SERVER_UNAVAILABLE", **LOST), "SYN-05"),
    (salesforce(420, None, "<html></html>", **UNAVAILABLE), "SYN-05"),
    (salesforce(None, None, "not reached", **UNAVAILABLE), "SYN-05"),
    (salesforce(None, None, "ReadTimeout", action="composite", **LOST), "PRV-01"),
    (salesforce(400, "invalid_grant", "expired access/refresh token"), "SYN-03"),
    (salesforce(400, "invalid_client_id"), "ACC-02"),
    (salesforce(403, None, "Bad_OAuth_Token", **UNAVAILABLE), "SYN-03"),
    (salesforce(403, "SOMETHING_NEW", **ACCESS), "ACC-02"),
    (salesforce(400, "STANDARD_PRICE_NOT_DEFINED"), "CAT-01"),
    (salesforce(400, "ALREADY_IN_PROCESS"), "APR-03"),
    (salesforce(400, "SOMETHING_NEW"), "UNK-00"),
]

# whmcs-api.md 3.2, 6, 7, 9, 10.
WHMCS_CASES = [
    (whmcs("AddOrder", "Invalid IP 203.0.113.9", **ACCESS), "ACC-01"),
    (whmcs("AddOrder", "Invalid or missing credentials", **ACCESS), "ACC-01"),
    (whmcs("AddOrder", 'Invalid Permissions: API action "addorder" is not allowed', **ACCESS), "ACC-01"),
    (whmcs("GetClients", "not reached", **UNAVAILABLE), "PRV-02"),
    (whmcs("AddOrder", "ConnectError", mutating=True, **UNAVAILABLE), "PRV-02"),
    (whmcs("AddOrder", "ReadTimeout", **LOST), "PRV-01"),
    (whmcs("ModuleCreate", "HTTP 500, a page titled 'Error'", **LOST), "PRV-01"),
    (whmcs("GetOrders", "an answer without a result", outcome="unknown"), "PRV-02"),
    (whmcs("AddOrder", "Client ID Not Found"), "LNK-01"),
    (whmcs("GetClientsDetails", "Client Not Found"), "LNK-01"),
    (whmcs("GetPayMethods", "Client Not Found"), "LNK-01"),
    (whmcs("GetPayMethods", "Client ID Is Required"), "LNK-01"),
    (whmcs("GetClientsDetails", "Either clientid Or email Is Required"), "LNK-01"),
    (whmcs("UpdateClient", "Client ID Not Found"), "LNK-01"),
    (whmcs("AddOrder", "Unable to add order when client status is Closed"), "LNK-05"),
    (whmcs("AddOrder", "Invalid Payment Method. Valid options include stripe,banktransfer"), "PRV-05"),
    (whmcs("AddOrder", "Service ID not owned by Client ID provided"), "LNK-03"),
    (whmcs("AddOrder", "No items added to cart so order cannot proceed"), "CAT-03"),
    (whmcs("AddOrder", "Addon ID invalid"), "CAT-03"),
    (whmcs("AddOrder", "Expecting parameter 'pid' to be an array"), "PRV-05"),
    (whmcs("AddOrder", "something that nobody has seen"), "PRV-05"),
    (whmcs("AcceptOrder", "Order ID not found or Status not Pending"), "PRV-01"),
    (whmcs("CancelOrder", "Order ID not found or Status not Pending"), "PRV-01"),
    (whmcs("PendingOrder", "Order ID Not Found"), "PRV-08"),
    (whmcs("AcceptOrder", "The network element did not answer"), "PRV-03"),
    (whmcs("AcceptOrder", "Access Denied by the radius server"), "PRV-03"),
    (whmcs("ModuleCreate", "Service ID not found"), "PRV-08"),
    (whmcs("ModuleCreate", "Service not assigned to a module"), "CAT-03"),
    (whmcs("ModuleUnsuspend", "Line is barred"), "PRV-03"),
    (whmcs("UpdateClientProduct", "Service ID Not Found"), "PRV-08"),
    (whmcs("AddClient", "You did not enter your last name"), "PRV-05"),
    (whmcs("GetPayMethods", "Invalid Pay Method Type. Valid types are …"), "UNK-00"),
    (whmcs("GetInvoice", "Invoice ID Not Found"), "UNK-00"),
    (whmcs("CreateSsoToken", "Invalid client_id"), "LNK-01"),
    (whmcs("CreateSsoToken", "A valid client_id or user_id is required"), "LNK-01"),
    (whmcs("CreateSsoToken", "Invalid user_id for client"), "LNK-03"),
]
CASES = SALESFORCE_CASES + WHMCS_CASES


@pytest.mark.parametrize(("report", "code"), CASES, ids=repr)
def test_a_documented_answer_becomes_its_code(report: SystemReport, code: str) -> None:
    assert classify(report, RULES) == code


@pytest.mark.parametrize(
    ("rule_file", "code"),
    [
        ("Four_Eyes", "APR-01"),
        ("Approval_Right", "APR-05"),
        ("Decision_Right", "APR-05"),
        ("Provisioning_Right", "APR-05"),
        ("Activating_Needs_Approval", "APR-04"),
        ("Provisioning_Transition", "SYN-04"),
        ("Activated_Needs_Billing_Order", "SYN-04"),
        ("Closed_Stays_Closed", "SYN-06"),
        ("Claim_Is_Fixed", "SYN-06"),
    ],
)
def test_the_text_of_a_validation_rule_that_we_ship_becomes_its_code(rule_file: str, code: str) -> None:
    [file] = [file for file in SHIPPED_RULES if file.name.split(".")[0] == rule_file]
    message = ET.parse(file).findtext(".//{*}errorMessage") or ""
    assert classify(salesforce(400, REFUSED_BY_RULE, message), RULES) == code


def shipped_texts() -> list[str]:
    return [ET.parse(file).findtext(".//{*}errorMessage") or "" for file in SHIPPED_RULES]


REFUSED = [salesforce(400, REFUSED_BY_RULE, text) for text in shipped_texts()]
DECIDING = [
    next((rule for rule in RULES.rules if matches(rule, said)), None)
    for said in [report for report, _ in CASES] + REFUSED
]


@pytest.mark.parametrize("rule", RULES.rules, ids=repr)
def test_every_rule_decides_some_documented_answer(rule: FailureRule) -> None:
    assert any(rule is deciding for deciding in DECIDING)


def test_case_of_letters_and_space_around_do_not_matter() -> None:
    assert classify(whmcs("addorder", "  CLIENT ID NOT FOUND "), RULES) == "LNK-01"


def test_the_portal_database_has_no_rules_of_its_own() -> None:
    assert classify(SystemReport(system="portal", outcome="unavailable"), RULES) == "UNK-00"


def test_a_text_of_one_system_never_decides_for_the_other() -> None:
    assert classify(salesforce(400, None, "Client ID Not Found"), RULES) == "UNK-00"


def test_a_fault_is_reported_with_all_its_facts() -> None:
    fault = Rejected("salesforce", "update:Order", "busy", status=400, error_code="OTHER", mutating=True)
    assert report_of(fault) == SystemReport(
        system="salesforce",
        outcome="rejected",
        status=400,
        error_code="OTHER",
        message="busy",
        action="update:Order",
        mutating=True,
    )


def test_the_kind_of_a_fault_is_its_outcome() -> None:
    refused = AccessRefused("whmcs", "AddOrder", "Invalid IP 203.0.113.9")
    lost = OutcomeUnknown("whmcs", "AddOrder", "time-out", mutating=True)
    assert [classify(report_of(fault), RULES) for fault in (refused, lost)] == ["ACC-01", "PRV-01"]


@given(
    st.builds(
        SystemReport,
        system=st.sampled_from(["salesforce", "whmcs", "portal"]),
        outcome=st.sampled_from(["rejected", "access", "unavailable", "unknown"]),
        status=st.none() | st.integers(100, 599),
        error_code=st.none() | st.text(max_size=30) | st.sampled_from(["INVALID_FIELD", "DUPLICATE_VALUE"]),
        message=st.text(max_size=60),
        action=st.none() | st.text(max_size=20) | st.sampled_from(["AddOrder", "AcceptOrder", "update:Order"]),
        mutating=st.booleans(),
    )
)
def test_any_report_at_all_has_a_code_of_the_catalogue(report: SystemReport) -> None:
    assert classify(report, RULES) in CATALOGUE


@given(st.text(max_size=40), st.sampled_from(["AddOrder", "AcceptOrder", "ModuleCreate", "UpdateClient"]))
def test_a_lost_answer_to_a_change_in_billing_is_always_settled_by_reading(message: str, action: str) -> None:
    report = SystemReport(system="whmcs", outcome="unknown", message=message, action=action, mutating=True)
    assert classify(report, RULES) == "PRV-01"
