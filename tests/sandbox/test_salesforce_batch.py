"""Independent calls in one request."""

from typing import Any

import pytest

from tests.sandbox.salesforce_bench import ACCOUNT, Client, error_of


def batch(client: Client, *parts: dict[str, Any], **options: Any) -> dict[str, Any]:
    answer = client.call("POST", "composite/batch", json={"batchRequests": list(parts), **options})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


READ = {"method": "GET", "url": f"v66.0/sobjects/Account/{ACCOUNT}?fields=Name"}
WRITE = {"method": "PATCH", "url": f"v66.0/sobjects/Account/{ACCOUNT}", "richInput": {"Name": "Aoi Sato"}}
LOST = {"method": "GET", "url": "v66.0/sobjects/Shoe"}


def test_each_part_has_a_result_in_order(admin: Client) -> None:
    found = batch(admin, READ, LOST, WRITE, READ)
    assert found["hasErrors"] is True
    assert [one["statusCode"] for one in found["results"]] == [200, 404, 204, 200]
    assert [found["results"][at]["result"]["Name"] for at in (0, 3)] == ["Aoi Mori", "Aoi Sato"]


def test_a_batch_may_halt_at_the_first_failure_and_keeps_what_was_done(admin: Client) -> None:
    found = batch(admin, WRITE, LOST, READ, haltOnError=True)
    assert [one["statusCode"] for one in found["results"]] == [204, 404, 412]
    assert found["results"][2]["result"][0]["errorCode"] == "BATCH_PROCESSING_HALTED"
    assert admin.read("Account", ACCOUNT)["Name"] == "Aoi Sato"


@pytest.mark.parametrize("url", ["v66.0/composite", "v66.0/process/approvals", "v68.0/limits", "limits", 7])
def test_what_is_no_target_is_refused_by_itself(admin: Client, url: Any) -> None:
    assert batch(admin, {"method": "GET", "url": url})["results"][0]["result"][0]["errorCode"] == "INVALID_INPUT"


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ([], "JSON_PARSER_ERROR"),
        ([7], "JSON_PARSER_ERROR"),
        (None, "JSON_PARSER_ERROR"),
        ([READ] * 26, "LIMIT_EXCEEDED"),
    ],
)
def test_a_batch_that_is_none_is_refused(admin: Client, parts: Any, code: str) -> None:
    assert error_of(admin.call("POST", "composite/batch", json={"batchRequests": parts})) == code
