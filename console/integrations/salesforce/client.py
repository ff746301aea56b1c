"""Everything that is read from Salesforce, one typed function each. Writes are in `writes.py`."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from console.errors import Missing
from console.integrations.salesforce import soql
from console.integrations.salesforce.answers import records
from console.integrations.salesforce.field_map import FieldMap
from console.integrations.salesforce.mapping import Mapper, Row, each
from console.integrations.salesforce.transport import Transport
from console.models.catalogue import ItemRole, ProductKind
from console.models.customer import Account
from console.models.ids import whmcs_id
from console.models.order import Activation, Claim, Order, OrderState, OrderSummary
from console.models.salesforce_access import ObjectAccess, Organization
from console.models.staff import Right, Role, StaffMember

_ROLE_BY_PERMISSION_SET = {
    "Staff_Console_Support": Role.SUPPORT,
    "Staff_Console_Back_Office": Role.BACK_OFFICE,
    "Staff_Console_Supervisor": Role.SUPERVISOR,
    "Staff_Console_Worker": Role.WORKER,
}

# The word in the field map for whoever has the right.
_WRITES_WITH = {Right.APPROVE: "approve", Right.PROVISION: "provision"}

_SUMMARY_WORDS = (
    *("id", "number", "account_id", "state", "activation"),
    *("error_code", "kind", "created_at", "changed_at", "total", "mnp_number", "deleted"),
)


class SalesforceReader:
    """Reads records of one org as the signed-in person sees them. All calls raise `SystemFault` subclasses."""

    def __init__(self, transport: Transport, fields: FieldMap, mapper: Mapper) -> None:
        """Work through `transport`; names come from `fields`."""
        self._transport = transport
        self._fields = fields
        self._mapper = mapper

    async def me(self) -> StaffMember:
        """Who is signed in, with the roles that the permission sets give."""
        person = await self._transport.userinfo()
        user_id, name, username = each([person], _person)[0]
        assignments = await self._transport.query(
            soql.select(
                self._fields.names("permission_assignment", ["permission_set_name"]),
                self._fields.objects["permission_assignment"],
                [soql.equals(self._fields.name("permission_assignment", "assignee_id"), user_id)],
            )
        )
        roles = each(assignments, self._role)
        return StaffMember(
            user_id=user_id, name=name or username, username=username, roles=frozenset(role for role in roles if role)
        )

    async def organization(self) -> Organization:
        """The org that answers."""
        names = self._fields.names("organization")
        rows = await self._transport.query(soql.select(names, self._fields.objects["organization"], limit=1))
        found = each(rows, lambda row: Organization(**self._fields.read("organization", row)))
        if not found:
            raise Missing("salesforce", "query", "The org does not tell what it is.")
        return found[0]

    async def access(self, record: str, rights: Collection[Right]) -> ObjectAccess:
        """What the person lacks on the object of a `record` of the field map, for somebody with these rights.

        Raises `Missing` where the whole object is absent or hidden.
        """
        told = await self._transport.describe(self._fields.objects[record])
        writers = {_WRITES_WITH[right] for right in rights if right in _WRITES_WITH}
        return each([told], lambda described: self._lacking(record, described, writers))[0]

    async def account(self, account_id: str) -> Account | None:
        """One account by its 18-character id, or None."""
        found = await self.accounts_by("id", account_id)
        return found[0] if found else None

    async def accounts_by(self, word: str, value: str) -> list[Account]:
        """Accounts whose field (`id`, `customer_number`, `whmcs_client_id` or `portal_user_id`) has the value."""
        query = self.accounts_query([soql.equals(self._fields.name("account", word), value)])
        return each(await self._transport.query(query), self._mapper.account)

    async def account_ids_matching(self, text: str, most: int) -> list[str]:
        """Ids of at most `most` accounts that a plain text names, best first.

        Names, e-mail addresses and telephone numbers count, of the account and of each of its contacts.
        """
        account, contact = self._fields.objects["account"], self._fields.objects["contact"]
        account_of = {account: self._fields.name("account", "id"), contact: self._fields.name("contact", "account_id")}
        asked = [{"name": name, "fields": [field], "limit": most} for name, field in account_of.items()]
        found = await self._transport.search(text, asked, most)
        ids = each(found, lambda row: row[account_of[row["attributes"]["type"]]])
        return list(dict.fromkeys(str(found_id) for found_id in ids if found_id))

    async def order_summaries(self, account_id: str) -> list[OrderSummary]:
        """Queue rows of all orders of one account."""
        where = [soql.equals(self._fields.name("order", "account_id"), account_id)]
        return each(await self._transport.poll(self.summaries_query(where)), self._mapper.order_summary)

    def summaries_query(self, where: Sequence[str], order_by: str = "", limit: int | None = None) -> str:
        """The SOQL that reads queue rows."""
        names = [*self._fields.names("order", _SUMMARY_WORDS), "Account.Name"]
        return soql.select(names, self._fields.objects["order"], where, order_by, limit)

    async def order_id(self, number: str) -> str | None:
        """The id of the order with this number, or None."""
        where = [soql.equals(self._fields.name("order", "number"), number)]
        rows = await self._transport.query(
            soql.select([self._fields.name("order", "id")], self._fields.objects["order"], where)
        )
        return next(iter(each(rows, lambda row: str(row["Id"]))), None)

    async def order_exists(self, order_id: str) -> bool:
        """Whether there is an order with this id that the signed-in person can see."""
        where = [soql.equals(self._fields.name("order", "id"), order_id)]
        return bool(await self._transport.query(soql.select(["Id"], self._fields.objects["order"], where)))

    async def order(self, order_id: str) -> Order | None:
        """One order with its items and their products' present state and price, or None."""
        rows = await self._transport.query(self.order_query(order_id))
        return next(iter(each(rows, self._mapper.order)), None)

    async def open_orders_of(self, account_id: str) -> list[Order]:
        """The account's orders that wait for a decision or are approved, with their items."""
        states = [value for state in (OrderState.IN_REVIEW, OrderState.APPROVED)
                  for value in self._fields.field("order", "state").all_values(state)]  # fmt: skip
        where = [
            soql.equals(self._fields.name("order", "account_id"), account_id),
            soql.one_of(self._fields.name("order", "state"), states),
        ]
        rows = await self._transport.query(self._orders_query(where))
        return each(rows, self._mapper.order)

    async def orders_in_billing(self, changed_since: datetime) -> list[Order]:
        """Activated and Paused orders with a WHMCS order that changed since, with their items."""
        activation = self._fields.field("order", "activation")
        where = [
            soql.one_of(
                activation.field, [activation.encode(one) for one in (Activation.ACTIVATED, Activation.PAUSED)]
            ),
            soql.at_least(self._fields.name("order", "changed_at"), changed_since),
            f"{self._fields.name('order', 'whmcs_order_id')} != null",
        ]
        return each(await self._transport.query(self._orders_query(where)), self._mapper.order)

    async def whmcs_product_ids(self, kind: ProductKind, role: ItemRole) -> frozenset[int]:
        """The WHMCS products behind all catalogue entries of a kind and role, also those not sold any more."""
        where = [
            soql.equals(self._fields.name("product", "kind"), self._fields.field("product", "kind").encode(kind)),
            soql.equals(self._fields.name("product", "role"), self._fields.field("product", "role").encode(role)),
        ]
        name = self._fields.name("product", "whmcs_product_id")
        rows = await self._transport.query(soql.select([name], self._fields.objects["product"], where))
        return frozenset(found for found in each(rows, lambda row: whmcs_id(row[name] or "")) if found)

    async def orders_readable(self) -> None:
        """Read one order with all its fields, for the connection test; a hidden field or object raises."""
        await self._transport.query(f"{self._orders_query([])} LIMIT 1")

    async def claims(self, order_id: str) -> list[Claim]:
        """Every claim row of an order, oldest first."""
        return await self._claims([soql.equals(self._fields.name("order_claim", "order_id"), order_id)])

    async def claim(self, key: str) -> Claim | None:
        """The claim row with this key, or None."""
        found = await self._claims([soql.equals(self._fields.name("order_claim", "key"), key)])
        return found[0] if found else None

    def accounts_query(self, where: Sequence[str], order_by: str = "", limit: int | None = None) -> str:
        """The SOQL that reads accounts, each with its first contact."""
        # Where deleted accounts are asked for, deleted contacts would come too.
        there = [soql.equals(self._fields.name("contact", "deleted"), False)]
        contacts = soql.select(self._fields.names("contact"), "Contacts", there, order_by="CreatedDate, Id", limit=1)
        fields = [*self._fields.names("account"), f"({contacts})"]
        return soql.select(fields, self._fields.objects["account"], where, order_by, limit)

    def order_query(self, order_id: str) -> str:
        """The SOQL that reads one order whole; composite writes use it to read back."""
        return self._orders_query([soql.equals(self._fields.name("order", "id"), order_id)])

    def server_now(self) -> datetime:
        """Salesforce's own time."""
        return self._transport.session.clock.now()

    def order_of(self, answer: Any) -> Order | None:
        """The order in the answer to `order_query`. Raises `Unavailable` for an answer that is none."""
        return next(iter(each(records(answer), self._mapper.order)), None)

    def claim_of(self, answer: Any) -> Claim | None:
        """The claim in the answer to `claim_query`. Raises `Unavailable` for an answer that is none."""
        return next(iter(each(records(answer), self._mapper.claim)), None)

    def claim_query(self, key: str) -> str:
        """The SOQL that reads one claim; composite writes use it to read back."""
        return self._claims_query([soql.equals(self._fields.name("order_claim", "key"), key)])

    def _lacking(self, record: str, described: Row, writers: Collection[str]) -> ObjectAccess:
        shown = {field["name"]: field for field in described["fields"]}
        relationships = {field["relationshipName"] for field in described["fields"]}
        there = {*shown, *relationships}
        wanted = self._fields.fields[record].values()
        hidden = [one.field for one in wanted if one.field.partition(".")[0] not in there]
        written = [one.field for one in wanted if one.written in writers and one.field in shown]
        fixed = [name for name in written if not (shown[name]["createable"] or shown[name]["updateable"])]
        return ObjectAccess(
            sobject=self._fields.objects[record],
            readable=len(wanted) - len(hidden),
            hidden=tuple(hidden),
            fixed=tuple(fixed),
        )

    def _role(self, assignment: Row) -> Role | None:
        return _ROLE_BY_PERMISSION_SET.get(
            self._fields.read("permission_assignment", assignment)["permission_set_name"]
        )

    async def _claims(self, where: list[str]) -> list[Claim]:
        return each(await self._transport.query(self._claims_query(where)), self._mapper.claim)

    def _claims_query(self, where: list[str]) -> str:
        created, key = self._fields.name("order_claim", "created_at"), self._fields.name("order_claim", "key")
        names = self._fields.names("order_claim")
        return soql.select(names, self._fields.objects["order_claim"], where, order_by=f"{created}, {key}")

    def _orders_query(self, where: list[str]) -> str:
        item_fields = [
            *self._fields.names("order_item"),
            *self._fields.names("product", via="Product2."),
            *self._fields.names("price_book_entry", via="PricebookEntry."),
        ]
        items = soql.select(item_fields, "OrderItems", order_by="Id")
        fields = [*self._fields.names("order"), f"({items})"]
        return soql.select(fields, self._fields.objects["order"], where, order_by="CreatedDate")


def _person(told: Row) -> tuple[str, str, str]:
    """User id, name and username as userinfo tells them. ValueError where there is no id."""
    if not isinstance(user_id := told["user_id"], str) or not user_id:
        raise ValueError("no user id")
    return user_id, str(told.get("name") or ""), str(told.get("preferred_username") or "")
