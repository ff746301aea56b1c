"""What the sync knows of its own reading: how far each list is read, what others ask for, what came of it."""

from datetime import datetime

from console.models.billing import KnownClient
from console.models.customer import Account, Link
from console.models.record import Record


class ListedCustomer(Record):
    """What the systems' lists tell of one customer: of an account, or of a WHMCS client that no account names.

    client        the WHMCS client that the account names, or else its link row; None where WHMCS lists none
    links         the link rows that name the account or what it names
    same_number   how many accounts have the account's customer number, itself counted
    billing_read  whether the clients of WHMCS were ever read: before that a missing one proves nothing
    """

    account: Account | None
    client: KnownClient | None
    links: tuple[Link, ...] = ()
    same_number: int = 1
    billing_read: bool = True


class SyncMark(Record):
    """How far the reading of one list is.

    cursor    from when on changes are to be asked for; None where the list was never read to its end
    round     the number of the last reading of everything
    position  where that reading, or the next look for what is new, goes on; the list's own words
    began_at  when the reading of everything began that is under way; None where none is
    """

    name: str
    cursor: datetime | None = None
    round: int = 0
    position: str = ""
    began_at: datetime | None = None


class SyncWish(Record):
    """Somebody asks for a reading now: of what changed, or of everything."""

    id: int
    everything: bool
    asked_at: datetime


class SyncProgress(Record):
    """How far the reading of a whole list is. `total` is None where nobody has counted it."""

    name: str
    read: int
    total: int | None


class SyncReport(Record):
    """What a sync did: rows now held, rows changed, rows gone, and whether it was cancelled before its end."""

    people: int
    orders: int
    changed: int
    removed: int
    took_ms: int
    cancelled: bool = False
