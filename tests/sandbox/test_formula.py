"""Formulas of validation rules."""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.sandbox.formula import Formula, Save


@dataclass(frozen=True)
class Named:
    name: str


def field(name: str) -> Named | None:
    known = {"status": "Status", "holder__c": "Holder__c", "amount": "Amount"}
    return Named(known[name.lower()]) if name.lower() in known else None


def holds(source: str, record: dict[str, Any] | None = None, prior: dict[str, Any] | None = None) -> bool:
    save = Save(record or {}, prior, "005", "Standard User", frozenset({"Console_Approve"}))
    return Formula(source, field).holds(save)


@pytest.mark.parametrize(
    ("source", "record", "prior", "expected"),
    [
        ("ISNEW()", {}, None, True),
        ("ISNEW()", {}, {}, False),
        ("ISCHANGED(Status)", {"Status": "a"}, {"Status": "b"}, True),
        ("ISCHANGED(Status)", {"Status": "a"}, {"Status": "a"}, False),
        ("ISCHANGED(Status)", {"Status": "a"}, None, False),
        ('ISPICKVAL(PRIORVALUE(status), "b")', {"Status": "a"}, {"Status": "b"}, True),
        ('ISPICKVAL(Status, "A")', {"Status": "a"}, None, False),
        ("ISBLANK(TEXT(Status))", {"Status": None}, None, True),
        ("ISNULL(Amount)", {"Amount": 0.0}, None, False),
        ('BEGINS(Holder__c, "decide:")', {"Holder__c": "decide:1"}, None, True),
        ('BEGINS(Holder__c, "decide:")', {"Holder__c": None}, None, False),
        ("Holder__c = $User.Id", {"Holder__c": "005"}, None, True),
        ("Holder__c <> $User.Id", {"Holder__c": None}, None, True),
        ("$Permission.Console_Approve", {}, None, True),
        ("$Permission.Console_Settle", {}, None, False),
        ('$Profile.Name = "Standard User"', {}, None, True),
        ("Amount > 1 && Amount <= 2.5", {"Amount": 2.5}, None, True),
        ("Amount < 1 || !ISNEW()", {"Amount": None}, None, False),
        ('TEXT(Amount) == "3"', {"Amount": 3.0}, None, True),
        ("AND(true, NOT(false), OR(false, 1 != 2))", {}, None, True),
    ],
)
def test_a_formula_is_evaluated_as_salesforce_does(
    source: str, record: dict[str, Any], prior: dict[str, Any] | None, expected: bool
) -> None:
    assert holds(source, record, prior) is expected


@pytest.mark.parametrize(
    "source",
    ["", "AND(", "Colour = 1", "VLOOKUP(Status)", "NOT(true, false)", "ISCHANGED(1)", "$User.Shoe_Size", 'Status = "a'],
)
def test_a_formula_that_is_not_understood_fails_at_once(source: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Formula(source, field)


@given(st.text(alphabet=st.characters(exclude_characters='"\\'), max_size=30))
def test_any_text_can_be_compared_with(value: str) -> None:
    assert holds(f'Status = "{value}"', {"Status": value})
