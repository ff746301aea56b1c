"""The calls of an org run out, and come back."""

from console.sandbox.salesforce import salesforce_app
from console.sandbox.salesforce_store import StaffUser
from tests.sandbox.salesforce_bench import Client, Org, error_of, user_id


def small_org(org: Org, calls: int) -> Client:
    """An administrator of an org with few calls a day."""
    admin = StaffUser(user_id("admin"), "Invented admin", "admin@example.com", "admin@example.com", "admin", "token")
    return Client(salesforce_app(org.store, [admin], org.clock, daily_calls=calls), "token")


def test_who_has_no_calls_left_is_refused_until_a_day_later() -> None:
    org = Org()
    admin = small_org(org, 2)
    used = [admin.call("GET", "limits") for _ in range(3)]

    assert [answer.headers["Sforce-Limit-Info"] for answer in used] == [f"api-usage={n}/2" for n in (1, 2, 3)]
    assert used[1].json()["DailyApiRequests"] == {"Max": 2, "Remaining": 0}
    assert (used[2].status_code, error_of(used[2])) == (403, "REQUEST_LIMIT_EXCEEDED")

    org.clock.advance(25 * 3600)
    assert admin.call("GET", "limits").headers["Sforce-Limit-Info"] == "api-usage=1/2"


def test_each_part_of_a_batch_costs_a_call_and_each_step_of_a_composite_none() -> None:
    admin = small_org(Org(), 100)
    parts = [{"method": "GET", "url": "v66.0/limits"}] * 2
    admin.call("POST", "composite/batch", json={"batchRequests": parts})
    steps = [{"method": "GET", "url": "/services/data/v66.0/sobjects", "referenceId": f"r{n}"} for n in range(3)]
    admin.composite(*steps)
    assert admin.call("GET", "limits").headers["Sforce-Limit-Info"] == "api-usage=5/100"
