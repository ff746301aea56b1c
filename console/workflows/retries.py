"""What the machine takes up by itself: stuck orders when they may be tried again, and approved ones if it is to.

It only puts commands; the engine carries them out. Nothing is kept but in the Portal database: how often an order was
tried is counted from its commands that have ended.
"""

import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from console.integrations.portal.portal import Portal
from console.models.case import FailureCase
from console.models.command import Command, CommandState
from console.models.failure import FailureCatalogue
from console.models.order import Activation, OrderState, OrderSummary
from console.models.provisioning import ProvisionOutcome
from console.models.staff import StaffMember
from console.rules.retry import BY_MACHINE, next_try
from console.settings import Profile
from console.workflows.connections import Connections
from console.workflows.engine import PROTOCOL, PROVISION

_NOT_BEGUN = frozenset({Activation.NONE, Activation.CREATED})
_DAY = timedelta(days=1)


class Retries:
    """Puts provision commands for orders that wait for nobody but the machine."""

    def __init__(
        self,
        portal: Portal,
        catalogue: FailureCatalogue,
        connections: Connections,
        profile: Profile,
        *,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """`jitter` gives a number from 0 to 1, another one each time."""
        self._cases = portal.cases
        self._directory = portal.directory
        self._commands = portal.commands
        self._catalogue = catalogue
        self._connections = connections
        self._recheck = timedelta(seconds=profile.worker.recheck_s)
        self._zone = ZoneInfo(profile.review.time_zone)
        self._jitter = jitter
        self._past = _Past(portal)

    async def retry_stuck(self, me: StaffMember) -> int:
        """Put a command for every stuck order that the machine may try again, due when that is; tells how many.

        While a system does not answer nothing is put: an outage must not use up the tries. Raises `Unavailable` where
        the Portal database does not answer.
        """
        if not await self._connections.all_answer():
            return 0
        cases = await self._read_cases()
        orders = {order.order_id: order for order in await self._directory.orders_with_case()}
        put = 0
        for case in cases:
            due = self._due(case, orders.get(case.order_id))
            if due is not None:
                await self._put(case.order_id, me, due)
                put += 1
        return put

    async def begin_approved(self, me: StaffMember) -> int:
        """Put a command for every approved order that nobody has begun; tells how many.

        One that was not begun although it was tried is tried again after the pause of a re-check, one that waits for
        its activation date on the next day. Raises `Unavailable` where the Portal database does not answer.
        """
        stuck = {case.order_id for case in await self._read_cases()}
        put = 0
        for order in await self._directory.orders(OrderState.APPROVED):
            if order.activation in _NOT_BEGUN and order.order_id not in stuck and self._may_begin(order.order_id):
                await self._put(order.order_id, me, None)
                put += 1
        return put

    async def _read_cases(self) -> list[FailureCase]:
        """The open cases, and what was tried as far back as they need it."""
        cases = await self._cases.all_open()
        by_machine = [case.opened_at for case in cases if self._is_by_machine(case)]
        await self._past.read(min(by_machine, default=datetime.now(UTC)) - _DAY)
        return cases

    def _is_by_machine(self, case: FailureCase) -> bool:
        # A later version of the console may have noted a code that this one does not know.
        code = self._catalogue.get(case.code)
        return code is not None and code.retry in BY_MACHINE

    def _due(self, case: FailureCase, order: OrderSummary | None) -> datetime | None:
        """When a stuck order may be tried again; None where only a person may, or where that is under way."""
        if not self._is_by_machine(case) or (order and not _may_become_active(order)):
            return None
        if case.order_id in self._past.under_way:
            return None
        tries = _tries(case, self._past.of(case.order_id))
        last = max((one.ended_at for one in tries), default=None)
        code = self._catalogue[case.code]
        return next_try(code, len(tries), case.opened_at, last, self._jitter(), self._recheck)

    def _may_begin(self, order_id: str) -> bool:
        if order_id in self._past.under_way:
            return False
        last = max(self._past.of(order_id), key=lambda one: one.ended_at, default=None)
        if last is None:
            return True
        now = datetime.now(UTC)
        if last.outcome == ProvisionOutcome.WAITING:
            return now.astimezone(self._zone).date() > last.ended_at.astimezone(self._zone).date()
        return now >= last.ended_at + self._recheck

    async def _put(self, order_id: str, me: StaffMember, due: datetime | None) -> None:
        await self._commands.put(PROVISION, order_id, "{}", me, protocol=PROTOCOL, not_before=due)


class _Tried(NamedTuple):
    """A command for an order that has ended, with what it came to as far as that is known."""

    asked_at: datetime
    ended_at: datetime
    outcome: str
    code: str


class _Past:
    """The provision commands of the last time, as far back as somebody needs them. Only what changed is read again."""

    def __init__(self, portal: Portal) -> None:
        """Nothing is read yet."""
        self._commands = portal.commands
        self._ended: dict[str, dict[str, _Tried]] = defaultdict(dict)
        self._from = self._seen = datetime.max.replace(tzinfo=UTC)
        self.under_way: set[str] = set()

    async def read(self, since: datetime) -> None:
        """Bring it up to date, as far back as `since`; what ended long before is forgotten."""
        anew = not since - _DAY <= self._from <= since
        changed = await self._commands.changed_since(since if anew else self._seen)
        if anew:
            self._ended.clear()
            self.under_way.clear()
            self._from = self._seen = since
        for command in changed:
            self._seen = max(self._seen, command.changed_at)
            if command.kind == PROVISION:
                self._note(command)

    def of(self, order_id: str) -> list[_Tried]:
        """What was tried for an order."""
        return list(self._ended.get(order_id, {}).values())

    def _note(self, command: Command) -> None:
        if command.is_open:
            self.under_way.add(command.subject)
            return
        self.under_way.discard(command.subject)
        if command.finished_at and command.state is not CommandState.CANCELLED:
            self._ended[command.subject][command.id] = _tried(command, command.finished_at)


def _tries(case: FailureCase, tried: Iterable[_Tried]) -> list[_Tried]:
    """What counts as having tried a case again: what was asked since it was opened.

    Also what ended in the same code the day before: two codes that take turns would never end.
    """
    return [
        one
        for one in tried
        if one.asked_at >= case.opened_at
        or (one.code == case.code and case.opened_at - _DAY <= one.ended_at < case.opened_at)
    ]


def _may_become_active(order: OrderSummary) -> bool:
    return order.state is OrderState.APPROVED and order.activation is not Activation.ACTIVATED


def _tried(command: Command, ended_at: datetime) -> _Tried:
    result: dict[str, Any] = json.loads(command.result) if command.result else {}
    return _Tried(command.created_at, ended_at, result.get("outcome") or "", result.get("code") or "")
