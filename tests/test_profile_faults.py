"""A profile that is wrong says on which line, what is wrong there, and how to mend it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.errors import SettingsError
from console.settings import load_profile, profile_from

SOUND = """\
id = "shop-1"
environment = "sandbox"

[salesforce]
instance_url = "https://shop.my.salesforce.com"

[whmcs]
url = "https://billing.example.com"
customer_number_field_id = 3
"""


def said_of(text: str, folder: Path) -> list[str]:
    """What is said of a profile, without the sentence that names the file."""
    file = folder / "shop.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_profile(file)
    first, *faults = str(caught.value).splitlines()
    assert first == f"The profile {file} cannot be used."
    return faults


def test_a_sound_profile_is_read(tmp_path: Path) -> None:
    file = tmp_path / "shop.toml"
    file.write_text(SOUND, encoding="utf-8-sig")
    assert load_profile(file).id == "shop-1"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("customer_number_field_id = 3", "customer_number_feld_id = 3", [
            "Line 7: whmcs.customer_number_field_id is missing (Id of the client custom field that holds the customer"
            " number). Add customer_number_field_id = … under [whmcs].",
            "Line 9: whmcs.customer_number_feld_id is no setting. Did you mean customer_number_field_id?",
        ]),
        ("[whmcs]", "colour = 1\n[whmcs]", ["Line 7: salesforce.colour is no setting. Take it out."]),
        ('id = "shop-1"\n', "", ["id is missing (Names the data folder and the keyring entries). Add id = … above the"
                                 " first table."]),
        ("https://billing", "http://billing", [
            "Line 8: whmcs.url (System URL; includes/api.php is added to it) cannot be used:"
            " 'http://billing.example.com' must begin with https://, or secrets would be readable on the way.",
        ]),
        ("[whmcs]", "[review]\nmnp_look_days = -1\n[whmcs]", [
            "Line 8: review.mnp_look_days (Fewer days left on a transfer number are worth a look) cannot be -1: input"
            " should be greater than or equal to 0.",
        ]),
        ("[salesforce]", "desk.refresh_s = 0\n[salesforce]", [
            "Line 4: desk.refresh_s (How often the queue is read again; each time costs one API call) cannot be 0:"
            " input should be greater than or equal to 1.",
        ]),
    ],
)  # fmt: skip
def test_each_fault_has_its_line_and_its_remedy(old: str, new: str, said: list[str], tmp_path: Path) -> None:
    assert said_of(SOUND.replace(old, new), tmp_path) == said


def test_a_secret_that_was_put_into_the_file_is_not_repeated(tmp_path: Path) -> None:
    said = said_of(SOUND + 'secret = "hunter2-very-secret"\n', tmp_path)
    assert said == ["Line 10: whmcs.secret is no setting. Take it out."]


@given(st.dictionaries(st.text(max_size=8), st.recursive(st.integers() | st.text(max_size=8), st.lists, max_leaves=3)),
       st.text(max_size=200))  # fmt: skip
def test_whatever_stands_in_it_is_explained(values: dict[str, object], text: str) -> None:
    with pytest.raises(SettingsError):
        profile_from({"environment": "sandbox"} | values, "x", text)
