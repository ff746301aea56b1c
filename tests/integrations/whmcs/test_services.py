"""Services that are stopped and started, and their add-ons."""

import asyncio
from collections.abc import Iterator
from datetime import date

import pytest

from console.errors import Unavailable
from console.integrations.whmcs.actions import Whmcs
from console.models.billing import Addon
from tests.integrations.whmcs.office import CLIENT, GATEWAY, Office, open_office, pieces
from tests.integrations.whmcs.wire import connected, success

_FLAT = {
    "id": "1",
    "userid": "7",
    "orderid": "0",
    "serviceid": "91",
    "name": "Voicemail",
    "recurring": "330.00",
    "billingcycle": "Monthly",
    "status": "Active",
    "nextduedate": "2026-12-03",
}


@pytest.fixture
def office() -> Iterator[Office]:
    with open_office() as opened:
        yield opened


def test_a_service_is_suspended_and_started_again(office: Office) -> None:
    async def stop_and_start(whmcs: Whmcs) -> list[str]:
        added = await whmcs.add_order(CLIENT, GATEWAY, pieces(1), price_override=False)
        await whmcs.accept_order(added.order_id, autosetup=True)
        [service_id] = added.service_ids
        seen = []
        for act in (whmcs.module_suspend(service_id, "Unpaid"), whmcs.module_unsuspend(service_id)):
            await act
            [service] = await whmcs.get_services(service_id=service_id, currency="JPY")
            seen.append(service.status)
        return seen

    assert office.run(stop_and_start) == ["Suspended", "Active"]


def addons_of(**answer: object) -> tuple[Addon, ...]:
    async def look() -> tuple[Addon, ...]:
        async with connected(lambda _: success(**answer)) as (whmcs, _wire):
            return await whmcs.get_addons(7, currency="JPY")

    return asyncio.run(look())


def test_add_ons_are_read_also_with_flattened_keys() -> None:
    flat = {f"addons[addon][0][{name}]": value for name, value in _FLAT.items()}

    for answer in ({"totalresults": "1", "addons": {"addon": [_FLAT]}}, {"totalresults": "1", **flat}):
        [addon] = addons_of(**answer)
        assert (addon.service_id, addon.order_id, addon.name) == (91, None, "Voicemail")
        assert (str(addon.recurring_amount), addon.next_due) == ("330 JPY", date(2026, 12, 3))


def test_add_ons_of_another_client_are_left_out() -> None:
    assert addons_of(totalresults=1, addons={"addon": [{**_FLAT, "userid": 8}]}) == ()


def test_half_a_list_does_not_pass_for_a_whole_one() -> None:
    with pytest.raises(Unavailable, match="only 1 of 2 rows"):
        addons_of(totalresults=2, addons={"addon": [_FLAT]})
