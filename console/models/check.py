"""What a review finds: checks with their evidence, and the verdict."""

from datetime import datetime
from enum import StrEnum

from console.models.order import CustomerStatus
from console.models.record import Record, Sentence


class Result(StrEnum):
    """What one check says."""

    PASS = "pass"
    LOOK = "look"
    STOP = "stop"
    NOT_APPLICABLE = "not_applicable"


class Verdict(StrEnum):
    """What all checks say together."""

    READY = "ready"
    LOOK = "look"
    STOP = "stop"


class Source(StrEnum):
    """Where evidence comes from."""

    SALESFORCE = "salesforce"
    WHMCS = "whmcs"
    PORTAL = "portal"
    RULE = "rule"


class Check(Record):
    """One check: its fixed id, what it says, the failure code it would stop with, and the evidence in plain words."""

    id: str
    result: Result
    code: str | None = None
    evidence: Sentence
    source: Source
    checked_at: datetime


class Review(Record):
    """All checks of one order. `content_hash` is the hash of the version that was checked."""

    order_id: str
    verdict: Verdict
    checks: tuple[Check, ...]
    content_hash: str
    customer_sees: CustomerStatus
    customer_will_see: CustomerStatus
