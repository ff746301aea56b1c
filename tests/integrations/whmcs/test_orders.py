"""Orders on older servers, and cancelled ones; the usual way is in test_actions."""

from collections.abc import Iterator

import pytest

from console.errors import Rejected
from console.integrations.whmcs.actions import Whmcs
from tests.integrations.whmcs.office import CLIENT, GATEWAY, Office, open_office, pieces


@pytest.fixture
def office() -> Iterator[Office]:
    with open_office() as opened:
        yield opened


@pytest.mark.parametrize("version", ["8.1.0", "8.11.2", "8.12.1", "9.0.4"])
def test_three_pieces_are_three_services_in_every_version(office: Office, version: str) -> None:
    office.server.switches.version = version

    async def order(whmcs: Whmcs) -> list[str]:
        await whmcs.add_order(CLIENT, GATEWAY, pieces(3), price_override=False)
        services = await whmcs.get_services(CLIENT, currency="JPY")
        return [
            marker for service in services for marker in service.custom_fields.values() for _ in range(service.quantity)
        ]

    assert office.run(order) == ["a.1"] * 3


def test_one_piece_needs_no_version(office: Office) -> None:
    office.run(lambda whmcs: whmcs.add_order(CLIENT, GATEWAY, pieces(1), price_override=False))

    assert office.board.calls_made()["whmcs"] == {"AddOrder": 1}


def test_a_pending_order_is_cancelled_once(office: Office) -> None:
    async def cancel(whmcs: Whmcs) -> None:
        added = await whmcs.add_order(CLIENT, GATEWAY, pieces(1), price_override=False)
        await whmcs.cancel_order(added.order_id, notify=False)
        [order] = await whmcs.get_orders(order_id=added.order_id)
        assert order.status == "Cancelled"
        with pytest.raises(Rejected):
            await whmcs.cancel_order(added.order_id, notify=False)

    office.run(cancel)


def test_an_order_is_found_by_its_id_also_where_the_filter_is_ignored(office: Office) -> None:
    async def order(whmcs: Whmcs) -> None:
        for _ in range(2):
            await whmcs.add_order(CLIENT, GATEWAY, pieces(1), price_override=False)
        assert [one.id for one in await whmcs.get_orders(order_id=2)] == [2]
        assert await whmcs.get_orders(CLIENT + 1) == ()

    office.run(order)
