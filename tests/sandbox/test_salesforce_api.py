"""Bodies that nobody should send, to every resource that takes one: refused, never a crash."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sandbox.salesforce_bench import ACCOUNT, DATA, Org

KEYS = st.sampled_from(
    ["attributes", "body", "fields", "ids", "Name", "LastName", "Contacts", "records", "type", "url"]
)
WORDS = st.sampled_from(
    [ACCOUNT, "Account", "Contact", "Name", "@{r.id}", "@{r", "r", "(", "'", "true", "%E0%A4%A", "//[", "https://[", ""]
)
PATHS = st.sampled_from(
    ["//[", "v66.0/limits", "v66.0/sobjects/Account", f"{DATA}/sobjects/Account/{ACCOUNT}", f"{DATA}/query?q=%FF", DATA]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | WORDS | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=4), inner, max_size=6),
    max_leaves=15,
)
STEP = st.fixed_dictionaries(
    {
        "method": st.sampled_from(["GET", "POST", "PATCH", "get", ""]) | VALUES,
        "url": PATHS | VALUES,
        "referenceId": st.sampled_from(["r", "s"]) | VALUES,
    },
    optional={"body": VALUES, "httpHeaders": VALUES, "richInput": VALUES},
)
ROW = st.fixed_dictionaries(
    {
        "attributes": st.fixed_dictionaries({"type": st.just("Account") | VALUES, "referenceId": WORDS | VALUES})
        | VALUES
    },
    optional={"Id": VALUES, "Name": VALUES, "Contacts": st.fixed_dictionaries({"records": VALUES}) | VALUES},
)
REQUEST = st.fixed_dictionaries(
    {"actionType": st.sampled_from(["Submit", "Approve"]) | VALUES, "contextId": VALUES}, optional={"comments": VALUES}
)
GRAPH = st.fixed_dictionaries({"graphId": VALUES, "compositeRequest": st.lists(STEP, max_size=3) | VALUES})
SEARCH = st.fixed_dictionaries(
    {"q": st.just("aoi") | VALUES},
    optional={
        "in": WORDS | VALUES,
        "fields": VALUES,
        "overallLimit": VALUES,
        "sobjects": st.lists(st.fixed_dictionaries({"name": WORDS | VALUES}, optional={"where": VALUES}), max_size=2),
    },
)


def listed(name: str, one: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A body with a list of such things under a name, or anything else there."""
    flags = {"allOrNone": VALUES, "collateSubrequests": VALUES, "haltOnError": VALUES}
    return st.fixed_dictionaries({name: st.lists(one, max_size=3) | VALUES}, optional=flags) | VALUES


BODIES = {
    "POST composite": listed("compositeRequest", STEP),
    "POST composite/graph": listed("graphs", GRAPH),
    "POST composite/batch": listed("batchRequests", STEP),
    "POST composite/tree/Account": listed("records", ROW),
    "POST composite/sobjects": listed("records", ROW),
    "PATCH composite/sobjects": listed("records", ROW),
    "POST composite/sobjects/Account": st.fixed_dictionaries({"ids": VALUES, "fields": VALUES}),
    "POST parameterizedSearch": SEARCH,
    "POST process/approvals": listed("requests", REQUEST),
    "POST sobjects/Account": ROW,
    f"PATCH sobjects/Account/{ACCOUNT}": ROW,
    "PATCH sobjects/Account/Customer_Number__c/C-0000001": ROW,
}


@pytest.fixture(scope="module")
def org() -> Org:
    return Org()


@pytest.mark.parametrize("resource", BODIES)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_body_makes_the_server_fail(org: Org, resource: str, data: st.DataObject) -> None:
    method, _, path = resource.partition(" ")
    assert org.as_("admin").call(method, path, json=data.draw(BODIES[resource])).status_code < 500


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.text(max_size=60) | WORDS)
def test_no_parameter_makes_the_server_fail(org: Org, value: str) -> None:
    admin = org.as_("admin")
    for path, params in (
        ("search", {"q": f"FIND {{{value}}} RETURNING {value}"}),
        ("search", {"q": f"FIND {{aoi}} RETURNING Account({value})"}),
        ("parameterizedSearch", {"q": value, "sobject": value, "fields": value, "overallLimit": value}),
        ("composite/sobjects/Account", {"ids": value, "fields": value}),
        ("sobjects/Account/updated", {"start": value, "end": value}),
        ("query", {"q": f"SELECT {value} FROM Account GROUP BY {value} ORDER BY {value}"}),
        ("query", {"q": f"SELECT COUNT({value}) FROM Account WHERE CreatedDate = {value}"}),
    ):
        assert admin.call("GET", path, params=params).status_code < 500
