"""Scrolling the queue with 20,000 rows page by page, putting new rows in place, and filtering them.

Held against Qt's own list of plain texts with as many rows, in the same run.
"""

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QStringListModel
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QListView

from console.app import Session
from console.models.order import OrderSummary
from console.views.list_view import ROW_HEIGHT
from console.views.order_queues import Queue
from console.views.orders_list import OrdersList
from console.views.places import Places
from tests.benchmarks.figures import Figure, options, percentile, show
from tests.benchmarks.in_the_window import in_practice
from tests.journeys.commands import practice

_ROWS_A_STEP = 10
_SETTLED_S = 1.0
_TYPED = ("sato", "vpn", "00012", "pay-01", "changed 1")


def main() -> None:
    """Measure and print."""
    asked = options(__doc__)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    count, steps = (1_000, 20) if asked.short else (20_000, 400)
    figures: list[Figure] = []

    async def work(session: Session, places: Places) -> None:
        session.window.resize(1280, 800)
        places.show("orders")
        queue = places.records.orders
        rows = _many(places.live.orders, count)
        # No reading of the practice systems takes these rows away.
        places.live._work.drop_all()
        queue._model.set_records(rows)
        queue._place.filled()
        plain = QListView()
        plain.setModel(QStringListModel([f"row {number}" for number in range(count)], plain))
        plain.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        plain.setUniformItemSizes(True)
        plain.resize(queue.list.size())
        plain.show()
        ours, theirs = _scrolled(queue.list, steps), _scrolled(plain, steps)
        plain.close()
        name, aim = f"a step of {_ROWS_A_STEP} rows among {count:,}, painted", "aim: 16 ms"
        figures.extend(
            Figure(f"{name}, p{part}", percentile(ours, part), "ms", percentile(theirs, part), "plain list", aim)
            for part in (50, 95)
        )
        figures.append(Figure(f"ten changed rows of {count:,} put in place", _put(queue, rows), "ms"))
        typed = await _filtered(places, rows)
        figures.extend(
            Figure(f"a key in the filter of {count:,} orders, painted, p{part}", percentile(typed, part), "ms",
                   aim="aim: 50 ms")
            for part in (50, 95)
        )  # fmt: skip
        figures.append(Figure(f"ten changed orders of {count:,} shown everywhere", _shown(places, rows), "ms"))

    with tempfile.TemporaryDirectory() as folder, practice(Path(folder)):
        in_practice(Path(folder) / "p.toml", Path(folder) / "data", work)
    show(figures, as_json=asked.json)


def _many(known: Sequence[OrderSummary], count: int) -> list[OrderSummary]:
    """As many orders as wanted, made of those that there are."""
    return [
        known[number % len(known)].model_copy(update={"order_id": f"801{number:015d}", "order_number": f"{number:08d}"})
        for number in range(count)
    ]


def _scrolled(view: QListView, steps: int) -> list[float]:
    """Milliseconds for each step down, with the painting of all that is seen."""
    bar, took = view.verticalScrollBar(), []
    bar.setValue(0)
    for _ in range(steps):
        before = time.perf_counter()
        bar.setValue(bar.value() + _ROWS_A_STEP * ROW_HEIGHT)
        view.viewport().grab()
        took.append((time.perf_counter() - before) * 1000)
    return took


def _put(queue: OrdersList, rows: list[OrderSummary]) -> float:
    took = []
    for turn in range(5):
        for number in range(10):
            place = number * len(rows) // 10
            rows[place] = rows[place].model_copy(update={"customer": f"Changed {turn}"})
        before = time.perf_counter()
        queue._model.set_records(list(rows))
        took.append((time.perf_counter() - before) * 1000)
    return statistics.median(took)


async def _filtered(places: Places, rows: list[OrderSummary]) -> list[float]:
    """Milliseconds from each key to the painted rows that are left."""
    queue, took = places.records.orders, []
    places.live.orders = tuple(rows)
    places.live.orders_changed.emit()
    queue.show_queue(Queue.ALL)
    await asyncio.sleep(_SETTLED_S)
    assert len(queue._model.records) == len(rows)
    for typed in _TYPED:
        for letter in typed:
            before = time.perf_counter()
            QTest.keyClicks(queue._text, letter)
            queue.list.viewport().grab()
            took.append((time.perf_counter() - before) * 1000)
        queue._text.clear()
    return took


def _shown(places: Places, rows: list[OrderSummary]) -> float:
    """Milliseconds for all pages to take over ten changed orders, as after a reading of the queue."""
    took = []
    for turn in range(5):
        for number in range(10):
            place = number * len(rows) // 10
            rows[place] = rows[place].model_copy(update={"customer": f"Changed again {turn}"})
        places.live.orders = tuple(rows)
        before = time.perf_counter()
        places.live.orders_changed.emit()
        took.append((time.perf_counter() - before) * 1000)
    return statistics.median(took)


if __name__ == "__main__":
    main()
