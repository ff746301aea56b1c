"""The base of every record, and the words that come in both languages."""

from pydantic import BaseModel, ConfigDict, model_serializer


class Record(BaseModel):
    """An immutable value. An unknown key is a defect of whoever built it, so it is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Words(Record):
    """One text in the two languages of the product."""

    en: str
    ja: str


class Sentence(Words):
    """What was found, in both languages for people. Logs, the command line and JSON have it in English alone."""

    @model_serializer
    def __str__(self) -> str:
        return self.en
