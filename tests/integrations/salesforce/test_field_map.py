"""The map between our words and Salesforce's names: how it reads, writes and picks."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from console.integrations.salesforce.field_map import FieldMap
from tests.integrations.salesforce.org_bench import FIELD_MAP

_SMALL = """
[objects]
order = "Order"

[order]
id = { field = "Id", type = "id" }

[order.state]
field = "Status"
type = "picklist"
values = { in_review = ["In Review", "Draft"], approved = "Approved" }
written = "approve"

[order.total]
field = "TotalAmount"
type = "currency"
reviewed = true
written = "provision"

[order.customer]
field = "Account.Name"
type = "text"
"""


@pytest.fixture
def small(tmp_path: Path) -> FieldMap:
    file = tmp_path / "map.toml"
    file.write_text(_SMALL, encoding="utf-8")
    return FieldMap(file)


def test_the_shipped_map_can_be_read() -> None:
    shipped = FieldMap(FIELD_MAP)
    assert set(shipped.objects) == set(shipped.fields)


def test_names_can_be_reached_through_a_relationship(small: FieldMap) -> None:
    assert small.names("order") == ["Id", "Status", "TotalAmount", "Account.Name"]
    assert small.names("order", ["id", "total"], via="Order.") == ["Order.Id", "Order.TotalAmount"]


@pytest.mark.parametrize(
    ("value", "word"),
    [("In Review", "in_review"), ("Draft", "in_review"), ("Approved", "approved"), ("Retired", None), (None, None)],
)
def test_a_picklist_value_is_read_as_our_word(small: FieldMap, value: str | None, word: str | None) -> None:
    assert small.read("order", {"Status": value})["state"] == word


def test_what_is_not_selected_or_not_there_is_read_as_none(small: FieldMap) -> None:
    assert small.read("order", {"Id": "801", "Account": None}) == {
        "id": "801",
        "state": None,
        "total": None,
        "customer": None,
    }


def test_a_value_is_read_through_its_relationship(small: FieldMap) -> None:
    assert small.read("order", {"Account": {"Name": "Aoi Mori"}})["customer"] == "Aoi Mori"


def test_of_several_values_the_first_is_written_and_all_are_asked_for(small: FieldMap) -> None:
    assert small.write("order", {"state": "in_review"}) == {"Status": "In Review"}
    assert small.field("order", "state").all_values("in_review") == ["In Review", "Draft"]


def test_none_clears_a_field_of_any_type(small: FieldMap) -> None:
    assert small.write("order", {"state": None, "total": None}) == {"Status": None, "TotalAmount": None}


def test_a_word_that_the_map_does_not_know_is_a_defect(small: FieldMap) -> None:
    with pytest.raises(KeyError):
        small.write("order", {"stats": "approved"})
    with pytest.raises(KeyError):
        small.write("order", {"state": "parked"})


def test_what_is_not_said_to_be_written_is_never_written(small: FieldMap) -> None:
    with pytest.raises(ValueError, match="order customer is written"):
        small.write("order", {"state": "approved", "customer": "Aoi Mori"})


def test_only_what_an_approval_signs_is_reviewed(small: FieldMap) -> None:
    assert small.reviewed("order", {"Id": "801", "Status": "Draft", "TotalAmount": 5280}) == {"TotalAmount": 5280}


def test_a_mistake_in_the_map_is_found_when_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "map.toml"
    file.write_text(_SMALL.replace("reviewed", "reveiwed"), encoding="utf-8")
    with pytest.raises(ValidationError):
        FieldMap(file)
