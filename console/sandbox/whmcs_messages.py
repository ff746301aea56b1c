"""Mails and activity log of the sandbox WHMCS; a mail is recorded, never sent. Source: whmcs-api.md 10."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from console.sandbox.php import serialised_map
from console.sandbox.whmcs_call import Answer, Call, Handler, Refused, WhmcsServer, page, wanted
from console.sandbox.whmcs_store import Activity, Client, Email, Note
from console.sandbox.whmcs_tables import find, where

# What the related id of each kind of mail is; the kinds that the sandbox has no rows for find nobody.
_TYPES = ("general", "product", "domain", "invoice", "support", "affiliate")
_SMARTY = re.compile(r"\{(?:\$(?P<name>[a-z_0-9]+)|(?P<brace>[lr]delim))\}")
_BRACES = {"ldelim": "{", "rdelim": "}"}


class _Mail(NamedTuple):
    kind: str
    subject: str
    message: str


def record_mail(server: WhmcsServer, client: Client, subject: str, message: str) -> None:
    """Note a mail as sent to the client."""
    record_mail_to(server, client.id, client.email, subject, message)


def record_mail_to(server: WhmcsServer, client_id: int, address: str, subject: str, message: str) -> None:
    """Note a mail as sent to an address; client 0 is nobody's."""
    mail = Email(
        id=server.new_id("emails"),
        userid=client_id,
        subject=subject,
        message=message,
        date=server.moment(),
        to=address,
    )
    server.books.emails.append(mail)


def send_email(call: Call) -> Answer:
    """SendEmail: a template by name or a custom message, to whom the related id belongs."""
    mail = _template(call) if call.params.given("messagename") else _custom(call)
    values = _variables(call)
    if not call.params.given("id"):
        raise Refused("A related ID is required")
    client = _recipient(call, mail.kind)
    if client is None:
        raise Refused("Sending Failed. Please see documentation.")
    record_mail(call.server, client, _merged(mail.subject, values), _merged(mail.message, values))
    return {}


def _template(call: Call) -> _Mail:
    name = call.params.text("messagename")
    found = next((template for template in call.books.email_templates if template.name == name), None)
    if found is None:
        raise Refused("Email Template not found")
    if found.disabled:
        raise Refused("Email Template is disabled")
    return _Mail(found.type, found.subject, found.message)


def _custom(call: Call) -> _Mail:
    mail = _Mail(*(call.params.text(name) for name in ("customtype", "customsubject", "custommessage")))
    if not mail.kind:
        raise Refused("You must provide either an existing email template name or a custom message type")
    if mail.kind not in _TYPES:
        raise Refused("Invalid message type provided")
    if not mail.subject:
        raise Refused("A subject is required for a custom message")
    if not mail.message:
        raise Refused("A message body is required for a custom message")
    return mail


def _variables(call: Call) -> dict[str, str]:
    text = call.params.text("customvars")
    if not text:
        return {}
    try:
        return {str(name): str(value) for name, value in serialised_map(text).items()}
    except ValueError as error:
        raise Refused("The custom variables you provided are invalid.") from error


def _recipient(call: Call, kind: str) -> Client | None:
    books, related = call.books, call.params.integer("id")
    if kind == "product":
        service = find(books.services, related)
        related = service.clientid if service else 0
    elif kind == "invoice":
        invoice = find(books.invoices, related)
        related = invoice.userid if invoice else 0
    elif kind != "general":
        related = 0
    return find(books.clients, related)


def _merged(text: str, values: Mapping[str, str]) -> str:
    """Smarty's merge fields filled in; one that is not known becomes nothing."""

    def value(match: re.Match[str]) -> str:
        brace: str | None = match["brace"]
        return _BRACES[brace] if brace else values.get(match["name"], "")

    return _SMARTY.sub(value, text)


def get_emails(call: Call) -> Answer:
    """GetEmails: a client's mails, newest first. Its errors say `status`, not `result` (whmcs-api.md 3.1)."""
    client = find(call.books.clients, call.params.integer("clientid"))
    if client is None:
        raise Refused("Client ID Not Found", key="status")
    subject = call.params.text("subject").lower()
    found = [
        mail
        for mail in reversed(where(call.books.emails, "userid", client.id))
        if subject in mail.subject.lower() and mail.date.startswith(call.params.text("date"))
    ]
    paging, shown = page(call, found)
    return {**paging, "emails": {"email": [_email(mail) for mail in shown]}}


def _email(mail: Email) -> Answer:
    return {
        "id": str(mail.id),
        "userid": str(mail.userid),
        "subject": mail.subject,
        "message": mail.message,
        "date": mail.date,
        "to": mail.to,
        "cc": "",
        "bcc": "",
    }


def add_client_note(call: Call) -> Answer:
    """AddClientNote: no action reads notes back."""
    client = wanted(find(call.books.clients, call.params.integer("userid")), "Client ID not found")
    if not call.params.given("notes"):
        raise Refused("Notes can not be empty")
    number, params = call.server.new_id("notes"), call.params
    note = Note(number, client.id, params.text("notes"), params.flag("sticky"), call.server.moment())
    call.books.notes.append(note)
    return {"noteid": str(note.id)}


def log_activity(call: Call) -> Answer:
    """LogActivity: a line of the activity log."""
    line = Activity(
        id=call.server.new_id("activity_log"),
        clientid=call.params.integer("clientid"),
        date=call.server.moment(),
        description=call.params.text("description"),
        ipaddress=call.caller,
    )
    call.books.activity_log.append(line)
    return {}


def get_activity_log(call: Call) -> Answer:
    """GetActivityLog: newest first; `description` is searched; the answer has no `numreturned`."""
    params = call.params
    client = params.integer("clientid") if call.server.switches.since(8, 5) else params.integer("userid")
    text = params.text("description").lower()
    found = [
        line
        for line in reversed(call.books.activity_log)
        if client in (0, line.clientid)
        and text in line.description.lower()
        and params.text("user") in ("", line.username)
        and params.text("ipaddress") in ("", line.ipaddress)
    ]
    paging, shown = page(call, found)
    del paging["numreturned"]
    return {**paging, "activity": {"entry": [_entry(line) for line in shown]}}


def _entry(line: Activity) -> Answer:
    return {
        "id": line.id,
        "clientId": line.clientid,
        "userId": 0,
        "adminId": 1,
        "date": line.date,
        "description": line.description,
        "username": line.username,
        "ipaddress": line.ipaddress,
        "userid": line.clientid,
    }


ACTIONS: Mapping[str, Handler] = {
    "SendEmail": send_email,
    "GetEmails": get_emails,
    "AddClientNote": add_client_note,
    "LogActivity": log_activity,
    "GetActivityLog": get_activity_log,
}
