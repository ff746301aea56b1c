"""How many calls the org has had in the last 24 hours, and its other limits. Source: salesforce-api.md 2.9."""

from collections import Counter

from console.sandbox.clock import Clock
from console.sandbox.salesforce_switches import OrgSwitches

# Of an Enterprise org; nothing in the sandbox uses them up.
_OTHER_LIMITS = {
    "ActiveScratchOrgs": 40,
    "ConcurrentAsyncGetReportInstances": 200,
    "DailyAsyncApexExecutions": 250_000,
    "DailyBulkApiBatches": 15_000,
    "DailyDurableStreamingApiEvents": 200_000,
    "DailyGenericStreamingApiEvents": 10_000,
    "DailyStreamingApiEvents": 200_000,
    "DataStorageMB": 10_240,
    "FileStorageMB": 10_240,
    "HourlyPublishedPlatformEvents": 250_000,
    "HourlyTimeBasedWorkflow": 1_000,
    "MassEmail": 5_000,
    "PermissionSets": 1_500,
    "StreamingApiConcurrentClients": 1_000,
}
_HOUR_S, _HOURS = 3600, 24


class Usage:
    """Counts calls and e-mails by the hour."""

    def __init__(self, clock: Clock, switches: OrgSwitches) -> None:
        """`switches` say how many are allowed in 24 hours, and how many calls other programs have had."""
        self._clock = clock
        self._switches = switches
        self._calls: Counter[int] = Counter()
        self._emails: Counter[int] = Counter()

    def count(self) -> None:
        """One call more."""
        self._calls[self._hour()] += 1

    def count_emails(self, recipients: int) -> bool:
        """Whether the day has room for an e-mail to so many; if so they are counted."""
        fits = self._of_a_day(self._emails) + recipients <= self._switches.daily_emails
        self._emails[self._hour()] += recipients if fits else 0
        return fits

    @property
    def is_exceeded(self) -> bool:
        """Whether the last call counted was one too many."""
        return self._used() > self._switches.daily_calls

    @property
    def header(self) -> str:
        """The value of Sforce-Limit-Info."""
        org, app = f"api-usage={self._used()}/{self._switches.daily_calls}", self._switches.app_calls
        own = self._of_a_day(self._calls)
        return org if app is None else f"{org}; per-app-api-usage={own}/{app}(appName=Staff Console)"

    def limits(self) -> dict[str, dict[str, int]]:
        """Every limit of the org with what remains of it."""
        others = {name: _limit(most, 0) for name, most in _OTHER_LIMITS.items()}
        return {
            **others,
            "DailyApiRequests": _limit(self._switches.daily_calls, self._used()),
            "SingleEmail": _limit(self._switches.daily_emails, self._of_a_day(self._emails)),
        }

    def _used(self) -> int:
        return self._of_a_day(self._calls) + self._switches.calls_of_others

    def _of_a_day(self, by_hour: Counter[int]) -> int:
        """The sum of the last 24 hours; what is older is forgotten."""
        oldest = self._hour() - _HOURS
        for hour in [one for one in by_hour if one <= oldest]:
            del by_hour[hour]
        return by_hour.total()

    def _hour(self) -> int:
        return int(self._clock.now().timestamp()) // _HOUR_S


def _limit(most: int, used: int) -> dict[str, int]:
    return {"Max": most, "Remaining": max(most - used, 0)}
