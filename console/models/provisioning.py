"""What provisioning one order came to."""

from enum import StrEnum

from console.models.record import Record


class ProvisionOutcome(StrEnum):
    """How a run ended."""

    ACTIVATED = "activated"
    ALREADY_ACTIVE = "already_active"
    PAUSED = "paused"
    REFUSED = "refused"
    WAITING = "waiting"
    CLAIMED = "claimed"
    UNKNOWN = "unknown"


class ProvisionResult(Record):
    """The end of one run for one order; `code` and `message` say why where it is not active. `took_ms` is wall time."""

    order_id: str
    outcome: ProvisionOutcome
    code: str | None = None
    message: str = ""
    whmcs_order_id: int | None = None
    service_ids: tuple[int, ...] = ()
    took_ms: int = 0


class DecisionOutcome(StrEnum):
    """How an attempt to decide ended."""

    APPROVED = "approved"
    REJECTED = "rejected"
    REFUSED = "refused"


class DecisionResult(Record):
    """The end of an approval or a rejection; `code` and `message` say why where it was refused."""

    order_id: str
    outcome: DecisionOutcome
    code: str | None = None
    message: str = ""
