"""Something that went wrong, in the words in which a page shows it."""

from console.models.page import BlockState
from console.models.record import Record, Words


class Problem(Record):
    """What happened and what it means.

    state   refused (this person may not) or failed
    code    the failure code, None where it is not a fault of a system
    meaning plain words for staff; `raw` is the system's own text, shown only when somebody asks for it
    """

    state: BlockState
    code: str | None
    title: Words
    meaning: Words
    raw: str
