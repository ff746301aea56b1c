"""What is written when something of ours is wrong: where it happened, and nothing of what was being worked on."""

import hashlib
import platform
import re
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path

# One that comes again within this time is counted in the report that is there.
_AGAIN_WITHIN_S = 3600
_MOST_REPORTS = 20
_TIMES = re.compile(r"^seen (\d+) times$", re.MULTILINE)


def write_report(error: BaseException, folder: Path, version: str) -> Path:
    """Write a report of a defect and return its file. Raises `OSError` where the folder cannot be used.

    It names the error's type and the places in the code. Messages and values stay out: they can hold customers' data.
    The same defect within an hour is counted and not written anew, and only the newest reports are kept.
    """
    now = datetime.now(UTC)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    places = [
        f"  {frame.name} ({Path(frame.filename).name}:{frame.lineno})"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    mark = hashlib.sha256("\n".join((version, kind, *places)).encode()).hexdigest()[:8]
    file = _lately(folder, mark) or folder / f"crash-{now:%Y%m%dT%H%M%S%f}-{mark}.txt"
    lines = [
        f"Staff Console {version}, Python {platform.python_version()}, {platform.system()}",
        f"{now.isoformat(timespec='seconds')} {kind}",
        f"seen {_times(file) + 1} times",
        *places,
    ]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    _keep_newest(folder)
    return file


def _lately(folder: Path, mark: str) -> Path | None:
    """The report of the same defect, where it was seen lately."""
    reports = folder.glob(f"crash-*-{mark}.txt")
    return next((file for file in reports if time.time() - file.stat().st_mtime < _AGAIN_WITHIN_S), None)


def _times(file: Path) -> int:
    """How often a defect was seen before."""
    found = _TIMES.search(file.read_text(encoding="utf-8")) if file.exists() else None
    return int(found[1]) if found else 0


def _keep_newest(folder: Path) -> None:
    for file in sorted(folder.glob("crash-*.txt"))[:-_MOST_REPORTS]:
        file.unlink(missing_ok=True)
