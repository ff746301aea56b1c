"""Scrolling the queue with 20,000 rows page by page, and putting new rows in place.

Held against Qt's own list of plain texts with as many rows, in the same run.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QStringListModel
from PySide6.QtWidgets import QAbstractItemView, QListView

from console.app import Session
from console.models.order import OrderSummary
from console.views.list_view import ROW_HEIGHT
from console.views.orders_list import OrdersList
from console.views.places import Places
from tests.benchmarks.figures import Figure, options, percentile, show
from tests.benchmarks.in_the_window import in_practice
from tests.journeys.commands import practice

_ROWS_A_STEP = 10


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


if __name__ == "__main__":
    main()
