"""What the database itself refuses, whoever writes, and how it keeps time."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import Connection, Table, insert, select

from console.errors import Conflict
from console.integrations.portal.tables import cases, links, portal_users, sync_marks
from tests.integrations.portal.portal_bench import ACCOUNT, OTHER_ACCOUNT, OTHER_USER, USER, PortalBench

_NOW = datetime(2026, 11, 23, 9, 0, tzinfo=timezone(timedelta(hours=9)))
_LINK = {
    "portal_user_id": USER,
    "whmcs_client_id": 1,
    "salesforce_account_id": ACCOUNT,
    "linked_at": _NOW,
    "linked_by": "Sara",
}
_CASE = {
    "order_id": "8015g0000000001AAA",
    "order_number": "00000001",
    "code": "PAY-01",
    "detail": "",
    "raw": "",
    "opened_at": _NOW,
    "owner": "",
    "attempts": 1,
}


def write(portal: PortalBench, *rows: tuple[Table, dict[str, Any]]) -> None:
    def all_rows(connection: Connection) -> None:
        for table, values in rows:
            connection.execute(insert(table).values(**values))

    portal.run(lambda opened: opened._database.run(all_rows))


def user(user_id: str, email: str, state: str = "active") -> tuple[Table, dict[str, Any]]:
    return portal_users, {"id": user_id, "email": email, "name": "Aoi", "state": state}


@pytest.mark.parametrize(
    "taken",
    [
        {"whmcs_client_id": 2, "salesforce_account_id": OTHER_ACCOUNT, "portal_user_id": USER},
        {"whmcs_client_id": 1, "salesforce_account_id": OTHER_ACCOUNT, "portal_user_id": OTHER_USER},
        {"whmcs_client_id": 2, "salesforce_account_id": ACCOUNT, "portal_user_id": OTHER_USER},
    ],
)
def test_each_of_the_three_ids_is_linked_once(portal: PortalBench, taken: dict[str, Any]) -> None:
    write(portal, user(USER, "aoi@example.jp"), user(OTHER_USER, "ren@example.jp"), (links, _LINK))
    with pytest.raises(Conflict):
        write(portal, (links, _LINK | taken))


def test_a_link_needs_its_user(portal: PortalBench) -> None:
    with pytest.raises(Conflict):
        write(portal, (links, _LINK))


def test_an_e_mail_address_belongs_to_one_user(portal: PortalBench) -> None:
    with pytest.raises(Conflict):
        write(portal, user(USER, "aoi@example.jp"), user(OTHER_USER, "aoi@example.jp"))


def test_a_user_is_in_a_known_state(portal: PortalBench) -> None:
    with pytest.raises(Conflict):
        write(portal, user(USER, "aoi@example.jp", "asleep"))


def test_an_order_has_one_open_case_and_any_number_of_closed_ones(portal: PortalBench) -> None:
    closed = _CASE | {"closed_at": _NOW}
    write(portal, (cases, closed), (cases, closed), (cases, _CASE))
    with pytest.raises(Conflict):
        write(portal, (cases, _CASE))


def test_a_moment_comes_back_in_utc_and_none_stays_none(portal: PortalBench) -> None:
    write(
        portal,
        (sync_marks, {"name": "people", "cursor": _NOW, "finished_at": _NOW}),
        (sync_marks, {"name": "orders", "cursor": None, "finished_at": _NOW}),
    )

    def read(connection: Connection) -> dict[str, datetime | None]:
        return {row.name: row.cursor for row in connection.execute(select(sync_marks))}

    found = portal.run(lambda opened: opened._database.run(read))
    assert found == {"people": datetime(2026, 11, 23, tzinfo=UTC), "orders": None}
    assert found["people"] is not None
    assert found["people"].utcoffset() == timedelta(0)
