"""One org over one session: what is written is read back, and closing ends its threads."""

import threading

from console.integrations.salesforce.org import Salesforce
from tests.integrations.salesforce.org_bench import SHOWN, OrgBench


def test_both_sides_share_the_session(org: OrgBench) -> None:
    order_id = org.fresh_order()

    async def work(salesforce: Salesforce) -> None:
        claim, _ = await salesforce.writes.begin_work(f"work:{order_id}:1", order_id, "desk", "Yuki Shirai", SHOWN)
        assert await salesforce.reads.claims(order_id) != []
        assert await salesforce.reads.claim(claim.key) == claim
        assert salesforce.session.calls == {"composite": 1, "query": 2}
        assert salesforce.transport.session is salesforce.session

    org.run(work)


def test_closing_ends_the_threads(org: OrgBench) -> None:
    org.run(lambda salesforce: salesforce.reads.orders_readable())
    left = [thread for thread in threading.enumerate() if thread.name.startswith("salesforce")]
    for thread in left:
        thread.join(5)
    assert not any(thread.is_alive() for thread in left)
