"""Every error that crosses a layer, as one page.

ConsoleError                    something that a person can be told
├── InvalidInput                what was typed or configured cannot be right; nothing was sent
│   └── NotFound                well formed, but no such record
├── SettingsError               a profile or setting is missing or wrong
└── SystemFault                 Salesforce, WHMCS or the Portal database did not do what was asked
    ├── Rejected                the system said no; nothing was done
    │   ├── Conflict            a unique key is taken; names the holder's record
    │   ├── Stale               the record changed in between (HTTP 412)
    │   └── Missing             the record does not exist there
    ├── AccessRefused           credential, role, address list or permission; do not retry
    ├── Unavailable             not reached, or an outage before anything was done; safe to retry
    └── OutcomeUnknown          a change was sent and no usable answer came; settle it by reading
Anything else that is raised is a defect and goes to the crash report.
"""

from enum import StrEnum
from typing import Literal, Self

System = Literal["salesforce", "whmcs", "portal"]
Outcome = Literal["rejected", "access", "unavailable", "unknown"]


class Obstacle(StrEnum):
    """What kept a connection from being made."""

    NAME = "name"
    CONNECTION = "connection"
    CERTIFICATE = "certificate"
    PROXY = "proxy"


class ConsoleError(Exception):
    """Something that a person can be told in plain words: `str(error)` is for staff."""


class InvalidInput(ConsoleError):
    """What was typed or passed in cannot be right. Nothing was sent."""


class NotFound(InvalidInput):
    """Well formed, but there is no such record."""


class SettingsError(ConsoleError):
    """A profile or a setting is missing or wrong; the text names the setting and the fix."""


class SystemFault(ConsoleError):
    """One of the systems did not do what was asked. Adapters raise the subclasses, never a library's exception.

    action      WHMCS action, or the Salesforce call such as `query` or `update:Order`
    status      HTTP status, None where no answer came
    error_code  Salesforce's errorCode, None for the others
    message     the vendor's text, for staff who ask for it; never shown to customers
    mutating    whether the call would have changed something
    """

    outcome: Outcome = "rejected"

    def __init__(
        self,
        system: System,
        action: str,
        message: str,
        *,
        status: int | None = None,
        error_code: str | None = None,
        mutating: bool = False,
    ) -> None:
        """Keep the facts apart, so that the failure table can be asked about them."""
        super().__init__(f"{system} {action}: {message}")
        self.system: System = system
        self.action = action
        self.message = message
        self.status = status
        self.error_code = error_code
        self.mutating = mutating


class Rejected(SystemFault):
    """The system said no; nothing was done."""


class Conflict(Rejected):
    """A unique key is taken. `holder_id` is the record that has it, where the system tells."""

    holder_id: str | None = None


class Stale(Rejected):
    """The record was changed by somebody else since it was read."""


class Missing(Rejected):
    """The record does not exist in that system, or is not visible to this person."""


class AccessRefused(SystemFault):
    """Credential, role, address list or permission. Repeating it can only make it worse."""

    outcome: Outcome = "access"


class Unavailable(SystemFault):
    """Not reached, or an outage before anything was done. Safe to repeat.

    `obstacle` is what kept a connection from being made, None where one was made.
    """

    outcome: Outcome = "unavailable"
    obstacle: Obstacle | None = None

    def because(self, obstacle: Obstacle) -> Self:
        """The same with its obstacle."""
        self.obstacle = obstacle
        return self


class OutcomeUnknown(SystemFault):
    """A change was sent and no usable answer came: it may have happened. Settle it by reading before anything else."""

    outcome: Outcome = "unknown"
