"""`python -m tests.chaos matrix|two-desks|campaign|outage`: the long runs; the short ones are tests beside it."""

import argparse
import random
import sys

from tests.chaos import campaign, crash_matrix, outage, two_desks
from tests.chaos.shared import WHEEL

_DATABASE = f"an empty PostgreSQL, or {WHEEL!r} for one that is started for the run"


def main() -> int:
    """Run one of them; the exit status is 0 where the promise was kept."""
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    runs = parser.add_subparsers(required=True, metavar="RUN")

    matrix = runs.add_parser("matrix", help=crash_matrix.__doc__)
    matrix.add_argument("--most", type=int, help="an even sample of so many cells")
    matrix.add_argument("--only", default="", help="cells whose request or trouble has these words, as `AddOrder`")
    matrix.set_defaults(run=lambda given: crash_matrix.main(given.most, given.only))

    desks = runs.add_parser("two-desks", help=two_desks.__doc__)
    desks.add_argument("--times", type=int, default=500)
    desks.add_argument("--database-url", default=WHEEL, help=f"for the races with a shared database: {_DATABASE}")
    desks.set_defaults(run=lambda given: two_desks.main(given.times, given.database_url))

    many = runs.add_parser("campaign", help=campaign.__doc__)
    many.add_argument("--seed", type=int, help="repeats a campaign; left out: a new one, which is printed")
    many.add_argument("--orders", type=int, default=10_000)
    many.add_argument("--processes", type=int, default=3)
    many.add_argument("--database-url", default="", help=f"that all desks share: {_DATABASE}; left out: a file each")
    many.set_defaults(
        run=lambda given: campaign.main(
            random.randrange(2**31) if given.seed is None else given.seed,
            given.orders,
            given.processes,
            given.database_url,
        )
    )

    down = runs.add_parser("outage", help=outage.__doc__)
    down.add_argument("--orders", type=int, default=200, help="how many are under way when WHMCS goes down")
    down.set_defaults(run=lambda given: outage.main(given.orders))

    given = parser.parse_args()
    return int(given.run(given))


if __name__ == "__main__":
    sys.exit(main())
