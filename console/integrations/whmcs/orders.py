"""Actions on orders. Source: whmcs-api.md 7."""

from collections.abc import Iterator, Sequence

from console.errors import Unavailable
from console.integrations.whmcs.mapping import orders as mapping
from console.integrations.whmcs.paging import Listing, all_rows
from console.integrations.whmcs.php import Param, Params, serialised_map
from console.integrations.whmcs.shapes import Row, nothing
from console.integrations.whmcs.system import SystemActions
from console.integrations.whmcs.versions import QUANTITIES
from console.models.billing import AddedOrder, BillingItem, BillingOrder


class OrderActions(SystemActions):
    """Orders: made, accepted, cancelled, read."""

    async def get_orders(
        self, client_id: int | None = None, *, order_id: int | None = None
    ) -> tuple[BillingOrder, ...]:
        """All orders of a client, or the one with this id, in no particular order."""
        listing = Listing("GetOrders", {"userid": client_id, "id": order_id}, "orders", "order")
        found: list[Row] = [row async for row in all_rows(self._transport, listing, dict)]
        if not all(mapping.order_currency(row, self._currencies) for row in found):
            await self.get_currencies()
        try:
            orders = [mapping.order(row, self._currencies) for row in found]
        except ValueError as error:
            raise Unavailable("whmcs", "GetOrders", f"an answer that cannot be read: {error}") from error
        # A parameter that a server does not know is ignored without a word (whmcs-api.md 1).
        return tuple(order for order in orders if client_id in (None, order.client_id) and order_id in (None, order.id))

    async def add_order(
        self,
        client_id: int,
        gateway: str,
        items: Sequence[BillingItem],
        *,
        price_override: bool,
        no_invoice: bool = False,
        send_before: float | None = None,
    ) -> AddedOrder:
        """Create one Pending order. Every call creates another one. Source: whmcs-api.md 7.

        `price_override` sends each item's own price instead of WHMCS's. After `send_before`, a time of
        `clocks.elapsed_s`, nothing is sent any more.
        """
        lines = list(items)
        if any(item.quantity > 1 for item in items) and not await self._offers(QUANTITIES):
            lines = list(_one_by_one(items))
        params: dict[str, Param] = {
            "clientid": client_id,
            "paymentmethod": gateway,
            "pid": [item.product_id for item in lines],
            "qty": [item.quantity for item in lines],
            "billingcycle": [item.billing_cycle.value for item in lines],
            "customfields": [serialised_map(item.custom_fields) for item in lines],
            "noinvoice": no_invoice,
        }
        if price_override:
            params["priceoverride"] = [item.price.amount for item in lines]
        return await self._transport.change("AddOrder", params, mapping.added_order, send_before=send_before)

    async def accept_order(self, order_id: int, *, autosetup: bool, send_before: float | None = None) -> None:
        """Accept a Pending order; with `autosetup` its services are set up before the answer comes.

        After Rejected, read the order: it may be accepted already, and a module's no can follow partial work.
        """
        params: Params = {"orderid": order_id, "autosetup": autosetup}
        await self._transport.change("AcceptOrder", params, nothing, send_before=send_before)

    async def cancel_order(self, order_id: int, *, notify: bool) -> None:
        """Cancel a Pending order; with `notify` the customer is mailed. Rejected where it is not Pending any more."""
        params: Params = {"orderid": order_id, "cancelsub": False, "noemail": not notify}
        await self._transport.change("CancelOrder", params, nothing)


def _one_by_one(items: Sequence[BillingItem]) -> Iterator[BillingItem]:
    """Each piece as a line of its own: an older WHMCS ignores quantities without a word."""
    for item in items:
        for _ in range(item.quantity):
            yield item.model_copy(update={"quantity": 1})
