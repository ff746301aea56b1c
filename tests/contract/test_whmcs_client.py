"""Three WHMCS clients that we did not write read clients, products, invoices and orders from the sandbox, and write.

whmcs-api-client (generated, typed) and whmcspy from PyPI are driven by whmcs_client/contract.py, whmcs-js from npm by
contract.cjs. `python tests/contract/whmcs_client/install.py` gets them into folders that git ignores.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from console.sandbox.server import Sandbox, SandboxOptions

_FOLDER = Path(__file__).with_name("whmcs_client")
_PATIENCE_S = 120
_NOT_HERE = "the clients are not here (python tests/contract/whmcs_client/install.py)"
_PYTHON_STEPS = (
    *("typed_clients", "typed_products", "typed_invoices", "typed_orders", "typed_writes", "typed_refusals"),
    *("plain_reads", "plain_writes", "plain_refusals"),
)
_SCRIPT_STEPS = ("script_clients", "script_products", "script_invoices", "script_orders", "script_refusals")

Told: TypeAlias = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def python_told() -> Told:
    """What contract.py said of each of its steps, and how many rows there were."""
    if not (_FOLDER / ".env" / "whmcs_client").is_dir():
        pytest.skip(_NOT_HERE)
    return _told(sys.executable, "contract.py")


@pytest.fixture(scope="module")
def script_told() -> Told:
    """What contract.cjs said of each of its steps, and how many rows there were."""
    if shutil.which("node") is None:
        pytest.skip("node is not on this machine")
    if not (_FOLDER / "node_modules" / "whmcs-js").is_dir():
        pytest.skip(_NOT_HERE)
    return _told("node", "contract.cjs")


def _told(*command: str) -> Told:
    """Run a script against a sandbox of its own; its lines by step, and under "books" the rows at the start."""
    sandbox = Sandbox(SandboxOptions(customers=700, orders=900, seed=3))
    tables = ("clients", "products", "invoices", "orders")
    books = {name: len(sandbox.world.whmcs.table(name)) for name in tables}
    with sandbox.running() as info:
        given = (info.whmcs_url, info.whmcs_identifier, info.whmcs_secret)
        run = subprocess.run(
            (*command, *given), cwd=_FOLDER, capture_output=True, text=True, timeout=_PATIENCE_S, check=False
        )
    assert not run.stderr, run.stderr
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    return {"books": books, **{line["step"]: line for line in lines}}


@pytest.mark.parametrize("step", _PYTHON_STEPS)
def test_a_client_from_pypi_does_it_as_with_a_real_server(python_told: Told, step: str) -> None:
    assert "found" in python_told[step], python_told[step].get("failed")


@pytest.mark.parametrize("step", _SCRIPT_STEPS)
def test_a_client_from_npm_does_it_as_with_a_real_server(script_told: Told, step: str) -> None:
    assert "found" in script_told[step], script_told[step].get("failed")


def test_every_step_of_the_python_script_is_looked_at(python_told: Told) -> None:
    assert tuple(python_told) == ("books", *_PYTHON_STEPS)


def test_every_step_of_the_node_script_is_looked_at(script_told: Told) -> None:
    assert tuple(script_told) == ("books", *_SCRIPT_STEPS)


@pytest.mark.parametrize("table", ["clients", "products", "invoices", "orders"])
def test_the_typed_client_reads_every_row_that_is_there(python_told: Told, table: str) -> None:
    assert python_told[f"typed_{table}"]["found"][table] == python_told["books"][table]


@pytest.mark.parametrize("table", ["clients", "products", "invoices", "orders"])
def test_the_client_from_npm_reads_every_row_that_is_there(script_told: Told, table: str) -> None:
    assert script_told[f"script_{table}"]["found"][table] == script_told["books"][table]


def test_each_client_tells_a_missing_right_from_a_refusal(python_told: Told, script_told: Told) -> None:
    plain, script = (told["found"] for told in (python_told["plain_refusals"], script_told["script_refusals"]))
    assert plain["refused"] == script["refused"] == "Order ID not found or Status not Pending"
    assert plain["denied"] == 'Invalid Permissions: API action "getservers" is not allowed'
    assert script["denied"] == 'Invalid Permissions: API action "modulecustom" is not allowed'
