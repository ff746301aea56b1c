"""simple-salesforce, a client that we did not write, does all it can over REST with the sandbox's Salesforce."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from simple_salesforce.api import Salesforce, SFType
from simple_salesforce.exceptions import (
    SalesforceExpiredSession,
    SalesforceGeneralError,
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)

from console.integrations.salesforce.requests_session import direct_client
from console.sandbox.salesforce_store import new_id
from tests.integrations.salesforce.org_bench import OrgBench, org_bench

_TASKS = 2101


@pytest.fixture(scope="module")
def running() -> Iterator[OrgBench]:
    with org_bench() as opened:
        tasks = [{"Id": new_id("Task", n), "Subject": f"Call {n}"} for n in range(1, _TASKS + 1)]
        opened.sandbox.salesforce.load("Task", tasks)
        yield opened


@pytest.fixture
def org(running: OrgBench) -> Iterator[OrgBench]:
    with running.put_back():
        yield running


@pytest.fixture
def client(org: OrgBench) -> Iterator[Salesforce]:
    """The library as it is, with our session: time-outs, and plain http to loopback."""
    opened = direct_client(org.session("admin"), (5.0, 10.0))
    yield opened
    opened.session.close()


def kind(client: Salesforce, name: str) -> SFType:
    """The library's object of this name."""
    found = getattr(client, name)
    assert isinstance(found, SFType)
    return found


def first_account(client: Salesforce) -> dict[str, Any]:
    found = client.query("SELECT Id, Name, Customer_Number__c FROM Account ORDER BY Id LIMIT 1")
    return dict(found["records"][0])


def test_it_pages_through_a_query_in_each_of_its_ways(client: Salesforce) -> None:
    soql = "SELECT Id FROM Task ORDER BY Id"

    page = client.query(soql)
    rest = client.query_more(page["nextRecordsUrl"], identifier_is_url=True)
    by_locator = client.query_more(page["nextRecordsUrl"].rpartition("/")[2])

    assert (page["totalSize"], page["done"], rest["done"]) == (_TASKS, False, True)
    assert rest["records"] == by_locator["records"]
    assert len(client.query_all(soql)["records"]) == _TASKS
    assert sum(1 for _ in client.query_all_iter(soql)) == _TASKS


def test_it_makes_reads_changes_and_deletes_a_record(client: Salesforce) -> None:
    tasks = kind(client, "Task")

    made = tasks.create({"Subject": "Call back", "Status": "Completed"})
    assert made["success"]
    assert tasks.get(made["id"])["Subject"] == "Call back"
    assert tasks.update(made["id"], {"Subject": "Called back"}) == 204
    assert tasks.get(made["id"])["Subject"] == "Called back"
    assert tasks.delete(made["id"]) == 204
    with pytest.raises(SalesforceResourceNotFound):
        tasks.get(made["id"])
    deleted = client.query(f"SELECT Id, IsDeleted FROM Task WHERE Id = '{made['id']}'", include_deleted=True)
    assert [row["IsDeleted"] for row in deleted["records"]] == [True]


def test_it_finds_and_upserts_by_an_external_id(client: Salesforce) -> None:
    accounts, known = kind(client, "Account"), first_account(client)

    found = accounts.get_by_custom_id("Customer_Number__c", known["Customer_Number__c"])
    changed = accounts.upsert(f"Customer_Number__c/{known['Customer_Number__c']}", {"Phone": "03-0000-0007"})

    assert found["Id"] == known["Id"]
    assert changed in (200, 204)
    assert accounts.get(known["Id"])["Phone"] == "03-0000-0007"


def test_it_describes_the_org_and_an_object(client: Salesforce) -> None:
    everything, order = client.describe(), kind(client, "Order")

    assert everything
    assert {"Account", "Order", "Order_Claim__c"} <= {one["name"] for one in everything["sobjects"]}
    assert order.metadata()["objectDescribe"]["keyPrefix"] == "801"
    assert any(field["name"] == "Provisioning_Status__c" for field in order.describe()["fields"])


def test_it_tells_limits_and_what_kind_of_org_it_is(client: Salesforce) -> None:
    limits = client.limits()["DailyApiRequests"]

    assert limits["Remaining"] < limits["Max"]
    assert client.api_usage["api-usage"].total == limits["Max"]
    assert client.is_sandbox() is True


def test_it_searches(client: Salesforce) -> None:
    known = first_account(client)
    # The library leaves it to its callers to escape what SOSL reserves.
    number = known["Customer_Number__c"].replace("-", r"\-")

    found = client.search(f"FIND {{{number}}} IN ALL FIELDS RETURNING Account(Id, Name)")
    quick = client.quick_search(number)

    assert [one["Id"] for one in found["searchRecords"]] == [known["Id"]]
    assert known["Id"] in [one["Id"] for one in quick["searchRecords"]]


def test_it_lists_what_was_changed_and_deleted(client: Salesforce) -> None:
    tasks = kind(client, "Task")
    made = tasks.create({"Subject": "Soon gone"})["id"]
    tasks.delete(made)
    account = first_account(client)["Id"]
    kind(client, "Account").update(account, {"Phone": "03-0000-0009"})
    since, until = datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) + timedelta(hours=1)

    assert account in kind(client, "Account").updated(since, until)["ids"]
    assert made in [one["id"] for one in tasks.deleted(since, until)["deletedRecords"]]


def test_it_reaches_other_resources_by_their_path(client: Salesforce) -> None:
    body = {"compositeRequest": [{"method": "GET", "url": "/services/data/v66.0/limits", "referenceId": "limits"}]}

    listed = client.restful("process/approvals/")
    refused = client.restful("composite", method="POST", json=body)

    assert listed
    assert "Order" in listed["approvals"]
    # Limits are not among what composite may ask for (2.5): the part is refused, the call is not.
    assert refused
    assert refused["compositeResponse"][0]["httpStatusCode"] == 400


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (300, SalesforceMoreThanOneRecord),
        (400, SalesforceMalformedRequest),
        (401, SalesforceExpiredSession),
        (403, SalesforceRefusedRequest),
        (404, SalesforceResourceNotFound),
        (500, SalesforceGeneralError),
    ],
)
def test_it_knows_every_refusal_by_its_status(
    org: OrgBench, client: Salesforce, status: int, error: type[Exception]
) -> None:
    org.break_next("query", "refuse", status=status, error_code="MALFORMED_QUERY", message="words")

    with pytest.raises(error) as caught:
        client.query("SELECT Id FROM Account")

    assert (getattr(caught.value, "content")[0]["errorCode"]) == "MALFORMED_QUERY"  # noqa: B009 - not on every class
