"""Every benchmark runs in its short form and tells figures; what they are is for people to judge, not for a test."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BENCHMARKS = sorted(
    file.stem for file in Path(__file__).parent.glob("[!t]*.py") if "def main" in file.read_text(encoding="utf-8")
)
_PATIENCE_S = 120


def test_every_benchmark_is_known_to_the_command() -> None:
    command = (ROOT / "packaging" / "dev.py").read_text(encoding="utf-8")
    assert BENCHMARKS == ["key_to_paint", "lookup", "provisioning", "scrolling", "stalls", "startup", "sync"]
    assert all(f'"{name}"' in command for name in BENCHMARKS)


@pytest.mark.slow
@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_benchmark_tells_figures(name: str) -> None:
    command = [sys.executable, "-m", f"tests.benchmarks.{name}", "--short", "--json"]
    run = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=_PATIENCE_S, check=False, env=dict(os.environ)
    )
    assert run.returncode == 0, run.stderr
    figures = json.loads(run.stdout)["figures"]
    assert figures
    assert all(figure["value"] > 0 for figure in figures)
