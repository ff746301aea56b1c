"""An org that people sign in to through a browser, and desks of theirs on the real adapter."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from console.integrations.salesforce.oauth import ClientApp, OAuthWire
from console.integrations.salesforce.org import Salesforce
from console.integrations.salesforce.redirect import PATH
from console.integrations.salesforce.session import SalesforceSession
from console.integrations.salesforce.sign_in import BrowserSignIn, Wanted
from console.integrations.salesforce.tokens import SignInStore, StoredRenewal
from console.sandbox.faults import Fault
from console.sandbox.salesforce_oauth import OAuthSwitches
from console.sandbox.server import Sandbox, SandboxInfo, SandboxOptions
from tests.integrations.salesforce.org_bench import FIELD_MAP
from tests.integrations.salesforce.person import Person, free_ports

T = TypeVar("T")


@dataclass(frozen=True)
class SignInBench:
    """A running sandbox, and a machine's lock folder."""

    sandbox: Sandbox
    info: SandboxInfo
    folder: Path
    ports: tuple[int, int, int] = field(default_factory=free_ports)

    @property
    def switches(self) -> OAuthSwitches:
        """How the org signs people in."""
        return self.sandbox.sign_ins.switches

    def person(self, role: str) -> str:
        """The name of the first person with a role."""
        return next(user.name for user in self.sandbox.world.staff if user.role == role)

    def username(self, role: str) -> str:
        """The username of the first person with a role."""
        return next(user.username for user in self.sandbox.world.staff if user.role == role)

    def wire(self) -> OAuthWire:
        """The endpoints as our app sees them."""
        app = ClientApp(
            client_id=self.info.salesforce_client_id, login_url=self.info.salesforce_url, environment="practice"
        )
        return OAuthWire(app)

    def store(self, person: str = "") -> SignInStore:
        """What is kept for a person."""
        return SignInStore("bench", person, self.folder)

    def browser(self, open_browser: Callable[[str], bool] | None = None, person: str = "") -> BrowserSignIn:
        """Signing in with the supervisor at the browser, unless told otherwise."""
        return BrowserSignIn(
            self.wire(), self.store(person), self.ports, open_browser or Person(self.person("supervisor"))
        )

    def sign_in(self, role: str = "supervisor") -> None:
        """Have the first person with the role sign in; the refresh token is in the password store then."""
        browser = self.browser(Person(self.person(role)))
        asyncio.run(browser.sign_in(Wanted(), lambda _: None))

    def desk(self) -> Salesforce:
        """A desk that has nothing but what the password store holds."""
        session = SalesforceSession(self.info.salesforce_url, None, "66.0")
        session.renew_with(StoredRenewal(self.wire(), self.store()))
        return Salesforce(session, FIELD_MAP, "JPY")

    def run(self, act: Callable[[Salesforce], Awaitable[T]]) -> T:
        """Act on such a desk, in a loop of its own."""

        async def attempt() -> T:
            async with contextlib.AsyncExitStack() as stack:
                desk = self.desk()
                stack.push_async_callback(desk.aclose)
                return await act(desk)

        return asyncio.run(attempt())

    def break_next(self, action: str, kind: str, **options: Any) -> None:
        """Set a fault for the next call of an action."""
        self.sandbox.board.add(
            Fault.model_validate({"system": "salesforce", "action": action, "kind": kind, **options})
        )

    def calls(self, action: str) -> int:
        """How often an action reached Salesforce."""
        return self.sandbox.board.calls_made()["salesforce"].get(action, 0)

    def as_new(self) -> None:
        """Nobody is signed in, the wire is whole, and the three ports are registered."""
        self.sandbox.board.remove()
        self.sandbox.board.calls.clear()
        self.sandbox.sign_ins.end_all()
        addresses = tuple(f"http://localhost:{port}{PATH}" for port in self.ports)
        self.sandbox.sign_ins.switches = OAuthSwitches(redirect_uris=addresses)


@contextlib.contextmanager
def sign_in_bench(folder: Path) -> Iterator[SignInBench]:
    """Serve a small world until the block ends."""
    sandbox = Sandbox(SandboxOptions(customers=20, orders=12))
    with sandbox.running() as info:
        yield SignInBench(sandbox, info, folder)
