"""What reaches standard error, in a process of its own: logging is set up once per process."""

import subprocess
import sys

_SAY = """
import logging, sys
from console.logs import set_up
set_up(verbose=len(sys.argv) > 1)
for name in ("console.workflows.sync", "httpx", "httpcore", "urllib3", "alembic", "other"):
    logging.getLogger(name).debug("%s debug", name)
    logging.getLogger(name).info("%s info", name)
    logging.getLogger(name).warning("%s warning", name)
"""


def said(*arguments: str) -> tuple[str, list[str]]:
    """Standard output, and the messages on standard error."""
    run = subprocess.run([sys.executable, "-c", _SAY, *arguments], capture_output=True, text=True, check=True)
    return run.stdout, [line.split(": ", 1)[1] for line in run.stderr.splitlines()]


_WARNINGS = [
    f"{name} warning" for name in ("console.workflows.sync", "httpx", "httpcore", "urllib3", "alembic", "other")
]


def test_warnings_go_to_standard_error_and_nothing_to_standard_output() -> None:
    assert said() == ("", _WARNINGS)


def test_verbose_adds_what_is_ours_and_nothing_of_the_libraries() -> None:
    ours = ["console.workflows.sync debug", "console.workflows.sync info"]
    assert said("verbose") == ("", [*ours, *_WARNINGS])
