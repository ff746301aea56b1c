"""What was changed and deleted in a span of time."""

from datetime import datetime, timedelta
from typing import Any

from tests.sandbox.salesforce_bench import ACCOUNT, Client, Org, error_of


def span(start: datetime, end: datetime) -> dict[str, str]:
    return {"start": start.isoformat(), "end": end.isoformat()}


def asked(client: Client, what: str, start: datetime, end: datetime) -> dict[str, Any]:
    answer = client.call("GET", f"sobjects/Account/{what}/", params=span(start, end))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_changes_and_deletions_are_told_for_their_minutes(org: Org) -> None:
    admin, now, minute = org.as_("admin"), org.clock.now, timedelta(minutes=1)
    made_at = now()
    gone = admin.create("Account", Name="Soon gone")
    org.clock.advance(300)
    deleted_at = now()
    admin.call("DELETE", f"sobjects/Account/{gone}")
    admin.update("Account", ACCOUNT, Phone="1")
    org.clock.advance(120)

    assert asked(admin, "updated", deleted_at, now())["ids"] == [ACCOUNT]
    assert asked(admin, "updated", made_at, deleted_at)["ids"] == []
    (row,) = asked(admin, "deleted", deleted_at, now())["deletedRecords"]
    assert row["id"] == gone
    assert asked(admin, "deleted", made_at, made_at + 2 * minute)["deletedRecords"] == []


def test_seconds_do_not_count(org: Org) -> None:
    admin = org.as_("admin")
    now = org.clock.now()
    told = asked(admin, "updated", now, now + timedelta(minutes=2, seconds=30))
    assert told["latestDateCovered"].endswith(":00.000+0000")


def test_a_plus_that_was_not_encoded_is_understood(org: Org) -> None:
    start, end = org.clock.now() - timedelta(hours=1), org.clock.now() + timedelta(minutes=5)
    path = f"sobjects/Account/updated/?start={start:%Y-%m-%dT%H:%M:%S}+00:00&end={end:%Y-%m-%dT%H:%M:%S}+00:00"
    assert ACCOUNT in org.as_("admin").call("GET", path).json()["ids"]


def test_a_span_that_is_none_or_too_long_ago_is_refused(org: Org) -> None:
    admin, now = org.as_("admin"), org.clock.now()
    for wrong in (
        span(now, now),
        span(now, now - timedelta(hours=1)),
        span(now - timedelta(days=31), now),
        {"start": "yesterday", "end": "today"},
        {},
    ):
        for what in ("updated", "deleted"):
            answer = admin.call("GET", f"sobjects/Account/{what}", params=wrong)
            assert error_of(answer) == "INVALID_REPLICATION_DATE"


def test_an_object_that_is_hidden_tells_nothing(org: Org) -> None:
    now = org.clock.now()
    answer = org.as_("support").call("GET", "sobjects/Colour__c/updated", params=span(now - timedelta(hours=1), now))
    assert error_of(answer) == "NOT_FOUND"
