"""An org with one person of each role, a catalogue and an account, and clients that speak to it without a socket."""

import asyncio
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx

from console.sandbox.clock import Clock
from console.sandbox.metadata import Schema, load_schema
from console.sandbox.salesforce import salesforce_app
from console.sandbox.salesforce_oauth import SignIns
from console.sandbox.salesforce_store import SalesforceStore, StaffUser, new_id

DATA = "/services/data/v66.0"
ROLES = ("support", "back_office", "supervisor", "worker", "admin")
BOOK, ENTRY, PRODUCT = new_id("Pricebook2", 1), new_id("PricebookEntry", 1), new_id("Product2", 1)
OTHER_BOOK, OTHER_ENTRY = new_id("Pricebook2", 2), new_id("PricebookEntry", 2)
ACCOUNT = new_id("Account", 1)

Answer = httpx.Response


@cache
def schema() -> Schema:
    """The shipped metadata, read once."""
    return load_schema()


def user_id(role: str) -> str:
    """The id of the person with this role."""
    return new_id("User", ROLES.index(role) + 1)


@dataclass
class Client:
    """One signed-in person."""

    app: Any
    token: str

    def call(self, method: str, path: str, **how: Any) -> Answer:
        """Any request; a path that does not begin with / is below the data path."""
        return asyncio.run(self._call(method, path if path.startswith("/") else f"{DATA}/{path}", how))

    def query(self, soql: str) -> list[dict[str, Any]]:
        """The records of a query that fits on a page."""
        answer = self.call("GET", "query", params={"q": soql})
        assert answer.status_code == 200, answer.text
        records: list[dict[str, Any]] = answer.json()["records"]
        return records

    def query_error(self, soql: str) -> str:
        """The error code that a query is refused with."""
        return error_of(self.call("GET", "query", params={"q": soql}))

    def create(self, sobject: str, **values: Any) -> str:
        """A new record's id."""
        answer = self.call("POST", f"sobjects/{sobject}", json=values)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def update(self, sobject: str, record_id: str, /, **values: Any) -> Answer:
        """The answer to a change."""
        return self.call("PATCH", f"sobjects/{sobject}/{record_id}", json=values)

    def read(self, sobject: str, record_id: str) -> dict[str, Any]:
        """A whole record."""
        found: dict[str, Any] = self.call("GET", f"sobjects/{sobject}/{record_id}").json()
        return found

    def composite(self, *steps: dict[str, Any], **options: Any) -> list[dict[str, Any]]:
        """The results of a composite request, all or none and in order unless `options` say otherwise."""
        options = {"allOrNone": True, "collateSubrequests": False, **options}
        answer = self.call("POST", "composite", json={**options, "compositeRequest": list(steps)})
        assert answer.status_code == 200, answer.text
        results: list[dict[str, Any]] = answer.json()["compositeResponse"]
        return results

    async def _call(self, method: str, path: str, how: dict[str, Any]) -> Answer:
        headers = {"Authorization": f"Bearer {self.token}", **how.pop("headers", {})}
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
            return await http.request(method, path, headers=headers, **how)


class Org:
    """The org and its people."""

    def __init__(self) -> None:
        """An account, a product with its price in the one price book, and the staff."""
        self.clock = Clock()
        self.store = SalesforceStore(self.clock, schema(), seed=1)
        self.store.load("Account", [{"Id": ACCOUNT, "Name": "Aoi Mori", "Customer_Number__c": "C-0000001"}])
        books: list[dict[str, Any]] = [
            {"Id": BOOK, "Name": "Standard", "IsStandard": True},
            {"Id": OTHER_BOOK, "Name": "Other"},
        ]
        self.store.load("Pricebook2", books)
        self.store.load("Product2", [{"Id": PRODUCT, "Name": "Fibre 1G", "IsActive": True}])
        price = {"Product2Id": PRODUCT, "UnitPrice": 5280, "IsActive": True}
        entries = [
            {"Id": ENTRY, "Pricebook2Id": BOOK, **price},
            {"Id": OTHER_ENTRY, "Pricebook2Id": OTHER_BOOK, **price},
        ]
        self.store.load("PricebookEntry", entries)
        staff = [
            StaffUser(
                user_id(role), f"Invented {role}", f"{role}@example.com", f"{role}@example.com", role, f"token-{role}"
            )
            for role in ROLES
        ]
        sign_ins = SignIns(staff, self.clock)
        self.switches = sign_ins.org
        self.app = salesforce_app(self.store, staff, self.clock, sign_ins)

    def as_(self, role: str) -> Client:
        """A client signed in with a role."""
        return Client(self.app, f"token-{role}")

    def load_order(self, **values: Any) -> str:
        """A seeded order in review that the Portal made; returns its id."""
        order_id = new_id("Order", len(self.store.tables["Order"]) + 1)
        order = {"AccountId": ACCOUNT, "EffectiveDate": "2026-11-24", "Status": "In Review", "Pricebook2Id": BOOK}
        self.store.load("Order", [{"Id": order_id, **order, **values}])
        return order_id

    def load_item(self, order_id: str, **values: Any) -> str:
        """A seeded item; returns its id."""
        item_id = new_id("OrderItem", len(self.store.tables["OrderItem"]) + 1)
        item = {"OrderId": order_id, "PricebookEntryId": ENTRY, "Quantity": 1, "UnitPrice": 5280}
        self.store.load("OrderItem", [{"Id": item_id, **item, **values}])
        return item_id


def error_of(answer: Answer) -> str:
    """The error code of a refusal."""
    assert answer.status_code >= 400, answer.text
    return str(answer.json()[0]["errorCode"])
