"""Which of our errors every answer becomes that the reference knows. Source: salesforce-api.md 2.5, 2.6 and 2.8."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from console.integrations.salesforce.faults import fault, no_answer

_HTML = "<html><head><title>Down for maintenance</title></head></html>"


def body(code: str, message: str = "words") -> list[dict[str, Any]]:
    return [{"message": message, "errorCode": code}]


# Status, code, and what it is for a read and for a change alike.
_ANSWERED = [
    (401, "INVALID_SESSION_ID", AccessRefused),
    (401, "INVALID_AUTH_HEADER", AccessRefused),
    (403, "REQUEST_LIMIT_EXCEEDED", Unavailable),
    (403, "API_DISABLED_FOR_ORG", AccessRefused),
    (403, "API_CURRENTLY_DISABLED", AccessRefused),
    (403, "FUNCTIONALITY_NOT_ENABLED", AccessRefused),
    (403, "INSUFFICIENT_ACCESS", AccessRefused),
    (403, "INSUFFICIENT_ACCESS_OR_READONLY", AccessRefused),
    (400, "INSUFFICIENT_ACCESS_OR_READONLY", AccessRefused),
    (400, "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", AccessRefused),
    (400, "UNABLE_TO_LOCK_ROW", Rejected),
    (500, "UNABLE_TO_LOCK_ROW", Rejected),
    (400, "ENTITY_IS_LOCKED", Rejected),
    (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", Rejected),
    (400, "REQUIRED_FIELD_MISSING", Rejected),
    (400, "STRING_TOO_LONG", Rejected),
    (400, "INVALID_EMAIL_ADDRESS", Rejected),
    (400, "NUMBER_OUTSIDE_VALID_RANGE", Rejected),
    (400, "FIELD_INTEGRITY_EXCEPTION", Rejected),
    (400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", Rejected),
    (400, "DUPLICATE_VALUE", Conflict),
    (400, "DUPLICATES_DETECTED", Rejected),
    (400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", Rejected),
    (400, "CANNOT_EXECUTE_FLOW_TRIGGER", Rejected),
    (400, "FAILED_ACTIVATION", Rejected),
    (400, "INVALID_STATUS", Rejected),
    (400, "MALFORMED_QUERY", Rejected),
    (400, "INVALID_FIELD", Rejected),
    (400, "INVALID_TYPE", Rejected),
    (400, "MALFORMED_SEARCH", Rejected),
    (400, "INVALID_QUERY_LOCATOR", Rejected),
    (400, "QUERY_TOO_COMPLICATED", Rejected),
    (400, "MALFORMED_ID", Rejected),
    (400, "INVALID_CROSS_REFERENCE_KEY", Rejected),
    (400, "JSON_PARSER_ERROR", Rejected),
    (400, "INVALID_FIELD_FOR_INSERT_UPDATE", Rejected),
    (400, "QUERY_TIMEOUT", Rejected),
    (404, "NOT_FOUND", Missing),
    (404, "ENTITY_IS_DELETED", Missing),
    (404, "INVALID_CROSS_REFERENCE_KEY", Missing),
    (405, "METHOD_NOT_ALLOWED", Rejected),
    (409, "CONFLICT", Rejected),
    (410, "UNSUPPORTED_API_VERSION", Rejected),
    (412, "PRECONDITION_FAILED", Stale),
    (414, "URI_TOO_LONG", Rejected),
    (415, "UNSUPPORTED_MEDIA_TYPE", Rejected),
]

# Outages, with and without an errorCode: a read may be repeated, a change may have happened.
_OUTAGES = [
    (500, body("UNKNOWN_EXCEPTION")),
    (503, body("SERVER_UNAVAILABLE")),
    (502, _HTML),
    (503, _HTML),
    (420, _HTML),
    (420, ""),
    (500, []),
    (400, _HTML),
]


@pytest.mark.parametrize("mutating", [False, True])
@pytest.mark.parametrize(("status", "code", "kind"), _ANSWERED)
def test_a_code_decides_what_an_answer_is(status: int, code: str, kind: type[SystemFault], mutating: bool) -> None:
    raised = fault("update:Order", status, body(code), mutating=mutating)
    assert type(raised) is kind
    assert (raised.status, raised.error_code, raised.message, raised.mutating) == (status, code, "words", mutating)


@pytest.mark.parametrize(("status", "content"), _OUTAGES)
def test_after_an_outage_a_read_is_safe_and_a_change_is_unknown(status: int, content: Any) -> None:
    assert type(fault("query", status, content, mutating=False)) is Unavailable
    assert type(fault("composite", status, content, mutating=True)) is OutcomeUnknown


@pytest.mark.parametrize(
    ("status", "content", "kind"),
    [
        (403, "Bad_OAuth_Token", AccessRefused),
        (401, _HTML, AccessRefused),
        (404, _HTML, Missing),
        (412, None, Stale),
        (400, {"error": "invalid_grant", "error_description": "expired access/refresh token"}, Rejected),
        (400, [{"statusCode": "DUPLICATE_VALUE", "message": "taken", "fields": []}], Conflict),
    ],
)
def test_the_other_shapes_of_an_error_are_read_too(status: int, content: Any, kind: type[SystemFault]) -> None:
    assert type(fault("userinfo", status, content, mutating=False)) is kind


@pytest.mark.parametrize("message", ["locked by REQUEST_LIMIT_EXCEEDED", "DUPLICATE_VALUE", "ロックされています"])
def test_prose_decides_nothing(message: str) -> None:
    raised = fault("update:Order", 400, body("FIELD_CUSTOM_VALIDATION_EXCEPTION", message), mutating=True)
    assert type(raised) is Rejected
    assert raised.message == message


def test_a_taken_key_names_the_record_that_has_it() -> None:
    message = "duplicate value found: Claim_Key__c duplicates value on record with id: a005g0000000001AAA"
    raised = fault("insert", 400, body("DUPLICATE_VALUE", message), mutating=True)
    assert isinstance(raised, Conflict)
    assert raised.holder_id == "a005g0000000001AAA"


def test_a_taken_key_may_name_no_record() -> None:
    raised = fault("insert", 400, body("DUPLICATE_VALUE", "値が重複しています"), mutating=True)
    assert isinstance(raised, Conflict)
    assert raised.holder_id is None


@pytest.mark.parametrize(
    ("mutating", "sent", "kind"),
    [
        (False, False, Unavailable),
        (False, True, Unavailable),
        (True, False, Unavailable),
        (True, True, OutcomeUnknown),
    ],
)
def test_without_an_answer_only_a_change_that_was_sent_is_unknown(
    mutating: bool, sent: bool, kind: type[SystemFault]
) -> None:
    assert type(no_answer("composite", "ReadTimeout", mutating=mutating, sent=sent)) is kind


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
)


@given(st.integers(400, 599), _JSON, st.booleans())
def test_any_body_becomes_an_error_of_ours(status: int, content: Any, mutating: bool) -> None:
    raised = fault("query", status, content, mutating=mutating)
    assert raised.status == status
    assert len(raised.message) <= 500
