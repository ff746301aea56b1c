"""The entry point: one command line for the desk and its headless twin."""

import sys


def main() -> int:
    """Run the command line and return its exit status."""
    for stream in (sys.stdout, sys.stderr):
        # A pipe has the system's own encoding, which on Windows knows no Japanese.
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]  # always a TextIOWrapper here
    from console.cli import main as run  # noqa: PLC0415 - nothing heavy before the arguments are known

    return run()


if __name__ == "__main__":
    sys.exit(main())
