"""Where log lines go: standard error, with record ids and names of things, never values of fields."""

import logging


def set_up(*, verbose: bool = False) -> None:
    """Send warnings, or everything of ours where `verbose`, to standard error."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    # The HTTP libraries would log addresses with queries in them.
    for name in ("httpx", "httpcore", "urllib3", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    if verbose:
        logging.getLogger("console").setLevel(logging.DEBUG)
