"""The customer page: by any id, each block by itself, one dead system not blanking the rest."""

from typing import Any

import pytest

from console.errors import InvalidInput, NotFound
from console.models.customer import LinkState
from console.models.page import Block, BlockState
from console.models.staff import StaffMember
from console.services import Services
from console.workflows.customer_page import CustomerPage
from tests.workflows.desk_bench import Bench


def page(bench: Bench, customer: str) -> CustomerPage:
    """The page of a customer."""

    async def work(desk: Services, me: StaffMember) -> CustomerPage:
        return await desk.customers.page(customer)

    return bench.run(work)


@pytest.fixture(scope="module")
def account(bench: Bench) -> dict[str, str]:
    """An ordinary customer's account."""
    order = bench.in_salesforce(bench.orders("Approved")[0])
    return bench.sandbox.salesforce.tables["Account"][order["AccountId"]]


@pytest.mark.parametrize("field", ["Id", "Customer_Number__c", "Whmcs_Client_Id__c", "Portal_User_Id__c"])
def test_any_of_the_ids_opens_the_page(bench: Bench, account: dict[str, str], field: str) -> None:
    found = page(bench, account[field])
    assert found.identity.data
    assert found.identity.data.salesforce_account_id == account["Id"]
    assert found.link.data
    assert found.link.data.state is LinkState.LINKED
    assert found.orders.state is BlockState.OK
    assert found.payment_methods.state is BlockState.OK
    assert found.addresses.data
    assert found.addresses.data.whmcs
    assert found.addresses.data.salesforce
    assert found.addresses.data.mean_one_place is True


def test_a_block_that_is_refused_says_so_and_the_others_are_there(bench: Bench, account: dict[str, str]) -> None:
    bench.break_with("access_role", "GetInvoices")
    found = page(bench, account["Id"])
    assert found.invoices.state is BlockState.REFUSED
    assert "ACC-01" in found.invoices.message
    assert found.payment_methods.state is BlockState.OK
    assert found.orders.state is BlockState.OK


def test_billing_that_is_down_leaves_what_salesforce_knows(bench: Bench, account: dict[str, str]) -> None:
    bench.break_with("status", "*", status=503, count=40)
    found = page(bench, account["Id"])
    bench.sandbox.board.remove()
    assert found.services.state is BlockState.FAILED
    assert "PRV-02" in found.services.message
    assert found.orders.state is BlockState.OK
    assert found.identity.state is BlockState.OK


def test_somebody_whom_only_billing_knows_has_a_page(bench: Bench) -> None:
    named = {account["Whmcs_Client_Id__c"] for account in bench.sandbox.salesforce.tables["Account"].values()}
    client = next(one for one in bench.sandbox.world.whmcs.clients if str(one.id) not in named)
    found = page(bench, str(client.id))
    assert found.identity.data
    assert found.identity.data.email == client.email
    assert found.orders.state is BlockState.EMPTY


@pytest.mark.parametrize("text", ["", "   "])
def test_an_empty_id_is_refused(bench: Bench, text: str) -> None:
    with pytest.raises(InvalidInput):
        page(bench, text)


@pytest.mark.parametrize("text", ["nobody", "999999", "0015g00000zzzzzAAA", "' OR Name LIKE '%", "%"])
def test_an_unknown_id_is_told(bench: Bench, text: str) -> None:
    with pytest.raises(NotFound):
        page(bench, text)


def test_each_block_is_handed_over_by_itself(bench: Bench, account: dict[str, str]) -> None:
    async def work(desk: Services, me: StaffMember) -> None:
        handed: list[str] = []
        person = await desk.customers.open(account["Id"])
        await desk.customers.fill(person, lambda name, block: handed.append(name))
        assert set(handed) == set(CustomerPage.model_fields) - {"identity"}
        # The addresses come with each half.
        assert len(handed) == len(set(handed)) + 1

    bench.run(work)


def test_salesforce_that_is_down_leaves_what_billing_knows(bench: Bench, account: dict[str, str]) -> None:
    page(bench, account["Id"])
    bench.break_with("status", "query", system="salesforce", status=503, count=40, call=2)
    found = page(bench, account["Id"])
    bench.sandbox.board.remove()
    assert found.link.state is found.orders.state is BlockState.FAILED
    assert found.payment_methods.state is BlockState.OK
    assert {found.services.state, found.invoices.state} <= {BlockState.OK, BlockState.EMPTY}
    assert found.addresses.data
    assert found.addresses.data.whmcs
    assert found.addresses.data.salesforce is None
    assert found.addresses.data.mean_one_place is None
    assert found.addresses.message
    assert found.identity.state is BlockState.OK


def test_billing_that_is_down_leaves_the_address_that_salesforce_has(bench: Bench, account: dict[str, str]) -> None:
    bench.break_with("status", "*", status=503, count=60)
    found = page(bench, account["Id"])
    bench.sandbox.board.remove()
    assert found.addresses.data
    assert found.addresses.data.whmcs is None
    assert found.addresses.data.salesforce
    assert "PRV-02" in found.addresses.message


def test_what_a_system_said_is_not_on_the_page(bench: Bench, account: dict[str, str]) -> None:
    bench.break_with("access_role", "GetInvoices", message="Undefined index: note")
    assert "It said" not in page(bench, account["Id"]).invoices.message


def test_a_customer_without_a_client_has_empty_billing_or_failed_where_the_link_is(bench: Bench) -> None:
    account_id = bench.in_salesforce(bench.order_for("LNK-01 in review"))["AccountId"]
    assert page(bench, account_id).services.state is BlockState.EMPTY
    bench.break_with("status", "query", system="salesforce", status=503, count=40, call=2)
    found = page(bench, account_id)
    bench.sandbox.board.remove()
    assert found.services.state is found.addresses.state is BlockState.FAILED


def test_a_client_that_is_not_in_billing_leaves_its_blocks_empty(fresh_bench: Bench) -> None:
    account = fresh_bench.in_salesforce(fresh_bench.orders("Approved")[0])["AccountId"]
    accounts = fresh_bench.sandbox.salesforce.tables["Account"]
    fresh_bench.sandbox.salesforce.put("Account", accounts[account] | {"Whmcs_Client_Id__c": "999999"})
    found = page(fresh_bench, account)
    assert {found.services.state, found.invoices.state, found.payment_methods.state} == {BlockState.EMPTY}
    assert found.addresses.data
    assert found.addresses.data.whmcs is None


def test_a_link_that_leads_elsewhere_than_the_directory_knew_decides(fresh_bench: Bench) -> None:
    first, other = (fresh_bench.in_salesforce(order_id)["AccountId"] for order_id in fresh_bench.orders("Approved")[:2])
    accounts = fresh_bench.sandbox.salesforce.tables["Account"]

    async def work(desk: Services, me: StaffMember) -> None:
        person = await desk.customers.open(first)
        other_client = accounts[other]["Whmcs_Client_Id__c"]
        fresh_bench.sandbox.salesforce.put("Account", accounts[first] | {"Whmcs_Client_Id__c": other_client})
        blocks: dict[str, Block[Any]] = {}
        await desk.customers.fill(person, blocks.__setitem__)
        told = await desk.whmcs.get_client(int(other_client))
        addresses, invoices = blocks["addresses"].data, blocks["invoices"].data
        assert addresses
        assert addresses.whmcs == told.address
        assert {one.client_id for one in invoices or ()} <= {told.id}
        assert blocks["payment_methods"].data == await desk.whmcs.get_pay_methods(told.id)

    fresh_bench.run(work)


def test_the_timeline_names_the_orders_that_it_speaks_of(bench: Bench, account: dict[str, str]) -> None:
    order_id = bench.orders("Approved")[0]

    async def work(desk: Services, me: StaffMember) -> CustomerPage:
        await desk.provisioning.provision(order_id, me)
        return await desk.customers.page(account["Id"])

    timeline = bench.run(work).timeline.data
    assert timeline
    assert (timeline[-1].order_number, timeline[-1].action) == (
        bench.in_salesforce(order_id)["OrderNumber"],
        "provision",
    )
