"""Holds the sandbox WHMCS to the vendor's documented examples: the same keys, with the same JSON types.

The examples are not part of the repository; where they are absent the tests are skipped.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from console.integrations.whmcs.shapes import unflatten
from tests.sandbox.whmcs_bench import HANAKO, WhmcsBench, whmcs_bench

_BESIDE_THE_REPOSITORY = Path(__file__).parents[3] / "shared" / "data" / "whmcs-examples"
_EXAMPLES = Path(os.environ.get("STAFF_CONSOLE_WHMCS_EXAMPLES") or _BESIDE_THE_REPOSITORY)

pytestmark = pytest.mark.skipif(
    not _EXAMPLES.is_dir(),
    reason="the documented examples are not on this machine (set STAFF_CONSOLE_WHMCS_EXAMPLES)",
)

_CALLS: dict[str, dict[str, Any]] = {
    "AddBillableItem": {"clientid": HANAKO, "description": "Visit", "amount": "5000", "unit": "quantity"},
    "AddClient": {"skipvalidation": "1", "email": "jiro.mori@example.jp"},
    "AddClientNote": {"userid": HANAKO, "notes": "called"},
    "AddCredit": {"clientid": HANAKO, "description": "sorry", "amount": "123.45"},
    "AddInvoicePayment": {"invoiceid": 1, "transid": "t1", "gateway": "stripe"},
    "AddOrder": {"clientid": HANAKO, "paymentmethod": "stripe", "pid[0]": 1, "billingcycle[0]": "monthly"},
    "AddPayMethod": {"clientid": HANAKO, "card_number": "4242424242424242", "card_expiry": "1230"},
    "AddProduct": {"name": "Tea", "gid": 1},
    "CancelOrder": {"orderid": 1},
    "CreateInvoice": {"userid": HANAKO, "itemdescription1": "Visit", "itemamount1": "5000"},
    "DeleteOrder": {"orderid": 2},
    "FraudOrder": {"orderid": 1},
    "GetActivityLog": {},
    "GetAdminDetails": {},
    "GetClients": {},
    "GetClientsAddons": {"clientid": HANAKO},
    "GetClientsProducts": {"clientid": HANAKO},
    "GetContacts": {},
    "GetCurrencies": {},
    "GetHealthStatus": {},
    "GetInvoices": {},
    "GetOrderStatuses": {},
    "GetPaymentMethods": {},
    "GetPermissionsList": {},
    "GetProducts": {},
    "GetStats": {},
    "GetTickets": {},
    "GetUserPermissions": {"user_id": 21, "client_id": HANAKO},
    "LogActivity": {"description": "note"},
    "ModuleCreate": {"serviceid": 1},
    "ModuleSuspend": {"serviceid": 1},
    "ModuleTerminate": {"serviceid": 1},
    "ModuleUnsuspend": {"serviceid": 1},
    "OpenTicket": {"deptid": 1, "clientid": HANAKO, "subject": "No signal", "message": "Since today"},
    "PendingOrder": {"orderid": 1},
    "ResetPassword": {"id": 21},
    "SendEmail": {"messagename": "Order Confirmation", "id": HANAKO},
    "UpdateClient": {"clientid": HANAKO},
    "UpdateClientProduct": {"serviceid": 1},
    "UpdateInvoice": {"invoiceid": 1},
    "UpgradeProduct": {"serviceid": 1, "paymentmethod": "stripe", "type": "product", "newproductid": 1},
    "ValidateLogin": {"email": "hanako.sato@example.com", "password2": "correct horse"},
    "WhmcsDetails": {},
}
# Keys that a real server sends and the examples lack. Source: whmcs-api.md 5 and 9.
_KNOWN_MORE = {"AddProduct": {"pid"}, "GetAdminDetails": {"requesttime"}, "GetHealthStatus": {"checks"}}
# Names that hang on the installation and not on the action.
_OPEN_NAMES = {"pricing", "new_orders", "accepted_orders", "income", "expenditure", "new_tickets"}


@pytest.fixture(scope="module")
def running() -> Any:
    """A WHMCS of these tests' own, since the sandbox's fixture belongs to its folder."""
    with whmcs_bench() as bench:
        yield bench


@pytest.fixture
def whmcs(running: WhmcsBench) -> WhmcsBench:
    """One Pending order, one that can be deleted, and a line in the activity log."""
    running.reset()
    running.order()
    running.call("FraudOrder", orderid=running.order()["orderid"])
    running.call("LogActivity", description="a line", clientid=HANAKO)
    return running


@pytest.mark.parametrize("action", sorted(_CALLS))
def test_an_answer_has_the_keys_and_types_of_the_documented_example(whmcs: WhmcsBench, action: str) -> None:
    example = unflatten(json.loads((_EXAMPLES / f"{action}.response.json").read_text("utf-8")))
    answer = whmcs.call(action, **_CALLS[action])
    for key in _KNOWN_MORE.get(action, ()):
        del answer[key]
    assert list(_differences(_as_lists(example), answer)) == []


@pytest.mark.parametrize("action", sorted(path.name.split(".")[0] for path in _EXAMPLES.glob("*.response.json")))
def test_every_example_of_an_action_that_is_served_is_compared(whmcs: WhmcsBench, action: str) -> None:
    served = whmcs.post(action).status_code != 403
    assert served == (action in _CALLS)


def _as_lists(value: Any) -> Any:
    """Objects with the keys 0, 1 … as the lists that they stand for in flattened examples."""
    if not isinstance(value, dict):
        return value
    if value and all(key.isdecimal() for key in value):
        return [_as_lists(part) for part in value.values()]
    return {key: _as_lists(part) for key, part in value.items()}


def _differences(example: Any, answer: Any, path: str = "") -> list[str]:
    """Where the answer's keys or JSON types differ from the example's, as paths."""
    if isinstance(example, dict) and isinstance(answer, dict):
        return _different_keys(example, answer, path)
    if isinstance(example, list) and isinstance(answer, list):
        return _differences(example[0], answer[0], f"{path}[0]") if example and answer else []
    same = example is None or answer is None or type(example) is type(answer)
    return [] if same else [f"{path}: {type(answer).__name__} for {type(example).__name__}"]


def _different_keys(example: dict[str, Any], answer: dict[str, Any], path: str) -> list[str]:
    if path.rpartition(".")[2] in _OPEN_NAMES:
        return _differences(next(iter(example.values())), next(iter(answer.values())), f"{path}.*")
    lacking = [f"{path}.{key}: lacking" for key in example if key not in answer]
    added = [f"{path}.{key}: not documented" for key in answer if key not in example]
    both = [key for key in example if key in answer]
    inside = [line for key in both for line in _differences(example[key], answer[key], f"{path}.{key}")]
    return lacking + added + inside


def test_the_comparison_finds_keys_and_types_that_differ() -> None:
    example = {"id": 1, "rows": {"row": [{"name": "x", "gone": ""}]}}
    answer = {"id": "1", "rows": {"row": [{"name": "y", "new": ""}]}}
    assert _differences(example, answer) == [
        ".id: str for int",
        ".rows.row[0].gone: lacking",
        ".rows.row[0].new: not documented",
    ]
