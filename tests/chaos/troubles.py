"""What can go wrong with one request: each trouble as a fault of the sandbox, and the failure codes it deserves."""

import json
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from console.sandbox.faults import Fault
from tests.chaos.lanes import Request

# The application commits this long after the connection is gone; a desk of the bench looks again after 0.05 s.
_LATE_MS = 400
# Longer than a desk of the bench waits for WHMCS.
_TOO_LATE_MS = 1800
_WARNING = {"warning": "The payment method could not be used."}
_WRITES_OF_WHMCS = frozenset({"AddOrder", "AcceptOrder", "ModuleCreate"})
_READS_OF_SALESFORCE = ("query", "userinfo", "read back")

_BILLING_DOWN, _BILLING_UNKNOWN, _BILLING_ACCESS = "PRV-02", "PRV-01", "ACC-01"
_ORG_DOWN, _ORG_UNKNOWN, _ORG_ACCESS = "SYN-05", "PRV-01", "ACC-02"

TROUBLES: Mapping[str, Mapping[str, Any]] = {
    "killed before": {"kind": "hold"},
    "killed after": {"kind": "commit_then_hold"},
    "answer lost": {"kind": "commit_then_drop"},
    "late": {"kind": "commit_later", "delay_ms": _LATE_MS},
    "503": {"kind": "status", "status": 503},
    "500, done": {"kind": "html", "status": 500, "committed": True},
    "HTML, done": {"kind": "html_200", "committed": True},
    "cut JSON": {"kind": "truncated"},
    "warning": {"kind": "warning_only"},
    "warning, done": {"kind": "html_200", "committed": True, "body": json.dumps(_WARNING)},
    "403": {"kind": "access_ip"},
    "reset": {"kind": "drop"},
}
"""By name. What of them has another form for Salesforce or a read is said in `fault`."""

KILLS = ("killed before", "killed after")
KILLED = "killed"
"""Stands where the code of an attempt would, had its process lived to say one."""


class Trouble(NamedTuple):
    """A trouble at one request."""

    name: str
    request: Request

    @property
    def fault(self) -> Fault | None:
        """The sandbox's fault, None where the trouble cannot come at such a request."""
        known = {"system": self.request.system, **TROUBLES[self.name]}
        if self.request.system == "salesforce":
            if self.name.startswith("warning"):
                return None
            if self.name == "403":
                known |= {"kind": "refuse", "status": 403, "error_code": "INSUFFICIENT_ACCESS_OR_READONLY"}
        elif self.name == "late" and not changes(self.request):
            known |= {"kind": "answer_late", "delay_ms": _TOO_LATE_MS}
        return Fault.model_validate(known)

    @property
    def codes(self) -> Collection[str]:
        """The codes that an attempt may end with because of it. Most do not stop an attempt at all."""
        if self.name in KILLS:
            return (KILLED,)
        whmcs = self.request.system == "whmcs"
        if self.name == "403":
            return (_BILLING_ACCESS,) if whmcs else (_ORG_ACCESS,)
        if not changes(self.request):
            return (_BILLING_DOWN,) if whmcs else (_ORG_DOWN,)
        return (_BILLING_DOWN, _BILLING_UNKNOWN) if whmcs else (_ORG_DOWN, _ORG_UNKNOWN)


def changes(request: Request) -> bool:
    """Whether the request changes something."""
    if request.system == "whmcs":
        return request.name in _WRITES_OF_WHMCS
    return not request.name.startswith(_READS_OF_SALESFORCE)


def troubles_at(request: Request) -> list[Trouble]:
    """Every trouble that can come at a request."""
    return [trouble for name in TROUBLES if (trouble := Trouble(name, request)).fault]
