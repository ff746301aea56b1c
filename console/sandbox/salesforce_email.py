"""Sends e-mail by the standard action emailSimple: nothing leaves, every mail is kept as an EmailMessage.

Source: salesforce-api.md 3.7.
"""

import re
from typing import Any

from console.sandbox.clock import Clock
from console.sandbox.salesforce_calls import FIRST_ERROR, OK, Answer, Call
from console.sandbox.salesforce_errors import SalesforceError
from console.sandbox.salesforce_store import Record, SalesforceStore
from console.sandbox.salesforce_times import wire_datetime
from console.sandbox.salesforce_usage import Usage

_NAME, _SENT = "emailSimple", "3"
_MOST_INPUTS, _MOST_RECIPIENTS = 200, 5
_ADDRESS = re.compile(r"[^@\s,]+@[^@\s,.]+(\.[^@\s,.]+)+")


class Email:
    """Handler of `actions/standard/emailSimple`."""

    def __init__(self, store: SalesforceStore, clock: Clock, usage: Usage) -> None:
        """Keep mails in `store` and count them in `usage`."""
        self._store = store
        self._clock = clock
        self._usage = usage

    def send(self, call: Call) -> Answer:
        """POST: a result for each of `inputs`; 400 where one of them failed, and the others are sent all the same."""
        inputs = call.record_body().get("inputs")
        if not isinstance(inputs, list) or not inputs or not all(isinstance(one, dict) for one in inputs):
            raise SalesforceError("JSON_PARSER_ERROR", "inputs must be a list of objects")
        if len(inputs) > _MOST_INPUTS:
            raise SalesforceError("LIMIT_EXCEEDED", f"At most {_MOST_INPUTS} inputs")
        results = [self._result(call, one) for one in inputs]
        return Answer(OK if all(one["isSuccess"] for one in results) else FIRST_ERROR, results)

    def _result(self, call: Call, asked: dict[str, Any]) -> dict[str, Any]:
        try:
            mail = _mail(call, asked)
            if not self._usage.count_emails(len(mail["ToAddress"].split("; "))):
                raise SalesforceError("SINGLE_EMAIL_LIMIT_EXCEEDED", "The daily limit of e-mails is reached.")
            self._store.load("EmailMessage", [{**mail, "MessageDate": wire_datetime(self._clock.now())}])
        except SalesforceError as error:
            return _told([error.row_error()])
        return _told(None)


def _mail(call: Call, asked: dict[str, Any]) -> Record:
    """The mail that an input asks for. Raises REQUIRED_FIELD_MISSING, INVALID_EMAIL_ADDRESS and the like."""
    subject, body = (_text(asked, name) for name in ("emailSubject", "emailBody"))
    if asked.get("senderType", "CurrentUser") != "CurrentUser":
        raise SalesforceError("INVALID_INPUT", f"senderType {asked['senderType']} is not set up in this org")
    user = call.access.user
    return {
        "Subject": subject,
        "TextBody": body,
        "FromAddress": user.email,
        "FromName": user.name,
        "ToAddress": "; ".join(_recipients(asked)),
        "Status": _SENT,
        "CreatedById": user.id,
    }


def _text(asked: dict[str, Any], name: str) -> str:
    value = asked.get(name)
    if not isinstance(value, str) or not value.strip():
        raise SalesforceError("REQUIRED_FIELD_MISSING", f"Missing required input parameter: {name}", [name])
    return value


def _recipients(asked: dict[str, Any]) -> list[str]:
    """The addresses, given as a list or as a text with commas."""
    name = "recipientAddresses"
    given = asked.get(name)
    texts = given if isinstance(given, list) else _text(asked, name).split(",")
    addresses = [str(one).strip() for one in texts]
    wrong = [one for one in addresses if not _ADDRESS.fullmatch(one)]
    if wrong or not addresses:
        raise SalesforceError("INVALID_EMAIL_ADDRESS", f"Invalid email address: {', '.join(wrong)}", [name])
    if len(addresses) > _MOST_RECIPIENTS:
        raise SalesforceError("LIMIT_EXCEEDED", f"At most {_MOST_RECIPIENTS} recipients", [name])
    return addresses


def _told(errors: list[dict[str, Any]] | None) -> dict[str, Any]:
    values = None if errors else {"SUCCESS": True}
    return {"actionName": _NAME, "errors": errors, "isSuccess": errors is None, "outputValues": values}
