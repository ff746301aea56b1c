"""The error rows of salesforce-api.md 2.8 that a real circumstance brings about, each by that circumstance.

The others are caused by the fault `refuse`, which takes any status and code.
"""

from collections.abc import Callable

import pytest

from console.sandbox.salesforce_ids import new_id
from tests.sandbox.salesforce_bench import ACCOUNT, BOOK, OTHER_ENTRY, Answer, Client, Org, error_of, user_id

Cause = Callable[[Org], Answer]


def ask(soql: str) -> Cause:
    """A query by an administrator."""
    return lambda org: org.as_("admin").call("GET", "query", params={"q": soql})


def change(sobject: str, record_id: str, role: str = "admin", /, **values: object) -> Cause:
    """A change of a record."""
    return lambda org: org.as_(role).update(sobject, record_id, **values)


def add(sobject: str, **values: object) -> Cause:
    """A new record by an administrator."""
    return lambda org: org.as_("admin").call("POST", f"sobjects/{sobject}", json=values)


def get(path: str, role: str = "admin") -> Cause:
    """Any read."""
    return lambda org: org.as_(role).call("GET", path)


def no_session(org: Org) -> Answer:
    return Client(org.app, "00D5g0000000001!ended").call("GET", "limits")


def locked_by_approval(org: Org) -> Answer:
    order, clerk = org.load_order(), org.as_("back_office")
    request = {"actionType": "Submit", "contextId": order}
    assert clerk.call("POST", "process/approvals/", json={"requests": [request]}).status_code == 200
    return clerk.update("Order", order, Description="x")


def other_price_book(org: Org) -> Answer:
    values = {"OrderId": org.load_order(), "PricebookEntryId": OTHER_ENTRY, "Quantity": 1, "UnitPrice": 1}
    return org.as_("admin").call("POST", "sobjects/OrderItem", json=values)


def activated_without_items(org: Org) -> Answer:
    return org.as_("admin").update("Order", org.load_order(Status="Approved"), Status="Activated")


def deleted(org: Org) -> Answer:
    admin = org.as_("admin")
    contact = admin.create("Contact", LastName="Gone")
    assert admin.call("DELETE", f"sobjects/Contact/{contact}").status_code == 204
    return admin.call("GET", f"sobjects/Contact/{contact}")


def no_json(org: Org) -> Answer:
    headers = {"Content-Type": "application/json"}
    return org.as_("admin").call("POST", "sobjects/Account", content=b"{", headers=headers)


def no_json_type(org: Org) -> Answer:
    return org.as_("admin").call("POST", "sobjects/Account", content=b"{}", headers={"Content-Type": "text/plain"})


def stale(org: Org) -> Answer:
    since = {"If-Unmodified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"}
    return org.as_("admin").call("PATCH", f"sobjects/Account/{ACCOUNT}", json={"Phone": "1"}, headers=since)


NOBODY = new_id("Account", 99)

ROWS: list[tuple[int, str, Cause]] = [
    (401, "INVALID_SESSION_ID", no_session),
    (403, "INSUFFICIENT_ACCESS_OR_READONLY", change("Product2", new_id("Product2", 1), "support", Name="x")),
    (400, "ENTITY_IS_LOCKED", locked_by_approval),
    (400, "REQUIRED_FIELD_MISSING", add("Account")),
    (400, "STRING_TOO_LONG", change("Account", ACCOUNT, Phone="1" * 41)),
    (400, "INVALID_EMAIL_ADDRESS", add("Contact", LastName="Mori", Email="nobody")),
    (400, "NUMBER_OUTSIDE_VALID_RANGE", ask("SELECT Id FROM Account OFFSET 2001")),
    (400, "FIELD_INTEGRITY_EXCEPTION", other_price_book),
    (
        400,
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        add("Order", AccountId=ACCOUNT, EffectiveDate="2026-11-24", Pricebook2Id=BOOK, Status="Lost"),
    ),
    (400, "DUPLICATE_VALUE", add("Account", Name="Second", Customer_Number__c="C-0000001")),
    (400, "FAILED_ACTIVATION", activated_without_items),
    (400, "MALFORMED_QUERY", ask("SELECT")),
    (400, "INVALID_FIELD", ask("SELECT Colour FROM Account")),
    (400, "INVALID_TYPE", ask("SELECT Id FROM Shoe")),
    (400, "MALFORMED_SEARCH", get("search?q=FIND")),
    (400, "INVALID_QUERY_LOCATOR", get("query/01g-2000")),
    (400, "MALFORMED_ID", get("sobjects/Account/abc")),
    (400, "INVALID_CROSS_REFERENCE_KEY", change("Account", ACCOUNT, ParentId=NOBODY)),
    (400, "JSON_PARSER_ERROR", no_json),
    (400, "INVALID_FIELD_FOR_INSERT_UPDATE", change("Account", ACCOUNT, CreatedById=user_id("admin"))),
    (404, "NOT_FOUND", get(f"sobjects/Account/{NOBODY}")),
    (404, "ENTITY_IS_DELETED", deleted),
    (404, "INVALID_CROSS_REFERENCE_KEY", change("Account", NOBODY, Phone="1")),
    (405, "METHOD_NOT_ALLOWED", lambda org: org.as_("admin").call("DELETE", "limits")),
    (410, "UNSUPPORTED_API_VERSION", get("/services/data/v30.0/limits")),
    (412, "PRECONDITION_FAILED", stale),
    (414, "URI_TOO_LONG", ask("x" * 16_400)),
    (415, "UNSUPPORTED_MEDIA_TYPE", no_json_type),
]


@pytest.mark.parametrize(("status", "code", "cause"), ROWS, ids=[f"{status} {code}" for status, code, _ in ROWS])
def test_a_real_circumstance_is_refused_as_salesforce_refuses_it(status: int, code: str, cause: Cause) -> None:
    answer = cause(Org())
    assert (answer.status_code, error_of(answer)) == (status, code)
    assert answer.headers["content-type"] == "application/json;charset=UTF-8"
    assert answer.json()[0]["message"]
