"""A small WHMCS on a real loopback port for tests, and a caller that speaks its wire."""

import base64
import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from console.sandbox.clock import Clock
from console.sandbox.faults import Fault, FaultBoard, FaultMiddleware
from console.sandbox.loopback import LOOPBACK, serving
from console.sandbox.whmcs import action_of, whmcs_app
from console.sandbox.whmcs_call import Credentials, Switches, WhmcsServer
from console.sandbox.whmcs_store import (
    Client,
    ClientField,
    Gateway,
    PayMethod,
    Product,
    ProductField,
    User,
    WhmcsBooks,
)

MARKER = 901
NOTE = 902
CUSTOMER_NUMBER = 7
CREDENTIALS = Credentials("an-identifier", "a-secret", "an-access-key")

SIM, INTERNET, FEE = 1, 2, 3
HANAKO, TARO = 11, 12


def small_books() -> WhmcsBooks:
    """Two clients (Taro's card is declined), three products, two gateways, no orders."""
    marker = ProductField(MARKER, "Console marker", admin_only=True)
    return WhmcsBooks(
        products=[
            Product(
                SIM,
                1,
                "SIM",
                "SIM Plan 3GB",
                {"JPY": {"monthly": "980.00", "msetupfee": "3300.00"}},
                customfields=[marker, ProductField(NOTE, "Delivery note")],
            ),
            Product(INTERNET, 2, "Internet", "Home 1G", {"JPY": {"monthly": "4980.00"}}),
            Product(FEE, 2, "Internet", "Activation", {"JPY": {"monthly": "22800.00"}}, paytype="onetime"),
        ],
        client_fields=[ClientField(CUSTOMER_NUMBER, "Customer Number", admin_only=True)],
        gateways=[Gateway("stripe", "Credit Card"), Gateway("mailin", "Bank Transfer", captures=False)],
        clients=[
            _client(HANAKO, "Hanako", "Sato", customfields={CUSTOMER_NUMBER: "C000011"}),
            _client(TARO, "Taro", "Suzuki", two_factor=True),
        ],
        users=[
            User(
                21,
                "Hanako",
                "Sato",
                "hanako.sato@example.com",
                client_ids=[HANAKO],
                owned_client_ids=[HANAKO],
            )
        ],
        paymethods=[
            PayMethod(31, HANAKO, gateway_name="stripe", card_last_four="4242", expiry="12/30"),
            PayMethod(32, TARO, gateway_name="stripe", card_last_four="0002", expiry="12/30", declines=True),
        ],
    )


def _client(number: int, first: str, last: str, **more: Any) -> Client:
    email = f"{first}.{last}@example.com".lower()
    return Client(
        id=number,
        uuid=f"00000000-0000-4000-8000-{number:012d}",
        firstname=first,
        lastname=last,
        email=email,
        address1="1-2-3 Sakura",
        city="Nagoya",
        state="Aichi",
        postcode="460-0001",
        phonenumber="052-555-0100",
        password="correct horse",
        owner_user_id=21,
        **more,
    )


def serialised(values: Mapping[int, str]) -> str:
    """Base64 of PHP serialize() of a map, written apart from the reader under test."""
    parts = "".join(f'i:{key};s:{len(value.encode())}:"{value}";' for key, value in values.items())
    return base64.b64encode(f"a:{len(values)}:{{{parts}}}".encode()).decode()


@dataclass
class WhmcsBench:
    """A running WHMCS with its fault board, and calls to it."""

    url: str
    server: WhmcsServer
    board: FaultBoard
    http: httpx.Client
    signed_in: Mapping[str, str] = field(
        default_factory=lambda: {"identifier": CREDENTIALS.identifier, "secret": CREDENTIALS.secret}
    )

    @property
    def books(self) -> WhmcsBooks:
        """The books behind the wire."""
        return self.server.books

    @property
    def ordered(self) -> int:
        """How many rows AddOrder has left in the books."""
        return len(self.books.orders) + len(self.books.services) + len(self.books.invoices)

    def reset(self) -> None:
        """Back to the first page of the books."""
        self.server.books = small_books()
        self.server.switches = Switches()
        self.server.last_ids.clear()
        self.server.sso_tokens.clear()
        self.board.remove()
        self.board.calls.clear()

    def post(self, action: str, **params: Any) -> httpx.Response:
        """Send an action as a url-encoded form."""
        sent = {**self.signed_in, "responsetype": "json", "action": action, **params}
        return self.http.post(f"{self.url}/includes/api.php", data=sent)

    def call(self, action: str, **params: Any) -> dict[str, Any]:
        """Send an action that must succeed; the answer."""
        answer = self.ask(action, **params)
        assert answer.get("result", answer.get("status")) == "success", answer
        return answer

    def ask(self, action: str, **params: Any) -> dict[str, Any]:
        """Send an action that must be answered with status 200; the answer."""
        response = self.post(action, **params)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def refusal(self, action: str, **params: Any) -> str:
        """Send an action that must be refused; the message."""
        answer = self.ask(action, **params)
        assert answer["result"] == "error", answer
        return str(answer["message"])

    def order(self, client: Any = HANAKO, product: Any = SIM, **params: Any) -> dict[str, Any]:
        """AddOrder of one product."""
        sent = {
            "clientid": client,
            "paymentmethod": "stripe",
            "pid[0]": product,
            "billingcycle[0]": "monthly",
        }
        return self.call("AddOrder", **{**sent, **params})

    def break_with(self, kind: str, action: str = "AddOrder", **options: Any) -> None:
        """Set a fault for the next call of an action."""
        self.board.add(Fault.model_validate({"system": "whmcs", "action": action, "kind": kind, **options}))


@contextlib.contextmanager
def whmcs_bench() -> Iterator[WhmcsBench]:
    """A WHMCS behind the faults on a loopback port."""
    clock = Clock()
    server = WhmcsServer(small_books(), clock, CREDENTIALS)
    board = FaultBoard()
    app = FaultMiddleware(whmcs_app(server), board, "whmcs", action_of)
    with serving([(app, 0)], clock) as (port,), httpx.Client(timeout=10, trust_env=False) as http:
        yield WhmcsBench(f"http://{LOOPBACK}:{port}", server, board, http)
