"""What the desk is started with, and what is left to the command line."""

import subprocess
import sys
from pathlib import Path

import pytest

from console.desk_options import DeskOptions, desk_options


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ([], DeskOptions()),
        (["--demo"], DeskOptions(demo=True)),
        (["--profile", "shop"], DeskOptions(profile="shop")),
        (["--profile=shop", "--data-dir", "here"], DeskOptions(profile="shop", data_dir=Path("here"))),
        (["--demo", "--as", "Marta Lindgren"], DeskOptions(demo=True, signed_in_as="Marta Lindgren")),
        (["--trace-startup"], DeskOptions(trace_startup=True)),
        (["staff-console://order/10482"], DeskOptions(url="staff-console://order/10482")),
        (
            ["--profile", "shop", "staff-console://order/1"],
            DeskOptions(profile="shop", url="staff-console://order/1"),
        ),
    ],
)
def test_options_of_the_desk_are_read(arguments: list[str], options: DeskOptions) -> None:
    assert desk_options(arguments) == options


@pytest.mark.parametrize(
    "arguments",
    [
        ["orders"], ["review", "10482"], ["--help"], ["--json"], ["--profile"], ["--demo", "orders"],
        ["--prof", "shop"], ["https://example.com"], ["--profile", "shop", "lookup", "Sato"],
        ["staff-console://order/1", "more"], ["-x"],
    ],
)  # fmt: skip
def test_anything_else_is_for_the_command_line(arguments: list[str]) -> None:
    assert desk_options(arguments) is None


def test_reading_them_loads_the_standard_library_alone() -> None:
    code = "import sys, console.desk_options; print([n for n in ('typer', 'pydantic', 'PySide6') if n in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
