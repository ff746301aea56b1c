"""What each answer means, for a read and for a change; no body makes a change look done that is not."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from console.errors import AccessRefused, Missing, OutcomeUnknown, Rejected, SystemFault, Unavailable
from console.integrations.whmcs.outcome import Call, classify

READ = Call("GetOrders", mutating=False)
CHANGE = Call("AddOrder", mutating=True)

_HTML = b"<html><head><title>502 Bad Gateway</title></head></html>"
_SUCCESS = b'{"result":"success","orderid":"7"}'


def fault_of(call: Call, status: int, body: bytes | dict[str, Any]) -> SystemFault:
    """The error that an answer is turned into."""
    with pytest.raises(SystemFault) as caught:
        classify(call, status, body if isinstance(body, bytes) else json.dumps(body).encode())
    return caught.value


def test_a_labelled_success_is_the_answer() -> None:
    assert classify(CHANGE, 200, _SUCCESS)["orderid"] == "7"


def test_status_stands_for_result_only_where_result_is_absent() -> None:
    call = Call("AddBillableItem", mutating=True)

    assert classify(call, 200, b'{"status":"success","billableid":1}')["billableid"] == 1
    assert type(fault_of(call, 200, {"status": "error", "message": "Client ID not Found"})) is Missing
    assert type(fault_of(call, 200, {"status": "Paid"})) is OutcomeUnknown
    assert type(fault_of(call, 200, {"result": None, "status": "success"})) is OutcomeUnknown


def test_an_invoice_without_a_result_is_read_all_the_same() -> None:
    assert classify(Call("GetInvoice", mutating=False), 200, b'{"invoiceid":1,"status":"Unpaid"}')["status"] == "Unpaid"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"   "),
        (200, _HTML),
        (200, _SUCCESS[:-3]),
        (200, b"Notice: Undefined index in hook.php on line 3\n" + _SUCCESS),
        (200, b"\xef\xbb\xbf" + _SUCCESS),
        (200, b'{"warning":"This payment method is not supported"}'),
        (200, b'{"orderid":"7"}'),
        (200, b'["result","success"]'),
        (200, b'"success"'),
        (200, b"result=success;orderid=7"),
        (200, b"message=All is well"),
        (403, _SUCCESS),
        (403, _HTML),
        (404, _HTML),
        (429, _HTML),
        (429, b'{"result":"error","message":"Slow down"}'),
        (500, _HTML),
        (500, _SUCCESS),
        (500, b'{"result":"error","message":"Oops"}'),
        (502, _HTML),
        (503, b""),
        (504, _HTML),
    ],
)
def test_without_a_usable_answer_a_read_failed_and_a_change_may_have_happened(status: int, body: bytes) -> None:
    assert type(fault_of(READ, status, body)) is Unavailable
    unknown = fault_of(CHANGE, status, body)
    assert type(unknown) is OutcomeUnknown
    assert (unknown.system, unknown.action, unknown.status, unknown.mutating) == (
        "whmcs",
        "AddOrder",
        status,
        True,
    )


@pytest.mark.parametrize(
    "message",
    [
        "Invalid IP 192.0.2.7",
        "Invalid IP 2001:db8::7",
        "Authentication Failed",
        "Invalid or missing credentials",
        'Invalid Permissions: API action "addorder" is not allowed',
        "Administrator Account Disabled",
        "Access Denied",
        "Invalid password provided",
    ],
)
def test_access_errors_are_told_by_their_text_in_json_and_in_name_value_form(message: str) -> None:
    for call in (READ, CHANGE):
        for body in (
            json.dumps({"result": "error", "message": message}),
            f"result=error;message={message}",
            f"message={message}",
        ):
            refused = fault_of(call, 403, body.encode())
            assert type(refused) is AccessRefused
            assert refused.message == message


def test_any_other_labelled_refusal_with_403_is_about_access_too() -> None:
    assert type(fault_of(READ, 403, {"result": "error", "message": "Two-factor required"})) is AccessRefused


def test_a_business_error_comes_with_200() -> None:
    rejected = fault_of(CHANGE, 200, {"result": "error", "message": "Unable to add order when client status is Closed"})

    assert type(rejected) is Rejected
    assert rejected.message == "Unable to add order when client status is Closed"


def test_an_internal_action_is_an_access_error_with_200() -> None:
    refused = fault_of(READ, 200, {"result": "error", "message": "API Command Restricted to Internal API"})

    assert type(refused) is AccessRefused


def test_an_empty_action_is_rejected() -> None:
    assert type(fault_of(READ, 400, {"result": "error", "message": "Empty action request"})) is Rejected


@pytest.mark.parametrize("action", ["AcceptOrder", "ModuleCreate"])
def test_a_server_modules_own_access_text_is_not_ours(action: str) -> None:
    body = {"result": "error", "message": "Access denied for user root"}

    assert type(fault_of(Call(action, mutating=True), 200, body)) is Rejected
    assert type(fault_of(Call(action, mutating=True), 403, body)) is AccessRefused


@pytest.mark.parametrize(
    "message", ["Client Not Found", "Client ID Not Found", "Service ID not found", "Invoice ID Not Found"]
)
def test_a_record_that_does_not_exist_is_missing(message: str) -> None:
    assert type(fault_of(READ, 200, {"result": "error", "message": message})) is Missing


def test_an_order_that_is_not_pending_is_not_missing() -> None:
    body = {"result": "error", "message": "Order ID not found or Status not Pending"}

    assert type(fault_of(Call("AcceptOrder", mutating=True), 200, body)) is Rejected


def test_a_redirect_is_a_setting_to_correct_and_a_redirected_change_is_settled_by_reading() -> None:
    for status in (301, 302, 307, 308):
        assert type(fault_of(READ, status, b"")) is AccessRefused
        assert type(fault_of(CHANGE, status, b"")) is OutcomeUnknown


def test_the_reason_names_the_page_and_quotes_nothing_else() -> None:
    assert fault_of(READ, 502, _HTML).message == "HTTP 502, a page titled '502 Bad Gateway'"
    assert "Tanaka" not in fault_of(READ, 200, b'{"result":"success","firstname":"Tanaka').message


def test_live_credentials_are_dropped_on_receipt_at_every_depth() -> None:
    body = {
        "result": "success",
        "passwordhash": "x",
        "products": {"product": [{"id": 1, "password": "x"}]},
        "paymethods": [{"remote_token": "x"}],
    }

    assert "x" not in str(classify(READ, 200, json.dumps(body).encode()))


@pytest.mark.parametrize("name", ["password", "passwordhash", "remote_token", "transfersecret", "c", "Password"])
def test_live_credentials_are_dropped_under_flattened_keys_too(name: str) -> None:
    body = {"result": "success", f"products[product][0][{name}]": "x", "products[product][0][id]": "1"}

    assert classify(READ, 200, json.dumps(body).encode())["products"] == {"product": {"0": {"id": "1"}}}


def test_a_way_into_the_client_area_is_covered_on_receipt() -> None:
    body = {"result": "success", "access_token": "planted", "redirect_url": "https://billing.example.com/?t=planted"}

    answer = classify(Call("CreateSsoToken", mutating=False), 200, json.dumps(body).encode())

    assert "planted" not in repr(answer)
    assert answer["redirect_url"].get_secret_value().endswith("planted")


def test_what_a_server_says_is_kept_in_bounds_and_can_be_written() -> None:
    rejected = fault_of(READ, 200, {"result": "error", "message": "x" * 100_000 + "\ud800"})
    odd = fault_of(READ, 200, b'{"result":"error","message":"\\ud800 said"}')

    assert len(rejected.message) == 2000
    assert odd.message == "? said"


@pytest.mark.parametrize("constant", [b"NaN", b"Infinity", b"-Infinity"])
def test_what_json_does_not_know_is_no_answer(constant: bytes) -> None:
    assert type(fault_of(CHANGE, 200, b'{"result":"success","orderid":' + constant + b"}")) is OutcomeUnknown


def test_money_is_never_a_float() -> None:
    assert str(classify(READ, 200, b'{"result":"success","amount":0.10}')["amount"]) == "0.10"


@given(st.integers(min_value=200, max_value=599), st.binary())
@example(200, b"[" * 100_000)
@example(200, b'{"a":' * 100_000)
@example(200, b'{"result":' + b"[" * 900 + b"]" * 900 + b"}")
@example(200, b'{"result":"error","message":{"a":[1]}}')
@example(200, b'{"result":"success","n":' + b"9" * 5000 + b"}")
@example(200, b"\xff\xfe{")
def test_bytes_without_a_success_label_never_pass_and_are_always_one_of_our_errors(status: int, body: bytes) -> None:
    assert isinstance(fault_of(CHANGE, status, body), OutcomeUnknown | Rejected | AccessRefused)
    assert isinstance(fault_of(READ, status, body), Unavailable | Rejected | AccessRefused)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["success", "error"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["result", "status", "message", "warning", "a[b]", "orderid"]), inner, max_size=4
        )
    ),
    max_leaves=8,
)


@given(st.integers(min_value=200, max_value=599), _json)
def test_a_change_passes_only_with_2xx_and_its_own_label(status: int, body: Any) -> None:
    labelled = isinstance(body, dict) and "success" in (body.get("result", body.get("status")),)
    try:
        classify(CHANGE, status, json.dumps(body).encode())
    except SystemFault:
        assert not labelled or status >= 300
    else:
        assert labelled
        assert status < 300


@given(st.integers(min_value=0, max_value=len(_SUCCESS) - 1), st.binary(min_size=1, max_size=20))
def test_a_cut_or_preceded_success_leaves_a_change_unknown(cut: int, noise: bytes) -> None:
    assert type(fault_of(CHANGE, 200, _SUCCESS[:cut])) is OutcomeUnknown
    if noise.strip(b" \t\r\n"):
        assert not isinstance(fault_of(CHANGE, 200, noise + _SUCCESS), Unavailable)
