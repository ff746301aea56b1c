"""A process is known dead only when it ran here and its lock is free."""

import os
import subprocess
import sys
import time
from pathlib import Path

from console.integrations.holders import Holder

_HOLD = "import sys; from pathlib import Path; from console.integrations.holders import Holder; \
holder = Holder(Path(sys.argv[1])); print(holder.new_mark(), flush=True); sys.stdin.read()"


def test_a_live_process_is_not_dead_and_a_killed_one_is(tmp_path: Path) -> None:
    mine = Holder(tmp_path)
    command = [sys.executable, "-c", _HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        mark = other.stdout.readline().strip()
        assert not mine.is_known_dead(mark)
        other.kill()
        other.wait(20)
        assert mine.is_known_dead(mark)
        assert mine.is_known_dead(mark), "asking must not make it forgotten"
    mine.release()


def test_ourselves_strangers_and_rubbish_are_never_known_dead(tmp_path: Path) -> None:
    mine = Holder(tmp_path)
    for mark in (mine.new_mark(), "0123456789abcdef.77", "", "../../etc/passwd.1", "a/b", "*"):
        assert not mine.is_known_dead(mark)
    mine.release()


def test_two_attempts_of_one_process_have_different_marks(tmp_path: Path) -> None:
    mine = Holder(tmp_path)
    assert mine.new_mark() != mine.new_mark()
    mine.release()


def test_old_traces_of_dead_processes_are_cleared_away(tmp_path: Path) -> None:
    dead = Holder(tmp_path)
    dead.release()
    old = time.time() - 30 * 24 * 3600
    os.utime(tmp_path / f"{dead.token}.holder", (old, old))
    alive = Holder(tmp_path)
    assert [trace.stem for trace in tmp_path.glob("*.holder")] == [alive.token]
    alive.release()
