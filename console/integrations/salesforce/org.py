"""One Salesforce org as one signed-in person sees it: what is read and what is written, over one session."""

from pathlib import Path

from console.integrations.salesforce.client import SalesforceReader
from console.integrations.salesforce.field_map import FieldMap
from console.integrations.salesforce.lists import SalesforceLists
from console.integrations.salesforce.mapping import Mapper
from console.integrations.salesforce.session import SalesforceSession
from console.integrations.salesforce.transport import Transport
from console.integrations.salesforce.writes import SalesforceWriter


class Salesforce:
    """Holds the session's transport with its sides: `reads`, `lists` for the sync, and `writes`."""

    def __init__(self, session: SalesforceSession, field_map: Path, currency: str) -> None:
        """`field_map` is the file of the shipped map, `currency` that of the org's prices. Opens nothing yet."""
        fields = FieldMap(field_map)
        self.session = session
        self.transport = Transport(session)
        mapper = Mapper(fields, currency)
        self.reads = SalesforceReader(self.transport, fields, mapper)
        self.lists = SalesforceLists(self.transport, fields, mapper, self.reads)
        self.writes = SalesforceWriter(self.transport, fields, self.reads)

    async def aclose(self) -> None:
        """Close connections and threads; what waits for a sign-in ends."""
        await self.session.aclose()
        await self.transport.aclose()
