"""Builds customers and orders into both systems' books, so that every id that should agree does."""

import random
import tomllib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from console import paths
from console.sandbox.clock import Clock
from console.sandbox.salesforce_access import StaffUser
from console.sandbox.salesforce_ids import new_id
from console.sandbox.salesforce_times import wire_datetime
from console.sandbox.seed_catalogue import BY_CODE, BY_PRODUCT, PORTAL_BOOK, Item, marker_field_id
from console.sandbox.seed_people import People, Person
from console.sandbox.seed_signature import signature
from console.sandbox.whmcs_store import Client, Invoice, InvoiceItem, Order, PayMethod, Service, User, WhmcsBooks

CUSTOMER_NUMBER_FIELD = 71
CARD, TRANSFER = "stripe", "banktransfer"
_DECIDED = {"Rejected": "rejected", "Cancelled": "cancelled"}
_SERVER_ZONE = ZoneInfo("Asia/Tokyo")


@dataclass
class Customer:
    """One customer in all three systems; the rows can still be changed by a scenario."""

    person: Person
    account: dict[str, Any]
    client: Client


@dataclass
class Books:
    """What is being built."""

    salesforce: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    whmcs: WhmcsBooks = field(default_factory=WhmcsBooks)
    portal: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {"users": [], "links": []})

    def add(self, sobject: str, record: dict[str, Any]) -> dict[str, Any]:
        """Add a Salesforce record; it gets the object's next id where it has none."""
        records = self.salesforce.setdefault(sobject, [])
        if "Id" not in record:
            record["Id"] = new_id(sobject, len(records) + 1)
        records.append(record)
        return record


class Builder:
    """Adds rows to `books`; the same seed and clock give the same rows."""

    def __init__(self, seed: int, clock: Clock, portal_user: StaffUser, approver: StaffUser) -> None:
        """`portal_user` places the customers' orders, `approver` has approved those that are approved."""
        self.books = Books()
        self.rng = random.Random(f"orders {seed}")
        self.people = People(seed)
        self.now = clock.now().replace(microsecond=0)
        self._words = tomllib.loads((paths.resources() / "customer_status.toml").read_text(encoding="utf-8"))
        self._lines: dict[str, list[dict[str, Any]]] = {}
        self._portal_user = portal_user
        self._approver = approver

    def customer(self, *, card: bool = True, portal_row: bool | None = None) -> Customer:
        """A customer whose three ids agree; `portal_row` tells whether the Portal stores the user itself."""
        person = self.people.person()
        number = len(self.books.whmcs.clients) + 1
        client = self._client(person, number)
        account = self._account(person, client)
        if card:
            self.pay_method(client)
        if portal_row if portal_row is not None else number % 2 == 0:
            self.portal_user(person.portal_user_id, person)
            self.link(person.portal_user_id, client.id, account["Id"])
        return Customer(person, account, client)

    def pay_method(self, client: Client, *, months: int = 18, declines: bool = False) -> None:
        """A card on file that ends in so many months; negative months are in the past."""
        methods = self.books.whmcs.paymethods
        ends = self.now.year * 12 + self.now.month - 1 + months
        methods.append(
            PayMethod(
                id=len(methods) + 1,
                clientid=client.id,
                description="Card on file",
                gateway_name=CARD,
                card_last_four=f"{self.rng.randrange(10000):04d}",
                card_type=self.rng.choice(("Visa", "Mastercard", "JCB")),
                expiry=f"{ends % 12 + 1:02d}/{ends // 12 % 100:02d}",
                remote_token=f"tok_{self.rng.getrandbits(64):016x}",
                declines=declines,
            )
        )

    def portal_user(self, user_id: str, person: Person, email: str = "") -> None:
        """A login that the Portal stores itself."""
        row = {"id": user_id, "email": email or person.email, "name": person.name, "state": "active"}
        self.books.portal["users"].append(row)

    def link(self, user_id: str, client_id: int, account_id: str) -> None:
        """A link row of the Portal."""
        row = {"portal_user_id": user_id, "whmcs_client_id": client_id, "salesforce_account_id": account_id}
        self.books.portal["links"].append(row)

    def order(
        self, customer: Customer, codes: Sequence[str], state: str = "In Review", **changes: Any
    ) -> dict[str, Any]:
        """An order for catalogue items by their codes. `changes` are field values; `prices` overrides unit prices."""
        prices = changes.pop("prices", {})
        items = [BY_CODE[code] for code in codes]
        hours = changes.pop("hours_ago", self.rng.randrange(1, 72))
        placed = wire_datetime(self.now - timedelta(hours=hours, minutes=self.rng.randrange(60)))
        record: dict[str, Any] = {
            "AccountId": customer.account["Id"],
            "EffectiveDate": self.now.date().isoformat(),
            "Status": state,
            "Pricebook2Id": PORTAL_BOOK,
            "Order_Kind__c": items[0].kind,
            "Provisioning_Status__c": "Created",
            "CreatedDate": placed,
            "CreatedById": self._portal_user.id,
            **self.shown(_DECIDED.get(state, "in_review")),
            **self._addresses(customer),
            **self._choices(items),
            **changes,
        }
        self.books.add("Order", record)
        for item in items:
            self._line(record, item, prices.get(item.code, item.price))
        if state == "Approved":
            self._approve(record)
        return record

    def activate(self, order: dict[str, Any], customer: Customer) -> None:
        """Make an approved order one that was provisioned: active in both systems, each naming the other."""
        billing_order = self.billing_order(order, customer)
        order |= {
            "Provisioning_Status__c": "Activated",
            "Whmcs_Order_Id__c": str(billing_order.id),
            **self.shown("active"),
        }

    def billing_order(
        self,
        order: dict[str, Any],
        customer: Customer,
        status: str = "Active",
        service_status: str = "Active",
        send: int = 1,
    ) -> Order:
        """A WHMCS order with services that carry the order's marker."""
        lines = self._lines[order["Id"]]
        row = self._billing_order(customer, status, sum(line["UnitPrice"] * line["Quantity"] for line in lines))
        for line in lines:
            item = BY_PRODUCT[line["Product2Id"]]
            service = self.service(customer, item.code, service_status, row)
            service.customfields[marker_field_id(item.whmcs_id)] = f"{line['Id']}.{send}"
            line["Whmcs_Service_Ids__c"] = str(service.id) if service_status == "Active" else None
        return row

    def service(self, customer: Customer, code: str, status: str, order: Order | None = None) -> Service:
        """A service of a customer, with an order of its own unless one is given."""
        item, services = BY_CODE[code], self.books.whmcs.services
        order = order or self._billing_order(customer, "Active", item.price)
        service = Service(
            id=len(services) + 1,
            clientid=customer.client.id,
            orderid=order.id,
            pid=item.whmcs_id,
            regdate=order.date[:10],
            firstpaymentamount=f"{item.price}.00",
            recurringamount="0.00" if item.onetime else f"{item.price}.00",
            paymentmethod=CARD,
            billingcycle="One-Time" if item.onetime else "Monthly",
            nextduedate=(self.now + timedelta(days=20)).date().isoformat(),
            status=status,
        )
        services.append(service)
        return service

    def invoice(self, customer: Customer, amount: int, *, paid: bool, due_in_days: int) -> Invoice:
        """An invoice of a customer for something that went before."""
        invoices = self.books.whmcs.invoices
        due = self.now + timedelta(days=due_in_days)
        invoice = Invoice(
            id=len(invoices) + 1,
            userid=customer.client.id,
            date=(due - timedelta(days=14)).date().isoformat(),
            duedate=due.date().isoformat(),
            subtotal=f"{amount}.00",
            total=f"{amount}.00",
            status="Paid" if paid else "Unpaid",
            paymentmethod=CARD,
            items=[InvoiceItem(len(invoices) + 1, "Hosting", 0, "Monthly fee", f"{amount}.00")],
        )
        if paid:
            invoice.datepaid = self.server_time(days_ago=-due_in_days)
        invoices.append(invoice)
        return invoice

    def shown(self, slug: str) -> dict[str, Any]:
        """What the customer sees, by the slug of the status words."""
        words = self._words[slug]
        return {
            "Customer_Status__c": slug,
            "Customer_Status_Text__c": words["en"],
            "Customer_Status_Text_Ja__c": words["ja"],
        }

    def server_time(self, days_ago: float = 0) -> str:
        """A moment as the billing server's own clock shows it."""
        return (self.now - timedelta(days=days_ago)).astimezone(_SERVER_ZONE).strftime("%Y-%m-%d %H:%M:%S")

    def _client(self, person: Person, number: int) -> Client:
        books, place = self.books.whmcs, person.place
        client = Client(
            id=5000 + number,
            uuid=str(uuid.uuid5(uuid.NAMESPACE_URL, f"mailto:{person.email}")),
            firstname=person.first,
            lastname=person.last,
            email=person.email,
            companyname=person.company,
            address1=place.street,
            city=place.city,
            state=place.state,
            postcode=place.postal_code,
            phonenumber=person.phone,
            datecreated=self.server_time(days_ago=30 + number % 900)[:10],
            customfields={CUSTOMER_NUMBER_FIELD: _customer_number(number)},
            password=f"pw-{number}",
            defaultgateway=CARD,
            owner_user_id=number,
        )
        books.clients.append(client)
        books.users.append(
            User(number, person.first, person.last, person.email, client_ids=[client.id], owned_client_ids=[client.id])
        )
        return client

    def _account(self, person: Person, client: Client) -> dict[str, Any]:
        place = person.place
        account = self.books.add(
            "Account",
            {
                "Name": person.name,
                "Name_Reading__c": person.reading or None,
                "Phone": person.phone,
                "Customer_Number__c": client.customfields[CUSTOMER_NUMBER_FIELD],
                "Whmcs_Client_Id__c": str(client.id),
                "Portal_User_Id__c": person.portal_user_id,
                "Internet_Eligibility__c": "10G",
                "BillingStreet": place.street_ja,
                "BillingCity": place.city_ja,
                "BillingState": place.state_ja,
                "BillingPostalCode": place.postal_code,
                "BillingCountry": "Japan",
            },
        )
        family, _, given = person.name.partition(" ")
        self.books.add(
            "Contact",
            {
                "AccountId": account["Id"],
                "FirstName": given if person.reading else person.first,
                "LastName": family if person.reading else person.last,
                "Email": person.email,
                "MobilePhone": person.phone,
            },
        )
        return account

    def _addresses(self, customer: Customer) -> dict[str, Any]:
        account, place = customer.account, customer.person.place
        return {
            "ShippingStreet": account["BillingStreet"],
            "ShippingCity": account["BillingCity"],
            "ShippingState": account["BillingState"],
            "ShippingPostalCode": account["BillingPostalCode"],
            "ShippingCountry": account["BillingCountry"],
            "Snapshot_Street__c": place.street,
            "Snapshot_City__c": place.city,
            "Snapshot_State__c": place.state,
            "Snapshot_Postal_Code__c": place.postal_code,
            "Snapshot_Country__c": "JP",
            "Address_Changed__c": False,
            "Address_Confirmed__c": True,
        }

    def _choices(self, items: Sequence[Item]) -> dict[str, Any]:
        kinds = {item.kind for item in items}
        chosen: dict[str, Any] = {"Mnp_Requested__c": False}
        if "Internet" in kinds:
            chosen["Installation_Option__c"] = (
                "Weekend" if any(item.code == "INT-SETW" for item in items) else "Standard"
            )
        if "VPN" in kinds:
            chosen["Vpn_Region__c"] = self.rng.choice(("Tokyo", "Osaka", "Singapore", "Frankfurt", "Oregon"))
        if "SIM" in kinds:
            chosen |= {"Sim_Type__c": "Physical"}
        return chosen

    def transfer(self, customer: Customer, *, days_left: int = 12, **changes: Any) -> dict[str, Any]:
        """The fields of a number transfer in the customer's own name."""
        person = customer.person
        return {
            "Mnp_Requested__c": True,
            "Mnp_Number__c": person.phone,
            "Mnp_Donor__c": "Tori Mobile",
            "Mnp_Donor_Holder_Name__c": person.name,
            "Mnp_Reservation_Number__c": f"{self.rng.randrange(10**9, 10**10)}",
            "Mnp_Reserved_Until__c": (self.now + timedelta(days=days_left)).date().isoformat(),
            "Mnp_Holder_Name__c": person.name,
            "Mnp_Holder_Reading__c": person.reading or person.name,
            "Mnp_Holder_Birth_Date__c": person.birth_date,
            "Mnp_Holder_Gender__c": person.gender,
            **changes,
        }

    def _line(self, order: dict[str, Any], item: Item, price: int) -> None:
        line = {
            "OrderId": order["Id"],
            "Product2Id": item.product_id,
            "PricebookEntryId": item.entry_id,
            "Quantity": 1,
            "UnitPrice": price,
            "ListPrice": item.price,
            "CreatedDate": order["CreatedDate"],
        }
        self._lines.setdefault(order["Id"], []).append(line)
        self.books.add("OrderItem", line)

    def _approve(self, order: dict[str, Any]) -> None:
        approver = self._approver
        signed = signature(order, self._lines[order["Id"]])
        decided = wire_datetime(self.now - timedelta(minutes=30))
        order |= {
            "Approved_By__c": approver.id,
            "Approved_Hash__c": signed,
            "Decided_At__c": decided,
            **self.shown("approved"),
        }
        self.books.add(
            "Order_Claim__c",
            {
                "Claim_Key__c": f"decide:{order['Id']}:1",
                "Order_Id__c": order["Id"],
                "Holder__c": f"{self.rng.getrandbits(128):032x}",
                "Person__c": approver.name,
                "Hash__c": signed,
                "Outcome__c": "approved",
                "CreatedById": approver.id,
                "CreatedDate": decided,
            },
        )

    def _billing_order(self, customer: Customer, status: str, amount: int) -> Order:
        orders = self.books.whmcs.orders
        row = Order(
            id=len(orders) + 1,
            ordernum=f"{self.rng.randrange(10**9, 10**10)}",
            userid=customer.client.id,
            date=self.server_time(days_ago=self.rng.randrange(1, 200)),
            status=status,
            paymentmethod=CARD,
            amount=f"{amount}.00",
        )
        orders.append(row)
        return row


def _customer_number(number: int) -> str:
    return f"C-{40000 + number:07d}"
