"""jsforce, a client that we did not write, signs in to the sandbox's Salesforce and does what it does with a real org.

The script is jsforce/contract.mjs; `npm ci` in that folder gets the library, as `python packaging/dev.py test` does.
"""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from console.sandbox.salesforce_oauth import CLIENT_ID, REDIRECT_URIS
from console.sandbox.salesforce_store import new_id
from tests.integrations.salesforce.org_bench import OrgBench, org_bench

_FOLDER = Path(__file__).with_name("jsforce")
_PATIENCE_S = 120
_STEPS = (
    *("signIn", "identity", "queries", "paging", "refresh", "writes", "collections", "composite", "describe"),
    *("limits", "search", "changes", "approvals", "refusals", "signOut"),
)


@pytest.fixture(scope="module")
def told() -> dict[str, dict[str, Any]]:
    """What the script said of each of its steps."""
    if shutil.which("node") is None:
        pytest.skip("node is not on this machine")
    if not (_FOLDER / "node_modules" / "jsforce").is_dir():
        pytest.skip("jsforce is not here (npm ci --prefix tests/contract/jsforce)")
    with org_bench() as org:
        return _run(org)


def _run(org: OrgBench) -> dict[str, dict[str, Any]]:
    # More than one page; and jsforce keeps the first refresh token for good, so this org does not rotate.
    org.sandbox.salesforce.load("Task", [{"Id": new_id("Task", n), "Subject": f"Call {n}"} for n in range(1, 2102)])
    org.sandbox.sign_ins.switches.rotate = False
    person = next(user.name for user in org.sandbox.world.staff if user.role == "admin")
    command = ("node", "contract.mjs", org.info.salesforce_url, CLIENT_ID, REDIRECT_URIS[0], person)
    run = subprocess.run(command, cwd=_FOLDER, capture_output=True, text=True, timeout=_PATIENCE_S, check=False)
    assert not run.stderr, run.stderr
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    return {line["step"]: line for line in lines}


@pytest.mark.parametrize("step", _STEPS)
def test_jsforce_does_it_as_with_a_real_org(told: dict[str, dict[str, Any]], step: str) -> None:
    assert "found" in told[step], told[step]


def test_every_step_of_the_script_is_looked_at(told: dict[str, dict[str, Any]]) -> None:
    assert tuple(told) == _STEPS


def test_what_it_read_is_what_is_there(told: dict[str, dict[str, Any]]) -> None:
    assert told["paging"]["found"]["rows"] == 2101
    assert told["limits"]["found"]["Max"] == 100_000
    assert told["refresh"]["found"] == {"rotated": False}
