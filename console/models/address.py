"""A postal address as both systems keep it."""

from console.models.record import Record


class Address(Record):
    """Parts as written by the customer, in either script; an unknown part is empty."""

    street: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether no part is filled in."""
        return not any((self.street, self.city, self.state, self.postal_code, self.country))

    def one_line(self) -> str:
        """The address as people say it: the parts that there are, widest last."""
        return ", ".join(part for part in (self.street, self.city, self.state, self.postal_code, self.country) if part)
