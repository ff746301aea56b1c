"""What a run over many orders would meet, told before it begins: how many are safe, and what stands in the way."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Sequence
from datetime import date

from console.errors import NotFound, SystemFault
from console.integrations.portal.portal import Portal
from console.models.failure import SETTLED_BY_PEOPLE, FailureCatalogue, Retry
from console.models.order import Activation, Order, OrderState, OrderSummary
from console.models.record import Record
from console.models.staff import Right, StaffMember
from console.rules.activation import waits_until
from console.workflows.diagnosis import Diagnosis
from console.workflows.engine import PROVISION
from console.workflows.orders import Orders
from console.workflows.prechecks import UNREAD, Prechecks, stop_codes
from console.workflows.provision import why_refused
from console.workflows.review import Reviewing

_PARALLEL = 3
# After so many orders in a row that could not be read, the others could not be either.
_UNREAD_IN_A_ROW = 3
_SAFE, _WAITING = "safe", "waiting"
_DECISION, _LINK = "APR-", "LNK-"
# What a review finds anew each time, so that it is over where the review finds it no more.
_REVIEWED = (_DECISION, _LINK, "ADR-", "CAT-", "DUP-", "MNP-", "PAY-", "SIM-")
# A declined payment shows only when it is taken again.
_DECLINED = "PAY-03"


class BulkPreview(Record):
    """What a run over a list of orders would meet; each order is counted once.

    safe         nothing stands in the way, or it is active already
    needs_check  each code that stands in the way with the number of its orders, the most frequent first
    waiting      wait for their activation date: a run leaves them as they are
    not_tried    were not looked at: it was cancelled, a system does not answer, or the order is gone
    """

    safe: int
    needs_check: tuple[tuple[str, int], ...]
    waiting: int
    not_tried: int


class PreviewJob:
    """Looks at one list that does not change. Nothing is changed in any system."""

    def __init__(self, previews: "BulkPreviews", me: StaffMember, orders: Sequence[OrderSummary]) -> None:
        """An order that is named twice counts once. `on_change`, where it is set, hears how many are `done`."""
        self._previews = previews
        self._me = me
        self._orders = tuple({order.order_id: order for order in orders}.values())
        self._left: deque[OrderSummary] = deque()
        self._found: Counter[str] = Counter()
        self._unread = 0
        self._cancelled = False
        self.total = len(self._orders)
        self.done = 0
        self.on_change: Callable[[int], None] | None = None

    @property
    def preview(self) -> BulkPreview:
        """What is known so far; what was not looked at yet is `not_tried`."""
        codes = [(code, count) for code, count in self._found.items() if code not in (_SAFE, _WAITING)]
        return BulkPreview(
            safe=self._found[_SAFE],
            needs_check=tuple(sorted(codes, key=lambda one: (-one[1], one[0]))),
            waiting=self._found[_WAITING],
            not_tried=self.total - self._found.total(),
        )

    async def run(self) -> BulkPreview:
        """Look at the whole list, a few orders at a time: first what our own database tells, then what is read live.

        Raises a `SystemFault` where our own database does not answer; a system that does not is told by its code.
        """
        known = await self._previews.known(self._me, self._orders)
        for order in self._orders:
            if found := known.get(order.order_id):
                self._note(found)
            elif not self._cancelled:
                self._left.append(order)
        # All of them end before a defect of one is raised.
        ended = await asyncio.gather(*(self._look() for _ in range(_PARALLEL)), return_exceptions=True)
        for defect in ended:
            if isinstance(defect, BaseException):
                raise defect
        return self.preview

    def cancel(self) -> None:
        """Look at no further order; `run` returns once the few in hand are read."""
        self._cancelled = True
        self._left.clear()

    async def _look(self) -> None:
        try:
            while self._left:
                found, was_read = await self._previews.examine(self._me, self._left.popleft())
                self._unread = 0 if was_read else self._unread + 1
                if self._unread >= _UNREAD_IN_A_ROW:
                    self.cancel()
                self._note(found)
        except BaseException:
            self.cancel()
            raise

    def _note(self, found: str | None) -> None:
        if found:
            self._found[found] += 1
        self.done += 1
        if self.on_change:
            self.on_change(self.done)


class BulkPreviews:
    """Begins previews, and tells of one order what a run would meet."""

    def __init__(
        self,
        portal: Portal,
        orders: Orders,
        reviewing: Reviewing,
        prechecks: Prechecks,
        diagnosis: Diagnosis,
        catalogue: FailureCatalogue,
        today: Callable[[], date],
    ) -> None:
        """`today` is the calendar day that counts for activation dates. Reads nothing yet."""
        self._cases, self._commands = portal.cases, portal.commands
        self._orders = orders
        self._reviewing = reviewing
        self._prechecks = prechecks
        self._diagnosis = diagnosis
        self._catalogue = catalogue
        self._today = today

    def new(self, me: StaffMember, orders: Sequence[OrderSummary]) -> PreviewJob:
        """A preview of a run over these orders, frozen as they are named; nothing is read before its `run()`."""
        return PreviewJob(self, me, orders)

    async def known(self, me: StaffMember, orders: Sequence[OrderSummary]) -> dict[str, str]:
        """What our own database says of orders without any system being asked, by order id."""
        in_hand = await self._commands.open_subjects(PROVISION)
        cases = {one.order_id: one.code for one in await self._cases.all_open()}
        known = {}
        for order in orders:
            code = cases.get(order.order_id, "")
            if not me.may(Right.PROVISION):
                known[order.order_id] = "APR-05"
            elif order.activation is Activation.ACTIVATED:
                known[order.order_id] = _SAFE
            elif order.state is not OrderState.APPROVED:
                known[order.order_id] = "APR-04"
            elif order.order_id in in_hand:
                known[order.order_id] = "SYN-06"
            elif code in SETTLED_BY_PEOPLE:
                known[order.order_id] = code
        return known

    async def examine(self, me: StaffMember, order: OrderSummary) -> tuple[str | None, bool]:
        """What a run would meet at this order, None where it is gone, and whether everything could be read."""
        try:
            present, codes = await self._read(me, order)
        except NotFound:
            return None, True
        except SystemFault as fault:
            return self._diagnosis.failure(fault).code, False
        case = await self._cases.open_of(order.order_id)
        found = self._judged(present, me, codes, case.code if case else None)
        return found, not any(code.startswith(UNREAD) for code in codes)

    async def _read(self, me: StaffMember, order: OrderSummary) -> tuple[Order, tuple[str, ...]]:
        """The order as it is now, and the codes of what stops it, from memory where they are remembered."""
        if counted := self._prechecks.known(order):
            return await self._orders.read(order.order_id), counted.codes
        present, review = await self._reviewing.examine(order.order_id, me)
        self._prechecks.note(order, review)
        return present, stop_codes(review)

    def _judged(self, order: Order, me: StaffMember, codes: Sequence[str], case: str | None) -> str:
        """In the order in which provisioning itself decides."""
        if order.activation is Activation.ACTIVATED:
            return _SAFE
        if refusal := why_refused(order, me):
            return refusal.code
        if waits_until(order, self._today()):
            return _WAITING
        # That it is decided already stops an approval, not what comes after it.
        if stops := [code for code in codes if not code.startswith(_DECISION)]:
            return next((code for code in stops if code.startswith(_LINK)), stops[0])
        return case if case and not self._is_over(case) else _SAFE

    def _is_over(self, case: str) -> bool:
        """Whether the cause of an open case is gone, as the review did not find it, or as it passes by itself."""
        if case.startswith(_REVIEWED) and case != _DECLINED:
            return True
        return self._catalogue[case].retry in (Retry.SOON, Retry.SPACED)
