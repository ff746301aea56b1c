"""Which process holds what: every process has a random token and an operating-system lock on a file of that name."""

import secrets
import time
from pathlib import Path

from filelock import FileLock, Timeout

# A claim's lease is minutes; after this long nobody asks about a holder any more.
_FORGET_AFTER_S = 7 * 24 * 3600


class Holder:
    """This process as a holder of claims. The lock ends with the process, however it ends: lock free means dead."""

    def __init__(self, folder: Path) -> None:
        """`folder` is one per user of the machine; it is made where it is missing."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.token = secrets.token_hex(16)
        self._lock = FileLock(self._lock_file(self.token))
        self._lock.acquire(blocking=False)
        # The lock file goes when a lock is given back; this one stays and tells that the token was used here.
        self._trace(self.token).touch()
        self._forget_old()

    def new_mark(self) -> str:
        """What a claim row names its holder by: this process, and this one attempt to insert the row.

        Two attempts of one process must not take each other's row for their own.
        """
        return f"{self.token}.{secrets.token_hex(8)}"

    def is_known_dead(self, mark: str) -> bool:
        """Whether the process of this mark ran on this machine for this user and has ended.

        A process on another machine is never known dead. Source: architecture.md, "Claims".
        """
        token = mark.partition(".")[0]
        if token == self.token or not token.isalnum() or not self._trace(token).exists():
            return False
        probe = FileLock(self._lock_file(token))
        try:
            probe.acquire(blocking=False)
        except Timeout:
            return False
        probe.release()
        return True

    def release(self) -> None:
        """Give the lock back at an orderly end."""
        self._lock.release()

    def _lock_file(self, token: str) -> Path:
        return self._folder / f"{token}.lock"

    def _trace(self, token: str) -> Path:
        return self._folder / f"{token}.holder"

    def _forget_old(self) -> None:
        for trace in self._folder.glob("*.holder"):
            if time.time() - trace.stat().st_mtime > _FORGET_AFTER_S and self.is_known_dead(trace.stem):
                trace.unlink(missing_ok=True)
