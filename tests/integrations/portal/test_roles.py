"""What each role of a shared database is refused, tried by logins of that role on a real PostgreSQL."""

import asyncio
import itertools
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.errors import InsufficientPrivilege, InvalidTextRepresentation, UniqueViolation
from sqlalchemy import make_url

from console.errors import AccessRefused, Conflict, InvalidInput
from console.integrations.portal.database import Database
from console.integrations.portal.portal import Portal
from console.integrations.portal.roles import Roles
from console.integrations.portal.tables import metadata
from console.models.command import BulkState, CommandState
from console.models.customer import Link, PortalUser
from console.models.money import Money
from console.models.order import Activation, OrderKind, OrderState, OrderSummary
from console.models.staff import Role, StaffMember
from console.rules.directory import person_of
from console.workflows.durable import DurableWorkflows, migrate_workflows
from tests import postgres
from tests.integrations.portal.portal_bench import ACCOUNT, OTHER_ACCOUNT, OTHER_USER, USER, PortalBench, person

T = TypeVar("T")

_ORDER = "8015g0000000001AAA"
_DESK_ROLES = (Role.SUPPORT, Role.BACK_OFFICE, Role.SUPERVISOR)
_numbers = itertools.count(1)
_PUT = "SELECT staff_console_put_command('provision', %s, '{}', 1, %s, %s, %s)"


@dataclass
class Team:
    """A database with its roles, and a login for each of them; every login belongs to a person of that name."""

    portal: PortalBench
    url: str
    logins: dict[Role, str]

    @contextmanager
    def at(self, who: Role | str | None) -> Iterator[psycopg.Connection[Any]]:
        """A connection of somebody's; None is the owner of the tables."""
        login = self.logins[who] if isinstance(who, Role) else who
        with psycopg.connect(make_conninfo(self.url, user=login), autocommit=True) as connection:
            yield connection

    def do(self, who: Role | str | None, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """One statement, and the rows that it gives."""
        with self.at(who) as connection:
            cursor = connection.execute(statement.encode(), values or None)
            return cursor.fetchall() if cursor.description else []

    def assign(self, login: str, role: Role, name: str, user_id: str) -> None:
        person = StaffMember(user_id=user_id, name=name, username="", roles=frozenset({role}))
        in_database(self.url, lambda roles: roles.assign(login, role, person))


def in_database(url: str, work: Callable[[Roles], Any]) -> None:
    async def opened() -> None:
        database = Database(url)
        try:
            await work(Roles(database))
        finally:
            await database.aclose()

    asyncio.run(opened())


def new_login(uri: str) -> str:
    login = f"y.shirai{next(_numbers)}"
    with psycopg.connect(uri, autocommit=True) as administrator:
        administrator.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(login)))
    return login


@pytest.fixture(scope="module")
def team(postgres_uri: str) -> Team:
    url = postgres.new_database(postgres_uri)
    portal = PortalBench(url)
    portal.run(lambda opened: opened.journal.audit("Marta Lindgren", "approved", _ORDER, "looks right"))
    in_database(url, lambda roles: roles.create())
    team = Team(portal, url, {role: new_login(postgres_uri) for role in Role})
    for role, login in team.logins.items():
        team.assign(login, role, f"Person of {role.value}", f"005{role.value:A<15}")
    return team


def refused(team: Team, who: Role | str, statement: str, *values: object) -> None:
    with pytest.raises(InsufficientPrivilege):
        team.do(who, statement, *values)


@pytest.mark.parametrize("who", Role)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_log SET detail = 'never happened'",
        "UPDATE audit_log SET detail = '' WHERE false",
        "DELETE FROM audit_log",
        "TRUNCATE audit_log",
        "DROP TABLE audit_log",
        "INSERT INTO audit_log (at, actor, action, subject, detail) VALUES ('2020-01-01', 'A', 'b', 'c', '')",
        "INSERT INTO audit_log (hash, actor, action, subject, detail) VALUES ('0', 'A', 'b', 'c', '')",
        "INSERT INTO audit_log (login, actor, action, subject, detail) VALUES ('me', 'A', 'b', 'c', '')",
        "UPDATE audit_head SET hash = ''",
        "DELETE FROM audit_head",
        "INSERT INTO audit_head VALUES (99, '')",
        "UPDATE staff_logins SET name = 'The boss', salesforce_user_id = '0055g0000000001AAA'",
        "INSERT INTO staff_logins VALUES ('me', 'The boss', '0055g0000000001AAA')",
        "DELETE FROM staff_logins",
        "UPDATE alembic_version SET version_num = '9999'",
        "ALTER TABLE audit_log DISABLE TRIGGER ALL",
        "DROP TRIGGER staff_console_audit_refuse ON audit_log",
        "SET session_replication_role = replica",
        "CREATE FUNCTION staff_console_refuse() RETURNS void LANGUAGE sql AS ''",
        "CREATE TABLE links_of_mine (id integer)",
        "SELECT staff_console_asker('staff_console_support')",
        "CREATE ROLE somebody LOGIN",
    ],
)
def test_what_nobody_may_do_whatever_the_role(team: Team, who: Role, statement: str) -> None:
    refused(team, who, statement)


@pytest.mark.parametrize("who", _DESK_ROLES)
@pytest.mark.parametrize("table", sorted(metadata.tables))
def test_a_desk_reads_every_table_and_changes_none_by_itself(team: Team, who: Role, table: str) -> None:
    team.do(who, f"SELECT * FROM {table}")
    column = next(iter(metadata.tables[table].c)).name
    refused(team, who, f"UPDATE {table} SET {column} = {column}")
    refused(team, who, f"DELETE FROM {table}")
    refused(team, who, f"TRUNCATE {table} CASCADE")
    refused(team, who, f"INSERT INTO {table} ({column}) VALUES (NULL)")


@pytest.mark.parametrize("table", sorted(set(metadata.tables) - {"audit_log", "audit_head", "staff_logins"}))
def test_the_worker_writes_all_but_what_shows_who_did_what(team: Team, table: str) -> None:
    column = next(iter(metadata.tables[table].c)).name
    team.do(Role.WORKER, f"UPDATE {table} SET {column} = {column} WHERE false")
    team.do(Role.WORKER, f"DELETE FROM {table} WHERE false")
    refused(team, Role.WORKER, f"TRUNCATE {table} CASCADE")


def test_the_worker_opens_cases_under_numbers_of_the_server(team: Team) -> None:
    rows = team.do(
        Role.WORKER,
        "INSERT INTO cases (order_id, order_number, code, detail, raw, opened_at, owner, attempts) "
        "VALUES ('8015g0000000009AAA', '9', 'PAY-01', '', '', now(), '', 1) RETURNING case_id",
    )
    assert len(rows) == 1


def test_a_login_without_a_role_sees_nothing(team: Team, postgres_uri: str) -> None:
    stranger = new_login(postgres_uri)
    for statement in ("SELECT * FROM directory", "SELECT * FROM audit_log", "DELETE FROM links"):
        refused(team, stranger, statement)
    refused(team, stranger, _PUT, _ORDER, None, None, None)


@pytest.mark.parametrize("who", _DESK_ROLES)
def test_the_audit_log_names_the_person_of_the_login_whatever_the_desk_says(team: Team, who: Role) -> None:
    team.do(who, "INSERT INTO audit_log (actor, action, subject, detail) VALUES ('The boss', 'x', 'y', '')")
    [(actor, login)] = team.do(None, "SELECT actor, login FROM audit_log ORDER BY id DESC LIMIT 1")
    assert (actor, login) == (f"Person of {who.value}", team.logins[who])


def test_the_worker_tells_for_whom_it_writes_and_its_login_is_noted(team: Team) -> None:
    team.do(Role.WORKER, "INSERT INTO audit_log (actor, action, subject, detail) VALUES ('Sara Ono', 'x', 'y', '')")
    [found] = team.do(None, "SELECT actor, login FROM audit_log ORDER BY id DESC LIMIT 1")
    assert found == ("Sara Ono", team.logins[Role.WORKER])


def test_a_role_that_was_given_by_hand_makes_nobody_a_person(team: Team, postgres_uri: str) -> None:
    login = new_login(postgres_uri)
    team.do(None, f'GRANT staff_console_supervisor TO "{login}"')
    refused(team, login, _PUT, _ORDER, None, None, None)
    team.do(login, "INSERT INTO audit_log (actor, action, subject, detail) VALUES ('The boss', 'x', 'y', '')")
    assert team.do(None, "SELECT actor FROM audit_log ORDER BY id DESC LIMIT 1") == [(login,)]


def test_back_office_and_supervisors_ask_for_provisioning_under_their_own_name(team: Team) -> None:
    for number, who in enumerate((Role.BACK_OFFICE, Role.SUPERVISOR)):
        subject = f"80{number}-own-name"
        [(put,)] = team.do(who, _PUT, subject, None, None, None)
        [row] = team.do(who, "SELECT asked_by, asked_as, state, arguments FROM commands WHERE id = %s", put)
        assert row == (f"Person of {who.value}", f"005{who.value:A<15}", "waiting", "{}")
        assert team.do(who, _PUT, subject, None, None, None) == [(put,)]


def test_a_click_makes_a_timed_retry_due_now_under_the_name_of_who_clicked(team: Team) -> None:
    [(put,)] = team.do(Role.BACK_OFFICE, _PUT, "801-later", "2099-01-01T00:00:00Z", None, None)
    assert team.do(Role.SUPERVISOR, _PUT, "801-later", None, None, None) == [(put,)]
    [row] = team.do(None, "SELECT asked_by, not_before FROM commands WHERE id = %s", put)
    assert row == ("Person of supervisor", None)
    team.do(Role.BACK_OFFICE, _PUT, "801-later", "2098-01-01T00:00:00Z", None, None)
    assert team.do(None, "SELECT not_before FROM commands WHERE id = %s", put) == [(None,)]


def test_a_click_takes_an_order_out_of_a_run_and_a_run_leaves_out_what_is_asked_for_already(team: Team) -> None:
    [(run,)] = team.do(Role.BACK_OFFICE, "SELECT staff_console_create_run(1, 0, 0)")
    [(put,)] = team.do(Role.BACK_OFFICE, _PUT, "801-in-turn", None, run, 0)
    assert team.do(Role.BACK_OFFICE, _PUT, "801-in-turn", None, run, 1) == [(None,)]
    assert team.do(Role.SUPERVISOR, _PUT, "801-in-turn", "2099-01-01T00:00:00Z", None, None) == [(put,)]
    row = "SELECT asked_by, bulk_id, position FROM commands WHERE id = %s"
    assert team.do(None, row, put) == [("Person of back_office", run, 0)]
    assert team.do(Role.SUPERVISOR, _PUT, "801-in-turn", None, None, None) == [(put,)]
    assert team.do(None, row, put) == [("Person of supervisor", None, None)]


def test_only_the_worker_carries_workflows_out(postgres_uri: str) -> None:
    url = postgres.new_database(postgres_uri)
    team = Team(PortalBench(url), url, {role: new_login(postgres_uri) for role in (Role.SUPERVISOR, Role.WORKER)})

    async def prepared(opened: Portal) -> None:
        await asyncio.to_thread(migrate_workflows, opened.workflow_database, 1)

    team.portal.run(prepared)
    in_database(url, lambda roles: roles.create())
    for role, login in team.logins.items():
        team.assign(login, role, role.value, "0055g0000000001AAA")
    ran: list[str] = []
    done = threading.Event()

    def step(command_id: str) -> None:
        ran.append(command_id)
        done.set()

    async def at_work() -> None:
        database = Database(make_url(url).set(username=team.logins[Role.WORKER]).render_as_string())
        workflows = DurableWorkflows(database.for_workflows(), "worker", 1, step)
        await workflows.launch()
        try:
            await workflows.run("a-command")
            assert await asyncio.to_thread(done.wait, 20)
        finally:
            await workflows.close()
            await database.aclose()

    asyncio.run(at_work())
    assert ran == ["a-command"]
    refused(team, Role.SUPERVISOR, "SELECT * FROM dbos.workflow_status")


def test_support_asks_for_no_provisioning_and_nobody_for_what_is_not_known(team: Team) -> None:
    refused(team, Role.SUPPORT, _PUT, _ORDER, None, None, None)
    unknown = "SELECT staff_console_put_command('refund', 'x', '{}', 1, NULL, NULL, NULL)"
    for who in Role:
        refused(team, who, unknown)


def test_arguments_are_a_json_object(team: Team) -> None:
    with_list = "SELECT staff_console_put_command('provision', 'x', '[]', 1, NULL, NULL, NULL)"
    refused(team, Role.SUPERVISOR, with_list)
    with pytest.raises(InvalidTextRepresentation):
        team.do(Role.SUPERVISOR, with_list.replace("[]", "{"))


def test_a_run_over_many_orders_is_stopped_by_who_asked_or_a_supervisor(team: Team) -> None:
    [(run,)] = team.do(Role.BACK_OFFICE, "SELECT staff_console_create_run(2, 0.5, 3)")
    [(put,)] = team.do(Role.BACK_OFFICE, _PUT, "801-of-run", None, run, 0)
    change = "SELECT staff_console_change_run(%s, %s)"
    assert team.do(Role.BACK_OFFICE, change, run, "running") == [(True,)]
    assert team.do(Role.BACK_OFFICE, change, run, "running") == [(False,)]
    refused(team, Role.SUPPORT, change, run, "paused")
    refused(team, Role.BACK_OFFICE, change, run, "done")
    refused(team, Role.SUPERVISOR, _PUT, "801-into-run", None, run, 1)
    assert team.do(Role.SUPERVISOR, change, run, "cancelled") == [(True,)]
    assert team.do(None, "SELECT state FROM commands WHERE id = %s", put) == [("cancelled",)]
    assert team.do(Role.SUPERVISOR, change, run, "running") == [(False,)]

    [(boss_run,)] = team.do(Role.SUPERVISOR, "SELECT staff_console_create_run(1, 0, 0)")
    refused(team, Role.BACK_OFFICE, change, boss_run, "cancelled")
    refused(team, Role.SUPPORT, "SELECT staff_console_create_run(1, 0, 0)")


def test_a_link_is_written_and_audited_under_the_name_of_the_login(team: Team) -> None:
    write = "SELECT staff_console_link(%s, %s, %s, %s, 'Aoi', 'active')"
    team.do(Role.SUPPORT, write, USER, 5001, ACCOUNT, "aoi@example.jp")
    [row] = team.do(None, "SELECT whmcs_client_id, linked_by FROM links WHERE portal_user_id = %s", USER)
    assert row == (5001, "Person of support")
    [found] = team.do(None, "SELECT actor, action FROM audit_log WHERE subject = %s", ACCOUNT)
    assert found == ("Person of support", "link")
    with pytest.raises(UniqueViolation):
        team.do(Role.SUPERVISOR, write, OTHER_USER, 5001, OTHER_ACCOUNT, "ren@example.jp")
    assert team.do(None, "SELECT 1 FROM portal_users WHERE id = %s", OTHER_USER) == []


def test_cases_are_opened_and_closed_by_back_office(team: Team) -> None:
    write = "SELECT staff_console_open_case(%s, '42', %s, 'stuck', now())"
    [(first,)] = team.do(Role.BACK_OFFICE, write, _ORDER, "PAY-01")
    assert team.do(Role.SUPERVISOR, write, _ORDER, "PAY-01") == [(first,)]
    [(second,)] = team.do(Role.SUPERVISOR, write, _ORDER, "PRV-01")
    assert team.do(None, "SELECT case_id FROM cases WHERE order_id = %s AND closed_at IS NULL", _ORDER) == [(second,)]
    close = "SELECT staff_console_close_case(%s)"
    refused(team, Role.SUPPORT, close, _ORDER)
    refused(team, Role.SUPPORT, write, _ORDER, "PAY-01")
    assert team.do(Role.BACK_OFFICE, close, _ORDER) == [(True,)]
    assert team.do(Role.BACK_OFFICE, close, _ORDER) == [(False,)]


def test_nothing_of_somebody_elses_takes_the_place_of_what_a_function_means(team: Team) -> None:
    """Temporary tables come before all others, unless the path is pinned."""
    with team.at(Role.SUPPORT) as connection:
        connection.execute("CREATE TEMPORARY TABLE staff_logins (login text, name text, salesforce_user_id text)")
        connection.execute("INSERT INTO staff_logins VALUES (session_user, 'The boss', '0055g0000000001AAA')")
        connection.execute(
            "INSERT INTO audit_log (actor, action, subject, detail) VALUES ('The boss', 'x', 'in-place', '')"
        )
        with pytest.raises(InsufficientPrivilege):
            connection.execute(_PUT.encode(), (_ORDER, None, None, None))
    assert team.do(None, "SELECT actor FROM audit_log WHERE subject = 'in-place'") == [("Person of support",)]


def test_another_role_for_the_session_makes_nobody_somebody_else(team: Team) -> None:
    with team.at(Role.SUPERVISOR) as connection:
        connection.execute("SET ROLE staff_console_support")
        connection.execute(
            "INSERT INTO audit_log (actor, action, subject, detail) VALUES ('Nobody', 'x', 'as-role', '')"
        )
        for name in ("staff_console_worker", "postgres"):
            with pytest.raises(InsufficientPrivilege):
                connection.execute(f"SET ROLE {name}".encode())
        with pytest.raises(InsufficientPrivilege):
            connection.execute("SET SESSION AUTHORIZATION postgres")
    assert team.do(None, "SELECT actor FROM audit_log WHERE subject = 'as-role'") == [("Person of supervisor",)]


def test_making_the_roles_again_takes_back_what_was_given_besides(team: Team) -> None:
    team.do(None, "GRANT UPDATE ON links TO staff_console_support")
    team.do(None, "GRANT SELECT ON directory TO PUBLIC")
    in_database(team.url, lambda roles: roles.create())
    refused(team, Role.SUPPORT, "UPDATE links SET whmcs_client_id = 1")
    assert team.do(Role.BACK_OFFICE, "SELECT count(*) >= 0 FROM directory") == [(True,)]


def test_a_login_has_one_role_and_its_change_is_audited(team: Team, postgres_uri: str) -> None:
    login = new_login(postgres_uri)
    team.assign(login, Role.SUPERVISOR, "Yuki Shirai", "0055g0000000007AAA")
    team.do(login, _PUT, "801-promoted", None, None, None)
    team.assign(login, Role.SUPPORT, "Yuki Shirai", "0055g0000000007AAA")
    refused(team, login, _PUT, "801-demoted", None, None, None)
    rows = team.do(None, "SELECT action, detail FROM audit_log WHERE subject = %s ORDER BY id", login)
    assert rows == [("assign role", "supervisor: Yuki Shirai"), ("assign role", "support: Yuki Shirai")]


def test_a_login_that_the_server_does_not_have_is_given_nothing(team: Team) -> None:
    with pytest.raises(InvalidInput, match="no login nobody"):
        team.assign("nobody", Role.SUPPORT, "Nobody", "0055g0000000008AAA")
    assert team.do(None, "SELECT 1 FROM staff_logins WHERE login = 'nobody'") == []


def test_what_all_of_them_did_is_one_whole_chain(team: Team) -> None:
    finding = team.portal.run(lambda opened: opened.journal.chain.verify())
    assert (finding.state.value, finding.first_wrong) == ("whole", None)


def at_desk(team: Team, who: Role, work: Callable[[Portal, StaffMember], Awaitable[T]]) -> T:
    """Do something as the desk of somebody of a role does, under that login."""
    person = StaffMember(
        user_id=f"005{who.value:A<15}", name=f"Person of {who.value}", username="", roles=frozenset({who})
    )

    async def opened() -> T:
        portal = Portal(str(make_url(team.portal.url).set(username=team.logins[who])))
        try:
            await portal.open()
            return await work(portal, person)
        finally:
            await portal.aclose()

    return asyncio.run(opened())


@pytest.mark.parametrize("who", _DESK_ROLES)
def test_a_desk_of_each_role_searches_reads_and_asks_for_a_reading(team: Team, who: Role) -> None:
    async def looked(portal: Portal, me: StaffMember) -> list[str]:
        books = portal.books(person_of)
        assert not books.may_write
        await books.wish(everything=False)
        await portal.journal.audit("somebody", "looked", ACCOUNT, "")
        return [one.name for one in await portal.directory.search("森", 5)]

    team.portal.put_instead([person(salesforce_account_id=ACCOUNT, name="森 葵")], [ACCOUNT])
    assert at_desk(team, who, looked) == ["森 葵"]
    [wish] = team.portal.run(lambda portal: portal.books(person_of).take_wishes())
    assert not wish.everything


@pytest.mark.parametrize("who", [Role.BACK_OFFICE, Role.SUPERVISOR])
def test_a_desk_that_may_provision_puts_commands_and_leads_a_run(team: Team, who: Role) -> None:
    first, *others = [f"8015g00000{who.value[0]}000{number}AAA" for number in range(4)]

    async def asked(portal: Portal, me: StaffMember) -> None:
        put = await portal.commands.put("provision", first, '{"pace": 1}', me, protocol=1)
        assert (put.subject, put.asked_by, put.arguments) == (first, me.name, '{"pace": 1}')
        assert (await portal.commands.put("provision", first, "{}", me, protocol=1)).id == put.id
        run = await portal.bulk_runs.create(me, parallel=2, pause_s=0.5, stop_after=5)
        assert (run.asked_by, run.state, run.pause_s) == (me.name, BulkState.PAUSED, 0.5)
        listed = await portal.commands.put_all("provision", [first, *others, first], me, bulk_id=run.id, protocol=1)
        assert [one.subject for one in listed] == others
        assert await portal.bulk_runs.change(run.id, BulkState.RUNNING)
        assert await portal.bulk_runs.change(run.id, BulkState.CANCELLED)
        assert not await portal.bulk_runs.change(run.id, BulkState.RUNNING)
        states = {one.state for one in await portal.commands.of_bulk(run.id)}
        assert states == {CommandState.CANCELLED}

    at_desk(team, who, asked)


def test_a_desk_links_and_keeps_cases_through_the_functions(team: Team) -> None:
    link = Link(portal_user_id=OTHER_USER, whmcs_client_id=5077, salesforce_account_id=OTHER_ACCOUNT)
    user = PortalUser(id=OTHER_USER, email="hana.reibun@example.jp", name="例示 花", state="active")

    async def linked(portal: Portal, me: StaffMember) -> None:
        if not await portal.links.naming(OTHER_ACCOUNT, None, None):
            await portal.links.add(link, user, me.name)
        with pytest.raises(Conflict):
            await portal.links.add(link, user, me.name)

    async def kept(portal: Portal, me: StaffMember) -> None:
        order = stuck_order()
        await portal.cases.adopt(order, "PAY-01", "paused")
        case = await portal.cases.open_of(order.order_id)
        assert case
        assert (case.code, case.opened_at) == ("PAY-01", order.changed_at)
        await portal.cases.close(order.order_id, frozenset({"PAY-01"}))
        assert await portal.cases.open_of(order.order_id)
        await portal.cases.close(order.order_id)
        assert await portal.cases.open_of(order.order_id) is None

    at_desk(team, Role.SUPPORT, linked)
    at_desk(team, Role.BACK_OFFICE, kept)


def test_what_a_role_may_not_ask_for_is_refused_in_words(team: Team) -> None:
    async def asked(portal: Portal, me: StaffMember) -> None:
        await portal.commands.put("provision", _ORDER, "{}", me, protocol=1)

    with pytest.raises(AccessRefused, match="may not ask for that"):
        at_desk(team, Role.SUPPORT, asked)


def stuck_order() -> OrderSummary:
    return OrderSummary(
        order_id="8015g0000000077AAA",
        order_number="00000077",
        account_id=ACCOUNT,
        customer="森 葵",
        state=OrderState.APPROVED,
        activation=Activation.PAUSED,
        error_code="PAY-01",
        kind=OrderKind.SIM,
        placed_at=datetime(2026, 11, 20, 3, 0, tzinfo=UTC),
        changed_at=datetime(2026, 11, 21, 3, 0, tzinfo=UTC),
        total=Money(amount=Decimal(5280), currency="JPY"),
    )


def test_after_a_migration_the_roles_that_are_there_are_those_of_this_version(team: Team) -> None:
    team.do(None, "GRANT INSERT ON cases TO staff_console_support")
    team.do(None, "REVOKE SELECT ON directory_terms FROM staff_console_support")
    team.portal.run(lambda portal: portal.renew_roles())
    refused(team, Role.SUPPORT, "INSERT INTO cases (order_id) VALUES (NULL)")
    team.do(Role.SUPPORT, "SELECT * FROM directory_terms")
