"""Records that only the WHMCS wire knows; what the rest of the console shares is in `console.models`."""

from decimal import Decimal

from console.models.billing import ClientSummary
from console.models.record import Record


class ClientPage(Record):
    """A page of GetClients, and how many clients match in all."""

    clients: tuple[ClientSummary, ...]
    total: int


class Currency(Record):
    """A currency of WHMCS (GetCurrencies); amounts are written between `prefix` and `suffix`."""

    id: int
    code: str
    prefix: str
    suffix: str
    rate: Decimal


class Gateway(Record):
    """A payment gateway (GetPaymentMethods); `module` is the name that AddOrder wants."""

    module: str
    name: str
