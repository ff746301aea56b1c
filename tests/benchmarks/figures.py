"""Figures of a benchmark: each with what it is held against in the same run, the ratio, and the aim."""

import argparse
import json
import statistics
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Figure:
    """One figure. `peer` is what the same run measured of something known; `aim` speaks of value or ratio."""

    name: str
    value: float
    unit: str
    peer: float | None = None
    peer_name: str = ""
    aim: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times the peer's figure this one is."""
        return self.value / self.peer if self.peer else None


def show(figures: Sequence[Figure], *, as_json: bool) -> None:
    """Print the figures as a table, or as one JSON document."""
    if as_json:
        document = [asdict(one) | {"ratio": one.ratio} for one in figures]
        sys.stdout.write(json.dumps({"figures": document}) + "\n")
        return
    for one in figures:
        against = f"{one.peer:.1f} {one.unit} {one.peer_name}, ratio {one.ratio:.2f}" if one.peer else ""
        sys.stdout.write(f"{one.name:46} {one.value:9.1f} {one.unit:3}  {against:52} {one.aim}\n")


def parser(description: str | None) -> argparse.ArgumentParser:
    """What every benchmark takes: `--short` for a form that only shows that it runs, and `--json`."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--short", action="store_true")
    made.add_argument("--json", action="store_true")
    return made


def options(description: str | None) -> argparse.Namespace:
    """What was asked of a benchmark that takes nothing else."""
    return parser(description).parse_args()


def percentile(values: Sequence[float], hundredth: int) -> float:
    """The value that so many hundredths of all values do not pass."""
    return statistics.quantiles(values, n=100, method="inclusive")[hundredth - 1] if len(values) > 1 else values[0]
