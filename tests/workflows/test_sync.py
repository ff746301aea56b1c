"""The directory and the queue after a sync are what both systems' books say, whatever happens meanwhile."""

import asyncio
import contextlib
import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import make_url

from console.errors import ConsoleError, SystemFault, Unavailable
from console.integrations.portal.database import Database
from console.integrations.portal.roles import Roles
from console.models.customer import Link, LinkState, Person, PortalUser
from console.models.staff import Role, StaffMember
from console.models.sync import SyncProgress
from console.rules.directory import person_of
from console.sandbox.faults import Fault
from console.sandbox.salesforce_times import wire_datetime
from console.sandbox.whmcs_store import Client
from console.services import Services, open_services
from console.settings import PortalSettings
from tests.postgres import new_database, server
from tests.workflows.desk_bench import Bench
from tests.workflows.sync_books import held, in_the_books

# What breaks an answer of either system; those that are about changes only are left out.
_KINDS = ("drop", "html", "html_200", "truncated", "empty", "server_error", "refuse")
_OF_SALESFORCE = (*_KINDS, "request_limit", "invalid_session", "header_too_large")
_OF_WHMCS = (*_KINDS, "php_notice", "no_result", "warning_only", "access_ip", "access_role")


def change(bench: Bench, table: str, record_id: str, **values: Any) -> None:
    """A record of the org with other values, saved now."""
    row = bench.sandbox.salesforce.tables[table][record_id]
    stamp = wire_datetime(bench.sandbox.clock.now())
    bench.sandbox.salesforce.put(table, row | values | {"SystemModstamp": stamp})


def ids(bench: Bench, table: str) -> list[str]:
    """The ids of an object's records; of accounts those with a customer number."""
    rows = bench.sandbox.salesforce.tables[table]
    return [key for key, row in rows.items() if table != "Account" or row["Customer_Number__c"]]


def new_client(bench: Bench, first_name: str) -> Client:
    """A client that WHMCS did not have before."""
    clients = bench.sandbox.world.whmcs.clients
    number = max(client.id for client in clients) + 1
    made = Client(id=number, uuid=str(number), firstname=first_name, lastname="Reibun", email=f"{number}@example.jp")
    clients.append(made)
    return made


async def person(desk: Services, text: str) -> Person:
    """The one customer with an id."""
    found = await desk.portal.directory.person(text)
    assert found
    return found


def test_a_full_sync_holds_every_account_client_order_and_invoice(fresh_bench: Bench) -> None:
    async def full(desk: Services, me: StaffMember) -> None:
        report = await desk.sync.run(full=True)
        rows = await held(desk)
        assert rows == in_the_books(fresh_bench)
        assert (report.people, report.orders) == (len(rows.people), len(rows.orders))
        assert rows.invoices

    fresh_bench.run(full)


def test_what_nobody_changed_changes_nothing(fresh_bench: Bench) -> None:
    async def again(desk: Services, me: StaffMember) -> None:
        await desk.sync.run(full=True)
        for full in (False, True):
            report = await desk.sync.run(full=full)
            assert (report.changed, report.removed) == (0, 0)

    fresh_bench.run(again)


def test_the_next_sync_reads_only_what_changed(fresh_bench: Bench) -> None:
    order_id = fresh_bench.orders("In Review")[0]

    async def twice(desk: Services, me: StaffMember) -> None:
        await desk.sync.run()
        fresh_bench.sandbox.clock.advance(600)
        await desk.deciding.reject(order_id, me, "not wanted")
        calls = desk.whmcs.calls.copy()
        report = await desk.sync.run()
        assert report.changed == 1
        # One look behind the end of each list, and one at the log.
        assert desk.whmcs.calls - calls == {"GetClients": 1, "GetInvoices": 1, "GetActivityLog": 1}
        [row] = [row for row in await desk.portal.directory.orders() if row.order_id == order_id]
        assert row.state.value == "rejected"

    fresh_bench.run(twice)


def test_what_is_changed_deleted_and_brought_back_is_followed_without_reading_everything(fresh_bench: Bench) -> None:
    org = fresh_bench.sandbox.salesforce
    account, gone, renumbered, nobodys = ids(fresh_bench, "Account")[:4]
    orders = [key for key, row in org.tables["Order"].items() if row["AccountId"] not in (gone, renumbered)]
    contact = next(key for key, row in org.tables["Contact"].items() if row["AccountId"] == account)
    lost_contact = next(key for key, row in org.tables["Contact"].items() if row["AccountId"] == nobodys)

    async def followed(desk: Services, me: StaffMember) -> None:
        await desk.sync.run(full=True)
        fresh_bench.sandbox.clock.advance(600)
        kept = org.tables["Order"][orders[0]]
        change(fresh_bench, "Account", account, Name="森川 葵")
        change(fresh_bench, "Contact", contact, Email="new.address@example.jp")
        change(fresh_bench, "Account", renumbered, Customer_Number__c=None)
        for key in [key for key, row in org.tables["Order"].items() if row["AccountId"] == gone]:
            org.remove("Order", key)
        org.remove("Account", gone)
        org.remove("Contact", lost_contact)
        for key in orders[:2]:
            org.remove("Order", key)
        new_client(fresh_bench, "Hana")
        await desk.sync.run()
        assert await held(desk) == in_the_books(fresh_bench)
        fresh_bench.sandbox.clock.advance(600)
        org.put("Order", kept | {"IsDeleted": False, "SystemModstamp": wire_datetime(fresh_bench.sandbox.clock.now())})
        await desk.sync.run()
        assert await held(desk) == in_the_books(fresh_bench)

    fresh_bench.run(followed)


def test_a_client_that_is_gone_from_whmcs_leaves_the_directory(fresh_bench: Bench) -> None:
    books = fresh_bench.sandbox.world.whmcs

    async def gone(desk: Services, me: StaffMember) -> None:
        await desk.sync.run(full=True)
        del books.clients[3]
        del books.invoices[:2]
        await desk.sync.run()
        assert await held(desk) == in_the_books(fresh_bench)

    fresh_bench.run(gone)


def test_a_stamp_that_is_seen_late_is_read_all_the_same(fresh_bench: Bench) -> None:
    account = ids(fresh_bench, "Account")[0]

    async def late(desk: Services, me: StaffMember) -> None:
        await desk.sync.run(full=True)
        fresh_bench.sandbox.clock.advance(600)
        await desk.sync.run()
        row = fresh_bench.sandbox.salesforce.tables["Account"][account]
        stamp = wire_datetime(fresh_bench.sandbox.clock.now() - timedelta(seconds=90))
        fresh_bench.sandbox.salesforce.put("Account", row | {"Name": "Late Reibun", "SystemModstamp": stamp})
        await desk.sync.run()
        assert (await person(desk, account)).name == "Late Reibun"

    fresh_bench.run(late)


def test_a_link_that_contradicts_the_account_shows_in_the_list(fresh_bench: Bench) -> None:
    order = fresh_bench.in_salesforce(fresh_bench.order_for("LNK-07 approved"))

    async def conflict(desk: Services, me: StaffMember) -> LinkState:
        await desk.sync.ensure()
        return (await person(desk, order["AccountId"])).link

    assert fresh_bench.run(conflict) is LinkState.CONFLICT


def test_who_is_linked_by_another_process_is_linked_in_the_list(fresh_bench: Bench) -> None:
    org = fresh_bench.sandbox.salesforce

    async def linked(desk: Services, me: StaffMember) -> None:
        await desk.sync.run(full=True)
        linked_ids = {row.salesforce_account_id for row in await desk.portal.links.all()}
        account = next(key for key in ids(fresh_bench, "Account") if key not in linked_ids)
        client = new_client(fresh_bench, "Hana")
        user_id = "7f1de2f0-6a3c-4a5e-9d0b-2f6f3a1c9bff"
        link = Link(portal_user_id=user_id, whmcs_client_id=client.id, salesforce_account_id=account)
        user = PortalUser(id=user_id, email="hana@example.jp", name="", state="active")
        await desk.portal.links.add(link, user, me.name)
        await desk.sync.run()
        assert (await person(desk, account)).portal_user_id in (
            user_id,
            org.tables["Account"][account]["Portal_User_Id__c"],
        )
        before = await desk.portal.directory.count()
        assert (await desk.sync.run()).changed == 0
        assert await desk.portal.directory.count() == before

    fresh_bench.run(linked)


def test_a_reading_of_the_client_itself_tells_its_numbers_and_whether_they_agree(fresh_bench: Bench) -> None:
    books = fresh_bench.sandbox.world.whmcs
    field_id = fresh_bench.profile.whmcs.customer_number_field_id

    async def compared(desk: Services, me: StaffMember) -> None:
        await desk.sync.run(full=True)
        linked = next(one for one in (await desk.portal.directory.search("a", 50)) if one.link is LinkState.LINKED)
        assert linked.link_checked_at is None
        client = next(one for one in books.clients if one.id == linked.whmcs_client_id)
        client.customfields[field_id] = "C-9999999"
        await desk.sync.details.read(client.id)
        after = await person(desk, linked.salesforce_account_id or "")
        assert after.link is LinkState.CONFLICT
        assert after.link_checked_at

    fresh_bench.run(compared)


def test_clients_with_open_orders_are_read_first_and_the_log_says_who_changed(fresh_bench: Bench) -> None:
    tables = fresh_bench.sandbox.salesforce.tables

    async def due(desk: Services, me: StaffMember) -> None:
        await desk.sync.run(full=True)
        first = await desk.sync.details.due(5)
        waiting = {row["AccountId"] for row in tables["Order"].values() if row["Status"] in ("In Review", "Approved")}
        known = {int(tables["Account"][key]["Whmcs_Client_Id__c"] or 0) for key in waiting}
        assert set(first) <= known
        while some := await desk.sync.details.due(500):
            for client_id in some:
                await desk.sync.details.read(client_id)
        await desk.sync.run()
        assert await desk.sync.details.due(5) == []
        await desk.whmcs.log_activity("Modified Client", first[0])
        await desk.sync.run()
        assert await desk.sync.details.due(5) == [first[0]]

    fresh_bench.run(due)


def test_pages_that_open_together_bring_a_new_folder_up_once(fresh_bench: Bench) -> None:
    async def together(desk: Services, me: StaffMember) -> int:
        before = fresh_bench.calls("salesforce", "query")
        await asyncio.gather(desk.sync.ensure(), desk.orders.queue(), desk.sync.ensure())
        together = fresh_bench.calls("salesforce", "query") - before
        await desk.sync.run(full=True)
        return fresh_bench.calls("salesforce", "query") - before - 2 * together

    assert fresh_bench.run(together) == 0


def test_without_whmcs_people_are_known_by_what_salesforce_has(fresh_bench: Bench) -> None:
    fresh_bench.sandbox.board.add(Fault(system="whmcs", kind="drop", count=10_000))

    async def known(desk: Services, me: StaffMember) -> None:
        await desk.sync.ensure()
        hits = await desk.lookup.find(ids(fresh_bench, "Account")[0])
        assert [one.salesforce_account_id for one in hits.people] == ids(fresh_bench, "Account")[:1]
        with pytest.raises(SystemFault):
            await desk.sync.run()

    fresh_bench.run(known)


def test_a_reading_that_is_cancelled_keeps_what_it_read_and_goes_on_later(fresh_bench: Bench) -> None:
    told: list[SyncProgress | None] = []

    async def cancelled(desk: Services, me: StaffMember) -> None:
        desk.sync.watch(told.append)
        desk.sync.watch(lambda _: desk.sync.cancel())
        report = await desk.sync.run(full=True)
        assert report.cancelled
        assert report.orders == len(fresh_bench.sandbox.salesforce.tables["Order"])
        assert report.people == 0
        assert told[-1] is None
        assert told[0] == SyncProgress(name="orders", read=report.orders, total=report.orders)

    async def whole(desk: Services, me: StaffMember) -> None:
        await desk.sync.run()
        assert await held(desk) == in_the_books(fresh_bench)

    fresh_bench.run(cancelled)
    fresh_bench.run(whole)


def test_of_two_desks_one_reads_and_does_what_the_other_asks(fresh_bench: Bench) -> None:
    order_id = fresh_bench.orders("In Review")[0]

    async def first(desk: Services, me: StaffMember) -> None:
        assert await desk.sync.reads_for_everyone()
        await desk.sync.refresh()

        async def second(other: Services, _: StaffMember) -> None:
            assert not await other.sync.reads_for_everyone()
            await other.deciding.reject(order_id, me, "not wanted")
            before = fresh_bench.calls("salesforce", "query")
            await other.sync.ask()
            assert fresh_bench.calls("salesforce", "query") == before
            assert set(await other.sync.answers()) == {"salesforce", "whmcs"}

        await asyncio.to_thread(fresh_bench.run, second)
        assert await desk.sync.take_wishes()
        assert not await desk.sync.take_wishes()
        await desk.sync.refresh()
        [row] = [row for row in await desk.portal.directory.orders() if row.order_id == order_id]
        assert row.state.value == "rejected"

    fresh_bench.run(first)


def test_a_desk_whose_login_has_a_role_reads_nothing_itself_and_shows_what_the_worker_read(fresh_bench: Bench) -> None:
    async def worked(url: str) -> None:
        own = fresh_bench.profile.model_copy(update={"portal": PortalSettings(database_url=url)})
        login = str(make_url(url).set(username="y.shirai"))
        desks = fresh_bench.profile.model_copy(update={"portal": PortalSettings(database_url=login)})
        await _with_a_desk_login(url, "y.shirai")
        async with open_services(own, fresh_bench.folder) as worker:
            async with open_services(desks, fresh_bench.folder, at_a_desk=True) as desk:
                with pytest.raises(Unavailable, match="nobody has read the systems yet"):
                    await desk.orders.queue()
            await worker.sync.run(full=True)
            async with open_services(desks, fresh_bench.folder, at_a_desk=True) as desk:
                me = await desk.me()
                assert not await desk.sync.reads_for_everyone()
                assert len(await desk.orders.queue()) == len(fresh_bench.sandbox.salesforce.tables["Order"])
                await desk.failures.all_open()
                assert (await desk.sync.run(full=True)).people == (await worker.portal.directory.count())
                assert desk.salesforce.session.calls["poll"] == 0
                assert desk.whmcs.calls.total() == 0
                approved = fresh_bench.orders("Approved")[0]
                put = await desk.portal.commands.put("provision", approved, "{}", me, protocol=1)
                assert put.asked_by == "Yuki Shirai"
            assert await worker.sync.take_wishes()

    with server() as uri:
        asyncio.run(worked(new_database(uri)))


async def _with_a_desk_login(url: str, login: str) -> None:
    """A database of a team, with a supervisor's login."""
    database = Database(url)
    await database.migrate()
    roles = Roles(database)
    await roles.create()
    await database.run(lambda connection: connection.exec_driver_sql(f'CREATE ROLE "{login}" LOGIN'))
    roles_of_hers = frozenset({Role.SUPERVISOR})
    person = StaffMember(user_id="0055g0000000002AAA", name="Yuki Shirai", username="", roles=roles_of_hers)
    await roles.assign(login, Role.SUPERVISOR, person)
    await database.aclose()


def test_everything_that_another_process_asks_for_is_read_also_where_it_fails_at_first(fresh_bench: Bench) -> None:
    async def asked(desk: Services, me: StaffMember) -> None:
        await desk.sync.refresh()
        order_id = fresh_bench.orders("In Review")[0]
        await desk.portal.books(person_of).put_orders((), [order_id], 1)
        await desk.sync.ask(everything=True)
        assert await desk.sync.take_wishes()
        fresh_bench.sandbox.board.add(Fault(system="salesforce", kind="drop", count=10_000))
        with pytest.raises(SystemFault):
            await desk.sync.refresh_people()
        fresh_bench.sandbox.board.remove()
        await desk.sync.refresh_people()
        assert await held(desk) == in_the_books(fresh_bench)

    fresh_bench.run(asked)


def test_after_a_cancelled_reading_rows_that_are_gone_are_found_by_the_next_one(fresh_bench: Bench) -> None:
    async def cancelled(desk: Services, me: StaffMember) -> None:
        await desk.sync.run(full=True)
        desk.sync.watch(lambda _: desk.sync.cancel())
        assert (await desk.sync.run(full=True)).cancelled
        del fresh_bench.sandbox.world.whmcs.clients[3]

    async def whole(desk: Services, me: StaffMember) -> None:
        await desk.sync.run()
        assert await held(desk) == in_the_books(fresh_bench)

    fresh_bench.run(cancelled)
    fresh_bench.run(whole)


@pytest.mark.parametrize(
    ("system", "kind"),
    [*(("salesforce", kind) for kind in _OF_SALESFORCE), *(("whmcs", kind) for kind in _OF_WHMCS)],
)
def test_whatever_breaks_once_the_sync_ends_equal_to_the_books(fresh_bench: Bench, system: Any, kind: Any) -> None:
    """Each call of the sync is broken in turn, in reading everything and in reading what is new."""

    async def broken(desk: Services, me: StaffMember) -> None:
        for full in (True, False):
            for call in range(1, 7):
                fresh_bench.sandbox.clock.advance(600)
                _shake(fresh_bench, random.Random(call))
                fault = Fault(system=system, kind=kind, call=call, message="no")
                fresh_bench.sandbox.board.add(fault)
                await _try_to(desk, full=full)
                fresh_bench.sandbox.board.remove()
        await _end(desk)
        assert await held(desk) == in_the_books(fresh_bench)

    fresh_bench.run(broken)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_breaks_together_the_sync_ends_equal_to_the_books(fresh_bench: Bench, seed: int) -> None:
    """Faults of both systems mixed, desks that end in the middle, and books that change all the time."""
    rng = random.Random(seed)

    async def storm(desk: Services, me: StaffMember) -> None:
        for _ in range(4):
            for system, kinds in (("salesforce", _OF_SALESFORCE), ("whmcs", _OF_WHMCS)):
                kind, call = rng.choice(kinds), rng.randint(1, 8)
                fault = {"system": system, "kind": kind, "call": call, "count": rng.randint(1, 3), "message": "no"}
                fresh_bench.sandbox.board.add(Fault.model_validate(fault))
            fresh_bench.sandbox.clock.advance(rng.randint(0, 400))
            _shake(fresh_bench, rng)
            reading = asyncio.ensure_future(_try_to(desk, full=rng.random() < 0.4))
            if rng.random() < 0.3:
                await asyncio.sleep(0)
                reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            fresh_bench.sandbox.board.remove()

    async def settled(desk: Services, me: StaffMember) -> None:
        fresh_bench.sandbox.clock.advance(600)
        await _end(desk)
        assert await held(desk) == in_the_books(fresh_bench)

    for _ in range(3):
        fresh_bench.run(storm)
    fresh_bench.run(settled)


async def _try_to(desk: Services, *, full: bool) -> None:
    with contextlib.suppress(ConsoleError):
        await desk.sync.run(full=full)


async def _end(desk: Services) -> None:
    """Ask until both systems answer again: one that was lost too often is spared for a moment."""
    desk.whmcs.ask_afresh()
    async with asyncio.timeout(20):
        while True:
            try:
                await desk.sync.run()
            except SystemFault:
                desk.whmcs.ask_afresh()
            else:
                return


def _shake(bench: Bench, rng: random.Random) -> None:
    """Something changes in the books of both systems."""
    org, books = bench.sandbox.salesforce, bench.sandbox.world.whmcs
    account, order = rng.choice(ids(bench, "Account")), rng.choice(ids(bench, "Order"))
    change(bench, "Account", account, Name=f"例示 {rng.randint(1, 999)}")
    change(bench, "Order", order, Status=rng.choice(["In Review", "Rejected"]))
    contact = rng.choice(list(org.tables["Contact"]))
    change(bench, "Contact", contact, Email=f"c{rng.randint(1, 999)}@example.jp")
    if rng.random() < 0.5:
        org.remove("Order", rng.choice(ids(bench, "Order")))
    if rng.random() < 0.5:
        new_client(bench, f"Hana{rng.randint(1, 999)}")
    if rng.random() < 0.3:
        del books.invoices[rng.randrange(len(books.invoices))]
