"""Both systems and the control switchboard over one invented world, built from options, on loopback.

Writes no profile: the caller does, from `SandboxInfo` and `profile_facts`.
"""

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp

from console.sandbox.clock import Clock
from console.sandbox.control import Switchboard, control_app
from console.sandbox.faults import Fault, FaultBoard, FaultMiddleware
from console.sandbox.loopback import LOOPBACK, serve_until_signal, serving
from console.sandbox.metadata import load_schema
from console.sandbox.salesforce import action_of as salesforce_action_of
from console.sandbox.salesforce import salesforce_app
from console.sandbox.salesforce_oauth import CLIENT_ID, SignIns
from console.sandbox.salesforce_store import SalesforceStore
from console.sandbox.seed import World, build_world
from console.sandbox.whmcs import action_of as whmcs_action_of
from console.sandbox.whmcs import whmcs_app
from console.sandbox.whmcs_call import Credentials, WhmcsServer

CUSTOMER_NUMBER = "Customer Number"
"""The client custom field that holds Salesforce's customer number."""


@dataclass(frozen=True)
class SandboxOptions:
    """How to build and serve a sandbox. Port 0 is any free one; `latency_ms` is Salesforce's and WHMCS's."""

    port_salesforce: int = 0
    port_whmcs: int = 0
    port_control: int = 0
    customers: int = 200
    orders: int = 300
    seed: int = 1
    latency_ms: tuple[int, int] = (0, 0)
    faults: Sequence[Fault] = ()


@dataclass(frozen=True)
class SandboxInfo:
    """How to reach a running sandbox; the tokens and secrets are its own and open nothing else."""

    salesforce_url: str
    whmcs_url: str
    control_url: str
    whmcs_identifier: str
    whmcs_secret: str
    salesforce_access_token: str
    salesforce_client_id: str
    users: tuple[Mapping[str, str], ...]
    pid: int


class Sandbox:
    """Both systems over one invented world. Serve it once, in the foreground or in a thread."""

    def __init__(self, options: SandboxOptions | None = None) -> None:
        """Build the world of `options`; nothing is bound yet."""
        self.options = options or SandboxOptions()
        self.clock = Clock()
        seed = self.options.seed
        self.world: World = build_world(self.options.customers, self.options.orders, seed, self.clock)
        salesforce_ms, whmcs_ms = self.options.latency_ms
        self.board = FaultBoard(self.options.faults, {"salesforce": salesforce_ms, "whmcs": whmcs_ms})
        self.salesforce = SalesforceStore(self.clock, load_schema(), seed)
        for sobject in list(self.world.salesforce):
            # Given away, not kept beside it: at 100,000 customers a second copy is a gigabyte.
            self.salesforce.load(sobject, self.world.salesforce.pop(sobject))
        self.sign_ins = SignIns(self.world.staff, self.clock)
        self.whmcs = WhmcsServer(self.world.whmcs, self.clock, _credentials(seed))

    def profile_facts(self) -> dict[str, Any]:
        """What a profile says about this WHMCS: ids of custom fields, and that the marker is proved."""
        books = self.world.whmcs
        number = next(field.id for field in books.client_fields if field.name == CUSTOMER_NUMBER)
        markers = {
            str(product.id): field.id
            for product in books.products
            for field in product.customfields
            if field.admin_only
        }
        return {
            "customer_number_field_id": number,
            "marker_field_ids": markers,
            "max_run_time_s": 2,
            "marker_proved": True,
        }

    @contextlib.contextmanager
    def running(self) -> Iterator[SandboxInfo]:
        """Serve in a background thread with a plain asyncio loop of its own; ends with the block."""
        with serving(self._apps(), self.clock) as ports:
            yield self.info(ports)

    def serve_forever(self, on_ready: Callable[[SandboxInfo], None]) -> None:
        """Serve in this, the main thread until Ctrl+C or SIGTERM; `on_ready` is called once it answers."""
        serve_until_signal(self._apps(), self.clock, lambda ports: on_ready(self.info(ports)))

    def applications(self) -> tuple[ASGIApp, ASGIApp, ASGIApp]:
        """Salesforce and WHMCS, without faults in front of them, and control."""
        salesforce = salesforce_app(self.salesforce, self.world.staff, self.clock, sign_ins=self.sign_ins)
        switchboard = Switchboard(
            self.board, self.clock, self.whmcs, self._salesforce_tables, self.world.portal, self.sign_ins
        )
        return salesforce, whmcs_app(self.whmcs), control_app(switchboard)

    def info(self, ports: Sequence[int]) -> SandboxInfo:
        """How to reach the sandbox where Salesforce, WHMCS and control are served on these ports."""
        salesforce, whmcs, control = (f"http://{LOOPBACK}:{port}" for port in ports)
        staff = self.world.staff
        return SandboxInfo(
            salesforce_url=salesforce,
            whmcs_url=whmcs,
            control_url=control,
            whmcs_identifier=self.whmcs.credentials.identifier,
            whmcs_secret=self.whmcs.credentials.secret,
            salesforce_access_token=next(user.access_token for user in staff if user.role == "admin"),
            salesforce_client_id=CLIENT_ID,
            users=tuple({"role": user.role, "name": user.name, "access_token": user.access_token} for user in staff),
            pid=os.getpid(),
        )

    def _apps(self) -> list[tuple[ASGIApp, int]]:
        """The three applications with their ports: Salesforce, WHMCS, control."""

        async def salesforce_action(request: Request) -> str:
            return salesforce_action_of(request.method, request.url.path)

        options, board = self.options, self.board
        salesforce, whmcs, control = self.applications()
        return [
            (FaultMiddleware(salesforce, board, "salesforce", salesforce_action), options.port_salesforce),
            (FaultMiddleware(whmcs, board, "whmcs", whmcs_action_of), options.port_whmcs),
            (control, options.port_control),
        ]

    def _salesforce_tables(self) -> dict[str, list[dict[str, Any]]]:
        return {sobject: list(records.values()) for sobject, records in self.salesforce.tables.items()}


def _credentials(seed: int) -> Credentials:
    """The same for the same seed, so that a profile outlives a restart."""

    def secret(name: str) -> str:
        return hashlib.sha256(f"{name} of sandbox {seed}".encode()).hexdigest()[:32]

    return Credentials(secret("identifier"), secret("secret"), secret("access key"))
