"""Bringing the directory and the queue up to date from Salesforce and WHMCS.

A list is read as a whole once, part by part, and goes on after a death where it was; from then on what is new is asked
for. One process does it at a time for everyone. Source: architecture.md, "From one desk to many".
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable
from datetime import datetime, timedelta

from console.clocks import elapsed_s
from console.errors import System, SystemFault, Unavailable
from console.integrations.contact import Contact
from console.integrations.portal.portal import Portal
from console.integrations.salesforce.org import Salesforce
from console.integrations.whmcs.actions import Whmcs
from console.models.sync import SyncMark, SyncProgress, SyncReport
from console.rules.directory import person_of
from console.settings import WhmcsSettings
from console.workflows.client_details import ClientDetails
from console.workflows.synced_lists import AccountList, News, OrderList, SyncedList, client_list, invoice_list

_PEOPLE_EVERY_S, _BILLING_EVERY_S = 300, 300
# What no change tells of, as fields that were hidden from us, is found by reading everything again.
_WHOLE_EVERY_S = 24 * 3600
# So many changed orders are not looked up one by one: the people are read with them.
_MANY = 500
_OVERLAP = timedelta(seconds=120)
# Clients to be read one by one are looked for so often, and so many of them.
_DETAILS_EVERY_S, _DETAILS_AT_ONCE = 10.0, 30

_log = logging.getLogger(__name__)


class Sync:
    """Reads both systems' lists. Several processes may; `reads_for_everyone` tells which one does so by itself."""

    def __init__(
        self,
        salesforce: Salesforce,
        whmcs: Whmcs,
        portal: Portal,
        settings: WhmcsSettings,
        elapsed: Callable[[], float] = elapsed_s,
    ) -> None:
        """Read through both wires, write to the Portal database."""
        self._elapsed = elapsed
        self._contacts: dict[System, Contact] = {"salesforce": salesforce.session.contact, "whmcs": whmcs.contact}
        self._notifications = portal.notifications
        pace = settings.details_per_minute
        self._detail_pause_s = 60 / pace if pace else None
        self._directory = portal.directory
        self._lease = portal.sync_lease
        self._books = portal.books(person_of)
        self.details = ClientDetails(whmcs, self._books, settings.customer_number_field_id)
        self._orders, self._accounts = OrderList(salesforce, self._books), AccountList(salesforce, self._books)
        self._clients = client_list(whmcs, self._books)
        self._of_billing: tuple[SyncedList, ...] = (self._clients, invoice_list(whmcs, self._books))
        # Salesforce first: without WHMCS's lists people are found, too.
        self._lists: tuple[SyncedList, ...] = (self._orders, self._accounts, *self._of_billing)
        # Pages ask for it by themselves, several at once when the desk opens.
        self._one_reads = {one.name: asyncio.Lock() for one in self._lists}
        self._people_read = self._whole_read = elapsed()
        self._billing_read: float | None = None
        self._people_are_due = self._everything_is_asked = self._cancelled = False
        self._watchers: list[Callable[[SyncProgress | None], None]] = []

    def watch(self, tell: Callable[[SyncProgress | None], None]) -> None:
        """Have the progress of whole readings told, None at the end of each."""
        self._watchers.append(tell)

    def cancel(self) -> None:
        """End the reading of everything that is under way between two parts; what was read stays.

        A list that was never read to its end is then left as it is until somebody asks for everything.
        """
        self._cancelled = True

    async def reads_for_everyone(self) -> bool:
        """Whether this process is the one that reads the systems for all that share the database."""
        return self.may_read and await self._lease.try_take()

    @property
    def may_read(self) -> bool:
        """Whether this process may keep what it reads; at a desk of a team the worker does."""
        return self._books.may_write

    async def ask(self, *, everything: bool = False) -> None:
        """Ask the process that reads for everyone to do it now."""
        await self._books.wish(everything=everything)

    async def take_wishes(self) -> bool:
        """Whether others asked for a reading, which whoever takes it on does by a refresh.

        Where one of them asked for everything, `refresh_people` reads that.
        """
        wishes = await self._books.take_wishes()
        self._everything_is_asked = self._everything_is_asked or any(one.everything for one in wishes)
        return bool(wishes)

    def news(self) -> AsyncGenerator[str, None]:
        """Names of changed tables, as `Notifications.watch`."""
        return self._notifications.watch()

    async def answers(self) -> dict[System, datetime]:
        """When the systems last answered the process that reads for everyone."""
        return {system: at for system in self._contacts if (at := (await self._books.mark(system)).cursor)}

    async def keep_reading_details(self) -> None:
        """Read clients one by one at the set pace, as long as this process reads for everyone."""
        while True:
            if self._detail_pause_s is not None and await self._may_read_details():
                await self._read_details(self._detail_pause_s)
            await asyncio.sleep(_DETAILS_EVERY_S)

    async def _may_read_details(self) -> bool:
        try:
            return await self.reads_for_everyone()
        except SystemFault:
            return False

    async def _read_details(self, pause_s: float) -> None:
        try:
            for client_id in await self.details.due(_DETAILS_AT_ONCE):
                await self.details.read(client_id)
                await asyncio.sleep(pause_s)
        except SystemFault as fault:
            _log.info("a client was not read: %s", fault)

    async def read_at(self) -> datetime | None:
        """When the queue was last brought up to date, by whichever process; None where it never was."""
        return await self._books.last_read(self._orders.name)

    async def ensure(self) -> None:
        """Bring a data folder up that was never synced; do nothing for others.

        Where WHMCS does not answer, people are known by what Salesforce has of them; its lists are read later.
        """
        for one in self._lists:
            try:
                await self._ensure(one)
            except SystemFault as fault:
                if one not in self._of_billing:
                    raise
                _log.warning("%s are not read yet: %s", one.name, fault)

    async def ensure_orders(self) -> None:
        """As `ensure`, for the queue alone."""
        await self._ensure(self._orders)

    async def run(self, *, full: bool = False) -> SyncReport:
        """Read what changed since the last time, or everything.

        What can be read is read, also where one of the systems does not answer: its `SystemFault` is raised at the end.
        A desk of a team asks the worker for it, which takes its time.
        """
        if not self.may_read:
            await self.ask(everything=full)
            return await self._report(0, 0, time.monotonic())
        started, changed, removed = time.monotonic(), 0, 0
        self._cancelled = False
        troubles: list[SystemFault] = []
        for one in self._lists:
            if self._cancelled:
                break
            try:
                async with self._one_reads[one.name]:
                    news, gone = await (self._whole(one) if full else self._read(one))
            except SystemFault as fault:
                troubles.append(fault)
            else:
                changed, removed = changed + news.changed, removed + gone
        changed += await self._relink()
        await self.details.look_for_changes()
        if troubles:
            raise troubles[0]
        return await self._report(changed, removed, started)

    async def _report(self, changed: int, removed: int, started: float) -> SyncReport:
        return SyncReport(
            people=await self._directory.count(),
            orders=await self._directory.count_orders(),
            changed=changed,
            removed=removed,
            took_ms=round((time.monotonic() - started) * 1000),
            cancelled=self._cancelled,
        )

    async def refresh(self) -> None:
        """Bring the queue up to date, and the people where that is due."""
        await self.refresh_orders()
        await self.refresh_people()

    async def refresh_orders(self) -> None:
        """Bring the queue up to date, or ask who may to do it."""
        if not self.may_read:
            await self.ask()
            return
        async with self._one_reads[self._orders.name]:
            news, _ = await self._read(self._orders)
        if news.rows > _MANY or not await self._directory.has_accounts(news.accounts):
            self._people_are_due = True

    async def refresh_people(self) -> None:
        """Bring the people up to date where that is due, and everything once a day and where somebody asked for it.

        People change seldom, so they are asked for less often, and at once where an order names an unknown account.
        That WHMCS does not answer shows by itself and keeps nothing else from being read. For a desk of a team the
        worker does all this.
        """
        if not self.may_read:
            return
        if self._everything_is_asked or self._elapsed() - self._whole_read >= _WHOLE_EVERY_S:
            self._whole_read = self._elapsed()
            await self._run_without_billing()
            self._everything_is_asked = False
        due = self._people_are_due or self._elapsed() - self._people_read >= _PEOPLE_EVERY_S
        if due or await self._is_new(self._accounts):
            self._people_read, self._people_are_due = self._elapsed(), False
            async with self._one_reads[self._accounts.name]:
                await self._read(self._accounts)
        await self._relink()
        if self._billing_read is None or self._elapsed() - self._billing_read >= _BILLING_EVERY_S:
            await self._refresh_billing()
        await self._note_answers()

    async def _note_answers(self) -> None:
        """Tell those who do not ask the systems themselves."""
        for system, contact in self._contacts.items():
            if answered_at := contact.seen.answered_at:
                await self._books.keep(SyncMark(name=system, cursor=answered_at))

    async def _run_without_billing(self) -> None:
        """Read everything, of WHMCS if it answers."""
        try:
            await self.run(full=True)
        except SystemFault as fault:
            if fault.system != "whmcs":
                raise
            _log.warning("WHMCS's lists could not be read: %s", fault)

    async def _refresh_billing(self) -> None:
        self._billing_read = self._elapsed()
        try:
            for one in self._of_billing:
                async with self._one_reads[one.name]:
                    await self._read(one)
        except SystemFault as fault:
            _log.warning("WHMCS's lists could not be read: %s", fault)
        else:
            await self.details.look_for_changes()

    async def _is_new(self, one: SyncedList) -> bool:
        return (await self._books.mark(one.name)).cursor is None

    async def _ensure(self, one: SyncedList) -> None:
        if not await self._is_new(one):
            return
        if not self.may_read:
            raise Unavailable("portal", "sync", "nobody has read the systems yet: the worker does that for all desks")
        async with self._one_reads[one.name]:
            if await self._is_new(one):
                await self._whole(one)

    async def _read(self, one: SyncedList) -> tuple[News, int]:
        """What is new of a list, or the whole of it where it was never read to its end; and how many rows are gone."""
        mark = await self._books.mark(one.name)
        if mark.cursor is None or mark.began_at is not None:
            if self._cancelled:
                return News(0, 0, mark), 0
            return await self._whole(one)
        news = await one.news(mark)
        if not news.moved:
            await self._books.keep(news.mark)
            return news, 0
        # With the mark as it was the next look sees again that rows are gone.
        return (news, 0) if self._cancelled else await self._whole(one)

    async def _whole(self, one: SyncedList) -> tuple[News, int]:
        """Read a list to its end, from where a reading that was broken off stopped; then take out what was not seen."""
        before = mark = await self._books.mark(one.name)
        total = await one.count()
        if mark.began_at is None:
            mark = mark.model_copy(update={"round": mark.round + 1, "position": "", "began_at": one.now()})
            await self._books.keep(mark)
        changed, rows = 0, await self._books.count_seen(one.name, mark.round)
        try:
            async for part in one.whole(mark):
                changed, rows, total = changed + part.changed, rows + part.rows, part.total or total
                mark = mark.model_copy(update={"position": part.position})
                await self._books.keep(mark)
                self._tell(SyncProgress(name=one.name, read=rows, total=total))
                if self._cancelled:
                    await self._set_down(before, mark.round)
                    return News(changed, rows, mark), 0
            first = mark.cursor is None
            removed = await self._books.sweep(one.name, mark.round)
            mark = mark.model_copy(update={"cursor": mark.began_at, "began_at": None})
            await self._books.keep(mark)
            if first and one is self._clients:
                # What was assumed of links before is known now.
                await self._books.judge_all()
        finally:
            self._tell(None)
        return News(changed, rows, mark), removed

    async def _set_down(self, before: SyncMark, round_number: int) -> None:
        """Where a list was read to its end once, what is new is asked for as before."""
        if before.cursor is not None:
            await self._books.keep(before.model_copy(update={"began_at": None, "round": round_number}))

    async def _relink(self) -> int:
        """Bring those up to date who were linked meanwhile, by whichever process."""
        known = await self._books.links_known()
        before = await self._books.mark(known.name)
        if known == before:
            return 0
        # Clocks of those who link differ a little.
        changed = await self._books.relink(before.cursor - _OVERLAP if before.cursor else None)
        await self._books.keep(known)
        return changed

    def _tell(self, progress: SyncProgress | None) -> None:
        for tell in self._watchers:
            tell(progress)
