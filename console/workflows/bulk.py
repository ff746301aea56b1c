"""Provisioning many orders over a frozen list, with a limit on how many at once and how fast they start."""

import asyncio
from collections.abc import Sequence

from console.models.provisioning import ProvisionResult
from console.models.staff import StaffMember
from console.workflows.provision import Provisioning


async def provision_many(
    provisioning: Provisioning, order_ids: Sequence[str], me: StaffMember, parallel: int, pause_s: float
) -> list[ProvisionResult]:
    """One result for each order, in the order of the list; `pause_s` is the time between two starts.

    An order that is named twice is provisioned once.
    """
    limit = asyncio.Semaphore(parallel)
    starting = asyncio.Lock()

    async def one(number: int, order_id: str) -> ProvisionResult:
        async with limit:
            async with starting:
                await asyncio.sleep(pause_s if number else 0)
            return await provisioning.provision(order_id, me)

    chosen = enumerate(dict.fromkeys(order_ids))
    return list(await asyncio.gather(*[one(number, order_id) for number, order_id in chosen]))
