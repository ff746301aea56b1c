"""Tickets, mails and the activity log. Source: whmcs-api.md 10."""

from console.integrations.whmcs.shapes import Row, integer, moment, optional_id, text
from console.models.support import LogLine, OpenedTicket, SentMail, Ticket


def ticket(row: Row) -> Ticket:
    """One row of GetTickets. Its `c`, the key to the ticket's page, is dropped on receipt."""
    return Ticket(
        id=integer(row.get("id")),
        number=text(row, "tid"),
        client_id=integer(row.get("userid")),
        department_id=integer(row.get("deptid")),
        subject=text(row, "subject"),
        status=text(row, "status"),
        priority=text(row, "priority"),
        opened_at=moment(row.get("date")),
        last_reply=moment(row.get("lastreply")),
    )


def opened_ticket(answer: Row) -> OpenedTicket:
    """OpenTicket's answer."""
    return OpenedTicket(id=integer(answer.get("id")), number=text(answer, "tid"))


def sent_mail(row: Row) -> SentMail:
    """One row of GetEmails, without its text."""
    return SentMail(
        id=integer(row.get("id")),
        client_id=integer(row.get("userid")),
        subject=text(row, "subject"),
        sent_at=moment(row.get("date")),
        to=text(row, "to"),
    )


def log_line(row: Row) -> LogLine:
    """One row of GetActivityLog; `userid` is the older name of `clientId`."""
    return LogLine(
        id=integer(row.get("id")),
        client_id=optional_id(row.get("clientId", row.get("userid"))),
        at=moment(row.get("date")),
        description=text(row, "description"),
        username=text(row, "username"),
    )
