"""What was changed and deleted in a span of time. Source: salesforce-api.md 4."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from console.sandbox.clock import Clock
from console.sandbox.salesforce_calls import OK, Answer, Call
from console.sandbox.salesforce_errors import SalesforceError
from console.sandbox.salesforce_records import Records
from console.sandbox.salesforce_store import Record, SalesforceStore
from console.sandbox.salesforce_times import parse_datetime, wire_datetime

_REMEMBERED = timedelta(days=30)


class Changes:
    """Handlers of `sobjects/X/updated` and `sobjects/X/deleted`."""

    def __init__(self, store: SalesforceStore, records: Records, clock: Clock) -> None:
        """Look into `store`."""
        self._store = store
        self._records = records
        self._clock = clock

    def updated(self, call: Call) -> Answer:
        """GET: ids of what was made or changed from `start` up to `end`, both cut to the minute."""
        name, start, end = self._asked(call)
        ids = [record["Id"] for record in _within(self._store.tables[name].values(), start, end)]
        return Answer(OK, {"ids": ids, "latestDateCovered": wire_datetime(end)})

    def deleted(self, call: Call) -> Answer:
        """GET: what was deleted in that span, and when."""
        name, start, end = self._asked(call)
        rows = [
            {"id": record["Id"], "deletedDate": record["SystemModstamp"]}
            for record in _within(self._store.deleted[name].values(), start, end)
        ]
        earliest = wire_datetime(self._clock.now() - _REMEMBERED)
        span = {"earliestDateAvailable": earliest, "latestDateCovered": wire_datetime(end)}
        return Answer(OK, {"deletedRecords": rows, **span})

    def _asked(self, call: Call) -> tuple[str, datetime, datetime]:
        """The object and the span. Raises INVALID_REPLICATION_DATE for one that is none, or too long ago."""
        described = self._records.object_for(call.names["sobject"], "read", call.access)
        start, end = (_minute(call.params.get(name, "")) for name in ("start", "end"))
        if start >= end:
            raise _no_span("startDate must be earlier than endDate by more than one minute")
        if start < self._clock.now() - _REMEMBERED:
            raise _no_span("startDate is more than 30 days ago")
        return described.name, start, end


def _minute(text: str) -> datetime:
    try:
        # A plus sign in a query that was not encoded arrives as a space.
        return parse_datetime(text.replace(" ", "+")).replace(second=0, microsecond=0)
    except ValueError as error:
        raise _no_span(f"not a date and time with an offset: {text}") from error


def _within(records: Iterable[Record], start: datetime, end: datetime) -> list[Record]:
    return [record for record in records if start <= parse_datetime(record["SystemModstamp"]) < end]


def _no_span(message: str) -> SalesforceError:
    return SalesforceError("INVALID_REPLICATION_DATE", message)
