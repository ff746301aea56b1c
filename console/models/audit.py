"""What can be told of the audit log as a chain: how far it reaches, and whether it is as it was written."""

from datetime import datetime
from enum import StrEnum

from console.models.record import Record


class AuditHead(Record):
    """The last row of the audit log at some time: whoever kept it can tell whether rows up to it were changed."""

    id: int
    hash: str
    at: datetime


class AuditState(StrEnum):
    """What a look at the whole audit log has found.

    WHOLE      every row is as it was written
    CHANGED    a row is not the one whose hash was written, or one before it is gone
    REWRITTEN  the rows fit one another, but one has not the hash that was copied out when it was the last
    CUT        rows are gone from the end
    """

    WHOLE = "whole"
    CHANGED = "changed"
    REWRITTEN = "rewritten"
    CUT = "cut"


class AuditFinding(Record):
    """How the audit log is.

    rows         how many rows, from the first on, were found as they were written
    first_wrong  the id of the first row that is not, or that is gone; None where all is well
    last_known   the id up to which rows once were, None in an empty log
    """

    state: AuditState
    rows: int
    first_wrong: int | None
    last_known: int | None
