"""Rows that another transaction holds: a write waits for them, and then is refused. Source: salesforce-api.md 2.7."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager

from console.sandbox.salesforce_calls import Answer
from console.sandbox.salesforce_errors import SalesforceError
from console.sandbox.salesforce_switches import OrgSwitches

_PAUSE_S = 0.01


class _RowsAreHeld(Exception):
    """Ends an attempt that may be made again."""

    def __init__(self, held: set[str]) -> None:
        super().__init__(", ".join(sorted(held)))
        self.held = held


class RowLocks:
    """The locks of one org, held by whoever set the switch `locked_rows`."""

    def __init__(self, switches: OrgSwitches, transaction: Callable[[], AbstractContextManager[None]]) -> None:
        """`transaction` undoes an attempt that came upon a lock."""
        self._switches = switches
        self._transaction = transaction
        self._may_wait = False

    def take(self, *record_ids: str | None) -> None:
        """Pass where none of the rows is held. Raises UNABLE_TO_LOCK_ROW once there is nothing left to wait."""
        held = self._held(set(filter(None, record_ids)))
        if held and self._may_wait:
            raise _RowsAreHeld(held)
        if held:
            names = ", ".join(sorted(held))
            message = f"unable to obtain exclusive access to this record or {len(held)} records: {names}"
            raise SalesforceError("UNABLE_TO_LOCK_ROW", message, [])

    async def waiting(self, attempt: Callable[[], Answer]) -> Answer:
        """What `attempt` answers, made again whenever the rows that it came upon are free, or time is up."""
        now = asyncio.get_running_loop().time
        end = now() + self._switches.row_lock_wait_s
        while True:
            # No attempt pauses, so nobody else sees this.
            self._may_wait = now() < end
            try:
                with self._transaction():
                    return attempt()
            except _RowsAreHeld as error:
                wanted = error.held
            finally:
                self._may_wait = False
            while self._held(wanted) and now() < end:  # noqa: ASYNC110 - a switch gives no event
                await asyncio.sleep(_PAUSE_S)

    def _held(self, record_ids: set[str]) -> set[str]:
        return record_ids & set(self._switches.locked_rows)
