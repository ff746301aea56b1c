"""The link of the three ids, gathered live from all three systems before anything is changed."""

import asyncio
from datetime import UTC, datetime

from console.errors import Conflict, Missing, SystemFault
from console.integrations.portal.links import Links
from console.integrations.salesforce.client import SalesforceReader
from console.integrations.whmcs.actions import Whmcs
from console.models.billing import Client
from console.models.customer import Account, Link, LinkFacts, LinkHealth, LinkState, PortalUser
from console.models.failure import Failure
from console.models.record import Record, Sentence
from console.rules.links import judge
from console.workflows.diagnosis import Diagnosis


class LiveLink(Record):
    """One customer's link as the three systems tell it now; `unread` says why WHMCS could not be asked."""

    health: LinkHealth
    facts: LinkFacts
    account: Account | None
    client: Client | None
    portal_user: PortalUser | None
    unread: Failure | None
    checked_at: datetime


class Linking:
    """Reads the facts of a link and writes a link row that is missing while all facts agree."""

    def __init__(
        self,
        reader: SalesforceReader,
        whmcs: Whmcs,
        links: Links,
        diagnosis: Diagnosis,
        customer_number_field_id: int,
    ) -> None:
        """`customer_number_field_id` is the WHMCS client custom field that holds the customer number."""
        self._reader = reader
        self._whmcs = whmcs
        self._links = links
        self._diagnosis = diagnosis
        self._field_id = customer_number_field_id

    async def of_customer(self, account_id: str | None, client_id: int | None = None) -> LiveLink:
        """The link of a Salesforce account, or of a WHMCS client that no account names, from all three systems."""
        account = await self._reader.account(account_id) if account_id else None
        rows = await self._links.naming(
            account_id,
            account.whmcs_client_id if account else client_id,
            account.portal_user_id if account else None,
        )
        row = next((one for one in rows if one.salesforce_account_id == account_id), None)
        client_id = (account.whmcs_client_id if account else client_id) or (row.whmcs_client_id if row else None)
        user_id = (account.portal_user_id if account else None) or (row.portal_user_id if row else None)
        (client, others, unread), user, same_number = await asyncio.gather(
            self._clients(rows, client_id), self._user(user_id), self._accounts_with(account)
        )
        facts = LinkFacts(
            account_id=account.id if account else None,
            account_customer_number=account.customer_number if account else "",
            account_whmcs_client_id=account.whmcs_client_id if account else None,
            account_portal_user_id=account.portal_user_id if account else None,
            accounts_with_customer_number=same_number,
            client_id=client_id,
            client_exists=client is not None,
            client_open=client is not None and client.is_open,
            client_customer_number=self._number_of(client),
            other_client_customer_numbers=tuple(self._number_of(other) for other in others),
            portal_user_exists=user is not None or (account is not None and account.portal_user_id is not None),
            rows=tuple(rows),
        )
        return LiveLink(
            health=_unknown(unread) if unread else judge(facts),
            facts=facts,
            account=account,
            client=client,
            portal_user=user,
            unread=unread,
            checked_at=datetime.now(UTC),
        )

    async def write_missing_row(self, link: LiveLink, actor: str) -> bool:
        """Write the link row where the facts agree and only the row is missing; tells whether it did.

        Source: architecture.md, "Decisions": a missing row is written, audited, at the first live check.
        """
        account, client = link.account, link.client
        if link.facts.rows or link.health.state is not LinkState.LINKED:
            return False
        if not account or not client or not account.portal_user_id:
            return False
        row = Link(portal_user_id=account.portal_user_id, whmcs_client_id=client.id, salesforce_account_id=account.id)
        user = link.portal_user or PortalUser(
            id=account.portal_user_id, email=account.email or client.email, name=account.name, state="active"
        )
        try:
            await self._links.add(row, user, actor)
        except Conflict:
            return False
        return True

    def _number_of(self, client: Client | None) -> str:
        return client.custom_fields.get(self._field_id, "") if client else ""

    async def _clients(
        self, rows: list[Link], client_id: int | None
    ) -> tuple[Client | None, list[Client], Failure | None]:
        """The linked client and those that only link rows name, or why WHMCS could not be asked."""
        others = sorted({row.whmcs_client_id for row in rows} - {client_id})
        try:
            client, *found = await asyncio.gather(*[self._client(one) for one in (client_id, *others)])
        except SystemFault as fault:
            return None, [], self._diagnosis.failure(fault)
        return client, [one for one in found if one], None

    async def _client(self, client_id: int | None) -> Client | None:
        if client_id is None:
            return None
        try:
            return await self._whmcs.get_client(client_id)
        except Missing:
            return None

    async def _user(self, user_id: str | None) -> PortalUser | None:
        return await self._links.user(user_id) if user_id else None

    async def _accounts_with(self, account: Account | None) -> int:
        if account is None or not account.customer_number:
            return 0
        return len(await self._reader.accounts_by("customer_number", account.customer_number))


def _unknown(unread: Failure) -> LinkHealth:
    said = Sentence(
        en="WHMCS could not be asked; re-check.", ja="WHMCSに確認できませんでした。もう一度確認してください。"
    )
    return LinkHealth(state=LinkState.PARTIAL, code=unread.code, evidence=said)
