"""Tickets, client notes and figures of the sandbox WHMCS."""

from typing import Any

import pytest

from tests.sandbox.whmcs_bench import HANAKO, WhmcsBench

ASKED = {"deptid": 1, "clientid": HANAKO, "subject": "No signal", "message": "Since today"}


def tickets(whmcs: WhmcsBench, **params: Any) -> list[str]:
    """The subjects that GetTickets gives."""
    return [row["subject"] for row in whmcs.call("GetTickets", **params)["tickets"]["ticket"]]


def test_a_ticket_is_opened_and_found_again(whmcs: WhmcsBench) -> None:
    opened = whmcs.call("OpenTicket", **ASKED, priority="High")
    (row,) = whmcs.call("GetTickets", clientid=HANAKO, subject="signal")["tickets"]["ticket"]
    assert (row["id"], row["tid"], row["priority"], row["name"]) == (
        opened["id"],
        opened["tid"],
        "High",
        "Hanako Sato",
    )
    assert whmcs.books.emails[-1].to == "hanako.sato@example.com"


def test_a_ticket_that_an_administrator_opened_is_not_found_by_its_client(whmcs: WhmcsBench) -> None:
    whmcs.call("OpenTicket", **ASKED, admin="1")
    assert tickets(whmcs, clientid=HANAKO) == []
    assert tickets(whmcs, subject="no signal") == ["No signal"]


def test_tickets_of_other_departments_are_seen_only_when_asked_for(whmcs: WhmcsBench) -> None:
    whmcs.call("OpenTicket", **{**ASKED, "deptid": 2})
    assert tickets(whmcs) == []
    assert tickets(whmcs, ignore_dept_assignments="1") == ["No signal"]


@pytest.mark.parametrize(
    ("status", "found"), [("Open", 1), ("Awaiting Reply", 1), ("All Active Tickets", 1), ("Closed", 0)]
)
def test_tickets_are_found_by_their_status(whmcs: WhmcsBench, status: str, found: int) -> None:
    whmcs.call("OpenTicket", **ASKED)
    assert len(tickets(whmcs, status=status)) == found


@pytest.mark.parametrize(("version", "mails"), [("8.2.0", 1), ("8.3.0", 0)])
def test_the_mail_can_be_left_out_from_8_3(whmcs: WhmcsBench, version: str, mails: int) -> None:
    whmcs.server.switches.version = version
    whmcs.call("OpenTicket", **ASKED, noemail="1")
    assert len(whmcs.books.emails) == mails


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"clientid": 99}, "Client ID Not Found"),
        ({"userid": 99}, "The system cannot find the provided user ID."),
        ({"contactid": 99}, "Contact ID Not Found"),
        ({"clientid": ""}, "Name and email address are required if not a client"),
        ({"clientid": "", "name": "Jo", "email": "jo"}, "Email Address Invalid"),
        ({"deptid": 9}, "Department ID not found"),
        ({"subject": ""}, "Subject is required"),
        ({"message": ""}, "Message is required"),
        ({"serviceid": 99}, "Service ID Not Found"),
        ({"domainid": 99}, "Domain ID Not Found"),
        ({"created": "yesterday"}, "Invalid Date Format"),
        ({"created": "2199-01-01 00:00:00"}, "Ticket creation date cannot be in the future"),
    ],
)
def test_a_ticket_that_cannot_be_opened_is_refused_with_the_documented_words(
    whmcs: WhmcsBench, changes: dict[str, Any], message: str
) -> None:
    assert whmcs.refusal("OpenTicket", **{**ASKED, **changes}) == message
    assert whmcs.books.tickets == []


def test_a_note_needs_a_client_and_words(whmcs: WhmcsBench) -> None:
    assert whmcs.refusal("AddClientNote", userid=99, notes="x") == "Client ID not found"
    assert whmcs.refusal("AddClientNote", userid=HANAKO) == "Notes can not be empty"
    assert whmcs.call("AddClientNote", userid=HANAKO, notes="called", sticky="1")["noteid"] == "1"
    assert whmcs.books.notes[0].sticky


def test_the_figures_count_orders_tickets_and_income(whmcs: WhmcsBench) -> None:
    whmcs.call("AcceptOrder", orderid=whmcs.order()["orderid"])
    whmcs.order()
    whmcs.call("OpenTicket", **ASKED)
    stats = whmcs.call("GetStats", timeline_days="200")
    assert (stats["orders_pending"], stats["orders_today_total"], stats["tickets_open"]) == (1, 2, 1)
    assert stats["income_today"] == stats["income_alltime"] == "¥4280.00 JPY"
    timeline = stats["timeline_data"]
    assert len(timeline["income"]) == 90
    assert timeline["new_orders"][whmcs.server.today()] == 2
