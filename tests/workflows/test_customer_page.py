"""The customer page: by any id, each block by itself, one dead system not blanking the rest."""

import pytest

from console.errors import InvalidInput, NotFound
from console.models.customer import LinkState
from console.models.page import BlockState
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
