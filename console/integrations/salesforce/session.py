"""The Salesforce session of one person: where the org is, the access token, and how much of the call budget is used."""

import asyncio
import re
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import NamedTuple

from pydantic import SecretStr

from console.clocks import ServerClock
from console.errors import AccessRefused
from console.integrations.contact import Contact
from console.integrations.salesforce.gate import SignInGate
from console.integrations.salesforce.oauth import Tokens
from console.models.connection import CallBudget

_USAGE = re.compile(r"\bapi-usage=(\d{1,12})/(\d{1,12})")


class Access(NamedTuple):
    """An access token and where it counts. Each new one has a higher `generation`; without a token it is None."""

    token: SecretStr | None
    instance_url: str
    generation: int


class SalesforceSession:
    """One token holder for every task and thread. Sign-in fills it; nothing else keeps the token.

    calls              requests that we sent, by action
    calls_of_the_org   the budget of everybody's requests as the last answer told, None before the first
    clock              Salesforce's own time
    contact            how the org answers
    gate               where work waits while nobody is signed in
    """

    def __init__(self, instance_url: str, access_token: SecretStr | None, api_version: str) -> None:
        """`instance_url` has no trailing path; `api_version` is like `66.0`."""
        self.api_version = api_version
        self.calls: Counter[str] = Counter()
        self.clock = ServerClock()
        self.contact = Contact()
        self.gate = SignInGate()
        self.calls_of_the_org: CallBudget | None = None
        self._access = Access(access_token, instance_url.rstrip("/"), 0)
        self._turn = threading.Lock()
        self._renewal: Callable[[], Tokens] | None = None
        self._under_way: Future[Access] | None = None

    @property
    def access(self) -> Access:
        """The access of the moment: token and address belong together."""
        return self._access

    @property
    def instance_url(self) -> str:
        """Where the org is."""
        return self._access.instance_url

    @property
    def data_path(self) -> str:
        """The path of the REST data resources of the pinned version."""
        return f"/services/data/v{self.api_version}"

    @property
    def can_renew(self) -> bool:
        """Whether a token that has ended can be replaced. A practice profile's given token cannot."""
        return self._renewal is not None

    def renew_with(self, renewal: Callable[[], Tokens]) -> None:
        """Get new tokens from `renewal` when the access token has ended. It blocks, and is called on a thread.

        It raises `AccessRefused` where a person has to sign in, and `Unavailable` where it can be tried again.
        """
        self._renewal = renewal

    def adopt(self, access_token: SecretStr, instance_url: str) -> Access:
        """Take over a new token, and the address where the org is now; what waits for a sign-in goes on."""
        access = self._replace(access_token, instance_url.rstrip("/"))
        self.gate.open()
        return access

    def forget(self) -> None:
        """Let go of the token at sign-out."""
        self._replace(None, self.instance_url)

    async def usable(self) -> Access:
        """The access of the moment; where there is no token yet, a new one."""
        access = self._access
        return await self.renewed(access) if access.token is None and self.can_renew else access

    async def renewed(self, stale: Access) -> Access:
        """As `renewed_at_once`; waits at the gate while a person has to sign in."""
        while True:
            try:
                return await self.renewed_at_once(stale)
            except AccessRefused as refused:
                if self._access.token is None or self._access.generation <= stale.generation:
                    await self.gate.passed(refused)

    async def renewed_at_once(self, stale: Access) -> Access:
        """An access that is newer than `stale`, got once however many ask at the same time.

        Raises what the renewal raises. Being cancelled here does not break a renewal off: its answer may hold the
        only refresh token that still works.
        """
        return await asyncio.wrap_future(self._renewing(stale))

    async def aclose(self) -> None:
        """End what waits for a sign-in, and wait for a renewal that is under way."""
        self.gate.give_up()
        self.gate.attended = False
        with self._turn:
            under_way = self._under_way
        if under_way:
            await asyncio.gather(asyncio.wrap_future(under_way), return_exceptions=True)

    def note_answer(self, headers: Mapping[str, str]) -> None:
        """Read the limit and date headers of an answer. Source: salesforce-api.md 2.1."""
        self.clock.note(headers.get("Date", ""))
        if found := _USAGE.search(headers.get("Sforce-Limit-Info", "")):
            self.calls_of_the_org = CallBudget(used=int(found[1]), allowed=int(found[2]))

    def _replace(self, access_token: SecretStr | None, instance_url: str) -> Access:
        with self._turn:
            self._access = Access(access_token, instance_url, self._access.generation + 1)
            return self._access

    def _renewing(self, stale: Access) -> Future[Access]:
        """The renewal that is under way, else a new one; already done where `stale` is not the last access."""
        with self._turn:
            if self._under_way:
                return self._under_way
            future: Future[Access] = Future()
            # From now on nobody who waits can cancel it for the others.
            future.set_running_or_notify_cancel()
            if self._access.token is not None and self._access.generation > stale.generation:
                future.set_result(self._access)
            elif self._renewal is None:
                future.set_exception(_nobody_signed_in())
            else:
                self._under_way = future
                threading.Thread(target=self._renew, args=(self._renewal, future), name="salesforce sign-in").start()
            return future

    def _renew(self, renewal: Callable[[], Tokens], future: Future[Access]) -> None:
        try:
            tokens = renewal()
        except Exception as error:  # noqa: BLE001 - handed to everybody who waits for it
            self._under_way = None
            future.set_exception(error)
            return
        access = self.adopt(tokens.access_token, tokens.instance_url)
        self._under_way = None
        future.set_result(access)


def _nobody_signed_in() -> AccessRefused:
    return AccessRefused("salesforce", "oauth_token", "Nobody is signed in.", error_code="invalid_grant")
