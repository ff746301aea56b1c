"""`staff-console worker`: the headless process in the foreground, until it is told to stop."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from types import FrameType

from console.cli_exit import STOPPED, say, show
from console.cli_options import CommonOptions, environment
from console.cli_output import json_text
from console.errors import AccessRefused

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def worker(options: CommonOptions) -> None:
    """Carry out what desks ask for, without a window, until SIGTERM or Ctrl+C.

    Provisions what was asked for at any desk, reads both systems for everyone,
    retries what got stuck when that may help, and compares recent orders.
    Of several workers on one database one executes; the others wait in
    reserve. The profile's section worker says how often each is done, and
    whether what was approved in Salesforce itself is provisioned by itself.

    How it is doing: GET /health on 127.0.0.1; the port is told at the start.

    The first stop signal finishes or sets down what is in hand and ends with
    status 0. A second one ends at once; whoever executes next goes on there.
    """
    from console.worker import Place, run_worker  # noqa: PLC0415 - the engine is not for the other commands

    def ready(port: int) -> None:
        address = f"http://127.0.0.1:{port}/health"
        document = {"pid": os.getpid(), "health_port": port, "health_url": address}
        show(json_text(document) if options.json else f"The worker is up. How it is doing: {address}")

    async def work() -> None:
        with _told_to_stop() as stop, environment(options) as (profile, data_dir):
            place = Place(profile, data_dir, options.signed_in_as)
            await run_worker(place, stop, ready, say)

    try:
        asyncio.run(work())
    except AccessRefused as refused:
        say(f"Salesforce refused the worker's sign-in: {refused.message}")
        sys.exit(STOPPED)
    say("Stopped.")


@contextlib.contextmanager
def _told_to_stop() -> Iterator[asyncio.Event]:
    """An event that the first stop signal sets; the next one ends the process as if nobody listened."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def told(_number: int, _frame: FrameType | None) -> None:
        for one in earlier:
            signal.signal(one, signal.SIG_DFL)
        loop.call_soon_threadsafe(stop.set)

    # One that is ignored, as Ctrl+C is in the background of a shell, stays so.
    earlier = {one: signal.getsignal(one) for one in _SIGNALS if signal.getsignal(one) is not signal.SIG_IGN}
    try:
        for one in earlier:
            signal.signal(one, told)
        yield stop
    finally:
        for one, handler in earlier.items():
            signal.signal(one, handler)
