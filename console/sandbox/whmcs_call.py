"""What every WHMCS action works with: the running server, a call's parameters, paging. Knows no action."""

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, TypeAlias, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator

from console.sandbox.clock import Clock
from console.sandbox.php import Array, Value
from console.sandbox.whmcs_store import Client, Currency, Gateway, WhmcsBooks
from console.sandbox.whmcs_tables import Row, find

Answer: TypeAlias = dict[str, Any]
T = TypeVar("T")

_PAGE_SIZE = 25
_ITEMS = "invoice items"
_LEADING_INTEGER = re.compile(r"\s*[+-]?[0-9]{1,18}")


class Refused(Exception):
    """A business error: HTTP 200 with `result` (for GetEmails: `status`) "error" and this message."""

    def __init__(self, message: str, key: Literal["result", "status"] = "result") -> None:
        """Keep the words, and the key that says that it is an error."""
        super().__init__(message)
        self.message = message
        self.key = key


class ApiCredential(BaseModel):
    """One pair of identifier and secret. It may do what any of its roles allows, and everything without roles."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    identifier: str
    secret: str
    roles: tuple[str, ...] = ()
    admin: Literal["active", "disabled", "without_api_access"] = "active"
    """The state of the administrator to whom the credential belongs."""


class Switches(BaseModel):
    """How this WHMCS differs from the next one; all can be changed while it runs (whmcs-api.md 13)."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    version: str = "8.12.1"
    """8.1, 8.12 and 9.0 differ in what they offer."""
    ip_allowed: bool = True
    allowed_addresses: frozenset[str] | None = None
    """The list of addresses that may call; None where every one may."""
    seen_address: str = ""
    """What the server takes for the caller's address, such as an IPv6 one; its own where empty."""
    credentials: tuple[ApiCredential, ...] = ()
    """Further credentials beside the sandbox's own, which may do everything."""
    admin_passwords: dict[str, str] = Field(default_factory=dict)
    """Logins of administrators and the MD5 of their passwords, as before there were credentials."""
    api_roles: dict[str, frozenset[str]] = Field(default_factory=dict)
    """Roles and the actions that each allows."""
    disabled_actions: frozenset[str] = frozenset()
    """Action names that no role has."""
    internal_actions: frozenset[str] = frozenset()
    """Action names that are limited to local use."""
    old_messages: bool = False
    """Bad credentials are told as by older versions."""
    access_as_nvp: bool = False
    """Access errors as `message=…` text although JSON was asked for."""
    notes_ignored: bool = False
    """AddOrder drops `notes`, which is not documented."""
    admin_only_field_ignored: bool = False
    """AddOrder drops admin-only custom fields."""
    capture_at: Literal["AddOrder", "AcceptOrder"] = "AcceptOrder"
    shuffled_types: bool = False
    number_types: Literal["documented", "text"] = "documented"
    """Whether numbers come as in the documented examples, or all as text."""
    empty_form: Literal["wrapper", "text", "list", "object", "null", "missing"] = "wrapper"
    list_form: Literal["array", "single_object", "numeric_keys"] = "array"
    entity_encoded: bool = False
    """The characters that HTML needs come as entities."""
    latin_entities: bool = False
    """Letters with accents come as entities as well."""
    issued_invoices: Literal["refused", "ignored"] = "refused"
    """How 9.0 takes a change of an invoice that is no draft: not documented (whmcs-api.md 10)."""
    time_zone: str = "Asia/Tokyo"
    """The server's own zone; its times say nothing of it (whmcs-api.md 4.4)."""
    sso_unavailable: bool = False
    """CreateSsoToken fails for a reason that has nothing to do with what was sent."""

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        """Raises ValueError for a zone that there is not."""
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, OSError) as error:
            raise ValueError(f"there is no time zone {name!r}") from error
        return name

    def since(self, *wanted: int) -> bool:
        """Whether this is version `wanted` or newer."""
        return tuple(int(part) for part in self.version.split(".")) >= wanted


@dataclass(frozen=True)
class Credentials:
    """What the console signs in with; `access_key` passes the address list."""

    identifier: str
    secret: str
    access_key: str


@dataclass(frozen=True)
class SsoToken:
    """A way into the client area that works once, until `expires`."""

    client_id: int
    destination: str
    expires: datetime


@dataclass
class WhmcsServer:
    """One running WHMCS: its books, its clock and the way it behaves."""

    books: WhmcsBooks
    clock: Clock
    credentials: Credentials
    switches: Switches = field(default_factory=Switches)
    chance: random.Random = field(default_factory=lambda: random.Random(0))
    sso_tokens: dict[str, SsoToken] = field(default_factory=dict)
    last_ids: dict[str, int] = field(default_factory=dict)

    def moment(self) -> str:
        """Now, as WHMCS writes it: its own zone, no offset (whmcs-api.md 4.4)."""
        return f"{self._now():%Y-%m-%d %H:%M:%S}"

    def today(self) -> str:
        """Today in the server's zone."""
        return f"{self._now():%Y-%m-%d}"

    def _now(self) -> datetime:
        return self.clock.now().astimezone(ZoneInfo(self.switches.time_zone))

    def new_id(self, table: str) -> int:
        """The next id of a table; as in a database, the id of a deleted row does not come back."""
        if table not in self.last_ids:
            self.keep_ids(table)
        self.last_ids[table] += 1
        while find(self.books.table(table), self.last_ids[table]):
            self.last_ids[table] += 1
        return self.last_ids[table]

    def new_item_id(self) -> int:
        """The next id of an invoice line, which has no table of its own."""
        if _ITEMS not in self.last_ids:
            items = (item.id for invoice in self.books.invoices for item in invoice.items)
            self.last_ids[_ITEMS] = max(items, default=0)
        self.last_ids[_ITEMS] += 1
        return self.last_ids[_ITEMS]

    def keep_ids(self, *tables: str) -> None:
        """Remember the highest id of each table; called before rows are deleted."""
        for table in tables:
            present = max((row.id for row in self.books.table(table)), default=0)
            self.last_ids[table] = max(present, self.last_ids.get(table, 0))

    def currency_of(self, client: Client) -> Currency:
        """The client's currency; the first one where it names none that exists."""
        return find(self.books.currencies, client.currency) or self.books.currencies[0]

    def gateway(self, module: str) -> Gateway | None:
        """The gateway with this system name."""
        return next((gateway for gateway in self.books.gateways if gateway.module == module), None)

    def gateway_name(self, module: str) -> str:
        """The display name of a gateway; its system name where it is switched off."""
        found = self.gateway(module)
        return found.displayname if found else module


@dataclass(frozen=True)
class Params:
    """The parameters of one call, read as PHP would: wrong types and unknown names are not errors."""

    form: Mapping[str, Value]

    def given(self, name: str) -> bool:
        """Whether the parameter was sent with a value."""
        return self.form.get(name, "") != ""

    def text(self, name: str) -> str:
        """A scalar; empty where it is absent or an array."""
        value = self.form.get(name, "")
        return value if isinstance(value, str) else ""

    def integer(self, name: str) -> int:
        """The leading integer of a scalar, else 0."""
        return php_integer(self.text(name))

    def flag(self, name: str) -> bool:
        """PHP's truth: all text but "" and "0" is true, the word "false" too (whmcs-api.md 4.6)."""
        return self.text(name) not in ("", "0")

    def amount(self, name: str) -> Decimal | None:
        """A finite number; None where it is absent or something else."""
        try:
            found = Decimal(self.text(name))
        except InvalidOperation:
            return None
        return found if found.is_finite() else None

    def array(self, name: str) -> Array:
        """An array; empty where it is absent or a scalar."""
        value = self.form.get(name)
        return value if isinstance(value, dict) else {}


@dataclass(frozen=True)
class Call:
    """One call of an action."""

    server: WhmcsServer
    params: Params
    caller: str
    """The address that the call came from."""
    system_url: str
    """This server's own address, without a closing slash."""

    @property
    def books(self) -> WhmcsBooks:
        """The server's tables."""
        return self.server.books


Handler: TypeAlias = Callable[[Call], Answer]


def php_integer(text: str) -> int:
    """PHP's `(int)`: the integer that the text starts with, else 0."""
    match = _LEADING_INTEGER.match(text)
    return int(match[0]) if match else 0


def wanted(row: T | None, refusal: str) -> T:
    """The row; `Refused` with this message where there is none."""
    if row is None:
        raise Refused(refusal)
    return row


def page(call: Call, rows: Sequence[Row]) -> tuple[Answer, Sequence[Any]]:
    """The paging fields of an answer and the rows of its page (whmcs-api.md 4.8)."""
    start = max(call.params.integer("limitstart"), 0)
    size = call.params.integer("limitnum") or _PAGE_SIZE
    shown = rows[start : start + max(size, 0)]
    return {"totalresults": len(rows), "startnumber": start, "numreturned": len(shown)}, shown
