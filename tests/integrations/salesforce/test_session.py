"""What a session keeps of each answer, and that its token stays hidden."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from console.integrations.salesforce.session import SalesforceSession
from console.models.connection import CallBudget


@pytest.fixture
def session() -> SalesforceSession:
    return SalesforceSession("https://example.my.salesforce.com/", SecretStr("00D-example-token"), "66.0")


def test_paths_are_those_of_the_pinned_version(session: SalesforceSession) -> None:
    assert session.instance_url == "https://example.my.salesforce.com"
    assert session.data_path == "/services/data/v66.0"


@pytest.mark.parametrize(
    "header", ["api-usage=18/15000", "api-usage=18/15000; per-app-api-usage=17/250(appName=sample)"]
)
def test_the_call_budget_is_read_from_the_limit_header(session: SalesforceSession, header: str) -> None:
    session.note_answer({"Sforce-Limit-Info": header})
    assert session.calls_of_the_org == CallBudget(used=18, allowed=15000)


def test_an_answer_without_the_header_leaves_the_budget(session: SalesforceSession) -> None:
    session.note_answer({"Sforce-Limit-Info": "api-usage=18/15000"})
    session.note_answer({"Sforce-Limit-Info": "unreadable"})
    session.note_answer({})
    assert session.calls_of_the_org == CallBudget(used=18, allowed=15000)


def test_time_is_that_of_the_server(session: SalesforceSession) -> None:
    session.note_answer({"Date": "Mon, 23 Nov 2020 00:12:31 GMT"})
    late = session.clock.now() - datetime(2020, 11, 23, 0, 12, 31, tzinfo=UTC)
    assert timedelta(0) <= late < timedelta(seconds=5)


def test_the_token_is_not_shown(session: SalesforceSession) -> None:
    assert "00D-example-token" not in f"{session!r} {session.access!r} {vars(session)!r}"
