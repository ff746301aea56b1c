"""How a command ends: its exit status as design/cli.md has it, and what it says on its two outputs."""

import os
import sys
from typing import TextIO

import typer

from console.cli_output import Document
from console.errors import SettingsError

DONE, DEFECT, USAGE, STOPPED, UNREACHABLE, INTERRUPTED = 0, 1, 2, 3, 4, 130

OUTAGES = frozenset({"PRV-02", "SYN-05"})
"""The codes of a system that could not be reached: billing, Salesforce."""

Printed = tuple[Document, list[str]]
"""A JSON document, and the same as lines for people."""


def refused(code: str | None, message: str) -> int:
    """Say why something was not done; its exit status."""
    say(f"{code or 'refused'}: {message}")
    return UNREACHABLE if code in OUTAGES else STOPPED


def failed(message: str) -> Printed:
    """Say why nothing can be printed but that."""
    say(message)
    return failure(message), []


def failure(message: str) -> Document:
    """The document of a command that failed without a code."""
    return {"error": {"code": None, "message": message}}


def show(text: str) -> None:
    """Print to standard output. A reader that has gone, as after `| head`, needs no more."""
    try:
        typer.echo(text)
    except BrokenPipeError:
        _discard_rest(sys.stdout)
    except OSError as error:
        _discard_rest(sys.stdout)
        raise SettingsError(f"The command has run, but its answer cannot be written: {error.strerror}.") from None


def say(text: str) -> None:
    """Print to standard error, if anybody listens."""
    try:
        typer.echo(text, err=True)
    except OSError:
        _discard_rest(sys.stderr)


def _discard_rest(stream: TextIO) -> None:
    """Let what is still held back go nowhere: writing it again at the end of the program would fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
