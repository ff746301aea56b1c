"""A crash report says where it happened and holds nothing of what was being worked on."""

import os
from pathlib import Path

from console.crash import write_report


def test_a_report_names_type_and_places_but_no_values(tmp_path: Path) -> None:
    def look_up(customer: str) -> None:
        raise KeyError(f"no {customer}")

    try:
        look_up("Sato Kenji +81 90 1234 5678")
    except KeyError as error:
        file = write_report(error, tmp_path / "crash", "1.2.3")
    text = file.read_text(encoding="utf-8")
    assert "KeyError" in text
    assert "look_up (test_crash.py:" in text
    assert "1.2.3" in text
    assert "Sato" not in text
    assert "1234" not in text


def test_the_same_defect_is_counted_and_another_has_its_own_report(tmp_path: Path) -> None:
    files = [write_report(ValueError(), tmp_path, "1") for _ in range(3)]
    assert len(set(files)) == 1
    assert "seen 3 times" in files[0].read_text(encoding="utf-8")
    assert write_report(KeyError(), tmp_path, "1") not in files


def test_one_that_comes_back_after_an_hour_is_written_anew(tmp_path: Path) -> None:
    first = write_report(ValueError(), tmp_path, "1")
    os.utime(first, (0, 0))
    assert write_report(ValueError(), tmp_path, "1") != first


def test_only_the_newest_reports_are_kept(tmp_path: Path) -> None:
    files = [write_report(ValueError(), tmp_path, str(version)) for version in range(25)]
    assert sorted(tmp_path.iterdir()) == files[5:]
