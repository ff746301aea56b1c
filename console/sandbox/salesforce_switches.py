"""How the sandbox's org is set up where an administrator, other people or Salesforce itself could change it.

Changed while the sandbox runs. Source: salesforce-api.md 6, fault switches.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from console.sandbox.salesforce_ids import long_id

FieldName = Annotated[str, StringConstraints(pattern=r"^\w+\.\w+$")]


def _long(text: str) -> str:
    found = long_id(text)
    if found is None:
        raise ValueError(f"{text} is no record id")
    return found


RecordId = Annotated[str, AfterValidator(_long)]


class OrgSwitches(BaseModel):
    """The org as Salesforce ships it, until something is changed."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    hidden_fields: tuple[FieldName, ...] = Field((), description="`Object.Field` that nobody sees; required ones stay")
    orders_enabled: bool = Field(True, description="Whether Order Settings have orders; without, the objects are gone")
    chatter_enabled: bool = Field(True, description="Whether there are feeds")
    oldest_version: int = Field(31, ge=31, description="The oldest API version that is not withdrawn")
    deprecated_below: int = Field(0, ge=0, description="Older API versions than this come with a warning")
    locked_rows: tuple[RecordId, ...] = Field((), description="Records that somebody else's transaction holds")
    row_lock_wait_s: float = Field(10, ge=0, description="How long a write waits for such a record; real seconds")
    approvals_refused_as: Literal["error", "result"] = Field("error", description="Which of two shapes a refusal has")
    index_lag_s: float = Field(0, ge=0, description="How long a search does not see what was written")
    page_rows: int = Field(2000, ge=1, le=2000, description="The most rows of a page, whatever is asked for")
    daily_calls: int = Field(100_000, ge=0, description="How many calls the org may have in 24 hours")
    calls_of_others: int = Field(0, ge=0, description="How many of them other programs have had")
    app_calls: int | None = Field(None, ge=1, description="How many of them this app may have, if that is limited")
    daily_emails: int = Field(5_000, ge=0, description="How many e-mails may be sent in a day")
    longest_header: int = Field(16_384, ge=1, description="The most bytes of address and headers together")
    duplicate_rules: tuple[Literal["Account", "Contact"], ...] = Field((), description="Where a name may occur once")
    address_picklists: bool = Field(False, description="Whether countries and states have to be from the org's lists")

    def change(self, values: Mapping[str, Any]) -> None:
        """Set what is named, all or nothing. ValueError for what makes no sense."""
        changed = type(self).model_validate({**self.model_dump(), **values})
        for name in values:
            setattr(self, name, getattr(changed, name))

    @property
    def objects_and_fields(self) -> tuple[object, ...]:
        """What of it a description shows."""
        return self.hidden_fields, self.orders_enabled, self.chatter_enabled

    def hides(self, sobject: str, field: str) -> bool:
        """Whether field-level security hides the field from everybody."""
        return bool(self.hidden_fields) and f"{sobject}.{field}".lower() in map(str.lower, self.hidden_fields)
