"""Gets the WHMCS clients that contract.py and contract.cjs drive, into `.env` and `node_modules` beside this file.

Only by the standard library. Git ignores both folders.
"""

import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def main() -> None:
    """Install with pip, and with npm where it is on this machine."""
    site, wanted = str(FOLDER / ".env"), str(FOLDER / "requirements.txt")
    pip = (
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--upgrade",
        "--retries",
        "0",
        "--target",
        site,
    )
    subprocess.run((*pip, "-r", wanted), check=True)
    if npm := shutil.which("npm"):
        subprocess.run((npm, "ci", "--no-audit", "--no-fund", "--fetch-retries=0"), cwd=FOLDER, check=True)


if __name__ == "__main__":
    main()
