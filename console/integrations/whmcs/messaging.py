"""Actions that tell: tickets, mails and the activity log. Source: whmcs-api.md 10."""

import html
from collections.abc import Mapping
from typing import Literal

from console.integrations.whmcs.mapping import messaging as mapping
from console.integrations.whmcs.paging import Listing, all_rows
from console.integrations.whmcs.php import Param, Params, serialised_map
from console.integrations.whmcs.shapes import Row, nothing, page
from console.integrations.whmcs.system import SystemActions
from console.integrations.whmcs.versions import LOG_BY_CLIENT
from console.models.support import LogLine, OpenedTicket, SentMail, Ticket

EmailKind = Literal["general", "product", "domain", "invoice", "support", "affiliate"]
TicketPriority = Literal["Low", "Medium", "High"]

_NO_SMARTY = str.maketrans({"{": "{ldelim}", "}": "{rdelim}"})


class MessagingActions(SystemActions):
    """What is said to customers, and what the log says."""

    async def get_tickets(self, client_id: int) -> tuple[Ticket, ...]:
        """A client's tickets in all departments. One that staff opened may be lacking. Source: whmcs-api.md 11."""
        params: Params = {"clientid": client_id, "ignore_dept_assignments": True}
        listing = Listing("GetTickets", params, "tickets", "ticket")
        found = all_rows(self._transport, listing, mapping.ticket)
        return tuple([ticket async for ticket in found if ticket.client_id == client_id])

    async def open_ticket(
        self, client_id: int, department_id: int, *, subject: str, message: str, priority: TicketPriority = "Medium"
    ) -> OpenedTicket:
        """Open a ticket for a client. Not repeat-safe: after a lost answer look for its subject."""
        params: Params = {
            "clientid": client_id,
            "deptid": department_id,
            "subject": subject,
            "message": message,
            "priority": priority,
            "admin": True,
        }
        return await self._transport.change("OpenTicket", params, mapping.opened_ticket)

    async def get_emails(self, client_id: int) -> tuple[SentMail, ...]:
        """The mails that went to a client, without their texts. Missing where there is no such client."""
        listing = Listing("GetEmails", {"clientid": client_id}, "emails", "email")
        found = all_rows(self._transport, listing, mapping.sent_mail)
        return tuple([mail async for mail in found if mail.client_id == client_id])

    async def send_template(self, template: str, related_id: int, variables: Mapping[str, str] | None = None) -> None:
        """Mail a template. `related_id` is the client, service or invoice that the template is about.

        `variables` are plain text and are escaped for the mail's HTML.
        """
        safe = {name: html.escape(value) for name, value in (variables or {}).items()}
        variables_sent = serialised_map(safe) if safe else None
        params: Params = {"messagename": template, "id": related_id, "customvars": variables_sent}
        await self._transport.change("SendEmail", params, nothing)

    async def send_custom_email(self, kind: EmailKind, related_id: int, *, subject: str, message: str) -> None:
        """Mail plain text: what HTML or Smarty would take for its own is escaped."""
        body = html.escape(message).translate(_NO_SMARTY).replace("\n", "<br>\n")
        params: Params = {
            "customtype": kind,
            "customsubject": subject.translate(_NO_SMARTY),
            "custommessage": body,
            "id": related_id,
        }
        await self._transport.change("SendEmail", params, nothing)

    async def log_activity(self, description: str, client_id: int | None = None) -> None:
        """Write a line to WHMCS's activity log, to a client's part of it where one is named."""
        params: Params = {"description": description, "clientid": client_id}
        await self._transport.change("LogActivity", params, nothing)

    async def get_activity_log(
        self, client_id: int | None = None, *, description: str = "", limit: int = 100
    ) -> tuple[LogLine, ...]:
        """The first `limit` lines that name this client and hold this text; WHMCS gives the newest first."""
        params: dict[str, Param] = {"description": description or None, "limitnum": limit}
        if client_id is not None:
            params["clientid" if await self._offers(LOG_BY_CLIENT) else "userid"] = client_id
        lines = await self._transport.read("GetActivityLog", params, _log_lines)
        return tuple(line for line in lines if client_id in (None, line.client_id))


def _log_lines(answer: Row) -> tuple[LogLine, ...]:
    return tuple(mapping.log_line(row) for row in page(answer, "activity", "entry").rows)
