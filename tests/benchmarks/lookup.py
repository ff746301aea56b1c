"""Finding a customer among a million: the 95th percentile of each kind of search, ranking and merging included.

Beside it, on the same file, the search that an administration page of a web framework makes: parts of five columns by
LIKE, with its two counts; and the floor, bare look-ups without ranking, where `shared/tools/lookup_floor.py` is there.
The directory is filled once and kept below the folder for temporary files until the way it is indexed changes.
"""

import asyncio
import contextlib
import hashlib
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from console.integrations.portal import directory_index, directory_people, search_terms
from console.integrations.portal.database import Database
from console.integrations.portal.portal import Portal
from console.models.customer import Person
from tests import postgres
from tests.benchmarks.figures import Figure, parser, percentile, show
from tests.benchmarks.invented_people import people

_LIMIT = 20
_EVERY = 997
_FLOOR = Path(__file__).resolve().parents[3] / "shared" / "tools" / "lookup_floor.py"
_COLUMNS = ("name", "email", "phone", "customer_number", "salesforce_account_id")
_PART = "part of a word"
_COMMON = ("佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺", "山本", "中村", "小林", "加藤")
_LATIN = re.compile(r"[A-Za-z]{6,}")


class Samples:
    """What is typed, by the kind of search, taken from people who are there."""

    def __init__(self, chosen: Sequence[Person]) -> None:
        """`chosen` are some of those who are there."""
        chance = random.Random(5)
        japanese = [one for one in chosen if not one.name.isascii()]
        latin = [word.lower() for one in chosen for word in _LATIN.findall(one.name)]
        self.by_kind: dict[str, list[str]] = {
            "WHMCS id": [str(one.whmcs_client_id) for one in chosen if one.whmcs_client_id],
            "Salesforce id of 15 characters": [str(one.salesforce_account_id)[:15] for one in chosen],
            "customer number": [one.customer_number for one in chosen],
            "whole e-mail": [one.email for one in chosen],
            "phone number": [one.phone for one in chosen],
            "last four digits": [one.phone[-4:] for one in chosen],
            "whole name": [one.name for one in chosen],
            "family name first": [" ".join(reversed(one.name.split())) for one in japanese],
            "common name of two characters": [
                *["佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺", "山本", "中村", "小林", "加藤"]
            ]
            * 20,
            "one character": [chance.choice(one.name.replace(" ", "")) for one in japanese],
            "two characters of a name": [one.name.replace(" ", "")[:2] for one in japanese],
            "kana": [one.reading.split()[0] for one in japanese if one.reading and not one.reading.isascii()],
            "beginning of a Latin name": [word[: chance.choice((2, 3, 4))] for word in latin],
            _PART: [word[1 : 1 + chance.choice((3, 4))] for word in latin],
            "part of an e-mail": [one.email.partition("@")[0][2:9] for one in chosen],
            "typing error": [word[:3] + word[4] + word[3] + word[5:] for word in latin],
            "nobody": [f"{word}qx" for word in latin],
        }


async def searched(portal: Portal, samples: Samples) -> dict[str, list[float]]:
    """Milliseconds of each search, by kind."""
    took: dict[str, list[float]] = {}
    for kind, texts in samples.by_kind.items():
        for number, text in enumerate([*texts[:5], *texts]):
            before = time.perf_counter()
            await portal.directory.search(text, _LIMIT)
            # The first few open the connection and the pages that every search needs.
            if number >= len(texts[:5]):
                took.setdefault(kind, []).append((time.perf_counter() - before) * 1000)
    return took


def like_an_administration_page(file: Path, samples: Samples) -> list[float]:
    """Milliseconds of searches for parts of words by LIKE in every column, with the counts of such a page."""
    either = " OR ".join(f"{column} LIKE :part" for column in _COLUMNS)
    took = []
    with contextlib.closing(sqlite3.connect(file)) as connection:
        for text in samples.by_kind[_PART][:6]:
            before = time.perf_counter()
            given = {"part": f"%{text}%"}
            connection.execute(f"SELECT count(*) FROM directory WHERE {either}", given).fetchall()
            connection.execute("SELECT count(*) FROM directory").fetchall()
            connection.execute(f"SELECT * FROM directory WHERE {either} ORDER BY id DESC LIMIT 100", given).fetchall()
            took.append((time.perf_counter() - before) * 1000)
    return took


def floor(count: int) -> str:
    """What the bare look-ups print, or why there are none."""
    if not _FLOOR.is_file():
        return "no floor: shared/tools/lookup_floor.py is not here\n"
    return subprocess.run([sys.executable, str(_FLOOR), str(count)], capture_output=True, text=True, check=True).stdout


def memory_mb() -> float:
    """What this process has had at most, in megabytes; 0 where the system does not tell."""
    try:
        import resource
    except ImportError:
        return 0.0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024 * 1024 if sys.platform == "darwin" else 1024)


def fill(url: str, count: int) -> None:
    """Put invented people into an empty database."""

    async def filled() -> None:
        database = Database(url)
        await database.migrate()
        await database.run(lambda connection: directory_people.put(connection, people(count)))
        await database.aclose()

    asyncio.run(filled())


def kept_file(count: int) -> Path:
    """The database of so many people, filled in a process of its own where it is not there yet."""
    made_by = b"".join(Path(str(one.__file__)).read_bytes() for one in (directory_index, search_terms))
    name = f"staff-console-lookup-{count}-{hashlib.sha256(made_by).hexdigest()[:12]}.db"
    file = Path(tempfile.gettempdir()) / name
    if not file.is_file():
        unfinished = file.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)
        command = [sys.executable, "-m", "tests.benchmarks.lookup", "--fill", f"sqlite:///{unfinished}"]
        subprocess.run([*command, "--people", str(count)], check=True)
        with contextlib.closing(sqlite3.connect(unfinished)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        unfinished.rename(file)
    return file


@contextlib.contextmanager
def _server(count: int) -> Iterator[str]:
    with postgres.server() as uri:
        url = postgres.new_database(uri)
        fill(url, count)
        yield url


async def measured(url: str, samples: Samples) -> dict[str, list[float]]:
    """Search a database that is filled."""
    portal = Portal(url)
    try:
        await portal.open()
        return await searched(portal, samples)
    finally:
        await portal.aclose()


def main() -> None:
    """Measure and print."""
    made = parser(__doc__)
    made.add_argument("--people", type=int, default=1_000_000)
    made.add_argument("--postgresql", action="store_true", help="on a server that is started for it")
    made.add_argument("--fill", default="", help="only put people into the database of this URL")
    asked = made.parse_args()
    count = 3_000 if asked.short else asked.people
    if asked.fill:
        fill(asked.fill, count)
        return
    samples = Samples([one for number, one in enumerate(people(count)) if number % max(1, count // _EVERY) == 0][:400])
    before = memory_mb()
    if asked.postgresql:
        with _server(count) as url:
            took = asyncio.run(measured(url, samples))
        show(_figures(took, count, "PostgreSQL", 15), as_json=asked.json)
        return
    file = kept_file(count)
    took = asyncio.run(measured(f"sqlite:///{file}", samples))
    grown = memory_mb() - before
    figures = _figures(took, count, "SQLite", 5)
    peer = percentile(like_an_administration_page(file, samples), 95)
    figures.append(Figure(f"{_PART}, p95", percentile(took[_PART], 95), "ms", peer, "LIKE and counts", "aim: 80 times"))
    figures.append(Figure("memory of the search", max(grown, 0.1), "MB", aim="aim: 50 MB"))
    show(figures, as_json=asked.json)
    if not asked.json:
        sys.stdout.write(f"floor, without ranking and merging:\n{floor(count)}")


def _figures(took: dict[str, list[float]], count: int, engine: str, aim_ms: int) -> list[Figure]:
    aim = f"aim: {aim_ms} ms"
    every = [one for values in took.values() for one in values]
    return [
        *(Figure(f"{kind}, p95", percentile(values, 95), "ms", percentile(values, 50), "p50", aim)
          for kind, values in took.items()),
        Figure(f"any of {count:,} people, {engine}, p95", percentile(every, 95), "ms", aim=aim),
    ]  # fmt: skip


if __name__ == "__main__":
    main()
