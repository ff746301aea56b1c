"""The calls of an org run out, and come back."""

from tests.sandbox.salesforce_bench import Org, error_of


def test_who_has_no_calls_left_is_refused_until_a_day_later() -> None:
    org = Org()
    org.switches.daily_calls = 2
    admin = org.as_("admin")
    used = [admin.call("GET", "limits") for _ in range(3)]

    assert [answer.headers["Sforce-Limit-Info"] for answer in used] == [f"api-usage={n}/2" for n in (1, 2, 3)]
    assert used[1].json()["DailyApiRequests"] == {"Max": 2, "Remaining": 0}
    assert (used[2].status_code, error_of(used[2])) == (403, "REQUEST_LIMIT_EXCEEDED")

    org.clock.advance(25 * 3600)
    assert admin.call("GET", "limits").headers["Sforce-Limit-Info"] == "api-usage=1/2"


def test_each_part_of_a_batch_costs_a_call_and_each_step_of_a_composite_none() -> None:
    org = Org()
    org.switches.daily_calls = 100
    admin = org.as_("admin")
    parts = [{"method": "GET", "url": "v66.0/limits"}] * 2
    admin.call("POST", "composite/batch", json={"batchRequests": parts})
    steps = [{"method": "GET", "url": "/services/data/v66.0/sobjects", "referenceId": f"r{n}"} for n in range(3)]
    admin.composite(*steps)
    assert admin.call("GET", "limits").headers["Sforce-Limit-Info"] == "api-usage=5/100"


def test_other_programs_use_the_same_calls_and_an_app_may_have_a_share_of_its_own() -> None:
    org = Org()
    org.switches.change({"daily_calls": 1000, "calls_of_others": 950, "app_calls": 250})
    header = org.as_("support").call("GET", "limits").headers["Sforce-Limit-Info"]
    assert header == "api-usage=951/1000; per-app-api-usage=1/250(appName=Staff Console)"
