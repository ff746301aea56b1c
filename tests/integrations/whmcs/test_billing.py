"""What a client owes and has paid, line by line."""

import asyncio
from collections.abc import Iterator

import pytest

from console.errors import Unavailable
from console.integrations.whmcs.actions import Whmcs
from console.models.billing import Transaction
from tests.integrations.whmcs.office import CLIENT, GATEWAY, Office, open_office, pieces
from tests.integrations.whmcs.wire import Form, connected, success

_ROW = {
    "id": "5",
    "userid": "7",
    "currency": "0",
    "gateway": "cards",
    "date": "2026-11-02 03:00:00",
    "description": "Invoice Payment",
    "amountin": "4980.00",
    "fees": "0.00",
    "amountout": "0.00",
    "rate": "1.00000",
    "transid": "pi-1",
    "invoiceid": "3",
    "refundid": "0",
}


@pytest.fixture
def office() -> Iterator[Office]:
    with open_office() as opened:
        yield opened


def test_a_paid_invoice_tells_its_lines_and_its_payment(office: Office) -> None:
    async def pay(whmcs: Whmcs) -> None:
        added = await whmcs.add_order(CLIENT, GATEWAY, pieces(1), price_override=False)
        assert added.invoice_id
        unpaid = await whmcs.get_invoice(added.invoice_id, currency="JPY")
        await whmcs.accept_order(added.order_id, autosetup=True)
        paid = await whmcs.get_invoice(added.invoice_id, currency="JPY")
        assert (unpaid.status, str(unpaid.balance), unpaid.transactions) == ("Unpaid", "4980 JPY", ())
        assert [(item.service_id, str(item.amount)) for item in paid.items] == [(added.service_ids[0], "4980 JPY")]
        assert [str(one.amount_in) for one in paid.transactions] == ["4980 JPY"]
        assert await whmcs.get_transactions(CLIENT, currency="JPY") == paid.transactions

    office.run(pay)


def transactions(*rows: dict[str, str]) -> tuple[Transaction, ...]:
    currencies = {"currency": [{"id": 2, "code": "USD", "rate": "0.006"}]}

    def answer(form: Form) -> bytes:
        if form["action"] == "GetCurrencies":
            return success(currencies=currencies)
        return success(totalresults=len(rows), transactions={"transaction": list(rows)})

    async def look() -> tuple[Transaction, ...]:
        async with connected(answer) as (whmcs, _wire):
            return await whmcs.get_transactions(7, currency="JPY")

    return asyncio.run(look())


def test_a_payment_is_in_the_clients_currency_unless_it_names_its_own() -> None:
    found = transactions(_ROW, {**_ROW, "id": "6", "currency": "2", "amountin": "10.00"}, {**_ROW, "userid": "8"})

    assert [str(one.amount_in) for one in found] == ["4980 JPY", "10.00 USD"]


def test_a_payment_in_an_unknown_currency_is_not_guessed() -> None:
    with pytest.raises(Unavailable, match="currency of transaction 5"):
        transactions({**_ROW, "currency": "9"})


def test_an_answer_about_another_invoice_is_not_believed() -> None:
    async def look() -> None:
        answer = success(invoiceid=4, userid=7, total="1.00", balance="1.00", items={"item": []}, transactions="")
        async with connected(lambda _: answer) as (whmcs, _wire):
            with pytest.raises(Unavailable):
                await whmcs.get_invoice(3, currency="JPY")
            assert (await whmcs.get_invoice(4, currency="JPY")).items == ()

    asyncio.run(look())
