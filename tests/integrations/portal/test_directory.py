"""The directory under search: every way in which staff name a customer, and in which order hits come."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.integrations.portal.portal import Portal
from console.models.billing import InvoiceNumber
from console.models.customer import Person
from console.models.money import Money
from console.models.order import Activation, OrderKind, OrderState, OrderSummary
from tests.integrations.portal.portal_bench import (
    ACCOUNT,
    OTHER_ACCOUNT,
    OTHER_USER,
    USER,
    PortalBench,
    books,
    person,
)

_NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
_MIXED = "0015g0000000AbCAAU"

_AOI = person(
    portal_user_id=USER,
    whmcs_client_id=5001,
    salesforce_account_id=ACCOUNT,
    customer_number="C-0040001",
    name="森 葵",
    reading="モリ アオイ",
    company="例示商事",
    email="aoi.mori@example.jp",
    phone="+81.9012345678",
)
_JOSE = person(
    portal_user_id=OTHER_USER,
    whmcs_client_id=5002,
    salesforce_account_id=OTHER_ACCOUNT,
    customer_number="C-0040002",
    name="José O'Neil",
    email="jose_100%@example.net",
    phone="03-1234-9999",
)
_HIDE = person(salesforce_account_id=_MIXED, customer_number="C-0040003", name="森田 英", reading="モリタ ヒデ")
_BILLING_ONLY = person(whmcs_client_id=7001, name="Back\\slash Ltd", email="billing@example.com")
_EVERYONE = (_AOI, _JOSE, _HIDE, _BILLING_ONLY)


def order(number: int, **changes: object) -> OrderSummary:
    values = {
        "order_id": f"8015g{number:010d}AAA",
        "order_number": f"{number:08d}",
        "account_id": ACCOUNT,
        "customer": "森 葵",
        "state": OrderState.IN_REVIEW,
        "activation": Activation.CREATED,
        "error_code": None,
        "kind": OrderKind.SIM,
        "placed_at": _NOW + timedelta(minutes=number),
        "changed_at": _NOW,
        "total": Money(amount=Decimal("5280.00"), currency="JPY"),
    }
    return OrderSummary.model_validate(values | changes)


@pytest.fixture
def filled(portal: PortalBench) -> PortalBench:
    """A directory of four people, one with an order."""
    portal.fill(_EVERYONE)
    portal.run(lambda opened: books(opened).put_orders([order(42)], (), 1))
    return portal


def found(portal: PortalBench, text: str, limit: int = 20) -> list[str]:
    return [hit.name for hit in portal.run(lambda opened: opened.directory.search(text, limit))]


@pytest.mark.parametrize(
    "text",
    [
        "森 葵",
        "森葵",
        "森　葵",
        "葵 森",
        "もりあおい",
        "モリアオイ",
        "ﾓﾘ ｱｵｲ",
        "もり あお",
        "例示",
        "aoi.mori@example.jp",
        "AOI.MORI",
        "mori@example",
        "090-1234-5678",
        "09012345678",
        "+81 90 1234 5678",
        "０９０－１２３４－５６７８",
        "０９０ー１２３４ー５６７８",
        "5678",
        "1234-5678",
        "C-0040001",
        "c-0040001",
        "Ｃ－００４０００１",
        "5001",
        "５００１",
        ACCOUNT,
        ACCOUNT[:15],
        USER,
        USER.upper(),
        USER.replace("-", ""),
        f"  {USER} ",
        "00000042",
        "森 aoi",
        "森\u200b葵",
        "C-00\x0040001",
    ],
)
def test_one_customer_is_found_by_all_that_names_them(filled: PortalBench, text: str) -> None:
    assert found(filled, text) == ["森 葵"]


@pytest.mark.parametrize("text", ["jose", "JOSÉ", "o'neil", "José O'Neil", "jose_100%", "9999", "5002"])
def test_accents_and_quotes_name_the_customer_too(filled: PortalBench, text: str) -> None:
    assert found(filled, text) == ["José O'Neil"]


@pytest.mark.parametrize("text", ["", "   ", "\n", "%", "__", "%%%", "\\%", "'", "' OR '1'='1", "\x00"])
def test_nothing_and_signs_with_a_meaning_in_sql_find_nobody_by_themselves(filled: PortalBench, text: str) -> None:
    assert found(filled, text) == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("100%", ["José O'Neil"]),
        ("jose_1", ["José O'Neil"]),
        ("jose%1", []),
        ("m_ri", []),
        ("back\\s", ["Back\\slash Ltd"]),
    ],
)
def test_wildcards_stand_for_themselves(filled: PortalBench, text: str, names: list[str]) -> None:
    assert found(filled, text) == names


def test_an_id_differs_by_the_case_of_its_letters(filled: PortalBench) -> None:
    assert found(filled, _MIXED) == found(filled, _MIXED[:15]) == ["森田 英"]
    assert found(filled, _MIXED[:15].lower()) == []


def test_every_word_must_be_found_in_the_same_person(filled: PortalBench) -> None:
    assert found(filled, "森 英") == ["森田 英"]
    assert found(filled, "森 jose") == []


def test_the_two_characters_of_a_name_find_all_who_have_them(filled: PortalBench) -> None:
    assert set(found(filled, "もり")) == {"森 葵", "森田 英"}


def test_a_whole_field_comes_before_a_word_that_before_a_beginning_and_that_before_a_part(portal: PortalBench) -> None:
    names = ["Amorim", "Moriarty", "Anna Mori", "Mori", "Zoe Morimoto"]
    people = [person(whmcs_client_id=n, name=name) for n, name in enumerate(names, 1)]
    portal.fill(people)
    assert found(portal, "mori") == ["Mori", "Anna Mori", "Moriarty", "Zoe Morimoto", "Amorim"]
    assert found(portal, "mori", limit=2) == ["Mori", "Anna Mori"]


def test_an_exact_id_comes_before_everything(portal: PortalBench) -> None:
    by_name = person(whmcs_client_id=1, name="1234")
    by_phone = person(whmcs_client_id=2, name="A", phone="03-5555-1234")
    by_id = person(whmcs_client_id=1234, name="Z")
    portal.fill([by_phone, by_name, by_id])
    assert found(portal, "1234") == ["Z", "1234", "A"]


def test_a_hit_tells_what_it_was_found_by(filled: PortalBench) -> None:
    def reason(text: str) -> str:
        return filled.run(lambda opened: opened.directory.search(text, 1))[0].matched_on

    assert [reason(text) for text in ("5001", "もり あおい", "00000042", "5678")] == [
        "whmcs_client_id",
        "reading",
        "order_number",
        "phone",
    ]


_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(texts=st.lists(_TEXTS, min_size=5, max_size=5))
def test_no_text_breaks_the_search(filled: PortalBench, texts: list[str]) -> None:
    async def all_of_them(opened: object) -> None:
        for text in texts:
            await opened.directory.search(text, 5)  # type: ignore[attr-defined]  # the portal

    filled.run(all_of_them)


@pytest.mark.parametrize("text", [ACCOUNT, ACCOUNT[:15], USER, "5001", "C-0040001", " c-0040001 ", "５００１"])
def test_a_person_is_known_by_any_id(filled: PortalBench, text: str) -> None:
    one = filled.run(lambda opened: opened.directory.person(text))
    assert one is not None
    assert one.salesforce_account_id == ACCOUNT


@pytest.mark.parametrize("text", ["森 葵", "", "9999999", "aoi.mori@example.jp", "%"])
def test_what_is_no_id_is_no_person(filled: PortalBench, text: str) -> None:
    assert filled.run(lambda opened: opened.directory.person(text)) is None


def test_an_id_of_two_people_is_no_person(portal: PortalBench) -> None:
    twice = [_AOI, _HIDE.model_copy(update={"customer_number": _AOI.customer_number})]
    portal.fill(twice)
    assert portal.run(lambda opened: opened.directory.person("C-0040001")) is None
    assert len(found(portal, "C-0040001")) == 2


def test_people_take_the_place_of_those_of_their_accounts_and_clients(filled: PortalBench) -> None:
    renamed = _AOI.model_copy(update={"name": "森川 葵", "phone": "080-0000-1111"})
    assert filled.put_instead([renamed, _JOSE], [ACCOUNT, OTHER_ACCOUNT, _MIXED]) == 2
    assert filled.run(lambda opened: opened.directory.count()) == 3
    assert found(filled, "森川") == ["森川 葵"]
    assert found(filled, "5678") == found(filled, "森田") == []


def test_who_is_as_before_is_left_alone(filled: PortalBench) -> None:
    assert filled.put_instead([_AOI, _BILLING_ONLY], [ACCOUNT], [7001]) == 0


def test_a_client_that_gets_an_account_is_not_there_twice(filled: PortalBench) -> None:
    joined = _BILLING_ONLY.model_copy(update={"salesforce_account_id": "0015g0000000009AAA"})
    filled.put_instead([joined], ["0015g0000000009AAA"], [7001])
    assert found(filled, "7001") == ["Back\\slash Ltd"]


def test_an_update_of_one_without_an_account_leaves_the_others(filled: PortalBench) -> None:
    other = person(whmcs_client_id=7002, name="Other Ltd")
    renamed = _BILLING_ONLY.model_copy(update={"name": "New Name Ltd"})
    filled.put_instead([other], (), [7002])
    filled.put_instead([renamed], (), [7001])
    assert filled.run(lambda opened: opened.directory.count()) == 5
    assert found(filled, "ltd") == ["New Name Ltd", "Other Ltd"]


def test_the_same_person_twice_is_there_once(portal: PortalBench) -> None:
    portal.put_instead([_AOI, _AOI], [ACCOUNT])
    assert found(portal, "森 葵") == ["森 葵"]


def test_the_queue_comes_oldest_first_and_by_what_is_asked(portal: PortalBench) -> None:
    rows = [
        order(3),
        order(1, state=OrderState.APPROVED, activation=Activation.PAUSED, error_code="PAY-01"),
        order(2, account_id=OTHER_ACCOUNT),
    ]
    portal.run(lambda opened: books(opened).put_orders(rows, (), 1))

    def numbers(**wanted: object) -> list[int]:
        return [int(row.order_number) for row in portal.run(lambda opened: opened.directory.orders(**wanted))]  # type: ignore[arg-type]  # filters

    assert numbers() == [1, 2, 3]
    assert numbers(state=OrderState.IN_REVIEW) == [2, 3]
    assert numbers(activation=Activation.PAUSED) == [1]
    assert numbers(account_id=ACCOUNT, state=OrderState.IN_REVIEW) == [3]
    assert portal.run(lambda opened: opened.directory.orders(activation=Activation.PAUSED)) == [rows[1]]


def test_a_cursor_is_kept_for_each_list(portal: PortalBench) -> None:
    assert portal.run(lambda opened: opened.directory.cursor("people")) is None
    for moment in (_NOW, _NOW + timedelta(hours=1)):
        portal.run(lambda opened, at=moment: opened.directory.set_cursor("people", at))  # type: ignore[misc]  # bound now
    assert portal.run(lambda opened: opened.directory.cursor("people")) == _NOW + timedelta(hours=1)
    assert portal.run(lambda opened: opened.directory.cursor("orders")) is None


def test_a_person_comes_back_as_they_were_put_in(filled: PortalBench) -> None:
    def without_reason(hit: Person) -> Person:
        return hit.model_copy(update={"matched_on": ""})

    hits = [filled.run(lambda opened, text=text: opened.directory.search(text, 1))[0] for text in ("5001", "5002")]  # type: ignore[misc]  # bound now
    assert [without_reason(hit) for hit in hits] == [_AOI, _JOSE]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("42", ["00000042"]),
        ("00000042", ["00000042"]),
        (" ４２ ", ["00000042"]),
        ("042", ["00000042", "00010042"]),
        ("10042", ["00010042"]),
        ("2", []),
        ("99", []),
        ("", []),
        ("4%2", []),
        ("%", []),
        ("no number", []),
        ("٤٢", []),
    ],
)
def test_a_number_finds_its_order_first_and_then_the_newest_that_end_with_it(
    portal: PortalBench, text: str, numbers: list[str]
) -> None:
    async def matching(opened: Portal) -> list[OrderSummary]:
        await books(opened).put_orders([order(42), order(1042), order(10042), order(7)], (), 1)
        return await opened.directory.orders_matching(text, 2)

    assert [one.order_number for one in portal.run(matching)] == numbers


def test_one_queue_row_is_known_by_its_id(portal: PortalBench) -> None:
    async def one(opened: Portal) -> list[OrderSummary | None]:
        await books(opened).put_orders([order(1), order(2)], (), 1)
        return [await opened.directory.order(order(2).order_id), await opened.directory.order(order(3).order_id)]

    assert portal.run(one) == [order(2), None]


def test_orders_with_an_open_case_are_told_apart(portal: PortalBench) -> None:
    async def stuck(opened: Portal) -> list[OrderSummary]:
        await books(opened).put_orders([order(1), order(2), order(3)], (), 1)
        for number in (1, 2):
            await opened.cases.open(order(number).order_id, order(number).order_number, "PAY-01", "", "")
        await opened.cases.close(order(1).order_id)
        return await opened.directory.orders_with_case()

    assert portal.run(stuck) == [order(2)]


def test_a_typing_error_in_a_latin_name_finds_whom_it_means(portal: PortalBench) -> None:
    names = ["Yui Takahashi", "Ken Suzuki", "Aoi Sasaki", "Anna Smith"]
    portal.fill([person(whmcs_client_id=n, name=one) for n, one in enumerate(names, 1)])
    for typed, meant in {"suzki": 1, "Szuuki ken": 1, "takahsih": 0, "Smtih": 3, "sasaki": 2, "smit": 3}.items():
        assert found(portal, typed) == [names[meant]], typed
    assert found(portal, "suzukiya") == []
    hit = portal.run(lambda opened: opened.directory.search("suzki", 1))[0]
    assert hit.matched_on == "similar"


def test_numbers_of_invoices_and_transfers_lead_to_their_customer(filled: PortalBench) -> None:
    async def noted(opened: Portal) -> None:
        invoices = [
            InvoiceNumber(id=9001, number="INV-2026-77", client_id=5002),
            InvoiceNumber(id=88123, number="88123", client_id=7001),
        ]
        await books(opened).put_invoices(invoices, 1)
        await books(opened).put_orders([order(42, mnp_number="090-8765-4321")], (), 1)

    filled.run(noted)
    assert found(filled, "inv-2026-77") == found(filled, "9001") == ["José O'Neil"]
    assert found(filled, "88123") == ["Back\\slash Ltd"]
    hit = filled.run(lambda opened: opened.directory.search("09087654321", 5))[0]
    assert (hit.name, hit.matched_on) == ("森 葵", "mnp_number")


def test_a_changed_person_is_found_by_what_is_new_and_no_more_by_what_was(filled: PortalBench) -> None:
    married = _AOI.model_copy(update={"name": "林 葵", "reading": "ハヤシ アオイ", "email": "aoi.hayashi@example.jp"})
    filled.put_instead([married], [ACCOUNT])
    assert found(filled, "森 葵") == []
    assert found(filled, "mori@") == []
    assert found(filled, "林") == found(filled, "はやし") == found(filled, "aoi.hay") == ["林 葵"]


def test_a_common_name_finds_as_many_as_are_wanted_and_no_word_twice_the_same_person(portal: PortalBench) -> None:
    many = [person(whmcs_client_id=n, name=f"佐藤 {n}", email=f"sato{n}@example.com") for n in range(1, 300)]
    portal.fill(many)
    names = found(portal, "佐藤", 20)
    assert len(names) == len(set(names)) == 20
    assert found(portal, "佐藤 17") == ["佐藤 17", *sorted(f"佐藤 {n}" for n in range(170, 180))]
