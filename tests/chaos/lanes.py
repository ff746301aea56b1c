"""One sandbox with several ways in: each desk has a lane of its own, so that faults are keyed by order and request.

A lane counts the requests of the attempt that is under way on it. A fault hits the n-th request of a name in that
attempt, whatever the clock shows; so a seed repeats the same faults at the same places.
"""

import contextlib
import json
import multiprocessing.connection
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs

import tomli_w
from starlette.requests import Request as WebRequest
from starlette.types import ASGIApp

from console.practice import profile_values
from console.sandbox.faults import Fault, FaultBoard, FaultMiddleware
from console.sandbox.loopback import serving
from console.sandbox.salesforce import action_of as salesforce_action_of
from console.sandbox.server import Sandbox, SandboxOptions
from console.sandbox.whmcs import action_of as whmcs_action_of

# A lost answer is settled after about five seconds: a second of Salesforce's stamps and these times. Shorter ones pass
# by themselves on a busy machine.
TIMES = {"send_window_s": 2, "settle_wait_s": 0.05, "claim_lease_s": 30}
WHMCS_TIMES = {"timeout_s": 1.5, "max_run_time_s": 0.5}
PATIENT: Mapping[str, Mapping[str, float]] = {
    "provisioning": {**TIMES, "send_window_s": 3},
    "whmcs": {**WHMCS_TIMES, "timeout_s": 3},
}
"""Sections of a profile for short runs: no request is given up because other tests keep the machine busy."""
_FROM = re.compile(r"\bFROM\s+(\w+)", re.IGNORECASE)
_INNER = re.compile(r"\([^()]*\)")


class Request(NamedTuple):
    """The `number`-th request of a name in one attempt, 1 being the first; of `salesforce` or `whmcs`."""

    system: str
    name: str
    number: int = 1

    def __str__(self) -> str:
        """As people read it: `whmcs GetOrders 2`."""
        return f"{self.system} {self.name} {self.number}"


Plan = Mapping[Request, Fault]


class Lane(FaultBoard):
    """One desk's way into both systems. `begin` starts an attempt; `sent` and `hit` are its requests."""

    def __init__(self) -> None:
        """Nothing is planned; `someone_held` becomes readable when a request is held."""
        super().__init__()
        self.sent: list[Request] = []
        self.hit: list[tuple[Request, Fault]] = []
        self._seen: Counter[tuple[str, str]] = Counter()
        self._plan: Plan = {}
        self._break_from: tuple[Request, Sequence[Fault]] | None = None
        self.someone_held, self._tell_held = multiprocessing.connection.Pipe(duplex=False)

    def begin(self, plan: Plan) -> None:
        """Count from nothing and break what is planned; nothing of an attempt before may be under way."""
        self.rest()
        self.sent, self.hit, self._seen, self._plan = [], [], Counter(), plan

    def rest(self) -> None:
        """Break nothing any more; what was sent and hit stays to be read."""
        self._plan, self._break_from = {}, None
        while self.someone_held.poll():
            self.someone_held.recv()

    def break_from(self, request: Request, faults: Sequence[Fault]) -> None:
        """Set faults, as on any board, as soon as this request comes; it is hit by them itself."""
        self._break_from = request, faults

    def take(self, system: str, action: str) -> Fault | None:
        """The planned fault of this request, else one that is set as on any board."""
        self._seen[system, action] += 1
        request = Request(system, action, self._seen[system, action])
        self.sent.append(request)
        if self._break_from and self._break_from[0] == request:
            for fault in self._break_from[1]:
                self.add(fault)
        everyone = super().take(system, action)
        planned = self._plan.get(request)
        if planned:
            self.hit.append((request, planned))
        return planned or everyone

    def note_held(self, system: str, action: str) -> None:
        """Tell whoever waits for it that the desk can be killed now."""
        super().note_held(system, action)
        self._tell_held.send((system, action))

    def doom(self) -> None:
        """Have the desk of this lane killed now, as if a request of it were held."""
        self._tell_held.send(None)

    def close(self) -> None:
        """Close the pipe."""
        self.someone_held.close()
        self._tell_held.close()


@dataclass(frozen=True)
class LanedSandbox:
    """A sandbox that is served; `profiles` has each lane's own profile."""

    sandbox: Sandbox
    lanes: Sequence[Lane]
    profiles: Sequence[Path]
    control_port: int

    def ordinary_orders(self) -> list[str]:
        """Ids of approved orders that nothing stands in the way of, in the order of the seed."""
        special = set(self.sandbox.world.scenarios.values())
        return [
            key
            for key, order in self.sandbox.salesforce.tables["Order"].items()
            if order["Status"] == "Approved" and order["Provisioning_Status__c"] == "Created" and key not in special
        ]


async def salesforce_name(request: WebRequest) -> str:
    """What a request to Salesforce is for, by its object, and a composite by what it changes: `insert send`."""
    action = salesforce_action_of(request.method, request.url.path)
    if action == "query":
        found = _FROM.search(_INNER.sub("", parse_qs(request.url.query).get("q", [""])[0]))
        return f"query {found[1]}" if found else action
    if action == "composite":
        return name_of_composite(json.loads(await request.body())["compositeRequest"])
    return action


class Wiring(NamedTuple):
    """How lanes are made, how requests on them are named, and what stands between them and WHMCS."""

    lane: Callable[[], Lane] = Lane
    salesforce_name: Callable[[WebRequest], Awaitable[str]] = salesforce_name
    whmcs_name: Callable[[WebRequest], Awaitable[str]] = whmcs_action_of
    before_whmcs: Callable[[ASGIApp], ASGIApp] = lambda app: app


@contextlib.contextmanager
def laned_sandbox(
    folder: Path,
    lanes: int,
    orders: int,
    profile: Mapping[str, Mapping[str, Any]] | None = None,
    wiring: Callable[[Sandbox], Wiring] = lambda _: Wiring(),
) -> Iterator[LanedSandbox]:
    """Serve a sandbox of `lanes` lanes with at least `orders` approved orders of as many customers.

    `profile` changes sections of the profiles.
    """
    customers = 200 + orders * 34 // 10
    sandbox = Sandbox(SandboxOptions(customers=customers, orders=customers))
    wires = wiring(sandbox)
    boards = [wires.lane() for _ in range(lanes)]
    salesforce, whmcs, control = sandbox.applications()
    whmcs = wires.before_whmcs(whmcs)
    apps: list[tuple[ASGIApp, int]] = [(control, 0)]
    for board in boards:
        apps.append((FaultMiddleware(salesforce, board, "salesforce", wires.salesforce_name), 0))
        apps.append((FaultMiddleware(whmcs, board, "whmcs", wires.whmcs_name), 0))
    with serving(apps, sandbox.clock) as ports:
        files = []
        for number in range(lanes):
            values = _values(sandbox, (ports[1 + 2 * number], ports[2 + 2 * number], ports[0]), profile or {})
            files.append(folder / f"lane{number}.toml")
            files[-1].write_text(tomli_w.dumps(values), encoding="utf-8")
        yield LanedSandbox(sandbox, boards, files, ports[0])
    for board in boards:
        board.close()


def _values(sandbox: Sandbox, ports: Sequence[int], changes: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    values = profile_values(sandbox, sandbox.info(ports))
    values["id"] = "chaos"
    values["provisioning"] = dict(TIMES)
    values["whmcs"] |= WHMCS_TIMES
    for section, more in changes.items():
        values[section] = {**values.get(section, {}), **more}
    return values


def name_of_composite(steps: Sequence[Mapping[str, Any]]) -> str:
    """The change that a composite makes, in two words at most."""
    changes: dict[str, Any] = {}
    for step in steps:
        changes |= step.get("body") or {}
    names = {step["referenceId"] for step in steps}
    if "insert" in names:
        return f"insert {changes['Claim_Key__c'].partition(':')[0].rstrip('0123456789')}"
    for field, name in (
        ("Provisioning_Status__c", f"set {changes.get('Provisioning_Status__c')}"),
        ("Whmcs_Order_Id__c", "record order"),
        ("Status", "set status"),
        ("Closed_At__c", "close row"),
        ("Whmcs_Service_Ids__c", "write lines"),
    ):
        if field in changes:
            return name
    return "renew claim" if changes else "read back"
