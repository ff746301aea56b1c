"""Clients, their contacts and logins. Source: whmcs-api.md 6."""

from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from console.integrations.whmcs.mapping.parts import address, custom_fields
from console.integrations.whmcs.records import ClientPage
from console.integrations.whmcs.shapes import Row, ShapeError, flag, integer, optional_id, page, rows, section, text
from console.models.billing import Client, ClientSummary
from console.models.billing_people import BillingContact, BillingUser, LoginProof


def client_page(answer: Row) -> ClientPage:
    """A page of GetClients."""
    found = page(answer, "clients", "client")
    return ClientPage(clients=tuple(client_summary(row) for row in found.rows), total=found.total)


def client_summary(row: Row) -> ClientSummary:
    """One row of GetClients."""
    return ClientSummary(
        id=integer(row.get("id")),
        first_name=text(row, "firstname"),
        last_name=text(row, "lastname"),
        company=text(row, "companyname"),
        email=text(row, "email"),
        status=text(row, "status"),
    )


def client(answer: Row) -> Client:
    """A client, read from `client` or, as older servers answer, from the root (GetClientsDetails)."""
    row = section(answer, "client") or answer
    return Client(
        id=integer(row.get("client_id", row.get("id", row.get("userid")))),
        first_name=text(row, "firstname"),
        last_name=text(row, "lastname"),
        company=text(row, "companyname"),
        email=text(row, "email"),
        phone=text(row, "phonenumber"),
        address=address(row),
        status=text(row, "status"),
        currency=text(row, "currency_code"),
        default_gateway=text(row, "defaultgateway"),
        custom_fields=custom_fields(row),
        address1=text(row, "address1"),
        address2=text(row, "address2"),
        owner_user_id=optional_id(row.get("owner_user_id")),
    )


def client_id(answer: Row) -> int:
    """The id in the answer of AddClient and UpdateClient."""
    return integer(answer.get("clientid"))


def contact(row: Row) -> BillingContact:
    """One row of GetContacts."""
    return BillingContact(
        id=integer(row.get("id")),
        client_id=integer(row.get("userid")),
        first_name=text(row, "firstname"),
        last_name=text(row, "lastname"),
        email=text(row, "email"),
        phone=text(row, "phonenumber"),
        address=address(row),
    )


def user(row: Row) -> BillingUser:
    """One row of GetUsers."""
    clients = [(integer(one.get("id")), flag(one.get("isOwner"))) for one in rows(row, "clients", "client")]
    return BillingUser(
        id=integer(row.get("id")),
        first_name=text(row, "firstname"),
        last_name=text(row, "lastname"),
        email=text(row, "email"),
        client_ids=tuple(number for number, _ in clients),
        owned_client_ids=tuple(number for number, owns in clients if owns),
    )


def login_proof(answer: Row) -> LoginProof:
    """ValidateLogin's answer. Whether there is a second factor has to be said: silence proves nothing."""
    return LoginProof(user_id=integer(answer.get("userid")), two_factor=flag(answer.get("twoFactorEnabled")))


def sign_on_address(answer: Row, system_url: str) -> SecretStr:
    """The address in CreateSsoToken's answer; only one of this very WHMCS is believed."""
    found: Any = answer.get("redirect_url")
    if not isinstance(found, SecretStr):
        raise ShapeError("the answer holds no way in")
    if _site(found.get_secret_value()) != _site(system_url):
        raise ShapeError("the way in leads to another site than this WHMCS")
    return found


def _site(address: str) -> tuple[str, str | None, int | None, bool] | None:
    """Scheme, host and port, and whether the address carries a name or password of its own; None for no address."""
    try:
        parts = urlsplit(address)
        return parts.scheme, parts.hostname, parts.port, "@" in parts.netloc
    except ValueError:
        # The library's text would quote the address.
        return None
