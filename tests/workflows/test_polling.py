"""The desk reads less often as the org's calls run out, and not at all by itself where they are used up."""

import pytest
from pydantic import SecretStr

from console.errors import SystemFault, Unavailable
from console.integrations.salesforce.session import SalesforceSession
from console.workflows.polling import Polling

_QUARTER_S = 15 * 60


class Elapsed:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.s = 100.0

    def __call__(self) -> float:
        return self.s


@pytest.fixture
def session() -> SalesforceSession:
    return SalesforceSession("https://example.my.salesforce.com", SecretStr("example"), "66.0")


def limit(message: str) -> SystemFault:
    """A refusal because of a limit of calls."""
    return Unavailable("salesforce", "query", message, status=403, error_code="REQUEST_LIMIT_EXCEEDED")


@pytest.mark.parametrize(
    ("used", "pause_s"),
    [(None, 30), (0, 30), (80_000, 30), (80_999, 30), (81_000, 60), (95_999, 60), (96_000, None), (120_000, None)],
)
def test_the_pause_follows_what_is_used_of_the_budget(
    session: SalesforceSession, used: int | None, pause_s: float | None
) -> None:
    polling = Polling(session, 30)
    if used is not None:
        session.note_answer({"Sforce-Limit-Info": f"api-usage={used}/100000"})
    assert polling.pause_s() == pause_s


def test_an_org_without_any_call_is_not_read(session: SalesforceSession) -> None:
    session.note_answer({"Sforce-Limit-Info": "api-usage=0/0"})
    assert Polling(session, 30).pause_s() is None


def test_after_the_last_call_nothing_is_asked_for_a_quarter_of_an_hour(session: SalesforceSession) -> None:
    elapsed = Elapsed()
    polling = Polling(session, 30, elapsed)

    polling.note(limit("TotalRequests Limit exceeded."))
    assert polling.pause_s() == _QUARTER_S
    elapsed.s += 600
    assert polling.pause_s() == _QUARTER_S - 600
    elapsed.s += 600
    assert polling.pause_s() == 30

    polling.note(None)
    assert polling.pause_s() == 30


def test_too_many_at_once_and_other_failures_change_nothing(session: SalesforceSession) -> None:
    polling = Polling(session, 30)

    polling.note(limit("ConcurrentRequests (Concurrent API Requests) Limit exceeded."))
    assert polling.pause_s() == 30
    polling.note(Unavailable("salesforce", "query", "TotalRequests", status=503))
    assert polling.pause_s() == 30


@pytest.mark.parametrize(("used", "enough"), [(None, True), (80_999, True), (81_000, False), (96_000, False)])
def test_there_are_calls_to_spare_only_while_nothing_is_slowed_down(
    session: SalesforceSession, used: int | None, enough: bool
) -> None:
    polling = Polling(session, 30)
    if used is not None:
        session.note_answer({"Sforce-Limit-Info": f"api-usage={used}/100000"})
    assert polling.has_calls_enough is enough
    polling.note(limit("TotalRequests Limit exceeded."))
    assert not polling.has_calls_enough
