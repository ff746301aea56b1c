"""The Salesforce session of one person: where the org is, the access token, and how much of the call budget is used."""

import re
from collections import Counter
from collections.abc import Mapping

from pydantic import SecretStr

from console.clocks import ServerClock
from console.integrations.contact import Contact


class SalesforceSession:
    """One token holder for every transport thread. Sign-in fills it; nothing else keeps the token.

    used_calls, allowed_calls   the org's daily API requests as the last answer told, None before the first
    calls                       requests that we sent, by action
    clock                       Salesforce's own time
    contact                     how the org answers
    """

    def __init__(self, instance_url: str, access_token: SecretStr, api_version: str) -> None:
        """`instance_url` has no trailing path; `api_version` is like `66.0`."""
        self.instance_url = instance_url.rstrip("/")
        self.api_version = api_version
        self.access_token = access_token
        self.calls: Counter[str] = Counter()
        self.clock = ServerClock()
        self.contact = Contact()
        self.used_calls: int | None = None
        self.allowed_calls: int | None = None

    @property
    def data_path(self) -> str:
        """The path of the REST data resources of the pinned version."""
        return f"/services/data/v{self.api_version}"

    def note_answer(self, headers: Mapping[str, str]) -> None:
        """Read the limit and date headers of an answer. Source: salesforce-api.md 2.1."""
        self.clock.note(headers.get("Date", ""))
        found = re.search(r"api-usage=(\d+)/(\d+)", headers.get("Sforce-Limit-Info", ""))
        if found:
            self.used_calls, self.allowed_calls = int(found[1]), int(found[2])
