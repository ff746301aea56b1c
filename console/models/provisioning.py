"""What provisioning one order came to."""

from datetime import datetime
from enum import StrEnum

from console.models.billing import BillingOrder
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


class SettleWay(StrEnum):
    """How a person settles what the machine may not decide alone."""

    ADOPT = "adopt"
    SEND_AGAIN = "send_again"
    PROVISION_ANEW = "provision_anew"
    REJECT = "reject"


class Candidate(Record):
    """A WHMCS order that may be the one that nobody got an answer for.

    services  names of its services, once for each piece
    alike     whether it is for the same products in the same numbers
    why_not   why it cannot be adopted, "" where it can
    """

    billing_order: BillingOrder
    services: tuple[str, ...]
    alike: bool
    why_not: str = ""


class OpenOutcome(Record):
    """What there is to see before a person settles an order.

    wanted         names of the order's items, once for each piece
    sent_at        when the unanswered request was announced, None where none is open; `sent_by` is by whom
    watermark      the client's highest WHMCS order id just before it
    sendable_from  from when on it may be sent again, None where that is not the question
    candidates     WHMCS orders of the client above the watermark, and those that are recorded or carry the marker
    dead           ids of WHMCS orders of this order that are cancelled or gone
    alive          ids of those of which something lives still: the WHMCS order itself, or a service of it
    ways           what can be done now
    """

    order_id: str
    order_number: str
    code: str
    wanted: tuple[str, ...]
    sent_at: datetime | None
    sent_by: str
    watermark: int | None
    sendable_from: datetime | None
    candidates: tuple[Candidate, ...]
    dead: tuple[int, ...]
    alive: tuple[int, ...]
    ways: tuple[SettleWay, ...]
