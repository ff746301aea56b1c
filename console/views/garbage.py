"""Python's cyclic garbage is collected on the window's own thread only.

Otherwise whichever thread happens to allocate collects it, and a Qt object that dies on another thread than its own
leaves its timers behind: the next one that fires ends the program.
"""

import gc

from PySide6.QtCore import QObject, QTimer

_EVERY_MS = 500


class GarbageCollector(QObject):
    """Takes over from the automatic collection until `stop`, with the same thresholds."""

    def __init__(self, parent: QObject) -> None:
        """Starts at once. What the start has left is not looked at again: that keeps each collection short."""
        super().__init__(parent)
        self._thresholds = gc.get_threshold()
        self._by_itself = gc.isenabled()
        gc.disable()
        gc.freeze()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._collect)
        self._timer.start(_EVERY_MS)

    def settle(self) -> None:
        """The rows of the desk have come and will stay: they are not looked at again either."""
        gc.freeze()

    def stop(self) -> None:
        """Let Python collect by itself again, where it did so before."""
        self._timer.stop()
        gc.unfreeze()
        if self._by_itself:
            gc.enable()

    def _collect(self) -> None:
        """Collect the oldest generation that is due; it takes the younger ones with it."""
        due = [
            generation
            for generation, (count, limit) in enumerate(zip(gc.get_count(), self._thresholds, strict=True))
            if count > limit
        ]
        if due:
            gc.collect(due[-1])
