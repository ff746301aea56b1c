"""One WHMCS with every action that the console uses. Raises only `console.errors`; decides nothing."""

from collections import Counter

from pydantic import SecretStr

from console.clocks import ServerClock
from console.integrations.contact import Contact
from console.integrations.whmcs.billing import BillingActions
from console.integrations.whmcs.clients import ClientActions
from console.integrations.whmcs.messaging import MessagingActions
from console.integrations.whmcs.orders import OrderActions
from console.integrations.whmcs.pace import Pacing
from console.integrations.whmcs.rights import may_call
from console.integrations.whmcs.services import ServiceActions
from console.integrations.whmcs.transport import Transport

_USUAL_PACE = Pacing()


class Whmcs(ClientActions, OrderActions, ServiceActions, BillingActions, MessagingActions):
    """One WHMCS server. Reads are repeated where that is safe; a change is sent once and never repeated.

    Every method raises AccessRefused and Unavailable; every change also Rejected and OutcomeUnknown.
    """

    def __init__(
        self,
        base_url: str,
        identifier: SecretStr,
        secret: SecretStr,
        *,
        access_key: SecretStr | None = None,
        timeout_s: float = 30,
        max_connections: int = 4,
        pacing: Pacing = _USUAL_PACE,
    ) -> None:
        """Open nothing yet. `base_url` is the system URL, which may hold a path.

        `access_key` passes the address list; `timeout_s` bounds one call as a whole.
        SettingsError where `base_url` is not an http(s) address.
        """
        credentials = {"identifier": identifier, "secret": secret}
        if access_key is not None:
            credentials["accesskey"] = access_key
        super().__init__(
            Transport(base_url, credentials, timeout_s=timeout_s, max_connections=max_connections, pacing=pacing)
        )

    @property
    def calls(self) -> Counter[str]:
        """How many calls were sent, by action."""
        return self._transport.calls

    @property
    def contact(self) -> Contact:
        """How the server answers, and since when it is spared."""
        return self._transport.contact

    @property
    def clock(self) -> ServerClock:
        """The server's clock, from the last answer that told its time."""
        return self._transport.clock

    def ask_afresh(self) -> None:
        """Let the next read go out although the server is spared: a person asks how it is now."""
        self._transport.ask_afresh()

    async def may_call(self, action: str) -> bool:
        """Whether the API role allows one of `rights.PROBES`; nothing is changed."""
        return await may_call(self._transport, action)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()
