"""How many calls go out and how fast: a bucket of turns that fills at a steady rate."""

import asyncio
from typing import NamedTuple


class Pacing(NamedTuple):
    """How calls are spread, and what is done when WHMCS does not answer.

    calls_per_s         turns that come free each second, None for no limit; `burst` of them may be saved up
    read_again_after_s  the pauses before a read is repeated, each varied by a quarter
    lost_in_a_row       after so many lost answers one read at a time tries, and nothing else goes out
    held_s              the pause before a try: the first, and the longest after doubling each time
    """

    calls_per_s: float | None = None
    burst: int = 4
    read_again_after_s: tuple[float, ...] = (0.3, 1.2)
    lost_in_a_row: int = 6
    held_s: tuple[float, float] = (1.0, 5.0)


class Turns:
    """Hands out turns no faster than the pacing allows, in the order in which they are asked for."""

    def __init__(self, pacing: Pacing) -> None:
        """Start with a full bucket."""
        self._rate = pacing.calls_per_s
        self._burst = max(pacing.burst, 1)
        self._free = float(self._burst)
        self._counted_at = 0.0

    async def take(self) -> None:
        """Wait for a turn. One that is given up while waiting goes back."""
        if self._rate is None:
            return
        now = asyncio.get_running_loop().time()
        self._free = min(self._burst, self._free + (now - self._counted_at) * self._rate) - 1
        self._counted_at = now
        if self._free >= 0:
            return
        try:
            await asyncio.sleep(-self._free / self._rate)
        except asyncio.CancelledError:
            self._free += 1
            raise
