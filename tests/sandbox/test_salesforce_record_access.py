"""UserRecordAccess: what one person may do with these records, made for the query that asks."""

import pytest

from tests.sandbox.salesforce_bench import ACCOUNT, Org, user_id


def ask(org: Org, role: str, record_ids: str) -> list[dict[str, object]]:
    fields = "RecordId, HasReadAccess, HasEditAccess, MaxAccessLevel"
    where = f"UserId = '{user_id(role)}' AND RecordId IN ({record_ids})"
    return org.as_("admin").query(f"SELECT {fields} FROM UserRecordAccess WHERE {where}")


def test_rights_follow_the_role(org: Org) -> None:
    order_id = org.load_order()
    [supervisor] = ask(org, "supervisor", f"'{order_id}'")
    assert (supervisor["HasReadAccess"], supervisor["HasEditAccess"]) == (True, True)
    [admin] = ask(org, "admin", f"'{order_id}'")
    assert admin["MaxAccessLevel"] == "All"


def test_what_is_not_there_is_nobodys(org: Org) -> None:
    [row] = ask(org, "admin", "'8015g00000zzzzzAAA'")
    assert (row["HasReadAccess"], row["MaxAccessLevel"]) == (False, "None")


@pytest.mark.parametrize("where", ["", f"WHERE RecordId = '{ACCOUNT}'", "WHERE UserId = '005000000000001AAA'"])
def test_a_query_without_a_person_or_a_record_is_refused(org: Org, where: str) -> None:
    assert org.as_("admin").query_error(f"SELECT RecordId FROM UserRecordAccess {where}") == "MALFORMED_QUERY"
