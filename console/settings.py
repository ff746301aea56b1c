"""Every setting once: its type, default and meaning. A profile is one TOML file; secrets are never in it."""

import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings import SettingsError as UnreadableVariable

from console.errors import SettingsError
from console.profile_faults import explain

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _safe_address(address: str) -> str:
    """An address to which secrets may be sent: https, or anything on this machine itself."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        raise ValueError(f"{address!r} is not an address") from None
    if not host or parts.scheme not in ("http", "https"):
        raise ValueError(f"{address!r} must be an address such as https://shop.example.com")
    if parts.scheme == "http" and host not in LOOPBACK:
        raise ValueError(f"{address!r} must begin with https://, or secrets would be readable on the way")
    return address


Address = Annotated[str, AfterValidator(_safe_address)]
Environment = Literal["practice", "sandbox", "production"]
Port = Annotated[int, Field(ge=1024, le=65535)]

_SALESFORCE_HOSTS: dict[Environment, re.Pattern[str]] = {
    "practice": re.compile("|".join(re.escape(host) for host in LOOPBACK)),
    "sandbox": re.compile(
        r"test\.salesforce\.com|[a-z0-9-]+--[a-z0-9-]+\.sandbox\.my\.salesforce\.com"
        r"|[a-z0-9-]+\.(develop|scratch|demo|patch|trailblaze)\.my\.salesforce\.com"
    ),
    "production": re.compile(r"login\.salesforce\.com|(?!.*--)[a-z0-9-]+\.my\.salesforce\.com"),
}
_HOST_EXAMPLES: dict[Environment, str] = {
    "practice": "an address of this machine",
    "sandbox": "https://NAME--SANDBOX.sandbox.my.salesforce.com",
    "production": "https://NAME.my.salesforce.com",
}


def is_salesforce_of(environment: Environment, address: str) -> bool:
    """Whether an address is one of Salesforce's for this kind of org. Source: salesforce-api.md 1.4."""
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").lower()
        usual_port = parts.port in (None, 443)
    except ValueError:
        return False
    here = environment == "practice" and parts.scheme in ("http", "https")
    safe = here or (parts.scheme == "https" and usual_port)
    plain = not parts.username and not parts.query and not parts.fragment and parts.path in ("", "/")
    return safe and plain and bool(_SALESFORCE_HOSTS[environment].fullmatch(host))


class SalesforceSettings(_Section):
    """Where the Salesforce org is and how one signs in to it."""

    instance_url: Address = Field(description="My Domain address, for example https://NAME.my.salesforce.com")
    api_version: str = Field("66.0", description="Pinned REST API version")
    currency: str = Field("JPY", description="Currency of the org's prices (ISO 4217)")
    client_id: str = Field("", description="Consumer key of the External Client App; it is no secret")
    sign_in: Literal["browser", "key"] | None = Field(
        None, description="browser for people, key for the worker; left out: browser, in practice the given tokens"
    )
    login_url: Address | None = Field(None, description="Where to sign in, where that is not the My Domain address")
    organization_id: str = Field(
        "",
        pattern=r"^(00D[A-Za-z0-9]{12}([A-Za-z0-9]{3})?)?$",
        description="Id of the one org that may be signed in to",
    )
    username: str = Field("", description="The one Salesforce user who may sign in here; the worker needs it")
    redirect_ports: tuple[Port, Port, Port] = Field(
        (47431, 47432, 47433), description="Ports of this machine that the External Client App may call back"
    )
    key_folder: str = Field(
        "", description="Folder with salesforce-key.pem; left out, the key is in the password store"
    )

    @property
    def login_address(self) -> str:
        """Where people and programs sign in, without a path."""
        return (self.login_url or self.instance_url).rstrip("/")


class WhmcsSettings(_Section):
    """Where WHMCS is and what is particular to that installation."""

    url: Address = Field(description="System URL; includes/api.php is added to it")
    customer_number_field_id: int = Field(description="Id of the client custom field that holds the customer number")
    marker_field_ids: dict[int, int] = Field({}, description="Product id to id of its admin-only marker field")
    marker_proved: bool = Field(False, description="Whether AddOrder was proved to store the marker field")
    max_run_time_s: float = Field(300, gt=0, description="Longest time for which WHMCS may go on with a request")
    timeout_s: float = Field(30, gt=0, description="How long we wait for an answer")
    max_connections: int = Field(4, ge=1, le=20, description="How many calls may be under way at once")
    calls_per_s: float | None = Field(None, gt=0, description="How many calls begin each second; no limit if left out")
    burst: int = Field(4, ge=1, description="How many calls may begin at once after a pause")
    details_per_minute: int = Field(
        60, ge=0, le=600, description="How many clients are read one by one each minute for the directory; 0: none"
    )
    autosetup: bool = Field(True, description="Whether accepting an order sets its services up at once")
    first_invoice: bool = Field(True, description="Whether WHMCS makes the order's first invoice")


class PortalSettings(_Section):
    """Where the Portal database is."""

    database_url: str = Field("", description="SQLAlchemy URL; empty means a SQLite file in the data folder")

    @field_validator("database_url")
    @classmethod
    def _without_password(cls, url: str) -> str:
        if re.match(r"[^/]*//[^/@]*:[^/@]*@", url):
            raise ValueError("the password belongs in the password store, not in the address")
        return url


class ProvisioningSettings(_Section):
    """How provisioning holds and times its claims."""

    claim_lease_s: float = Field(120, gt=0, description="How long a claim on an order holds without renewal")
    send_window_s: float = Field(10, gt=0, description="Longest time between a send row and its request")
    settle_wait_s: float = Field(2, gt=0, description="Pause between two looks for a lost answer's outcome")


class ReviewSettings(_Section):
    """From when on a check says look or stop."""

    time_zone: str = Field("Asia/Tokyo", description="The zone whose calendar days count for expiries and due dates")

    mnp_min_days_left: int = Field(2, ge=0, description="Fewer days left on a transfer number stop the order")
    mnp_look_days: int = Field(5, ge=0, description="Fewer days left on a transfer number are worth a look")
    card_look_days: int = Field(30, ge=0, description="A card that ends within these days is worth a look")
    duplicate_window_hours: int = Field(24, ge=1, description="The same order within these hours is a duplicate")
    overdue_invoice_stops: bool = Field(False, description="Whether an overdue invoice holds new orders")

    @field_validator("time_zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        if zone not in available_timezones():
            raise ValueError(f"{zone!r} is no time zone such as Asia/Tokyo")
        return zone


class DeskSettings(_Section):
    """How the window works."""

    refresh_s: float = Field(30, ge=1, description="How often the queue is read again; each time costs one API call")
    compare_every_h: int = Field(
        4,
        ge=0,
        le=168,
        description="Hours between two comparisons of recent orders in both systems by the desk itself; 0 means never",
    )


class WorkerSettings(_Section):
    """How `staff-console worker` does by itself what else people would have to."""

    health_port: int = Field(
        0, ge=0, le=65535, description="Port of this machine where the worker tells how it is doing; 0 means any"
    )
    sync_every_s: float | None = Field(
        None, ge=1, description="How often the queue is read again; left out: as often as a desk does"
    )
    retry_every_s: float = Field(30, gt=0, description="How often it is seen whether something stuck may be retried")
    recheck_s: float = Field(900, gt=0, description="Shortest pause between two looks for a payment or set-up")
    sweep_every_s: float = Field(3600, gt=0, description="How often both systems' orders are compared")
    sweep_days: int = Field(7, ge=1, le=366, description="Orders that changed within these days are compared")
    provision_approved: bool = Field(
        False, description="Whether what was approved in Salesforce itself is provisioned without a click"
    )


class PracticeUser(_Section):
    """One of the sandbox's invented staff."""

    role: str
    name: str
    access_token: SecretStr


class PracticeSettings(_Section):
    """The sandbox's own throw-away secrets; only a sandbox profile has them."""

    control_url: Address
    whmcs_identifier: SecretStr
    whmcs_secret: SecretStr
    users: tuple[PracticeUser, ...]


class Profile(BaseSettings):
    """One environment. Environment variables `STAFF_CONSOLE_…` fill in what the file leaves out."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix="STAFF_CONSOLE_", env_nested_delimiter="__"
    )

    id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,60}$", description="Names the data folder and the keyring entries")
    environment: Environment = Field(description="Told apart in the window")
    salesforce: SalesforceSettings
    whmcs: WhmcsSettings
    portal: PortalSettings = PortalSettings()
    provisioning: ProvisioningSettings = ProvisioningSettings()
    review: ReviewSettings = ReviewSettings()
    desk: DeskSettings = DeskSettings()
    worker: WorkerSettings = WorkerSettings()
    practice: PracticeSettings | None = None

    @property
    def sign_in_way(self) -> Literal["given", "browser", "key"]:
        """How the access token comes: the practice systems' given one, a person's browser, or the worker's key."""
        return self.salesforce.sign_in or ("given" if self.practice else "browser")

    @model_validator(mode="after")
    def _salesforce_is_of_the_environment(self) -> "Profile":
        """Production and sandbox are told apart by Salesforce's own addresses, so nobody takes one for the other.

        A profile without a `client_id` signs in nowhere.
        """
        if not self.salesforce.client_id:
            return self
        for name in ("instance_url", "login_url"):
            address = getattr(self.salesforce, name)
            if address and not is_salesforce_of(self.environment, address):
                example = _HOST_EXAMPLES[self.environment]
                raise ValueError(f"salesforce.{name} {address!r} is not of a {self.environment} org, such as {example}")
        return self

    @model_validator(mode="after")
    def _practice_stays_here(self) -> "Profile":
        """Secrets in a file are the sandbox's alone: a profile with them may only point at this machine."""
        if self.practice is None:
            return self
        addresses = (self.salesforce.instance_url, self.whmcs.url, self.practice.control_url)
        if self.environment != "practice" or any(urlsplit(one).hostname not in LOOPBACK for one in addresses):
            raise ValueError("only a practice profile whose systems are on this machine may hold secrets")
        return self


def load_profile(file: Path) -> Profile:
    """Read a profile. Raises `SettingsError` that names the file, and for each fault its line and how to mend it."""
    try:
        text = file.read_text(encoding="utf-8-sig")
        values = tomllib.loads(text)
    except FileNotFoundError:
        raise SettingsError(f"There is no profile {file}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The profile {file} cannot be read: {type(error).__name__}.") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"The profile {file} is not valid TOML: {error}.") from None
    return profile_from(values, str(file), text)


def profile_from(values: dict[str, Any], source: str, text: str = "") -> Profile:
    """Check the values of a profile; `source` names them in messages, `text` is their TOML. Raises `SettingsError`."""
    try:
        return Profile(**values)
    except UnreadableVariable as error:
        raise SettingsError(f"An environment variable STAFF_CONSOLE_… cannot be used: {error}.") from None
    except ValidationError as error:
        raise SettingsError(
            "\n".join((f"The profile {source} cannot be used.", *explain(error, Profile, text)))
        ) from None
