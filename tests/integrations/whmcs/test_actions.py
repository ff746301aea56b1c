"""Every action against the sandbox WHMCS over loopback, in its usual, its odd and its broken forms."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from decimal import Decimal

import pytest

from console.errors import AccessRefused, Missing, OutcomeUnknown, Rejected, SystemFault, Unavailable
from console.integrations.whmcs.actions import Whmcs
from console.integrations.whmcs.paging import Place
from console.models.billing import AddedOrder, BillingItem
from console.models.catalogue import BillingCycle
from console.models.money import Money
from tests.integrations.whmcs.office import (
    BROKEN,
    CLIENT,
    CLOSED,
    FEE,
    GATEWAY,
    MARKER,
    NUMBER,
    PLAN,
    Office,
    open_office,
)

Act = Callable[[Whmcs], Awaitable[object]]


@pytest.fixture
def office() -> Iterator[Office]:
    with open_office() as opened:
        yield opened


def item(product_id: int, marker: str = "802000000000001AAA.1", quantity: int = 1) -> BillingItem:
    cycle = BillingCycle.ONETIME if product_id == FEE else BillingCycle.MONTHLY
    return BillingItem(
        product_id=product_id,
        billing_cycle=cycle,
        quantity=quantity,
        price=Money(amount=Decimal(4980), currency="JPY"),
        custom_fields={MARKER + product_id - PLAN: marker},
    )


def add(*items: BillingItem, gateway: str = GATEWAY, **options: bool) -> Callable[[Whmcs], Awaitable[AddedOrder]]:
    options = {"price_override": False, **options}
    return lambda whmcs: whmcs.add_order(CLIENT, gateway, items or [item(PLAN)], **options)


def fault_of(office: Office, act: Act, **options: float) -> SystemFault:
    with pytest.raises(SystemFault) as caught:
        office.run(act, **options)  # type: ignore[arg-type]  # only the time-out is given
    return caught.value


def test_the_connection_test_tells_version_and_admin(office: Office) -> None:
    async def look(whmcs: Whmcs) -> None:
        assert await whmcs.whmcs_details() == "8.12.1"
        server = await whmcs.admin_details()
        assert server.version == "8.12.1"
        assert "API Access" in server.permissions
        assert [gateway.module for gateway in await whmcs.get_payment_methods()] == [GATEWAY]
        assert [currency.code for currency in await whmcs.get_currencies()] == ["JPY"]

    office.run(look)


def test_a_client_is_found_by_id_by_address_and_by_the_start_of_a_name(office: Office) -> None:
    async def look(whmcs: Whmcs) -> None:
        client = await whmcs.get_client(CLIENT)
        assert client == await whmcs.get_client(email="hanako@example.jp")
        assert client.custom_fields == {NUMBER: "C-0000007"}
        assert client.address.one_line() == "1-2-3 Reibun, Room 405, Minato-ku, Tokyo, 100-0001, JP"
        assert (client.currency, client.default_gateway, client.is_open) == ("JPY", GATEWAY, True)
        page = await whmcs.get_clients("Hana")
        assert [(row.id, row.email) for row in page.clients] == [(CLIENT, "hanako@example.jp")]
        assert page.total == 1
        assert (await whmcs.get_clients(status="Closed", limit=5)).clients[0].id == CLOSED
        assert [row.id async for part in whmcs.client_parts(Place()) for row in part.rows] == [CLIENT, CLOSED]

    office.run(look)


def test_a_client_that_does_not_exist_is_missing(office: Office) -> None:
    assert type(fault_of(office, lambda whmcs: whmcs.get_client(999))) is Missing
    assert type(fault_of(office, lambda whmcs: whmcs.get_pay_methods(999))) is Missing


def test_a_payment_method_is_told_without_its_token(office: Office) -> None:
    [method] = office.run(lambda whmcs: whmcs.get_pay_methods(CLIENT))

    assert method.words() == "Visa ending 4242, valid to 11/27"
    assert "tok-1" not in repr(method)


def test_an_order_goes_from_pending_to_active_with_its_marker(office: Office) -> None:
    async def provision(whmcs: Whmcs) -> None:
        added = await whmcs.add_order(CLIENT, GATEWAY, [item(PLAN, "a.1"), item(FEE, "b.1", 2)], price_override=False)
        [order] = await whmcs.get_orders(order_id=added.order_id)
        assert (order.status, order.client_id, len(order.lines)) == ("Pending", CLIENT, 3)
        assert {line.service_id for line in order.lines} == set(added.service_ids)
        assert str(order.amount) == "11580 JPY"
        services = await whmcs.get_services(CLIENT, currency="JPY")
        markers = sorted((service.product_id, *service.custom_fields.values()) for service in services)
        assert markers == [(PLAN, "a.1"), (FEE, "b.1"), (FEE, "b.1")]
        await whmcs.accept_order(added.order_id, autosetup=True)
        assert {service.status for service in await whmcs.get_services(CLIENT, currency="JPY")} == {"Active"}
        assert added.invoice_id is not None
        invoice = await whmcs.get_invoice(added.invoice_id, currency="JPY")
        assert (invoice.status, str(invoice.total), str(invoice.balance)) == ("Paid", "11580 JPY", "0 JPY")
        assert [(row.id, row.paid_at is not None) for row in await whmcs.get_invoices(CLIENT)] == [(invoice.id, True)]

    office.run(provision)


def test_an_order_without_invoice_has_none(office: Office) -> None:
    added = office.run(add(no_invoice=True))

    assert added.invoice_id is None
    assert office.server.books.invoices == []


def test_the_price_of_the_order_replaces_the_catalogues_only_where_it_is_asked_for(office: Office) -> None:
    office.run(add(item(FEE), price_override=True))
    office.run(add(item(FEE)))

    assert [order.amount for order in office.server.books.orders] == ["4980.00", "3300.00"]


def test_an_accepted_order_is_not_accepted_twice(office: Office) -> None:
    added = office.run(add())
    office.run(lambda whmcs: whmcs.accept_order(added.order_id, autosetup=True))

    again = fault_of(office, lambda whmcs: whmcs.accept_order(added.order_id, autosetup=True))

    assert type(again) is Rejected
    assert again.message == "Order ID not found or Status not Pending"


def test_without_automatic_set_up_nothing_is_set_up(office: Office) -> None:
    added = office.run(add())
    office.run(lambda whmcs: whmcs.accept_order(added.order_id, autosetup=False))

    assert [service.setup_attempts for service in office.server.books.services] == [0]


def test_a_failed_set_up_waits_in_the_queue_until_it_is_run_again(office: Office) -> None:
    async def repair(whmcs: Whmcs) -> None:
        added = await whmcs.add_order(CLIENT, GATEWAY, [item(PLAN), item(BROKEN)], price_override=False)
        await whmcs.accept_order(added.order_id, autosetup=True)
        [failure] = await whmcs.get_module_queue()
        assert (failure.action, failure.error) == ("CreateAccount", "Switch busy")
        assert await whmcs.get_module_queue(failure.service_id) == (failure,)
        assert await whmcs.get_module_queue(failure.service_id - 1) == ()
        [service] = await whmcs.get_services(service_id=failure.service_id, currency="JPY")
        assert service.status == "Pending"
        await whmcs.module_create(service.id)
        assert await whmcs.get_module_queue() == ()

    office.run(repair)


def test_a_field_of_a_service_can_be_set_afterwards(office: Office) -> None:
    [service_id] = office.run(add()).service_ids
    office.run(lambda whmcs: whmcs.update_client_product(service_id, {MARKER: "c.2"}))

    [service] = office.run(lambda whmcs: whmcs.get_services(CLIENT, currency="JPY"))
    assert service.custom_fields == {MARKER: "c.2"}


def test_the_catalogue_shows_cycles_that_are_offered(office: Office) -> None:
    products = office.run(lambda whmcs: whmcs.get_products())

    prices = {product.id: {cycle: str(price) for cycle, price in product.prices["JPY"].items()} for product in products}
    assert prices == {
        PLAN: {"monthly": "4980 JPY"},
        FEE: {"onetime": "3300 JPY"},
        BROKEN: {"monthly": "330 JPY"},
    }


def test_a_mail_of_our_own_arrives_as_it_was_written(office: Office) -> None:
    text = "A <b> & {$client_id}\nsecond line"
    office.run(lambda whmcs: whmcs.send_custom_email("general", CLIENT, subject="Hello {you}", message=text))

    [mail] = office.server.books.emails
    assert mail.subject == "Hello {you}"
    assert mail.message == "A &lt;b&gt; &amp; {$client_id}<br>\nsecond line"


def test_a_template_is_mailed_with_escaped_variables(office: Office) -> None:
    office.server.books.email_templates[4].message = "<p>{$note}</p>"
    office.run(lambda whmcs: whmcs.send_template("Order Confirmation", CLIENT, {"note": "1 < 2"}))

    assert office.server.books.emails[0].message == "<p>1 &lt; 2</p>"
    assert type(fault_of(office, lambda whmcs: whmcs.send_template("No such", CLIENT))) is Rejected


def test_an_activity_is_logged_for_its_client(office: Office) -> None:
    office.run(lambda whmcs: whmcs.log_activity("Order 00000123 claimed", CLIENT))

    assert [(line.clientid, line.description) for line in office.server.books.activity_log][-1:] == [
        (CLIENT, "Order 00000123 claimed")
    ]


def test_refusals_of_an_order_say_why(office: Office) -> None:
    closed = fault_of(office, lambda whmcs: whmcs.add_order(CLOSED, GATEWAY, [item(PLAN)], price_override=False))
    unknown = fault_of(office, lambda whmcs: whmcs.add_order(999, GATEWAY, [item(PLAN)], price_override=False))
    gateway = fault_of(office, add(gateway="cash"))

    assert (type(closed), closed.message) == (Rejected, "Unable to add order when client status is Closed")
    assert type(unknown) is Missing
    assert gateway.message.startswith("Invalid Payment Method.")
    assert office.server.books.orders == []


@pytest.mark.parametrize("empty_form", ["wrapper", "text", "list", "object", "missing"])
def test_a_client_with_nothing_has_nothing_in_every_empty_form(office: Office, empty_form: str) -> None:
    office.server.switches.empty_form = empty_form  # type: ignore[assignment]  # checked on assignment

    async def look(whmcs: Whmcs) -> None:
        assert await whmcs.get_orders(CLIENT) == ()
        assert await whmcs.get_services(CLIENT, currency="JPY") == ()
        assert await whmcs.get_invoices(CLIENT) == ()
        assert await whmcs.get_pay_methods(CLOSED) == ()
        assert await whmcs.get_module_queue() == ()

    office.run(look)


async def everything(whmcs: Whmcs) -> list[object]:
    """All that can be read about one client and the catalogue."""
    invoices = await whmcs.get_invoices(CLIENT)
    return [
        await whmcs.get_client(CLIENT),
        await whmcs.get_pay_methods(CLIENT),
        await whmcs.get_orders(CLIENT),
        await whmcs.get_services(CLIENT, currency="JPY"),
        invoices,
        await whmcs.get_invoice(invoices[0].id, currency="JPY"),
        await whmcs.get_products(),
        await whmcs.get_currencies(),
        await whmcs.get_module_queue(),
        # The second may have passed between two readings.
        (await whmcs.admin_details()).model_copy(update={"wall_clock": None}),
        (await whmcs.get_clients()).clients,
    ]


@pytest.mark.parametrize(
    ("switch", "value"),
    [
        ("shuffled_types", True),
        ("list_form", "single_object"),
        ("list_form", "numeric_keys"),
        ("entity_encoded", True),
        ("empty_form", "text"),
    ],
)
def test_another_way_of_writing_the_same_answer_gives_the_same_records(
    office: Office, switch: str, value: object
) -> None:
    office.server.books.clients[0].companyname = "O'Hara & Sons"
    office.run(add(item(PLAN), item(BROKEN)))
    office.run(lambda whmcs: whmcs.accept_order(1, autosetup=True))
    usual = office.run(everything)

    setattr(office.server.switches, switch, value)

    assert office.run(everything) == usual


def test_a_version_without_a_read_refuses_it_as_access(office: Office) -> None:
    office.server.switches.disabled_actions = frozenset({"GetModuleQueue"})

    refused = fault_of(office, lambda whmcs: whmcs.get_module_queue())

    assert type(refused) is AccessRefused
    assert refused.message == 'Invalid Permissions: API action "getmodulequeue" is not allowed'


@pytest.mark.parametrize("as_text", [False, True])
def test_an_address_that_is_not_listed_is_refused_unless_the_access_key_is_sent(office: Office, as_text: bool) -> None:
    office.server.switches.ip_allowed = False
    office.server.switches.access_as_nvp = as_text

    refused = fault_of(office, add())

    assert (type(refused), refused.message, refused.status) == (AccessRefused, "Invalid IP 127.0.0.1", 403)
    office.run(add(), access_key="example-access-key")
    assert len(office.server.books.orders) == 1


_FAULTS: list[tuple[str, dict[str, object], type[SystemFault], type[SystemFault], int]] = [
    ("refuse", {"message": "Service ID xxx can not be renewed at this time."}, Rejected, Rejected, 0),
    ("drop", {}, Unavailable, OutcomeUnknown, 0),
    ("commit_then_drop", {}, Unavailable, OutcomeUnknown, 1),
    ("html", {}, Unavailable, OutcomeUnknown, 0),
    ("html", {"committed": True}, Unavailable, OutcomeUnknown, 1),
    ("html_200", {}, Unavailable, OutcomeUnknown, 0),
    ("php_notice", {}, Unavailable, OutcomeUnknown, 1),
    ("truncated", {}, Unavailable, OutcomeUnknown, 1),
    ("empty", {}, Unavailable, OutcomeUnknown, 0),
    ("warning_only", {}, Unavailable, OutcomeUnknown, 0),
    ("no_result", {}, Unavailable, OutcomeUnknown, 1),
    ("access_ip", {}, AccessRefused, AccessRefused, 0),
    ("access_credentials", {}, AccessRefused, AccessRefused, 0),
    ("access_role", {}, AccessRefused, AccessRefused, 0),
    ("status", {"status": 429}, Unavailable, OutcomeUnknown, 0),
    ("status", {"status": 502}, Unavailable, OutcomeUnknown, 0),
    ("status", {"status": 503}, Unavailable, OutcomeUnknown, 0),
    ("redirect", {}, AccessRefused, OutcomeUnknown, 0),
]


@pytest.mark.parametrize(("kind", "options", "of_read", "of_change", "orders"), _FAULTS)
def test_each_fault_has_its_class_for_a_read_and_for_a_change(
    office: Office,
    kind: str,
    options: dict[str, object],
    of_read: type[SystemFault],
    of_change: type[SystemFault],
    orders: int,
) -> None:
    office.break_next("GetOrders", kind, **options)
    office.break_next("AddOrder", kind, **options)

    read = fault_of(office, lambda whmcs: whmcs.get_orders(CLIENT))
    change = fault_of(office, add())

    assert (type(read), type(change)) == (of_read, of_change)
    assert (read.action, change.action, change.mutating) == ("GetOrders", "AddOrder", True)
    assert len(office.server.books.orders) == orders
    assert office.board.calls_made()["whmcs"] == {"AddOrder": 1, "GetOrders": 1}


def test_an_answer_that_drips_is_cut_off_by_the_time_for_the_whole_call(office: Office) -> None:
    office.break_next("AddOrder", "drip", delay_ms=2000)

    change = fault_of(office, add(), timeout_s=0.5)

    assert type(change) is OutcomeUnknown
    assert len(office.server.books.orders) == 1


def test_a_change_that_commits_after_its_answer_was_lost_is_found_by_reading(office: Office) -> None:
    office.break_next("AddOrder", "commit_later", delay_ms=50, status=504)

    async def lose_and_find(whmcs: Whmcs) -> int:
        with pytest.raises(OutcomeUnknown):
            await whmcs.add_order(CLIENT, GATEWAY, [item(PLAN)], price_override=False)
        async with asyncio.timeout(5):
            found = await whmcs.get_orders(CLIENT)
            while not found:
                found = await whmcs.get_orders(CLIENT)
        return len(found)

    assert office.run(lose_and_find) == 1
