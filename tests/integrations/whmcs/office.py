"""A small WHMCS on loopback, out of the sandbox: two clients, a few products, and faults on demand."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from pydantic import SecretStr

from console.integrations.whmcs.actions import Whmcs
from console.integrations.whmcs.pace import Pacing
from console.models.billing import BillingItem
from console.models.catalogue import BillingCycle
from console.models.money import Money
from console.sandbox.clock import Clock
from console.sandbox.faults import Fault, FaultBoard, FaultMiddleware
from console.sandbox.loopback import serving
from console.sandbox.whmcs import action_of, whmcs_app
from console.sandbox.whmcs_call import Credentials, WhmcsServer
from console.sandbox.whmcs_store import (
    Client,
    ClientField,
    Gateway,
    PayMethod,
    Product,
    ProductField,
    WhmcsBooks,
)

T = TypeVar("T")

CLIENT, CLOSED = 7, 8
PLAN, FEE, BROKEN = 21, 22, 23
MARKER = 501
NUMBER = 1
GATEWAY = "cards"
_KEY = "example-access-key"


@dataclass
class Office:
    """The running WHMCS: its books and switches, its faults, and its address."""

    server: WhmcsServer
    board: FaultBoard
    url: str

    def run(self, act: Callable[[Whmcs], Awaitable[T]], *, access_key: str | None = None, timeout_s: float = 5) -> T:
        """Act with a client of this WHMCS, in a loop of its own."""

        async def attempt() -> T:
            whmcs = Whmcs(
                self.url,
                SecretStr("example-identifier"),
                SecretStr("example-secret"),
                access_key=SecretStr(access_key) if access_key else None,
                timeout_s=timeout_s,
                pacing=Pacing(read_again_after_s=()),
            )
            try:
                return await act(whmcs)
            finally:
                await whmcs.aclose()

        return asyncio.run(attempt())

    def break_next(self, action: str, kind: str, **options: object) -> None:
        """Set a fault for the next call of an action."""
        self.board.add(Fault.model_validate({"system": "whmcs", "action": action, "kind": kind, **options}))


@contextlib.contextmanager
def open_office() -> Iterator[Office]:
    """Serve the small WHMCS until the block ends."""
    clock = Clock()
    server = WhmcsServer(_books(), clock, Credentials("example-identifier", "example-secret", _KEY))
    board = FaultBoard()
    app = FaultMiddleware(whmcs_app(server), board, "whmcs", action_of)
    with serving([(app, 0)], clock) as ports:
        yield Office(server, board, f"http://127.0.0.1:{ports[0]}")


def pieces(quantity: int) -> list[BillingItem]:
    """So many of the plan as one item to order."""
    return [
        BillingItem(
            product_id=PLAN,
            billing_cycle=BillingCycle.MONTHLY,
            quantity=quantity,
            price=Money.model_validate("4980 JPY"),
            custom_fields={MARKER: "a.1"},
        )
    ]


def _books() -> WhmcsBooks:
    return WhmcsBooks(
        products=[
            _product(PLAN, "Home Line 1G", "4980.00"),
            _product(FEE, "Activation", "3300.00", paytype="onetime"),
            _product(BROKEN, "Voicemail", "330.00", setup="fail", setup_message="Switch busy", setup_fails=1),
        ],
        client_fields=[ClientField(NUMBER, "Customer Number", admin_only=True)],
        gateways=[Gateway(GATEWAY, "Cards")],
        clients=[_client(CLIENT, "Hanako", "Active"), _client(CLOSED, "Taro", "Closed")],
        paymethods=[
            PayMethod(
                31,
                CLIENT,
                gateway_name=GATEWAY,
                card_last_four="4242",
                card_type="Visa",
                expiry="11/27",
                remote_token="tok-1",
            )
        ],
    )


def _product(pid: int, name: str, price: str, **options: object) -> Product:
    marker = ProductField(MARKER + pid - PLAN, "Order Marker", admin_only=True)
    pricing = {"JPY": {"monthly": price, "annually": "-1.00"}}
    return Product(pid, 1, "Internet", name, pricing, customfields=[marker], **options)  # type: ignore[arg-type]  # rows


def _client(client_id: int, name: str, status: str) -> Client:
    return Client(
        client_id,
        f"00000000-0000-4000-8000-00000000000{client_id}",
        name,
        "Example",
        f"{name.lower()}@example.jp",
        address1="1-2-3 Reibun",
        address2="Room 405",
        city="Minato-ku",
        state="Tokyo",
        postcode="100-0001",
        phonenumber="+81.312345678",
        status=status,
        customfields={NUMBER: f"C-000000{client_id}"},
        defaultgateway=GATEWAY,
    )
