"""From the start of the process to a search box that takes keys, and the memory of an idle desk.

Held against a bare PySide6 window with one line edit; the runs of both are interleaved.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.figures import Figure, options, show
from tests.journeys.commands import practice

_SETTLED_S = 2.0
_BARE = """
import sys
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QLineEdit, QMainWindow
class First(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, lambda: (sys.stderr.write("takes keys\\n"), sys.stderr.flush()))
        return False
app, window, box, first = QApplication([]), QMainWindow(), QLineEdit(), First()
window.setCentralWidget(box); window.resize(1280, 800); box.installEventFilter(first); window.show(); box.setFocus()
app.exec()
"""


def main() -> None:
    """Measure and print."""
    asked = options(__doc__)
    runs = 2 if asked.short else 9
    with tempfile.TemporaryDirectory() as folder, practice(Path(folder)):
        desk = [sys.executable, "-m", "console", "--profile", f"{folder}/p.toml", "--data-dir", f"{folder}/data"]
        _once([*desk, "--trace-startup"])  # the first start fills the data folder
        bare, ours = [], []
        for _ in range(runs):
            bare.append(_once([sys.executable, "-c", _BARE]))
            ours.append(_once([*desk, "--trace-startup"]))
    aim = "aim: 2.5 times"
    figures = [
        Figure("start to a search box that takes keys", _median(ours, 0), "ms", _median(bare, 0), "bare window", aim),
        Figure("memory two seconds later (PSS)", _median(ours, 1), "MB", _median(bare, 1), "bare window", ""),
    ]
    show(figures, as_json=asked.json)


def _once(command: list[str]) -> tuple[float, float]:
    """Milliseconds from the start to the line on standard error, and megabytes after that has settled."""
    environment = os.environ | ({} if os.environ.get("DISPLAY") else {"QT_QPA_PLATFORM": "offscreen"})
    started = time.perf_counter()
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as program:
        assert program.stderr
        for line in program.stderr:
            if "takes keys" in line:
                break
        took = (time.perf_counter() - started) * 1000
        time.sleep(_SETTLED_S)
        memory = _megabytes(program.pid)
        program.terminate()
        program.stderr.read()
    return took, memory


def _megabytes(pid: int) -> float:
    """The process's share of memory (PSS), 0 where the system does not tell."""
    rollup = Path(f"/proc/{pid}/smaps_rollup")
    if not rollup.exists():
        return 0.0
    line = next(line for line in rollup.read_text().splitlines() if line.startswith("Pss:"))
    return int(line.split()[1]) / 1024


def _median(runs: list[tuple[float, float]], part: int) -> float:
    return statistics.median(run[part] for run in runs)


if __name__ == "__main__":
    main()
