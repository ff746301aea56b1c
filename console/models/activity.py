"""What was done, by whom, to which customer or order."""

from datetime import datetime

from console.models.record import Record


class ActivityEntry(Record):
    """One line of the audit log with the names that people know its subject by.

    subject       the Salesforce id that the line is about, of an order or an account
    order_id      the subject where it is an order
    order_number  "" where it is none, or one that no sync has read yet; so is `customer`
    account_id    the account itself, or the order's
    """

    at: datetime
    actor: str
    action: str
    subject: str
    order_id: str | None
    order_number: str
    account_id: str | None
    customer: str
    detail: str
