"""Actions on clients, their contacts, logins and ways into the client area. Source: whmcs-api.md 6."""

import secrets
from collections.abc import AsyncIterator
from functools import partial

from pydantic import SecretStr

from console.clocks import elapsed_s
from console.errors import Unavailable
from console.integrations.whmcs.mapping import clients as mapping
from console.integrations.whmcs.paging import Listing, ListPart, Place, all_rows, parts_after
from console.integrations.whmcs.php import Param, Params, serialised_map
from console.integrations.whmcs.records import ClientPage
from console.integrations.whmcs.shapes import nothing
from console.integrations.whmcs.system import SystemActions
from console.models.billing import Client, ClientSummary
from console.models.billing_people import (
    BillingContact,
    BillingUser,
    ClientArea,
    ClientDetails,
    LoginProof,
    SignOnLink,
)

_PARAMETERS = {
    "first_name": "firstname",
    "last_name": "lastname",
    "company": "companyname",
    "phone": "phonenumber",
    "postal_code": "postcode",
}


class ClientActions(SystemActions):
    """Clients and who stands behind them."""

    async def get_clients(
        self, search: str = "", *, limit: int = 25, offset: int = 0, status: str | None = None
    ) -> ClientPage:
        """A page of clients. `search` matches the start of e-mail, first, last, full or company name only."""
        params: Params = {"search": search or None, "status": status, "limitstart": offset, "limitnum": limit}
        return await self._transport.read("GetClients", params, mapping.client_page)

    async def client_parts(self, place: Place) -> AsyncIterator[ListPart[ClientSummary]]:
        """Every client after a place of the list, also where rows move between pages while they are read."""
        listing = Listing("GetClients", {"orderby": "id", "sorting": "ASC"}, "clients", "client")
        async for part in parts_after(self._transport, listing, mapping.client_summary, place):
            yield part

    async def get_client(self, client_id: int | None = None, *, email: str | None = None) -> Client:
        """The client with this id or exactly this e-mail address. Missing where there is none."""
        params: Params = {"clientid": client_id, "email": email, "stats": False}
        client = await self._transport.read("GetClientsDetails", params, mapping.client)
        if client_id not in (None, client.id):
            raise Unavailable("whmcs", "GetClientsDetails", "an answer about another client")
        return client

    async def add_client(self, details: ClientDetails, *, owner_user_id: int | None = None) -> int:
        """Make a client and return its id; no mail goes out. A repeat is Rejected by its e-mail address.

        Without `owner_user_id` a login is made too. Its password is random and known to nobody: a person who
        needs that login sets one by `reset_password`.
        """
        params = _client_params(details)
        params["owner_user_id"] = owner_user_id
        params["noemail"] = True
        if owner_user_id is None:
            params["password2"] = secrets.token_urlsafe(24)
        return await self._transport.change("AddClient", params, mapping.client_id)

    async def update_client(self, client_id: int, details: ClientDetails) -> None:
        """Change what `details` names; the rest stays. Read it back: what WHMCS does not know it ignores."""
        params = {"clientid": client_id, **_client_params(details)}
        await self._transport.change("UpdateClient", params, mapping.client_id)

    async def get_contacts(self, client_id: int) -> tuple[BillingContact, ...]:
        """All further persons of a client."""
        listing = Listing("GetContacts", {"userid": client_id}, "contacts", "contact")
        found = [contact async for contact in all_rows(self._transport, listing, mapping.contact)]
        return tuple(contact for contact in found if contact.client_id == client_id)

    async def get_users(self, search: str) -> tuple[BillingUser, ...]:
        """The logins whose name or e-mail address starts like this."""
        listing = Listing("GetUsers", {"search": search, "sorting": "ASC"}, "users", "user")
        return tuple([user async for user in all_rows(self._transport, listing, mapping.user)])

    async def validate_login(self, email: str, password: SecretStr) -> LoginProof:
        """Prove once that somebody knows this login's password. Rejected where it is wrong; asked once only."""
        params: Params = {"email": email, "password2": password.get_secret_value()}
        return await self._transport.ask("ValidateLogin", params, mapping.login_proof)

    async def reset_password(self, user_id: int) -> None:
        """Let WHMCS mail this login a link to set a new password. Missing where there is none."""
        await self._transport.change("ResetPassword", {"id": user_id}, nothing)

    async def create_sso_token(
        self, client_id: int, area: ClientArea = ClientArea.HOME, *, invoice_id: int | None = None
    ) -> SignOnLink:
        """A way into a page of the client area, or to one invoice, as the customer. To be opened at once.

        Asked once: a link that is lost on the way opens nothing after a minute.
        """
        params: dict[str, Param] = {"client_id": client_id, "destination": area.value or None}
        if invoice_id is not None:
            params["destination"] = "sso:custom_redirect"
            params["sso_redirect_path"] = f"viewinvoice.php?id={invoice_id}"
        made_s = elapsed_s()
        mapped = partial(mapping.sign_on_address, system_url=self._transport.url)
        address = await self._transport.ask("CreateSsoToken", params, mapped)
        return SignOnLink(address=address, made_s=made_s)


def _client_params(details: ClientDetails) -> dict[str, Param]:
    values = details.model_dump(exclude={"custom_fields"}, exclude_none=True)
    params: dict[str, Param] = {_PARAMETERS.get(name, name): value for name, value in values.items()}
    if details.custom_fields:
        params["customfields"] = serialised_map(details.custom_fields)
    return params
