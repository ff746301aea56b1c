"""A crash report says where it happened and holds nothing of what was being worked on."""

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


def test_two_reports_do_not_overwrite_each_other(tmp_path: Path) -> None:
    files = {write_report(ValueError(), tmp_path, "1") for _ in range(2)}
    assert len(files) == 2
