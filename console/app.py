"""The desk. Until its window is built it runs the main journey in practice and prints it."""

import asyncio
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from console.cli_options import CommonOptions

_USAGE = 2


def main(options: "CommonOptions") -> int:
    """Start what was asked for and return the exit status.

    With `demo` the journey runs on a sandbox of its own; without it there is nothing to open, which is said.
    """
    if not options.demo:
        sys.stderr.write("The window is not part of this version. See --help for the commands, or use --demo.\n")
        return _USAGE
    # Imported here, not above: the databases and wires behind the journey must not slow the start of the desk.
    from console import journey  # noqa: PLC0415

    return asyncio.run(journey.run(options))
