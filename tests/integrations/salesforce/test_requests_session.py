"""simple-salesforce as it is handed out: bounded in time, without netrc, plain only on loopback."""

from decimal import Decimal
from pathlib import Path

import pytest
import requests
import truststore
from pydantic import SecretStr
from simple_salesforce.exceptions import SalesforceExpiredSession

from console.integrations.salesforce.requests_session import direct_client
from console.integrations.salesforce.session import SalesforceSession
from tests.integrations.salesforce.org_bench import OrgBench

_QUERY = "SELECT Id, UnitPrice FROM PricebookEntry LIMIT 1"


def test_a_client_reads_over_plain_http_on_loopback_and_keeps_money_exact(org: OrgBench) -> None:
    session = org.session()
    client = direct_client(session, (5, 5))
    with client.session:
        (row,) = client.query(_QUERY)["records"]
    assert isinstance(row["UnitPrice"], Decimal)
    assert session.calls_of_the_org is not None


def test_a_server_that_does_not_answer_is_given_up(org: OrgBench) -> None:
    org.break_next("query", "answer_late", delay_ms=2000)
    client = direct_client(org.session(), (5, 0.05))
    with client.session, pytest.raises(requests.exceptions.ReadTimeout):
        client.query(_QUERY)


def test_a_netrc_entry_does_not_replace_the_token(
    org: OrgBench, clean_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = clean_environment / ".netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    client = direct_client(org.session(), (5, 5))
    with client.session:
        assert client.query(_QUERY)["records"]


def test_an_unknown_token_is_refused(org: OrgBench) -> None:
    session = SalesforceSession(org.info.salesforce_url, SecretStr("00D-example"), "66.0")
    client = direct_client(session, (5, 5))
    with client.session, pytest.raises(SalesforceExpiredSession):
        client.query(_QUERY)


@pytest.mark.parametrize(
    "address", ["https://example.my.salesforce.com", "http://example.my.salesforce.com", "https://127.0.0.1:8443"]
)
def test_elsewhere_https_stays(address: str) -> None:
    client = direct_client(SalesforceSession(address, SecretStr("00D-example"), "66.0"), (5, 5))
    with client.session as http:
        assert client.base_url.startswith("https://")
        assert client.base_url.endswith("/services/data/v66.0/")
        adapter = http.get_adapter(client.base_url)
        trusted = getattr(adapter, "_trusted", None)
        assert isinstance(trusted, truststore.SSLContext) is not address.startswith("https://127.")
