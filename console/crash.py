"""What is written when something of ours is wrong: where it happened, and nothing of what was being worked on."""

import platform
import traceback
from datetime import UTC, datetime
from pathlib import Path


def write_report(error: BaseException, folder: Path, version: str) -> Path:
    """Write a report of a defect and return its file.

    It names the error's type and the places in the code. Messages and values stay out: they can hold customers' data.
    """
    now = datetime.now(UTC)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"crash-{now:%Y%m%dT%H%M%S%f}.txt"
    lines = [
        f"Staff Console {version}, Python {platform.python_version()}, {platform.system()}",
        f"{now.isoformat(timespec='seconds')} {type(error).__module__}.{type(error).__qualname__}",
        *(
            f"  {frame.name} ({Path(frame.filename).name}:{frame.lineno})"
            for frame in traceback.extract_tb(error.__traceback__)
        ),
    ]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file
