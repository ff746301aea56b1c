"""Why WHMCS keeps us out, told by its words, and what to do about it. Sends nothing. Source: whmcs-api.md 2, 3.2."""

import re
from enum import StrEnum
from http import HTTPStatus
from typing import NamedTuple

from console.errors import AccessRefused


class AccessCause(StrEnum):
    """What keeps us out."""

    ADDRESS = "address"
    CREDENTIAL = "credential"
    ADMIN = "admin"
    ACTION = "action"
    INTERNAL = "internal"
    REDIRECT = "redirect"
    OTHER = "other"


# The stable start of each text. They arrive in any case of letters.
_TEXTS = {
    "invalid ip": AccessCause.ADDRESS,
    "authentication failed": AccessCause.CREDENTIAL,
    "invalid or missing credentials": AccessCause.CREDENTIAL,
    "invalid password provided": AccessCause.CREDENTIAL,
    "administrator account disabled": AccessCause.ADMIN,
    "access denied": AccessCause.ADMIN,
    "invalid permissions: api action": AccessCause.ACTION,
    "api command restricted to internal api": AccessCause.INTERNAL,
}
_ABOUT_ONE_ACTION = frozenset({AccessCause.ACTION, AccessCause.INTERNAL})
_SEEN_ADDRESS = re.compile(r"invalid ip\s+(?P<address>[0-9a-f.:]{2,45})", re.IGNORECASE)
_TOLD = {
    AccessCause.CREDENTIAL: "WHMCS does not accept our API identifier and secret. Enter them again; if that does not "
    "help, make a new API credential in WHMCS.",
    AccessCause.ADMIN: "The WHMCS administrator that our API credential belongs to is disabled, or its role lacks "
    "'API Access'. Correct that administrator in WHMCS.",
    AccessCause.REDIRECT: "The WHMCS address leads on to another. Set the address in the profile to where it leads.",
    AccessCause.OTHER: "WHMCS refuses us. Check our API credential, its role and the list of addresses in WHMCS.",
}


class AccessProblem(NamedTuple):
    """The cause, and its subject: the address that WHMCS saw, or the action that is not allowed; else empty."""

    cause: AccessCause
    subject: str = ""

    @property
    def is_about_one_action(self) -> bool:
        """Whether other actions may still be allowed."""
        return self.cause in _ABOUT_ONE_ACTION


def is_access(message: str) -> bool:
    """Whether this is one of the texts with which WHMCS keeps a caller out."""
    return message.strip().casefold().startswith(tuple(_TEXTS))


def access_problem(fault: AccessRefused) -> AccessProblem:
    """What a refusal is about, from its text and status."""
    if fault.status is not None and HTTPStatus(300) <= fault.status < HTTPStatus.BAD_REQUEST:
        return AccessProblem(AccessCause.REDIRECT)
    text = fault.message.strip()
    found = (cause for start, cause in _TEXTS.items() if text.casefold().startswith(start))
    cause = next(found, AccessCause.OTHER)
    if cause in _ABOUT_ONE_ACTION:
        return AccessProblem(cause, fault.action)
    seen = _SEEN_ADDRESS.match(text)
    return AccessProblem(cause, seen["address"] if seen else "")


def what_to_do(fault: AccessRefused) -> str:
    """Plain words for the one who looks after WHMCS."""
    cause, subject = access_problem(fault)
    if cause is AccessCause.ADDRESS:
        kind = "an IPv6 address, which needs an entry of its own" if ":" in subject else "not on its list"
        seen = f"WHMCS saw us as {subject}, {kind}." if subject else "Our address is not on the list of WHMCS."
        return f"{seen} Add it in WHMCS under General Settings > Security, or set an access key."
    if cause is AccessCause.ACTION:
        return f"The API role of our credential lacks the action {subject}. Add it in WHMCS under API Roles."
    if cause is AccessCause.INTERNAL:
        return f"This WHMCS lets nobody from outside use the action {subject}."
    return _TOLD[cause]
