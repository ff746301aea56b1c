"""What a sync should have read, from the sandboxes' own books, and what it has."""

from typing import Any, NamedTuple

from sqlalchemy import select

from console.integrations.portal.tables import directory, invoice_numbers, order_summaries
from console.services import Services
from tests.workflows.desk_bench import Bench

_STATES = {"In Review": "in_review", "Draft": "in_review", "Approved": "approved", "Rejected": "rejected",
           "Cancelled": "cancelled", "Activated": "processed"}  # fmt: skip


class Rows(NamedTuple):
    """Rows of the three lists, each as a tuple, in no order."""

    people: set[tuple[Any, ...]]
    orders: set[tuple[Any, ...]]
    invoices: set[tuple[Any, ...]]


def in_the_books(bench: Bench) -> Rows:
    """What both systems hold now."""
    tables, whmcs = bench.sandbox.salesforce.tables, bench.sandbox.world.whmcs
    accounts = {key: row for key, row in tables["Account"].items() if row["Customer_Number__c"]}
    clients = {client.id: client for client in whmcs.clients}
    links = {row["salesforce_account_id"]: row["whmcs_client_id"] for row in bench.sandbox.world.portal["links"]}
    people: set[tuple[Any, ...]] = set()
    claimed = set()
    for key, row in accounts.items():
        client_id = int(row["Whmcs_Client_Id__c"] or 0) or links.get(key)
        client = clients.get(client_id or 0)
        claimed.add(client_id)
        email = _first_contact(tables, key).get("Email") or (client.email if client else "")
        company = client.companyname if client else ""
        people.add((key, client_id, row["Customer_Number__c"], row["Name"], email, company))
    for client in clients.values():
        if client.id not in claimed:
            name = f"{client.firstname} {client.lastname}".strip()
            people.add((None, client.id, "", name, client.email, client.companyname))
    orders = {
        (key, row["OrderNumber"], row["AccountId"], tables["Account"][row["AccountId"]]["Name"], _STATES[row["Status"]])
        for key, row in tables["Order"].items()
    }
    invoices = {(one.id, (one.invoicenum or str(one.id)).upper(), one.userid) for one in whmcs.invoices}
    return Rows(people, orders, invoices)


def _first_contact(tables: Any, account_id: str) -> dict[str, Any]:
    own = [row for row in tables["Contact"].values() if row["AccountId"] == account_id]
    return min(own, key=lambda row: (row["CreatedDate"], row["Id"]), default={})


async def held(desk: Services) -> Rows:
    """What the desk's database holds."""
    person, order, invoice = directory.c, order_summaries.c, invoice_numbers.c
    queries = (
        select(person.salesforce_account_id, person.whmcs_client_id, person.customer_number, person.name, person.email,
               person.company),
        select(order.order_id, order.order_number, order.account_id, order.customer, order.state),
        select(invoice.invoice_id, invoice.number, invoice.whmcs_client_id),
    )  # fmt: skip
    database = desk.portal.directory._database
    people, orders, invoices = [
        await database.run(lambda connection, query=query: [tuple(row) for row in connection.execute(query)])  # type: ignore[misc]  # bound now
        for query in queries
    ]
    assert len(people) == len(set(people)), "somebody is there twice"
    return Rows(set(people), set(orders), set(invoices))
