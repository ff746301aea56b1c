"""Clients and who stands behind them, against the sandbox's WHMCS and, where it lacks an action, by its documents."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from console.errors import Rejected, SystemFault, Unavailable
from console.integrations.whmcs.actions import Whmcs
from console.models.billing_people import ClientArea, ClientDetails, SignOnLink
from tests.integrations.whmcs.office import CLIENT, CLOSED, NUMBER, Office, open_office
from tests.integrations.whmcs.wire import connected, success

_DETAILS = ClientDetails(
    first_name="Jiro",
    last_name="Mori",
    email="jiro.mori@example.jp",
    phone="+81.312345678",
    address1="1-2-3 Reibun",
    address2="Room 405",
    city="Minato-ku",
    state="Tokyo",
    postal_code="100-0001",
    country="JP",
    custom_fields={NUMBER: "C-0000009"},
)


@pytest.fixture
def office() -> Iterator[Office]:
    with open_office() as opened:
        yield opened


def test_a_new_client_has_its_address_its_number_and_a_login_that_nobody_knows(office: Office) -> None:
    async def sign_up(whmcs: Whmcs) -> None:
        client_id = await whmcs.add_client(_DETAILS)
        client = await whmcs.get_client(client_id)
        assert (client.address1, client.address2, client.address.city) == ("1-2-3 Reibun", "Room 405", "Minato-ku")
        assert client.custom_fields == {NUMBER: "C-0000009"}
        [user] = await whmcs.get_users("jiro.mori@")
        assert (user.id, user.owned_client_ids) == (client.owner_user_id, (client_id,))

    office.run(sign_up)
    assert len(office.server.books.clients[-1].password) >= 24
    assert office.server.books.emails == []


def test_a_second_client_with_the_same_address_is_refused(office: Office) -> None:
    office.run(lambda whmcs: whmcs.add_client(_DETAILS))

    with pytest.raises(Rejected, match="not available for use"):
        office.run(lambda whmcs: whmcs.add_client(_DETAILS))


def test_a_change_touches_what_it_names_only(office: Office) -> None:
    async def move(whmcs: Whmcs) -> None:
        before = await whmcs.get_client(CLIENT)
        await whmcs.update_client(CLIENT, ClientDetails(city="Osaka", custom_fields={NUMBER: "C-0000010"}))
        after = await whmcs.get_client(CLIENT)
        assert (after.address.city, after.custom_fields) == ("Osaka", {NUMBER: "C-0000010"})
        assert (after.address1, after.email) == (before.address1, before.email)

    office.run(move)


def test_a_right_password_proves_ownership_unless_there_is_a_second_factor(office: Office) -> None:
    client = office.server.books.clients[0]
    client.password = "correct horse"
    proof = office.run(lambda whmcs: whmcs.validate_login(client.email, SecretStr("correct horse")))
    client.two_factor = True
    second = office.run(lambda whmcs: whmcs.validate_login(client.email, SecretStr("correct horse")))

    assert proof.proves_ownership
    assert not second.proves_ownership
    with pytest.raises(Rejected):
        office.run(lambda whmcs: whmcs.validate_login(client.email, SecretStr("wrong")))


def test_a_login_whose_second_factor_is_not_told_proves_nothing() -> None:
    fault = fault_of(lambda whmcs: whmcs.validate_login("a@example.jp", SecretStr("p")), userid="3")

    assert type(fault) is Unavailable


@pytest.mark.parametrize(("area", "place"), [(ClientArea.HOME, "clientarea:home"), (ClientArea.INVOICES, "invoices")])
def test_a_way_in_opens_the_page_once_and_is_never_shown(office: Office, area: ClientArea, place: str) -> None:
    link = office.run(lambda whmcs: whmcs.create_sso_token(CLIENT, area))

    [(token, way_in)] = office.server.sso_tokens.items()
    assert token in link.address.get_secret_value()
    assert token not in repr(link) + str(link) + link.model_dump_json()
    assert place in (way_in.destination or "clientarea:home")


def test_a_way_in_can_lead_to_one_invoice(office: Office) -> None:
    office.run(lambda whmcs: whmcs.create_sso_token(CLIENT, invoice_id=12))

    assert [way_in.destination for way_in in office.server.sso_tokens.values()] == ["viewinvoice.php?id=12"]


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example.com/oauth/singlesignon.php?access_token=planted-token",
        "http://127.0.0.1:1/oauth?access_token=planted-token",
        "javascript:alert('planted-token')",
        "http://[planted-token",
        "http://127.0.0.1:planted-token/",
        "//elsewhere.example.com/planted-token",
        "",
        None,
        7,
        ["planted-token"],
    ],
)
def test_a_way_in_that_leads_elsewhere_is_not_believed(address: Any) -> None:
    fault = fault_of(lambda whmcs: whmcs.create_sso_token(CLIENT), access_token="planted-token", redirect_url=address)

    assert type(fault) is Unavailable
    assert "planted-token" not in str(fault) + repr(fault.__cause__)


def test_a_way_in_to_the_same_host_under_a_name_of_its_own_is_not_believed() -> None:
    async def attempt() -> None:
        async with connected(lambda _: answer) as (whmcs, _wire):
            host = whmcs._transport.url.split("/")[2]
            answer = success(redirect_url=f"http://{host}@elsewhere.example.com/")
            with pytest.raises(Unavailable):
                await whmcs.create_sso_token(CLIENT)
            answer = success(redirect_url=f"http://{host}/oauth/singlesignon.php?access_token=1")
            assert isinstance(await whmcs.create_sso_token(CLIENT), SignOnLink)

    asyncio.run(attempt())


def test_a_closed_client_has_no_way_in(office: Office) -> None:
    with pytest.raises(Rejected, match="SSO authentication blocked"):
        office.run(lambda whmcs: whmcs.create_sso_token(CLOSED))


def test_an_answer_about_another_client_is_not_believed() -> None:
    fault = fault_of(lambda whmcs: whmcs.get_client(7), client={"id": 8, "email": "taro@example.jp"})

    assert type(fault) is Unavailable


def test_the_documented_contacts_are_read_and_those_of_others_left_out() -> None:
    rows = [
        {"id": 1, "userid": 7, "firstname": "Test", "lastname": "Contact", "city": "Test", "country": "GB"},
        {"id": 2, "userid": 8, "firstname": "Other"},
    ]

    async def look() -> list[tuple[int, str, str]]:
        async with connected(lambda _: success(totalresults=2, contacts={"contact": rows})) as (whmcs, _wire):
            return [(one.id, one.last_name, one.address.country) for one in await whmcs.get_contacts(7)]

    assert asyncio.run(look()) == [(1, "Contact", "GB")]


def fault_of(act: Any, **answer: Any) -> SystemFault:
    """The error that a labelled success with these values becomes."""

    async def attempt() -> SystemFault:
        async with connected(lambda _: success(**answer)) as (whmcs, _wire):
            with pytest.raises(SystemFault) as caught:
                await act(whmcs)
            return caught.value

    return asyncio.run(attempt())
