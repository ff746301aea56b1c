"""`python -m tests.chaos RUN`: the long runs; the short ones are tests beside it."""

import argparse
import random
import sys

from tests.chaos import campaign, crash_matrix, outage, rivals, second_starter, two_desks
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

    second = runs.add_parser("second-starter", help=second_starter.__doc__)
    second.add_argument("--times", type=int, default=500)
    second.add_argument("--database-url", default=WHEEL, help=f"for the starts with a shared database: {_DATABASE}")
    second.set_defaults(run=lambda given: second_starter.main(given.times, given.database_url))

    many = runs.add_parser("campaign", help=campaign.__doc__)
    _takes_a_seed(many)
    many.add_argument("--database-url", default=WHEEL, help=f"that all share: {_DATABASE}")
    many.set_defaults(run=lambda given: campaign.main(given.seed, given.orders, given.database_url))

    each = runs.add_parser("rivals", help=rivals.__doc__)
    _takes_a_seed(each)
    each.add_argument("--processes", type=int, default=3)
    each.add_argument("--database-url", default="", help=f"that all desks share: {_DATABASE}; left out: a file each")
    each.set_defaults(run=lambda given: rivals.main(given.seed, given.orders, given.processes, given.database_url))

    down = runs.add_parser("outage", help=outage.__doc__)
    down.add_argument("--orders", type=int, default=200, help="how many are under way when WHMCS goes down")
    down.set_defaults(run=lambda given: outage.main(given.orders))

    given = parser.parse_args()
    return int(given.run(given))


def _takes_a_seed(run: argparse.ArgumentParser) -> None:
    seed = random.randrange(2**31)
    run.add_argument("--seed", type=int, default=seed, help="repeats a run; left out: a new one, which is printed")
    run.add_argument("--orders", type=int, default=10_000)


if __name__ == "__main__":
    sys.exit(main())
