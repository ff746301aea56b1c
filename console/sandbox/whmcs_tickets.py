"""The WHMCS actions on support tickets. Source: whmcs-api.md 10 and 11.14."""

import re
from collections.abc import Mapping
from datetime import datetime

from console.sandbox.whmcs_call import Answer, Call, Handler, Params, Refused, page, wanted
from console.sandbox.whmcs_messages import record_mail_to
from console.sandbox.whmcs_store import Client, Ticket
from console.sandbox.whmcs_tables import find

_PRIORITIES = ("Low", "Medium", "High")
_ANSWERABLE = ("Open", "Customer-Reply")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def get_tickets(call: Call) -> Answer:
    """GetTickets: of the administrator's departments only, unless told otherwise; counts and ids are text."""
    found = [ticket for ticket in call.books.tickets if _asked_for(call, ticket)]
    paging, shown = page(call, found)
    rows = [_ticket(ticket) for ticket in shown]
    return {**paging, "totalresults": str(len(found)), "tickets": {"ticket": rows}}


def _asked_for(call: Call, ticket: Ticket) -> bool:
    params = call.params
    department = find(call.books.departments, ticket.deptid)
    own = params.flag("ignore_dept_assignments") or (department is not None and department.own)
    client = params.integer("clientid")
    return (
        own
        # A ticket that an administrator opened was not found by its client on a real server.
        and (client == 0 or (ticket.userid == client and not ticket.by_admin))
        and params.integer("deptid") in (0, ticket.deptid)
        and params.text("email").lower() in ("", ticket.email.lower())
        and params.text("subject").lower() in ticket.subject.lower()
        and _has_status(ticket, params.text("status"))
    )


def _has_status(ticket: Ticket, status: str) -> bool:
    if status == "Awaiting Reply":
        return ticket.status in _ANSWERABLE
    if status == "All Active Tickets":
        return ticket.status != "Closed"
    return status in ("", ticket.status)


def _ticket(ticket: Ticket) -> Answer:
    return {
        "id": str(ticket.id),
        "tid": ticket.tid,
        "deptid": str(ticket.deptid),
        "userid": str(ticket.userid),
        "name": ticket.name,
        "owner_name": ticket.name if ticket.userid else "",
        "email": ticket.email,
        "requestor_name": ticket.name,
        "requestor_email": ticket.email,
        "requestor_type": "Owner" if ticket.userid else "Guest",
        "cc": "",
        "c": ticket.c,
        "date": ticket.date,
        "subject": ticket.subject,
        "status": ticket.status,
        "priority": ticket.priority,
        "admin": "Console Integration" if ticket.by_admin else "",
        "attachment": "",
        "attachments": [],
        "attachments_removed": False,
        "lastreply": ticket.date,
        "flag": "0",
        "service": ticket.service,
    }


def open_ticket(call: Call) -> Answer:
    """OpenTicket: for a client, or for a name and an address."""
    params = call.params
    client = _client(call)
    name, email = _requestor(params, client)
    department = wanted(find(call.books.departments, params.integer("deptid")), "Department ID not found")
    for field in ("subject", "message"):
        if not params.given(field):
            raise Refused(f"{field.capitalize()} is required")
    if params.given("serviceid"):
        wanted(find(call.books.services, params.integer("serviceid")), "Service ID Not Found")
    if params.given("domainid"):
        raise Refused("Domain ID Not Found")
    number = call.server.new_id("tickets")
    chance = call.server.chance
    ticket = Ticket(
        id=number,
        tid=str(chance.randint(100_000, 999_999)),
        c=f"{chance.getrandbits(32):08x}",
        deptid=department.id,
        userid=client.id if client else 0,
        name=name,
        email=email,
        date=_created(call),
        subject=params.text("subject"),
        message=params.text("message"),
        priority=params.text("priority") if params.text("priority") in _PRIORITIES else "Medium",
        by_admin=params.flag("admin"),
        service=f"S{params.integer('serviceid')}" if params.given("serviceid") else "",
    )
    call.books.tickets.append(ticket)
    _tell(call, ticket)
    return {"id": str(ticket.id), "tid": ticket.tid, "c": ticket.c}


def _client(call: Call) -> Client | None:
    params = call.params
    if params.given("userid") and call.server.switches.since(8, 5):
        wanted(find(call.books.users, params.integer("userid")), "The system cannot find the provided user ID.")
    if params.given("contactid"):
        wanted(find(call.books.contacts, params.integer("contactid")), "Contact ID Not Found")
    if not params.given("clientid"):
        return None
    return wanted(find(call.books.clients, params.integer("clientid")), "Client ID Not Found")


def _requestor(params: Params, client: Client | None) -> tuple[str, str]:
    """Name and address of who asks."""
    if client is not None:
        return f"{client.firstname} {client.lastname}", client.email
    name, email = params.text("name"), params.text("email")
    if not name or not email:
        raise Refused("Name and email address are required if not a client")
    if not _EMAIL.fullmatch(email):
        raise Refused("Email Address Invalid")
    return name, email


def _created(call: Call) -> str:
    sent = call.params.text("created")
    if not sent:
        return call.server.moment()
    try:
        moment = f"{datetime.fromisoformat(sent):%Y-%m-%d %H:%M:%S}"
    except ValueError as error:
        raise Refused("Invalid Date Format") from error
    if moment > call.server.moment():
        raise Refused("Ticket creation date cannot be in the future")
    return moment


def _tell(call: Call, ticket: Ticket) -> None:
    """`noemail` is known from 8.3 on, and ignored like any unknown parameter before."""
    if not (call.params.flag("noemail") and call.server.switches.since(8, 3)):
        record_mail_to(call.server, ticket.userid, ticket.email, f"[Ticket ID: {ticket.tid}]", ticket.message)


ACTIONS: Mapping[str, Handler] = {"GetTickets": get_tickets, "OpenTicket": open_ticket}
