"""Telling people something, without a window: what is told is kept until one can show it."""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple


class NoticeKind(StrEnum):
    """How a notice is meant."""

    DONE = "done"
    CAREFUL = "careful"
    FAILED = "failed"


class Offer(NamedTuple):
    """What can be done about a notice: the words of its button, and what that does."""

    words: str
    take: Callable[[], None]


class Notice(NamedTuple):
    """One thing to tell: a short sentence, what more there is to read where somebody asks, and what can be done."""

    kind: NoticeKind
    text: str
    more: str = ""
    offer: Offer | None = None


class Notices:
    """Passes notices to whoever listens; before anybody does, they wait."""

    def __init__(self) -> None:
        """Nothing has been told, nobody listens."""
        self._waiting: list[Notice] = []
        self._listener: Callable[[Notice], None] | None = None

    def tell(self, kind: NoticeKind, text: str, more: str = "", offer: Offer | None = None) -> None:
        """Tell something now, or as soon as somebody listens."""
        notice = Notice(kind, text, more, offer)
        if self._listener:
            self._listener(notice)
        else:
            self._waiting.append(notice)

    def listen(self, listener: Callable[[Notice], None]) -> None:
        """Give what waited, and everything from now on, to `listener`."""
        self._listener = listener
        waiting, self._waiting = self._waiting, []
        for notice in waiting:
            listener(notice)
