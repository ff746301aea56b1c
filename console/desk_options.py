"""What the desk is started with. Read by the standard library alone: that of the command line loads too slowly."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SCHEME = "staff-console:"


@dataclass(frozen=True)
class DeskOptions:
    """The options of `staff-console` without a command. Source: design/cli.md."""

    profile: str = ""
    data_dir: Path | None = None
    demo: bool = False
    signed_in_as: str = ""
    trace_startup: bool = False
    url: str = ""


def desk_options(arguments: Sequence[str]) -> DeskOptions | None:
    """The options where the arguments ask for the desk; None for anything that the command line has to read itself.

    That is a command, `--help`, `--json`, or something that cannot be read.
    """
    parser = _Parser(add_help=False, allow_abbrev=False, argument_default=argparse.SUPPRESS)
    parser.add_argument("--profile")
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--demo", action="store_true")
    parser.add_argument("--as", dest="signed_in_as")
    parser.add_argument("--trace-startup", action="store_true")
    parser.add_argument("url", nargs="?")
    try:
        found, unknown = parser.parse_known_args(list(arguments))
    except ValueError:
        return None
    options = DeskOptions(**vars(found))
    if unknown or (options.url and not options.url.startswith(SCHEME)):
        return None
    return options


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]  # raises instead of leaving the program
        raise ValueError(message)
