"""Two desks provision one order at the same moment, again and again: one WHMCS order each time."""

import contextlib
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from console.models.provisioning import ProvisionOutcome
from tests.chaos.books import Books, Verdict
from tests.chaos.desks import Desk, Machine, Opening
from tests.chaos.lanes import laned_sandbox
from tests.chaos.shared import WHEEL, shared_database

_LOSES = {ProvisionOutcome.CLAIMED, ProvisionOutcome.ALREADY_ACTIVE}


class Race(NamedTuple):
    """One order, what each of the two desks said, and the books.

    one_command  whether both have waited for the end of one command, as desks do that share a database
    """

    outcomes: tuple[ProvisionOutcome, ...]
    verdict: Verdict
    one_command: bool = False

    @property
    def wrong(self) -> tuple[str, ...]:
        """What breaks the promise."""
        found = list(self.verdict.wrong)
        first, second = sorted(self.outcomes, key=lambda one: one is not ProvisionOutcome.ACTIVATED)
        if not self._both_activated and (first is not ProvisionOutcome.ACTIVATED or second not in _LOSES):
            found.append(f"the desks said {first.value} and {second.value}")
        if self.verdict.status != "Activated":
            found.append(f"{self.verdict.status} {self.verdict.code} {self.verdict.message}")
        return tuple(found)

    @property
    def met(self) -> bool:
        """Whether one found the other at work, so that they were really there at once."""
        return ProvisionOutcome.CLAIMED in self.outcomes or self._both_activated

    @property
    def _both_activated(self) -> bool:
        return self.one_command and set(self.outcomes) == {ProvisionOutcome.ACTIVATED}


def races(
    times: int,
    *,
    one_folder: bool = False,
    database_url: str = "",
    profile: Mapping[str, Mapping[str, Any]] | None = None,
) -> list[Race]:
    """Let two processes race for so many orders: a data folder each, `one_folder`, or one database.

    `database_url` is as in `shared_database`; `profile` changes sections of the profiles.
    """
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as open_desks:
        folder = Path(name)
        profile = {
            **(profile or {}),
            "portal": {"database_url": open_desks.enter_context(shared_database(database_url))},
        }
        laned = open_desks.enter_context(laned_sandbox(folder, 2, times, profile))
        machine = Machine(folder)
        barrier = machine.context.Barrier(2)
        desks = []
        for number, data in enumerate(("data0", "data0" if one_folder else "data1")):
            desk = Desk(machine, laned.profiles[number], folder / data, laned.lanes[number], Opening(barrier))
            desks.append(open_desks.enter_context(contextlib.closing(desk)))
        order_ids = laned.ordinary_orders()[:times]
        said = [_race(desks, order_id) for order_id in order_ids]
        books = Books.of(laned.sandbox)
    shares = one_folder or bool(database_url)
    return [Race(outcomes, books.verdict(one), shares) for one, outcomes in zip(order_ids, said, strict=True)]


def _race(desks: Sequence[Desk], order_id: str) -> tuple[ProvisionOutcome, ...]:
    for desk in desks:
        desk.tell("race", order_id)
    return tuple(desk.answer().outcome for desk in desks)


def told(run: Sequence[Race], name: str) -> str:
    """The totals of a run, and each race that went wrong."""
    wrong = [race for race in run if race.wrong]
    met = sum(race.met for race in run)
    orders = Counter(len(race.verdict.whmcs_orders) for race in run)
    ended = ", ".join(f"{many} with {number} WHMCS order(s)" for number, many in sorted(orders.items()))
    lines = [f"{name}: {len(run)} races, {ended}; {met} found the other at work; {len(wrong)} wrong"]
    return "\n".join(lines + [f"  {race.verdict.order_id}: {'; '.join(race.wrong)}" for race in wrong])


def main(times: int, database_url: str = WHEEL) -> int:
    """Print every run; returns the exit status. `database_url` is that of the run with a shared database."""
    ways: dict[str, dict[str, Any]] = {
        "two data folders": {},
        "one data folder": {"one_folder": True},
        "one database": {"database_url": database_url},
    }
    status = 0
    for name, way in ways.items():
        run = races(times, **way)
        sys.stdout.write(told(run, name) + "\n")
        sys.stdout.flush()
        status |= any(race.wrong for race in run)
    return status
