"""What WHMCS keeps of the talk with a customer: tickets, mails sent, and its activity log. Times have no zone."""

from datetime import datetime

from console.models.record import Record


class Ticket(Record):
    """A support ticket (GetTickets); `number` is what the customer knows."""

    id: int
    number: str
    client_id: int
    department_id: int
    subject: str
    status: str
    priority: str
    opened_at: datetime | None
    last_reply: datetime | None


class OpenedTicket(Record):
    """OpenTicket's answer."""

    id: int
    number: str


class SentMail(Record):
    """A mail to a client (GetEmails). Its text is dropped on receipt: it may carry passwords and links."""

    id: int
    client_id: int
    subject: str
    sent_at: datetime | None
    to: str


class LogLine(Record):
    """A line of WHMCS's activity log (GetActivityLog); `client_id` is None where it is about no client."""

    id: int
    client_id: int | None
    at: datetime | None
    description: str
    username: str
