"""What is off while a system does not answer: said with since when, and on again by itself."""

from datetime import UTC, datetime

from console.models.connection import Connection
from console.views.degraded import deciding_off, provisioning_off

SINCE = datetime(2026, 11, 23, 5, 2, tzinfo=UTC)


def test_where_every_system_answers_nothing_is_off() -> None:
    assert provisioning_off([Connection(system="portal"), Connection(system="whmcs", answered_at=SINCE)]) == ""


def test_a_system_that_is_down_is_named_with_since_when() -> None:
    said = provisioning_off([Connection(system="salesforce"), Connection(system="whmcs", down_since=SINCE)])
    assert said.startswith("WHMCS has not answered since ")
    assert said.endswith("; provisioning waits until it does.")


def test_without_salesforce_nothing_is_decided_either() -> None:
    down = [Connection(system="salesforce", down_since=SINCE), Connection(system="whmcs")]
    assert provisioning_off(down).endswith("; deciding and provisioning wait until it does.")
    assert deciding_off(down)
    assert not deciding_off([Connection(system="salesforce"), Connection(system="whmcs", down_since=SINCE)])
