"""Texts in both languages, and how those are written that machines read in English."""

from console.models.record import Record, Sentence


class _Found(Record):
    said: Sentence


def test_a_sentence_is_for_people_in_both_languages_and_for_machines_in_english() -> None:
    found = _Found(said=Sentence(en="No open invoice.", ja="未払いの請求書はありません。"))
    assert found.said.ja == "未払いの請求書はありません。"
    assert found.model_dump(mode="json") == {"said": "No open invoice."}
    assert f"{found.said}" == "No open invoice."
