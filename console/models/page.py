"""A page that is filled block by block, each from its own source and with its own fate."""

from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from console.models.check import Source
from console.models.record import Record

T = TypeVar("T")


class BlockState(StrEnum):
    """What became of a block."""

    OK = "ok"
    EMPTY = "empty"
    REFUSED = "refused"
    FAILED = "failed"


class Block(Record, Generic[T]):
    """One block of a page: where it came from, when, and what it holds; `message` says why it holds nothing."""

    source: Source
    fetched_at: datetime
    state: BlockState
    data: T | None = None
    message: str = ""
