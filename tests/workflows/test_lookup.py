"""Lookup over a synced folder: every way in which a caller can say who they are."""

import pytest

from console.models.staff import StaffMember
from console.sandbox.faults import Fault
from console.services import Services
from console.workflows.lookup import Hits
from tests.workflows.desk_bench import Bench


def find(bench: Bench, text: str) -> Hits:
    """Search on a desk of its own."""

    async def work(desk: Services, me: StaffMember) -> Hits:
        return await desk.lookup.find(text, 50)

    return bench.run(work)


@pytest.fixture(scope="module")
def account(bench: Bench) -> dict[str, str]:
    """A customer with a Japanese name."""
    accounts = bench.sandbox.salesforce.tables["Account"].values()
    return next(one for one in accounts if one["Name_Reading__c"] and one["Whmcs_Client_Id__c"])


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ("Id", "salesforce_account_id"),
        ("Customer_Number__c", "customer_number"),
        ("Whmcs_Client_Id__c", "whmcs_client_id"),
        ("Portal_User_Id__c", "portal_user_id"),
        ("Phone", "phone"),
    ],
)
def test_an_id_or_number_finds_its_customer_first(
    bench: Bench, account: dict[str, str], field: str, reason: str
) -> None:
    first = find(bench, account[field]).people[0]
    assert (first.salesforce_account_id, first.matched_on) == (account["Id"], reason)


def test_a_short_id_a_phone_tail_and_an_order_number_find_their_customer(bench: Bench, account: dict[str, str]) -> None:
    order = bench.in_salesforce(bench.orders("Approved")[0])
    assert find(bench, account["Id"][:15]).people[0].salesforce_account_id == account["Id"]
    assert account["Id"] in {one.salesforce_account_id for one in find(bench, account["Phone"][-4:]).people}
    assert find(bench, order["OrderNumber"]).people[0].salesforce_account_id == order["AccountId"]


@pytest.mark.parametrize("part", ["Name", "Name_Reading__c"])
def test_a_name_in_either_script_finds_everyone_who_has_it(bench: Bench, account: dict[str, str], part: str) -> None:
    family = account[part].split()[0]
    accounts = bench.sandbox.salesforce.tables["Account"].values()
    expected = {one["Id"] for one in accounts if family in (one[part] or "") and one["Customer_Number__c"]}
    assert {one.salesforce_account_id for one in find(bench, family).people} >= expected


def test_somebody_who_came_a_moment_ago_is_found(bench: Bench) -> None:
    find(bench, "anyone")
    bench.sandbox.salesforce.load("Account", [{"Name": "新規 太郎", "Customer_Number__c": "C-7777777"}])
    assert [one.customer_number for one in find(bench, "新規太郎").people] == ["C-7777777"]


def test_a_second_contact_is_found_by_asking_salesforce(bench: Bench, account: dict[str, str]) -> None:
    told = {"LastName": "Abernathy", "Phone": "03-5550-7788"}
    bench.sandbox.salesforce.load("Contact", [{"AccountId": account["Id"], **told}])
    for text in told.values():
        [person] = find(bench, text).people
        assert (person.salesforce_account_id, person.matched_on) == (account["Id"], "contact")


def test_what_salesforce_cannot_search_for_finds_nobody(bench: Bench) -> None:
    bench.sandbox.board.add(
        Fault(system="salesforce", action="parameterizedSearch", kind="refuse", error_code="MALFORMED_SEARCH")
    )
    assert find(bench, "nobody at all").people == ()


@pytest.mark.parametrize("text", ["", "   ", "' OR 1=1 --", "%", "_", "<img src=x onerror=alert(1)>", "a" * 5000])
def test_an_empty_or_hostile_text_finds_nobody(bench: Bench, text: str) -> None:
    assert find(bench, text).people == ()


def test_nothing_leaves_the_desk_while_somebody_types(bench: Bench, account: dict[str, str]) -> None:
    async def typed(desk: Services, me: StaffMember) -> None:
        await desk.sync.ensure()
        sent = bench.sandbox.board.calls_made()
        known = await desk.lookup.as_you_type(account["Customer_Number__c"])
        assert known.people[0].salesforce_account_id == account["Id"]
        assert (await desk.lookup.as_you_type("nobody is called so")).people == ()
        assert bench.sandbox.board.calls_made() == sent

    bench.run(typed)


def test_an_order_number_finds_its_order_with_or_without_zeros(bench: Bench) -> None:
    number = bench.in_salesforce(bench.orders("Approved")[0])["OrderNumber"]
    for text in (number, number.lstrip("0")):
        assert find(bench, text).orders[0].order_number == number
    assert find(bench, "森").orders == ()


def test_a_name_that_is_only_alike_does_not_keep_the_systems_from_being_asked(bench: Bench) -> None:
    tables = bench.sandbox.salesforce
    tables.load("Account", [{"Name": "Wakabayashida Ren", "Customer_Number__c": "C-7777771"}])
    assert [one.name for one in find(bench, "wakabayashida").people] == ["Wakabayashida Ren"]
    tables.load("Account", [{"Name": "Wakabayashide Mio", "Customer_Number__c": "C-7777772"}])
    found = [(one.name, one.matched_on) for one in find(bench, "wakabayashide").people]
    assert found == [("Wakabayashide Mio", "name"), ("Wakabayashida Ren", "similar")]
