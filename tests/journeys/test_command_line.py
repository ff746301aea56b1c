"""The main job by commands, asked back from both systems directly; and every way in which a command is refused."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.commands import Answer, Practice, on_terminal, practice, run

_ORDER_KEYS = {"order_id", "order_number", "state", "activation", "customer", "kind", "placed_at", "total"}
_PERSON_KEYS = {
    *("portal_user_id", "whmcs_client_id", "salesforce_account_id", "customer_number"),
    *("name", "email", "phone", "link", "matched_on"),
}
_ALSO_IN_A_REVIEW = ("order_number", "customer", "kind", "total", "state", "activation")
_RESULT_KEYS = {"order_id", "outcome", "code", "message", "whmcs_order_id", "service_ids", "took_ms"}
_CASE_KEYS = {
    *("case_id", "order_id", "code", "title", "since", "owner", "retry"),
    *("max_tries", "next_action", "customer_sees", "attempts"),
}
_BLOCKS = {"identity", "link", "orders", "services", "invoices", "payment_methods", "addresses", "timeline"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    """A sandbox in a process of its own."""
    with practice(tmp_path_factory.mktemp("practice")) as running:
        yield running


def ready_order(desk: Practice) -> dict[str, Any]:
    """The first order in review whose every check passes, as `orders` and `review` tell it."""
    listed = desk.run("orders", "--state", "in_review")
    assert listed.status == 0
    for order in listed.document["orders"]:
        assert set(order) >= _ORDER_KEYS
        review = desk.run("review", order["order_number"])
        assert set(review.document) >= {"order_id", "verdict", "checks", "customer_sees"}
        assert {key: review.document[key] for key in _ALSO_IN_A_REVIEW} == {
            key: order[key] for key in _ALSO_IN_A_REVIEW
        }
        if review.document["verdict"] == "ready":
            found: dict[str, Any] = order
            return found
    raise AssertionError("no order is ready")


def order_in_salesforce(desk: Practice, order_id: str) -> dict[str, Any]:
    """What Salesforce itself says of an order."""
    fields = (
        "Status, Provisioning_Status__c, Provisioning_Error_Code__c, Whmcs_Order_Id__c, Customer_Status__c, AccountId"
    )
    [order] = desk.salesforce(f"SELECT {fields} FROM Order WHERE Id = '{order_id}'")
    return order


def client_of(desk: Practice, order: dict[str, Any]) -> str:
    """The WHMCS client of an order's account, as Salesforce says."""
    [account] = desk.salesforce(f"SELECT Whmcs_Client_Id__c FROM Account WHERE Id = '{order['AccountId']}'")
    return str(account["Whmcs_Client_Id__c"])


def test_the_main_job_from_lookup_to_activated_and_again(desk: Practice) -> None:
    order = ready_order(desk)
    found = desk.run("lookup", order["customer"])
    assert found.status == 0
    assert all(set(person) >= _PERSON_KEYS for person in found.document["people"])
    account_id = order_in_salesforce(desk, order["order_id"])["AccountId"]
    assert account_id in {person["salesforce_account_id"] for person in found.document["people"]}
    page = desk.run("customer", account_id)
    assert set(page.document) == _BLOCKS
    assert all(set(block) >= {"source", "fetched_at", "state", "data"} for block in page.document.values())

    approved = desk.run("approve", order["order_number"])
    assert (approved.status, approved.document["outcome"]) == (0, "approved")
    first = desk.run("provision", order["order_number"])
    assert (first.status, first.err) == (0, "")
    [result] = first.document["results"]
    assert set(result) >= _RESULT_KEYS
    assert result["order_number"] == order["order_number"]
    assert result["outcome"] == "activated"

    present = order_in_salesforce(desk, order["order_id"])
    assert present["Provisioning_Status__c"] == "Activated"
    assert present["Whmcs_Order_Id__c"] == str(result["whmcs_order_id"])
    assert present["Customer_Status__c"] == "active"
    client_id = client_of(desk, present)
    ours = [
        one
        for one in desk.whmcs("GetOrders", userid=client_id)["orders"]["order"]
        if one["id"] == result["whmcs_order_id"]
    ]
    assert [one["status"] for one in ours] == ["Active"]
    services = desk.whmcs("GetClientsProducts", clientid=client_id)["products"]["product"]
    of_order = [one for one in services if int(one["orderid"]) == result["whmcs_order_id"]]
    assert {one["status"] for one in of_order} == {"Active"}
    assert {int(one["id"]) for one in of_order} == set(result["service_ids"])

    before = desk.whmcs("GetOrders", userid=client_id)["totalresults"]
    again = desk.run("provision", order["order_id"])
    assert (again.status, again.document["results"][0]["outcome"]) == (0, "already_active")
    assert desk.whmcs("GetOrders", userid=client_id)["totalresults"] == before
    assert order_in_salesforce(desk, order["order_id"]) == present


def test_an_order_without_a_payment_method_is_paused_and_ends_active_after_a_retry(desk: Practice) -> None:
    waiting = desk.run("orders", "--state", "approved").document["orders"]
    for order in waiting:
        checks = desk.run("review", order["order_id"]).document["checks"]
        if any(check["code"] == "PAY-01" for check in checks):
            break
    paused = desk.run("provision", order["order_number"])
    assert paused.status == 3
    assert "PAY-01" in paused.err
    assert (paused.document["results"][0]["outcome"], paused.document["results"][0]["code"]) == ("paused", "PAY-01")
    present = order_in_salesforce(desk, order["order_id"])
    assert (present["Provisioning_Status__c"], present["Provisioning_Error_Code__c"]) == ("Paused", "PAY-01")
    assert present["Customer_Status__c"] == "awaiting_payment_method"

    [case] = [
        one
        for one in desk.run("failures", "--code", "PAY-01").document["cases"]
        if one["order_id"] == order["order_id"]
    ]
    assert set(case) >= _CASE_KEYS
    assert (case["title"], case["customer_sees"]) == ("No payment method on file", "Awaiting payment method")
    added = desk.whmcs(
        "AddPayMethod",
        clientid=client_of(desk, present),
        type="CreditCard",
        card_number="4111111111111111",
        card_expiry="1235",
    )
    assert added["result"] == "success", added
    retried = desk.run("retry", str(case["case_id"]))
    assert (retried.status, retried.document["results"][0]["outcome"]) == (0, "activated")
    assert order_in_salesforce(desk, order["order_id"])["Provisioning_Status__c"] == "Activated"
    assert order["order_id"] not in {one["order_id"] for one in desk.run("failures").document["cases"]}


def test_all_approved_gives_one_result_for_each_order_and_a_mixed_status(desk: Practice) -> None:
    done = desk.run("provision", "--all-approved", "--parallel", "4")
    outcomes = [result["outcome"] for result in done.document["results"]]
    assert done.status == 3
    assert outcomes.count("activated") >= 40
    assert "paused" in outcomes
    assert desk.run("orders", "--state", "approved").status == 0
    assert {case["code"] for case in desk.run("failures").document["cases"]} >= {"PAY-02", "LNK-03", "PRV-07", "CAT-01"}


def test_the_doctor_and_the_sync_are_content(desk: Practice) -> None:
    assert all(check["ok"] for check in desk.run("doctor").document["checks"])
    report = desk.run("sync", "--full").document
    assert set(report) >= {"people", "orders", "changed", "removed", "calls", "took_ms"}
    assert set(report["calls"]) == {"salesforce", "whmcs"}


@pytest.mark.parametrize(
    "arguments",
    [
        ("review", "99999999"),
        ("review", "not-an-order"),
        ("approve", "' OR Id != '"),
        ("provision", "<img src=x onerror=alert(1)>"),
        ("provision",),
        ("provision", "1", "--all-approved"),
        ("provision", "1", "--pace", "fast"),
        ("reject", "1"),
        ("customer", ""),
        ("customer", "nobody"),
        ("retry", "4711"),
        ("retry", "one"),
        ("retry", "99999999999999999999999"),
        ("failures", "--code", "XYZ-99"),
        ("orders", "--state", "lost"),
        ("no-such-command",),
        ("lookup", "x", "--as", "nobody at all"),
    ],
)
def test_bad_input_gets_a_message_and_status_2_and_changes_nothing(desk: Practice, arguments: tuple[str, ...]) -> None:
    answer = desk.run(*arguments)
    assert answer.status == 2, answer
    assert answer.err.strip()
    assert "Traceback" not in answer.err


@pytest.mark.parametrize("text", ["O'Brien \\' OR Name LIKE '%", "%_%", "<b>山</b>", '"; DROP TABLE directory; --'])
def test_a_hostile_name_finds_nobody_and_harms_nothing(desk: Practice, text: str) -> None:
    answer = desk.run("lookup", text)
    assert (answer.status, answer.document["people"]) == (0, [])
    assert answer.document["query"] == text


def test_a_person_without_the_right_is_refused_with_the_code(desk: Practice) -> None:
    order = desk.run("orders", "--state", "in_review").document["orders"][-1]
    answer = desk.run("approve", order["order_id"], "--as", "support")
    assert answer.status == 3
    assert answer.document["outcome"] == "refused"
    assert answer.document["code"] in answer.err


def test_a_refusal_is_one_json_document_too(desk: Practice) -> None:
    assert "not-an-order" in desk.run("review", "not-an-order").document["error"]["message"]


def test_a_missing_or_broken_profile_is_a_matter_of_settings(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("id = [", encoding="utf-8")
    for profile in (str(tmp_path / "none.toml"), str(broken)):
        answer = run("lookup", "x", "--profile", profile)
        assert answer.status == 2
        assert profile in answer.err
    assert run("lookup", "x").status == 2


def test_people_read_order_numbers_and_what_the_order_is(desk: Practice) -> None:
    order = desk.run("orders", "--state", "in_review").document["orders"][0]
    number, places = order["order_number"], ["--profile", desk.profile, "--data-dir", str(desk.folder / "never synced")]
    review = run("review", order["order_id"], *places).out.splitlines()
    for part in (number, order["customer"], order["kind"], order["total"], order["state"]):
        assert part in review[0]
    refused = run("provision", order["order_id"], *places)
    assert refused.status == 3
    assert refused.out.startswith(f"{number}: refused APR-04")
    assert refused.err.startswith(f"APR-04: {number}: ")
    assert order["order_id"] not in refused.out + refused.err


@pytest.mark.parametrize("command", ["approve", "reject"])
def test_a_reason_that_is_too_long_is_refused_and_nothing_is_decided(desk: Practice, command: str) -> None:
    order = desk.run("orders", "--state", "in_review").document["orders"][0]
    answer = desk.run(command, order["order_id"], "--reason", "x" * 256)
    assert answer.status == 2
    assert "255" in answer.err
    assert "255" in answer.document["error"]["message"]
    assert order_in_salesforce(desk, order["order_id"])["Status"] == "In Review"


@pytest.mark.skipif(sys.platform == "win32", reason="arguments are always text there")
@pytest.mark.parametrize("arguments", [("review", "\udcff"), ("lookup", "Sato\udcff"), ("sync", "--as", "\udcff")])
def test_an_argument_that_is_not_text_is_a_matter_of_usage(desk: Practice, arguments: tuple[str, ...]) -> None:
    answer = desk.run(*arguments)
    assert (answer.status, answer.err.strip()) == (2, "An argument cannot be read: it is not text in UTF-8.")


def test_a_data_folder_that_cannot_be_used_is_a_matter_of_settings(desk: Practice, tmp_path: Path) -> None:
    (tmp_path / "portal.db").mkdir()
    answer = run("orders", "--profile", desk.profile, "--data-dir", str(tmp_path), "--json")
    assert answer.status == 2
    assert str(tmp_path) in answer.document["error"]["message"]
    assert "Error" not in answer.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_an_answer_that_does_not_fit_on_the_disk_is_told_in_plain_words(desk: Practice) -> None:
    command = [sys.executable, "-m", "console", "orders", "--profile", desk.profile, "--data-dir", str(desk.data)]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.strip() == "The command has run, but its answer cannot be written: No space left on device."


def test_a_reader_that_has_gone_is_no_defect(desk: Practice) -> None:
    command = [sys.executable, "-m", "console", "orders", "--profile", desk.profile, "--data-dir", str(desk.data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as orders:
        assert orders.stdout and orders.stderr
        orders.stdout.close()
        assert orders.stderr.read() == ""
    assert orders.returncode == 0


def test_while_billing_is_down_commands_end_with_4_and_show_what_there_is(desk: Practice) -> None:
    person = next(one for one in desk.run("lookup", "a").document["people"] if one["link"] == "linked")
    order = desk.run("orders", "--state", "in_review").document["orders"][0]
    with desk.fault(system="whmcs", kind="status", count=10_000):
        page = desk.run("customer", person["salesforce_account_id"])
        doctor = desk.run("doctor")
        review = desk.run("review", order["order_id"])
        approve = desk.run("approve", order["order_id"], "--provision")
    assert {answer.status for answer in (page, doctor, review, approve)} == {4}
    assert (page.document["orders"]["state"], page.document["invoices"]["state"]) == ("ok", "failed")
    failed = {check["name"] for check in doctor.document["checks"] if not check["ok"]}
    assert failed == {name for name in (check["name"] for check in doctor.document["checks"]) if "WHMCS" in name}
    assert len(review.document["checks"]) == 14
    assert (approve.document["outcome"], approve.document["code"]) == ("refused", "PRV-02")


def test_a_credential_without_a_right_ends_with_3(desk: Practice) -> None:
    person = next(one for one in desk.run("lookup", "a").document["people"] if one["link"] == "linked")
    with desk.fault(system="whmcs", kind="access_role", action="GetPayMethods", count=10_000):
        page = desk.run("customer", person["salesforce_account_id"])
        doctor = desk.run("doctor")
    assert (page.status, page.document["payment_methods"]["state"]) == (3, "refused")
    assert doctor.status == 3
    [failed] = [check for check in doctor.document["checks"] if not check["ok"]]
    assert "GetPayMethods" in failed["fix"]


def test_a_decision_that_salesforce_cannot_take_now_ends_with_4(desk: Practice) -> None:
    order = desk.run("orders", "--state", "in_review").document["orders"][0]
    with desk.fault(system="salesforce", action="composite", kind="status", count=10_000):
        answer = desk.run("reject", order["order_id"], "--reason", "no")
    assert (answer.status, answer.document["outcome"], answer.document["code"]) == (4, "refused", "SYN-05")


def test_a_system_that_is_not_there_ends_with_4(tmp_path: Path) -> None:
    with practice(tmp_path, "--customers", "60", "--orders", "110") as gone:
        [person, *_] = gone.run("lookup", "a").document["people"]
        order_id = gone.run("orders").document["orders"][0]["order_id"]
    commands = [
        *(("review", order_id), ("approve", order_id), ("reject", order_id, "--reason", "no"), ("provision", order_id)),
        *(("sync",), ("orders",), ("failures",)),
    ]
    for command in commands:
        answer: Answer = gone.run(*command)
        assert (answer.status, answer.document["error"]["code"]) == (4, "SYN-05"), command
    page = gone.run("customer", person["salesforce_account_id"])
    assert (page.status, page.document["identity"]["state"]) == (4, "ok")
    doctor = gone.run("doctor")
    assert (doctor.status, doctor.document["checks"][0]["ok"]) == (4, True)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal and its Ctrl+C are of Unix")
def test_ctrl_c_finishes_what_has_begun_and_a_second_one_leaves_it_for_the_next_provision(tmp_path: Path) -> None:
    with practice(tmp_path, "--customers", "60", "--orders", "110", "--latency-ms", "20,200") as desk:
        places = ["--profile", desk.profile, "--data-dir", str(desk.data), "--json"]
        everything = ["provision", "--all-approved", "--parallel", "2", *places]
        with on_terminal(*everything) as first:
            first.press_ctrl_c_at("1 of ")
            answer = first.answer()
        document = answer.document
        assert answer.status == 3
        assert document["results"]
        assert (document["interrupted"], document["half_done"]) == (True, [])
        assert document["not_begun"]
        assert all(number in answer.err for number in document["not_begun"])
        untouched = "', '".join(document["not_begun"])
        rows = desk.salesforce(f"SELECT Provisioning_Status__c FROM Order WHERE OrderNumber IN ('{untouched}')")
        assert {row["Provisioning_Status__c"] for row in rows} == {"Created"}

        desk.settings(latency_ms={"whmcs": 5_000})
        with on_terminal(*everything) as second:
            second.press_ctrl_c_at("2 under way")
            second.press_ctrl_c_at("Ctrl+C again cuts it off")
            answer = second.answer()
        half_done = answer.document["half_done"]
        assert (answer.status, answer.document["results"], len(half_done)) == (3, [], 2)
        assert f"Half done: {', '.join(half_done)}. To go on: provision {' '.join(half_done)}" in answer.err

        desk.settings(latency_ms={"whmcs": 0})
        again = desk.run("provision", *half_done)
        assert {result["order_number"] for result in again.document["results"]} == set(half_done)
        assert {result["outcome"] for result in again.document["results"]} <= {"activated", "paused"}

        desk.settings(latency_ms={"salesforce": 2_000})
        with on_terminal(*everything) as third:
            third.press_ctrl_c_at("Working … 1 s")
            answer = third.answer()
        assert (answer.status, answer.document["error"]["message"]) == (130, "Interrupted; nothing was begun.")
