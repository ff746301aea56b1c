"""eSIM numbers and number transfers."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.models.check import Result
from console.models.order import OrderKind, SimType, Transfer
from console.rules.evidence import Limits
from console.rules.sim import esim, number_transfer
from tests.rules.cases import evidence, order, says, transfer

_EID = "89049032000000000000000000000042"


def check_transfer(moved: Transfer | None, **changes: Any) -> tuple[Result, str | None]:
    """What the rule says of a SIM order with this transfer."""
    return says(number_transfer(evidence(order(OrderKind.SIM, transfer=moved), **changes)))


@pytest.mark.parametrize(
    ("eid", "expected"),
    [
        (_EID, (Result.PASS, None)),
        ("", (Result.STOP, "SIM-01")),
        (_EID[:-1], (Result.STOP, "SIM-01")),
        (_EID + "0", (Result.STOP, "SIM-01")),
        (_EID[:-1] + "A", (Result.STOP, "SIM-01")),
        (_EID[:-1] + "٣", (Result.STOP, "SIM-01")),
        (_EID + "\n", (Result.STOP, "SIM-01")),
    ],
)
def test_an_esim_needs_32_digits(eid: str, expected: tuple[Result, str | None]) -> None:
    assert says(esim(evidence(order(OrderKind.SIM, sim_type=SimType.ESIM, esim_eid=eid)))) == expected


@given(st.text(alphabet="0123456789 -Aａ０", max_size=40))
def test_an_esim_passes_exactly_with_32_digits(eid: str) -> None:
    found = esim(evidence(order(OrderKind.SIM, sim_type=SimType.ESIM, esim_eid=eid)))
    assert (found.result is Result.PASS) == (len(eid) == 32 and eid.isascii() and eid.isdigit())


def test_a_plastic_sim_and_other_orders_need_no_eid() -> None:
    assert esim(evidence(order(OrderKind.SIM))).result is Result.NOT_APPLICABLE
    assert esim(evidence(order(OrderKind.VPN, sim_type=SimType.ESIM))).result is Result.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("days_left", "expected"),
    [
        (-1, (Result.STOP, "MNP-01")),
        (0, (Result.STOP, "MNP-01")),
        (1, (Result.STOP, "MNP-01")),
        (2, (Result.LOOK, "MNP-01")),
        (4, (Result.LOOK, "MNP-01")),
        (5, (Result.PASS, None)),
        (15, (Result.PASS, None)),
    ],
)
def test_a_transfer_number_needs_days_left(days_left: int, expected: tuple[Result, str | None]) -> None:
    assert check_transfer(transfer(days_left)) == expected


@pytest.mark.parametrize(
    ("days_left", "words"),
    [
        (-1, "The transfer number expired on 2026-05-19."),
        (0, "070-5550-0142 from Tori Mobile, valid to 2026-05-20 (0 days left)."),
    ],
)
def test_a_transfer_number_is_valid_on_its_last_day(days_left: int, words: str) -> None:
    asked = order(OrderKind.SIM, transfer=transfer(days_left))
    assert number_transfer(evidence(asked)).evidence.en == words


def test_an_old_carrier_without_a_name_is_called_so() -> None:
    asked = order(OrderKind.SIM, transfer=transfer(donor=""))
    assert "from the old carrier" in number_transfer(evidence(asked)).evidence.en


def test_the_days_that_are_needed_are_settings() -> None:
    assert check_transfer(transfer(3), limits=Limits(mnp_min_days_left=4)) == (Result.STOP, "MNP-01")
    assert check_transfer(transfer(3), limits=Limits(mnp_look_days=3)) == (Result.PASS, None)


@pytest.mark.parametrize(
    "field",
    [
        "number",
        "reservation_number",
        "reserved_until",
        "holder_name",
        "holder_reading",
        "holder_birth_date",
        "holder_gender",
    ],
)
def test_every_detail_of_a_transfer_is_needed(field: str) -> None:
    empty = Transfer().model_dump()[field]
    assert check_transfer(transfer().model_copy(update={field: empty})) == (Result.STOP, "MNP-04")


def test_all_missing_details_are_named_at_once() -> None:
    asked = order(OrderKind.SIM, transfer=transfer(holder_gender="", holder_reading=""))
    assert number_transfer(evidence(asked)).evidence.en == "Missing: reading of the name, gender."


@pytest.mark.parametrize("number", ["12345", "12345678901", "12345 7890", "１２３４５６７８９０", "12345-7890"])
def test_a_reservation_number_has_ten_digits(number: str) -> None:
    assert check_transfer(transfer(reservation_number=number)) == (Result.STOP, "MNP-03")


@pytest.mark.parametrize(
    ("theirs", "expected"),
    [
        ("佐藤 健二", (Result.PASS, None)),
        ("佐藤\u3000健二", (Result.PASS, None)),
        ("", (Result.PASS, None)),
        ("佐藤 健一", (Result.STOP, "MNP-02")),
        ("サトウ ケンジ", (Result.STOP, "MNP-02")),
    ],
)
def test_the_name_is_the_one_that_the_old_carrier_has(theirs: str, expected: tuple[Result, str | None]) -> None:
    assert check_transfer(transfer(donor_holder_name=theirs)) == expected


def test_case_matters_since_names_must_match_exactly() -> None:
    assert check_transfer(transfer(holder_name="Mori Ai", donor_holder_name="MORI AI")) == (Result.STOP, "MNP-02")


def test_without_a_transfer_there_is_nothing_to_check() -> None:
    assert check_transfer(None)[0] is Result.NOT_APPLICABLE
    with_vpn = evidence(order(OrderKind.VPN, transfer=transfer(-1)))
    assert number_transfer(with_vpn).result is Result.NOT_APPLICABLE
