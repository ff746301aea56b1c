"""What the Salesforce org is and what it lets the signed-in person see and do, as far as the console needs it."""

from console.models.record import Record


class Organization(Record):
    """The org behind the address: Salesforce's own word for whether it is a sandbox."""

    name: str
    is_sandbox: bool

    def is_of(self, environment: str) -> bool:
        """Whether the org is of the kind that a profile says: `production`, or anything else for a sandbox."""
        return self.is_sandbox is not (environment == "production")


class ObjectAccess(Record):
    """What of one object the person lacks; API names.

    readable   how many fields that the console reads are there
    hidden     fields that the console reads: absent or kept back by field-level security, which look alike
    fixed      fields that the console writes and this person may not
    """

    sobject: str
    readable: int
    hidden: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
