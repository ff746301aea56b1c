"""The entry point: the desk where no command is named, else the command line. What is not needed is not loaded."""

import sys
import time


def main() -> int:
    """Run what the arguments ask for and return its exit status."""
    started = time.perf_counter()
    for stream in (sys.stdout, sys.stderr):
        # A pipe has the system's own encoding, which on Windows knows no Japanese; a windowed program has no streams.
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    from console.desk_options import desk_options  # noqa: PLC0415 - nothing before the streams are right

    options = desk_options(sys.argv[1:])
    if options is not None:
        from console.app import main as open_desk  # noqa: PLC0415 - Qt is not for commands

        return open_desk(options, started)
    from console.cli import main as run_command  # noqa: PLC0415 - the command line's library is not for the desk

    return run_command()


if __name__ == "__main__":
    sys.exit(main())
