"""The roles of a Portal database that a team shares: what the database itself lets each login do.

A desk reads, adds to the audit log, and changes what is shared only through functions that check who asks: a person is
who the login is registered as, whatever the desk says. The worker, which carries out what was asked for, writes all
but the audit log's past. The roles stand in each other's place as in Salesforce: a supervisor may what back office may.
"""

from sqlalchemy import Connection, delete, insert, text

from console.errors import InvalidInput
from console.integrations.portal.database import Database
from console.integrations.portal.journal import write_audit
from console.integrations.portal.tables import DIRECTORY_TERMS, audit_head, audit_log, metadata, staff_logins
from console.models.staff import Role, StaffMember

_SUPPORT, _BACK_OFFICE, _SUPERVISOR, _WORKER = (f"staff_console_{role.value}" for role in Role)
# What a login may ask the worker for, by the kind of the command.
_ASKED_BY = {"provision": _BACK_OFFICE}
_FILLED_BY_THE_TRIGGER = frozenset({"id", "at", "login", "hash"})
_NEVER_WRITTEN = frozenset({audit_log.name, audit_head.name, staff_logins.name})

# Where DBOS keeps its tables, once `admin migrate` has made them.
_WORKFLOWS = "dbos"

# Each as its name with the types of its arguments, the least role that may call it, and the rest.
_FUNCTIONS = (
    (
        "staff_console_put_command(text, text, text, integer, timestamptz, text, integer)",
        _BACK_OFFICE,
        """(of_kind text, about text, given text, of_protocol integer, due timestamptz, run text, place integer)
        RETURNS text LANGUAGE plpgsql {secure} AS $$
        DECLARE
            asker staff_logins;
            put text;
        BEGIN
            asker := staff_console_asker(CASE of_kind {kinds} END);
            IF json_typeof(given::json) <> 'object' OR run IS NOT NULL AND NOT EXISTS (
                SELECT FROM bulk_runs WHERE id = run AND asked_by = asker.name
            ) THEN
                PERFORM staff_console_refuse();
            END IF;
            INSERT INTO commands (id, kind, subject, arguments, asked_by, asked_as, protocol, state, not_before,
                                  created_at, changed_at, executor, result, bulk_id, position)
            VALUES (gen_random_uuid(), of_kind, about, given::json, asker.name, asker.salesforce_user_id, of_protocol,
                    'waiting', due, clock_timestamp(), clock_timestamp(), '', '', run, place)
            ON CONFLICT (kind, subject) WHERE state IN ('waiting', 'running') DO NOTHING RETURNING id INTO put;
            IF put IS NOT NULL OR run IS NOT NULL THEN RETURN put; END IF;
            UPDATE commands
            SET not_before = due, asked_by = asker.name, asked_as = asker.salesforce_user_id,
                changed_at = clock_timestamp(),
                bulk_id = CASE WHEN due IS NOT NULL THEN bulk_id END,
                position = CASE WHEN due IS NOT NULL THEN position END
            WHERE kind = of_kind AND subject = about AND state = 'waiting'
                AND (bulk_id IS NOT NULL AND due IS NULL OR not_before > coalesce(due, now()));
            RETURN (SELECT id FROM commands
                    WHERE kind = of_kind AND subject = about AND state IN ('waiting', 'running'));
        END $$""",
    ),
    (
        "staff_console_create_run(integer, double precision, integer)",
        _BACK_OFFICE,
        """(at_once integer, pause double precision, stop integer) RETURNS text LANGUAGE plpgsql {secure} AS $$
        DECLARE
            asker staff_logins := staff_console_asker('{back_office}');
            made text := gen_random_uuid();
        BEGIN
            INSERT INTO bulk_runs (id, asked_by, created_at, state, parallel, pause_s, stop_after)
            VALUES (made, asker.name, clock_timestamp(), 'paused', at_once, pause, stop);
            RETURN made;
        END $$""",
    ),
    (
        "staff_console_change_run(text, text)",
        _BACK_OFFICE,
        """(run text, wanted text) RETURNS boolean LANGUAGE plpgsql {secure} AS $$
        DECLARE
            asker staff_logins := staff_console_asker('{back_office}');
        BEGIN
            PERFORM FROM bulk_runs WHERE id = run
                AND (asked_by = asker.name OR pg_has_role(session_user, '{supervisor}', 'MEMBER'));
            IF NOT FOUND OR wanted NOT IN ('running', 'paused', 'cancelled') THEN
                PERFORM staff_console_refuse();
            END IF;
            UPDATE bulk_runs SET state = wanted WHERE id = run AND (
                (wanted = 'running' AND state IN ('paused', 'stopped')) OR (wanted = 'paused' AND state = 'running')
                OR (wanted = 'cancelled' AND state IN ('running', 'paused', 'stopped')));
            IF FOUND AND wanted = 'cancelled' THEN
                UPDATE commands
                SET state = 'cancelled', finished_at = clock_timestamp(), changed_at = clock_timestamp()
                WHERE bulk_id = run AND state = 'waiting';
                RETURN true;
            END IF;
            RETURN FOUND;
        END $$""",
    ),
    (
        "staff_console_wish(boolean)",
        _SUPPORT,
        """(all_of_it boolean) RETURNS void LANGUAGE plpgsql {secure} AS $$
        BEGIN
            PERFORM staff_console_asker('{support}');
            INSERT INTO sync_wishes (everything, asked_at) VALUES (all_of_it, clock_timestamp());
        END $$""",
    ),
    (
        "staff_console_link(text, integer, text, text, text, text)",
        _SUPPORT,
        """(person text, client integer, account text, address text, full_name text, standing text)
        RETURNS void LANGUAGE plpgsql {secure} AS $$
        DECLARE
            asker staff_logins := staff_console_asker('{support}');
        BEGIN
            INSERT INTO portal_users (id, email, name, state) VALUES (person, address, full_name, standing)
            ON CONFLICT (id) DO NOTHING;
            INSERT INTO links (portal_user_id, whmcs_client_id, salesforce_account_id, linked_at, linked_by)
            VALUES (person, client, account, clock_timestamp(), asker.name);
            INSERT INTO audit_log (actor, action, subject, detail)
            VALUES (asker.name, 'link', account, json_build_object(
                'portal_user_id', person, 'whmcs_client_id', client, 'salesforce_account_id', account));
        END $$""",
    ),
    (
        "staff_console_open_case(text, text, text, text, timestamptz)",
        _BACK_OFFICE,
        """(of_order text, number text, of_code text, told text, since timestamptz)
        RETURNS integer LANGUAGE plpgsql {secure} AS $$
        DECLARE
            opened integer;
        BEGIN
            PERFORM staff_console_asker('{back_office}');
            SELECT case_id INTO opened FROM cases WHERE order_id = of_order AND closed_at IS NULL AND code = of_code;
            IF FOUND THEN RETURN opened; END IF;
            UPDATE cases SET closed_at = clock_timestamp() WHERE order_id = of_order AND closed_at IS NULL;
            INSERT INTO cases (order_id, order_number, code, detail, raw, opened_at, owner, attempts)
            VALUES (of_order, number, of_code, told, '', since, '', 0) RETURNING case_id INTO opened;
            RETURN opened;
        END $$""",
    ),
    (
        "staff_console_close_case(text)",
        _BACK_OFFICE,
        """(of_order text) RETURNS boolean LANGUAGE plpgsql {secure} AS $$
        BEGIN
            PERFORM staff_console_asker('{back_office}');
            UPDATE cases SET closed_at = clock_timestamp() WHERE order_id = of_order AND closed_at IS NULL;
            RETURN FOUND;
        END $$""",
    ),
)
# What those are made of; nobody calls these.
_HELPERS = (
    (
        "staff_console_refuse()",
        """() RETURNS void LANGUAGE plpgsql {secure} AS $$
        BEGIN
            RAISE EXCEPTION 'this login may not ask for that' USING ERRCODE = 'insufficient_privilege';
        END $$""",
    ),
    (
        "staff_console_asker(text)",
        """(needed text) RETURNS staff_logins LANGUAGE plpgsql STABLE {secure} AS $$
        DECLARE
            asker staff_logins;
        BEGIN
            SELECT * INTO asker FROM staff_logins WHERE login = session_user;
            IF NOT FOUND OR needed IS NULL OR NOT pg_has_role(session_user, needed, 'MEMBER') THEN
                PERFORM staff_console_refuse();
            END IF;
            RETURN asker;
        END $$""",
    ),
)


class Roles:
    """Makes the roles and says which login is whom; for the owner of the tables."""

    def __init__(self, database: Database) -> None:
        """Work on an opened PostgreSQL database."""
        self._database = database

    async def renew(self) -> None:
        """Bring the roles to this version where they were made before, as after a migration. Raises `Unavailable`."""
        await self._database.run(_renew)

    async def create(self) -> None:
        """Make the four roles and what they may do, or bring them to this version. Raises `Unavailable`."""
        await self._database.run(_create)

    async def assign(self, login: str, role: Role, person: StaffMember) -> None:
        """Give a login of the server one role and no other of ours, and register whom it belongs to.

        Raises `InvalidInput` where the server has no such login.
        """

        def write(connection: Connection) -> None:
            known = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :login"), {"login": login}).first()
            if not known:
                raise InvalidInput(f"The server has no login {login}: have it made first, with CREATE ROLE … LOGIN.")
            whose = connection.dialect.identifier_preparer.quote_identifier(login)
            connection.exec_driver_sql(f"REVOKE {', '.join(_names())} FROM {whose}")
            connection.exec_driver_sql(f"GRANT staff_console_{role.value} TO {whose}")
            connection.execute(delete(staff_logins).where(staff_logins.c.login == login))
            row = {"login": login, "name": person.name, "salesforce_user_id": person.user_id}
            connection.execute(insert(staff_logins).values(**row))
            administrator = connection.execute(text("SELECT session_user")).scalar_one()
            write_audit(connection, administrator, "assign role", login, f"{role.value}: {person.name}")

        await self._database.run(write)


def _renew(connection: Connection) -> None:
    if connection.dialect.name != "postgresql":
        return
    there = text("SELECT count(*) FROM pg_roles WHERE rolname = ANY(:names)")
    if connection.execute(there, {"names": list(_names())}).scalar_one() == len(_names()):
        _create(connection)


def _create(connection: Connection) -> None:
    schema, database = connection.execute(
        text("SELECT quote_ident(current_schema()), quote_ident(current_database())")
    ).one()  # fmt: skip
    desk, every = f"{_SUPPORT}, {_BACK_OFFICE}, {_SUPERVISOR}", ", ".join(_names())
    for statement in (
        *(_make_role(name) for name in _names()),
        # Each may what the one before it may.
        f"GRANT {_SUPPORT} TO {_BACK_OFFICE}",
        f"GRANT {_BACK_OFFICE} TO {_SUPERVISOR}",
        f"GRANT CONNECT ON DATABASE {database} TO {every}",
        # Nobody puts an object of his own before those that the functions name.
        f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC, {every}",
        f"GRANT USAGE ON SCHEMA {schema} TO {every}",
        *_grants(desk),
        *(f"GRANT USAGE ON SEQUENCE {name} TO {_WORKER}" for name in _numbers(connection)),
        *_grants_of_workflows(connection),
        *_functions(schema),
    ):
        connection.exec_driver_sql(statement)


def _names() -> tuple[str, ...]:
    return _SUPPORT, _BACK_OFFICE, _SUPERVISOR, _WORKER


def _make_role(name: str) -> str:
    return (
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') "
        f"THEN CREATE ROLE {name} NOLOGIN; END IF; END $$"
    )


def _grants(desk: str) -> list[str]:
    """What each role may do with each table; what an earlier version gave is taken back first."""
    statements = [f"REVOKE ALL ON alembic_version FROM PUBLIC, {desk}, {_WORKER}"]
    statements.append(f"GRANT SELECT ON alembic_version TO {desk}, {_WORKER}")
    for name in (*metadata.tables, DIRECTORY_TERMS):
        statements.append(f"REVOKE ALL ON {name} FROM PUBLIC, {desk}, {_WORKER}")
        statements.append(f"GRANT SELECT ON {name} TO {desk}, {_WORKER}")
        if name not in _NEVER_WRITTEN:
            statements.append(f"GRANT INSERT, UPDATE, DELETE ON {name} TO {_WORKER}")
    told = ", ".join(column.name for column in audit_log.c if column.name not in _FILLED_BY_THE_TRIGGER)
    return [*statements, f"GRANT INSERT ({told}) ON audit_log TO {desk}, {_WORKER}"]


def _grants_of_workflows(connection: Connection) -> list[str]:
    """Only the worker carries workflows out."""
    if not connection.execute(text("SELECT to_regnamespace(:name) IS NOT NULL"), {"name": _WORKFLOWS}).scalar_one():
        return []
    every = f"ALL {{}} IN SCHEMA {_WORKFLOWS} TO {_WORKER}"
    return [
        f"GRANT USAGE ON SCHEMA {_WORKFLOWS} TO {_WORKER}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {every.format('TABLES')}",
        f"GRANT USAGE ON {every.format('SEQUENCES')}",
        f"GRANT EXECUTE ON {every.format('FUNCTIONS')}",
    ]


def _numbers(connection: Connection) -> list[str]:
    """What the server takes the numbers of new rows from."""
    keys = [(name, column.name) for name, table in metadata.tables.items() for column in table.primary_key]
    taken_from = text("SELECT pg_get_serial_sequence(:table, :column)")
    found = [connection.execute(taken_from, {"table": table, "column": key}).scalar() for table, key in keys]
    return [name for name in found if name]


def _functions(schema: str) -> list[str]:
    """With the rights of the tables' owner, and with no name that could be taken for another."""
    words = {
        "secure": f"SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp",
        "kinds": " ".join(f"WHEN '{kind}' THEN '{role}'" for kind, role in _ASKED_BY.items()),
        "support": _SUPPORT,
        "back_office": _BACK_OFFICE,
        "supervisor": _SUPERVISOR,
    }
    statements = []
    for signature, body in (*_HELPERS, *((signature, body) for signature, _, body in _FUNCTIONS)):
        name = signature.partition("(")[0]
        statements.append(f"CREATE OR REPLACE FUNCTION {name}{body.format(**words)}")
        statements.append(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
    return statements + [f"GRANT EXECUTE ON FUNCTION {signature} TO {least}" for signature, least, _ in _FUNCTIONS]
