"""The one database that all desks of a run share."""

import asyncio
import contextlib
from collections.abc import Iterator

from console.integrations.portal.portal import Portal
from console.workflows.durable import migrate_workflows
from console.workflows.engine import PROTOCOL
from tests.postgres import new_database, server

WHEEL = "wheel"
"""Asks for a PostgreSQL that is started for the run, from the wheel that the tests install."""


@contextlib.contextmanager
def shared_database(asked: str) -> Iterator[str]:
    """The URL of a database with our tables: `asked`, or a new one for `WHEEL`; "" for none, a file for each desk."""
    with contextlib.ExitStack() as stack:
        url = new_database(stack.enter_context(server())) if asked == WHEEL else asked
        if url:
            asyncio.run(_migrate(url))
        yield url


async def _migrate(url: str) -> None:
    portal = Portal(url)
    try:
        await portal.migrate()
        await asyncio.to_thread(migrate_workflows, portal.workflow_database, PROTOCOL)
    finally:
        await portal.aclose()
