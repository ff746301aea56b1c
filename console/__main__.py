"""The entry point: one command line for the desk and its headless twin."""

import sys


def main() -> int:
    """Run the command line and return its exit status."""
    from console.cli import main as run  # noqa: PLC0415 - nothing heavy before the arguments are known

    return run()


if __name__ == "__main__":
    sys.exit(main())
