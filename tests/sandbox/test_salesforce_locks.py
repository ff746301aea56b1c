"""A row that another transaction holds: a write waits, and then it is refused or goes through; reads never wait."""

import asyncio

import httpx
import pytest

from tests.sandbox.salesforce_bench import ACCOUNT, DATA, Org, error_of


@pytest.fixture
def org() -> Org:
    org = Org()
    org.switches.change({"locked_rows": [ACCOUNT], "row_lock_wait_s": 0})
    return org


def test_a_held_row_is_read_and_not_written(org: Org) -> None:
    admin = org.as_("admin")
    assert admin.read("Account", ACCOUNT)["Name"] == "Aoi Mori"
    answer = admin.update("Account", ACCOUNT, Name="Somebody")
    assert (answer.status_code, error_of(answer)) == (400, "UNABLE_TO_LOCK_ROW")
    assert admin.read("Account", ACCOUNT)["Name"] == "Aoi Mori"


def test_an_item_waits_for_its_order(org: Org) -> None:
    order_id = org.load_order()
    item_id = org.load_item(order_id)
    org.switches.change({"locked_rows": [order_id]})
    assert error_of(org.as_("admin").update("OrderItem", item_id, Quantity=2)) == "UNABLE_TO_LOCK_ROW"


def test_a_composite_that_comes_upon_a_held_row_changes_nothing(org: Org) -> None:
    order_id = org.load_order()
    steps = [
        {
            "method": "PATCH",
            "url": f"{DATA}/sobjects/Order/{order_id}",
            "referenceId": "a",
            "body": {"Status": "Draft"},
        },
        {"method": "PATCH", "url": f"{DATA}/sobjects/Account/{ACCOUNT}", "referenceId": "b", "body": {"Phone": "1"}},
    ]
    results = org.as_("admin").composite(*steps)
    assert results[1]["body"][0]["errorCode"] == "UNABLE_TO_LOCK_ROW"
    assert org.as_("admin").read("Order", order_id)["Status"] == "In Review"


def test_a_write_goes_through_once_the_row_is_free(org: Org) -> None:
    org.switches.change({"row_lock_wait_s": 30})

    async def both() -> httpx.Response:
        transport = httpx.ASGITransport(app=org.app)
        headers = {"Authorization": "Bearer token-admin"}
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=headers) as http:
            path = f"{DATA}/sobjects/Account/{ACCOUNT}"
            waiting = asyncio.create_task(http.patch(path, json={"Name": "Free again"}))
            # Other requests are answered meanwhile.
            assert (await http.get(path)).json()["Name"] == "Aoi Mori"
            assert not waiting.done()
            org.switches.change({"locked_rows": []})
            return await waiting

    assert asyncio.run(both()).status_code == 204
    assert org.as_("admin").read("Account", ACCOUNT)["Name"] == "Free again"
