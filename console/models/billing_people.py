"""Who stands behind a WHMCS client: its contacts, its logins, what is sent to make or change one, and ways in."""

from enum import StrEnum

from pydantic import Field, SecretStr

from console.models.address import Address
from console.models.record import Record


class BillingContact(Record):
    """A further person of a client (GetContacts)."""

    id: int
    client_id: int
    first_name: str
    last_name: str
    email: str
    phone: str
    address: Address


class BillingUser(Record):
    """A login of WHMCS (GetUsers): the clients that it may act for, and those that it owns."""

    id: int
    first_name: str
    last_name: str
    email: str
    client_ids: tuple[int, ...]
    owned_client_ids: tuple[int, ...]


class ClientDetails(Record):
    """What a client is made of or changed to (AddClient, UpdateClient). What is None is not sent.

    country        two letters (ISO 3166-1)
    language       WHMCS's own full name of it, such as `english`
    custom_fields  by field id; the others stay
    """

    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    email: str | None = None
    phone: str | None = None
    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = Field(None, pattern=r"^[A-Z]{2}$")
    language: str | None = None
    custom_fields: dict[int, str] = Field(default_factory=dict)


class LoginProof(Record):
    """What a right password proves (ValidateLogin): nothing yet where the login has a second factor."""

    user_id: int
    two_factor: bool

    @property
    def proves_ownership(self) -> bool:
        """Whether the password alone is enough."""
        return not self.two_factor


class ClientArea(StrEnum):
    """Pages of the client area that a sign-on link can open. Source: whmcs-api.md 6, CreateSsoToken."""

    HOME = ""
    PROFILE = "clientarea:profile"
    BILLING_INFO = "clientarea:billing_info"
    EMAILS = "clientarea:emails"
    SERVICES = "clientarea:services"
    INVOICES = "clientarea:invoices"
    TICKETS = "clientarea:tickets"


class SignOnLink(Record):
    """A way into the client area with the customer's full rights: it works once, for a minute at most.

    To be opened at once; never shown, kept or logged. `made_s` is a time of `clocks.elapsed_s`.
    """

    address: SecretStr
    made_s: float
