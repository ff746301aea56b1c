"""What ends a run of provisioning before it is done."""

from console.models.failure import Failure


class Stopped(Exception):
    """Something blocks the order: it is paused with this failure."""

    def __init__(self, failure: Failure) -> None:
        """Carry the code, the words for staff and the vendor's text."""
        super().__init__(f"{failure.code}: {failure.detail}")
        self.failure = failure
