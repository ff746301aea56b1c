"""How many calls the org has had in the last 24 hours, and its other limits. Source: salesforce-api.md 2.9."""

from collections import Counter

from console.sandbox.clock import Clock

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
    "SingleEmail": 5_000,
    "StreamingApiConcurrentClients": 1_000,
}
_HOUR_S, _HOURS = 3600, 24


class Usage:
    """Counts calls by the hour."""

    def __init__(self, clock: Clock, most: int) -> None:
        """`most` calls are allowed in 24 hours."""
        self._clock = clock
        self._most = most
        self._by_hour: Counter[int] = Counter()

    def count(self) -> None:
        """One call more."""
        self._by_hour[self._hour()] += 1

    @property
    def is_exceeded(self) -> bool:
        """Whether the last call counted was one too many."""
        return self._used() > self._most

    @property
    def header(self) -> str:
        """The value of Sforce-Limit-Info."""
        return f"api-usage={self._used()}/{self._most}"

    def limits(self) -> dict[str, dict[str, int]]:
        """Every limit of the org with what remains of it."""
        others = {name: {"Max": most, "Remaining": most} for name, most in _OTHER_LIMITS.items()}
        return {**others, "DailyApiRequests": {"Max": self._most, "Remaining": max(self._most - self._used(), 0)}}

    def _used(self) -> int:
        oldest = self._hour() - _HOURS
        self._by_hour = Counter({hour: calls for hour, calls in self._by_hour.items() if hour > oldest})
        return self._by_hour.total()

    def _hour(self) -> int:
        return int(self._clock.now().timestamp()) // _HOUR_S
