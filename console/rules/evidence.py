"""Everything that a review looks at, gathered once, and the two ways in which a rule answers."""

from datetime import datetime

from pydantic import Field

from console.models.billing import Client, Invoice, PayMethod, Service
from console.models.check import Check, Result, Source
from console.models.customer import Account, LinkHealth
from console.models.order import Order
from console.models.record import Record, Sentence
from console.models.staff import StaffMember

_NAMES = {
    Source.SALESFORCE: Sentence(en="Salesforce", ja="Salesforce"),
    Source.WHMCS: Sentence(en="WHMCS", ja="WHMCS"),
    Source.PORTAL: Sentence(en="The Portal database", ja="ポータルのデータベース"),
    Source.RULE: Sentence(en="The rule", ja="ルール"),
}
_UNREAD = {Source.WHMCS: "PRV-02", Source.SALESFORCE: "SYN-05", Source.PORTAL: "UNK-00"}


class Limits(Record):
    """From when on a check says look or stop."""

    mnp_min_days_left: int = 2
    mnp_look_days: int = 5
    card_look_days: int = 30
    duplicate_window_hours: int = 24
    overdue_invoice_stops: bool = False


class Evidence(Record):
    """One order with all that is known about its customer. None means that a source could not be read.

    unreadable            source to the failure code of why it could not be read
    other_orders          the account's other orders that wait for a decision or are approved
    internet_product_ids  WHMCS products that are Internet plans
    now                   in the zone whose calendar days count
    read_at               when each source was read
    """

    order: Order
    account: Account | None
    link: LinkHealth
    client: Client | None
    pay_methods: tuple[PayMethod, ...] | None
    services: tuple[Service, ...] | None
    invoices: tuple[Invoice, ...] | None
    other_orders: tuple[Order, ...] | None
    internet_product_ids: frozenset[int]
    reviewer: StaffMember
    now: datetime
    read_at: dict[Source, datetime]
    unreadable: dict[Source, str] = Field(default_factory=dict)
    limits: Limits = Limits()

    def check(self, name: str, result: Result, evidence: Sentence, source: Source, code: str | None = None) -> Check:
        """An answer with the age of its source."""
        checked_at = self.read_at.get(source, self.now)
        return Check(id=name, result=result, code=code, evidence=evidence, source=source, checked_at=checked_at)

    def passes(self, name: str, evidence: Sentence, source: Source) -> Check:
        """The rule is satisfied."""
        return self.check(name, Result.PASS, evidence, source)

    def looks(self, name: str, code: str | None, evidence: Sentence, source: Source) -> Check:
        """A person should look at it; a reason overrides it."""
        return self.check(name, Result.LOOK, evidence, source, code)

    def stops(self, name: str, code: str, evidence: Sentence, source: Source) -> Check:
        """The order cannot be approved as it is."""
        return self.check(name, Result.STOP, evidence, source, code)

    def not_applicable(self, name: str, evidence: Sentence) -> Check:
        """The rule says nothing about this order."""
        return self.check(name, Result.NOT_APPLICABLE, evidence, Source.RULE)

    def unread(self, name: str, source: Source) -> Check:
        """The rule cannot be judged because its source could not be read: a stop until it is read."""
        code = self.unreadable.get(source, _UNREAD[source])
        named = _NAMES[source]
        said = Sentence(
            en=f"{named.en} could not be read; re-check.",
            ja=f"{named.ja}を読み込めませんでした。もう一度確認してください。",
        )
        return self.stops(name, code, said, source)
