"""The switchboard: what can be set and read while the sandbox runs."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from console.sandbox.control import Switchboard, control_app
from console.sandbox.loopback import LOOPBACK, serving
from console.sandbox.salesforce_oauth import SignIns
from tests.sandbox.whmcs_bench import HANAKO, WhmcsBench


@pytest.fixture
def control(whmcs: WhmcsBench) -> Iterator[httpx.Client]:
    """The switchboard of the running WHMCS, with one Salesforce record and one Portal user."""
    switchboard = Switchboard(
        whmcs.board,
        whmcs.server.clock,
        whmcs.server,
        lambda: {"Account": [{"Id": "001", "Name": "Sato"}]},
        {"users": [{"id": "u1"}], "links": []},
        SignIns((), whmcs.server.clock),
    )
    with (
        serving([(control_app(switchboard), 0)], whmcs.server.clock) as (port,),
        httpx.Client(base_url=f"http://{LOOPBACK}:{port}", trust_env=False) as http,
    ):
        yield http


def test_a_fault_is_set_listed_felt_and_taken_away(control: httpx.Client, whmcs: WhmcsBench) -> None:
    fault = {"system": "whmcs", "action": "GetOrders", "kind": "status", "status": 502, "count": 5}
    added = control.post("/faults", json=fault)
    assert added.status_code == 201
    (number,) = added.json()
    assert whmcs.post("GetOrders").status_code == 502
    (listed,) = control.get("/faults").json()
    assert (listed["number"], listed["seen"], listed["kind"]) == (number, 1, "status")
    assert control.delete(f"/faults/{number}").status_code == 204
    assert whmcs.post("GetOrders").status_code == 200
    assert control.delete(f"/faults/{number}").status_code == 404


def test_several_faults_are_set_at_once_and_all_taken_away(control: httpx.Client) -> None:
    faults = [{"system": "whmcs", "kind": "drop"}, {"system": "salesforce", "kind": "lock_row"}]
    assert len(control.post("/faults", json=faults).json()) == 2
    control.delete("/faults")
    assert control.get("/faults").json() == []


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/faults", {"system": "whmcs", "kind": "explode"}),
        ("/faults", "drop"),
        ("/settings", {"whmcs": {"colour": "red"}}),
        ("/settings", {"latency_ms": {"portal": 5}}),
        ("/settings", {"salesforce": {"oldest_version": 5}}),
        ("/settings", {"whmcs": {"time_zone": "Mars/Olympus"}}),
        ("/settings", {"whmcs": {"credentials": [{"identifier": "alone"}]}}),
        ("/clock", {"advance_s": -1}),
        ("/clock", {"now": "2020-01-01T00:00:00Z"}),
        ("/clock", {"now": "2199-01-01T00:00:00"}),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_reason(control: httpx.Client, path: str, sent: Any) -> None:
    answer = control.post(path, json=sent)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_a_body_that_is_no_json_is_refused(control: httpx.Client) -> None:
    assert control.post("/faults", content=b"{").status_code == 400


def test_settings_change_what_is_named_and_leave_the_rest(control: httpx.Client, whmcs: WhmcsBench) -> None:
    control.post("/settings", json={"whmcs": {"version": "8.1.0", "disabled_actions": ["AddOrder"]}})
    settings = control.post("/settings", json={"whmcs": {"notes_ignored": True}}).json()
    assert (settings["whmcs"]["version"], settings["whmcs"]["notes_ignored"]) == ("8.1.0", True)
    assert whmcs.post("AddOrder").status_code == 403
    changed = control.post("/settings", json={"latency_ms": {"salesforce": 40}}).json()
    assert changed["latency_ms"] == {"salesforce": 40, "whmcs": 0}
    control.post("/settings", json={"latency_ms": {"salesforce": 0}})


def test_the_org_is_set_up_while_it_runs_and_a_wrong_setting_changes_nothing(control: httpx.Client) -> None:
    sent = {"hidden_fields": ["Order.Vpn_Region__c"], "orders_enabled": False, "row_lock_wait_s": 0.1}
    told = control.post("/settings", json={"salesforce": sent}).json()["salesforce"]
    assert {name: told[name] for name in sent} == sent
    wrong = control.post("/settings", json={"salesforce": {"orders_enabled": True, "locked_rows": ["nobody"]}})
    assert wrong.status_code == 400
    assert control.get("/settings").json()["salesforce"]["orders_enabled"] is False


def test_the_clock_moves_both_systems(control: httpx.Client, whmcs: WhmcsBench) -> None:
    before = whmcs.call("GetAdminDetails")["requesttime"]
    control.post("/clock", json={"advance_s": 86400})
    assert whmcs.call("GetAdminDetails")["requesttime"][:10] > before[:10]
    assert control.get("/clock").json()["now"].endswith("+00:00")


def test_the_clock_is_set_to_a_moment_that_is_to_come(control: httpx.Client, whmcs: WhmcsBench) -> None:
    moment = (whmcs.server.clock.now() + timedelta(days=3)).replace(microsecond=0)
    told = control.post("/clock", json={"now": moment.isoformat()}).json()["now"]
    assert told.startswith(moment.isoformat()[:16])


def test_a_server_gets_another_zone_and_a_credential_with_a_role(control: httpx.Client, whmcs: WhmcsBench) -> None:
    changes = {
        "time_zone": "UTC",
        "api_roles": {"reader": ["GetAdminDetails"]},
        "credentials": [{"identifier": "an-auditor", "secret": "b", "roles": ["reader"]}],
    }
    assert control.post("/settings", json={"whmcs": changes}).json()["whmcs"]["time_zone"] == "UTC"
    auditor = {"identifier": "an-auditor", "secret": "b"}
    told = whmcs.call("GetAdminDetails", **auditor)["requesttime"]
    assert told[:13] == f"{whmcs.server.clock.now():%Y-%m-%d %H}"
    assert whmcs.post("GetClients", **auditor).status_code == 403


@pytest.mark.parametrize(
    ("fault", "status", "body"),
    [
        ({"kind": "access_ip"}, 403, "Invalid IP 127.0.0.1"),
        ({"kind": "access_ip", "message": "Invalid IP 2001:db8::7", "status": 400}, 400, "Invalid IP 2001:db8::7"),
        ({"kind": "access_credentials"}, 403, "Invalid or missing credentials"),
        ({"kind": "access_credentials", "message": "Authentication Failed"}, 403, "Authentication Failed"),
        ({"kind": "access_role"}, 403, "Invalid Permissions: API action"),
        ({"kind": "refuse", "status": 403, "message": "Administrator Account Disabled"}, 403, "Account Disabled"),
        ({"kind": "refuse", "status": 403, "message": "Access Denied"}, 403, "Access Denied"),
        ({"kind": "refuse", "status": 401, "message": "Invalid password provided"}, 401, "Invalid password"),
        ({"kind": "refuse", "status": 400, "message": "Empty action request"}, 400, "Empty action request"),
        ({"kind": "refuse", "message": "API Command Restricted to Internal API"}, 200, "Restricted to Internal"),
        ({"kind": "refuse", "as_text": True, "status": 403, "message": "Invalid IP ::1"}, 403, "message=Invalid IP"),
        ({"kind": "html"}, 500, "EmitterException"),
        ({"kind": "php_notice"}, 200, "Undefined index"),
        ({"kind": "html", "status": 403, "body": "<h1>Blocked</h1>"}, 403, "Blocked"),
        ({"kind": "status", "status": 429, "retry_after_s": 3}, 429, "429"),
        ({"kind": "status", "status": 502}, 502, "502"),
        ({"kind": "status", "status": 503}, 503, "503"),
        ({"kind": "status", "status": 504}, 504, "504"),
        ({"kind": "html_200", "body": "<h1>Down for maintenance</h1>"}, 200, "maintenance"),
    ],
)
def test_every_row_of_the_table_of_errors_is_caused_while_the_server_runs(
    control: httpx.Client, whmcs: WhmcsBench, fault: dict[str, Any], status: int, body: str
) -> None:
    set_up = control.post("/faults", json={"system": "whmcs", "action": "GetClients", **fault})
    assert set_up.status_code == 201, set_up.text
    answer = whmcs.post("GetClients")
    assert answer.status_code == status
    assert body in answer.text
    assert whmcs.call("GetClients")["totalresults"] == 2


def test_calls_are_counted_until_they_are_reset(control: httpx.Client, whmcs: WhmcsBench) -> None:
    whmcs.order()
    assert control.get("/calls").json() == {"salesforce": {}, "whmcs": {"AddOrder": 1}}
    control.post("/reset_calls")
    assert control.get("/calls").json() == {"salesforce": {}, "whmcs": {}}


def test_books_are_read_by_system_and_table(control: httpx.Client, whmcs: WhmcsBench) -> None:
    whmcs.order()
    both = control.get("/books").json()
    assert set(both) == {"salesforce", "whmcs"}
    assert both["salesforce"]["Account"][0]["Name"] == "Sato"
    orders = control.get("/books", params={"system": "whmcs", "table": "orders"}).json()
    assert [row["userid"] for row in orders["whmcs"]["orders"]] == [HANAKO]


@pytest.mark.parametrize("params", [{"system": "portal"}, {"system": "whmcs", "table": "nonsense"}])
def test_books_that_do_not_exist_are_not_found(control: httpx.Client, params: dict[str, str]) -> None:
    assert control.get("/books", params=params).status_code == 404


def test_a_row_of_whmcs_can_be_changed(control: httpx.Client, whmcs: WhmcsBench) -> None:
    change = {"table": "products", "id": 1, "values": {"setup": "fail", "setup_message": "No stock"}}
    assert control.patch("/books", json=change).status_code == 204
    whmcs.order()
    assert whmcs.refusal("ModuleCreate", serviceid=1) == "No stock"


@pytest.mark.parametrize("wrong", [{"table": "rooms"}, {"id": 99}, {"values": {"colour": "red"}}])
def test_a_row_or_column_that_does_not_exist_is_not_found(control: httpx.Client, wrong: dict[str, Any]) -> None:
    change = {"table": "products", "id": 1, "values": {}, **wrong}
    assert control.patch("/books", json=change).status_code == 404


def test_the_portal_rows_are_shown(control: httpx.Client) -> None:
    assert control.get("/portal").json() == {"users": [{"id": "u1"}], "links": []}
