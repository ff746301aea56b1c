"""Set-ups that are broken in one way each: the doctor names it, and each message says what to do about it."""

import asyncio
import contextlib
import http.server
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NamedTuple, cast

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from console.services import open_services
from console.workflows.doctor import DoctorCheck
from tests.workflows.desk_bench import Bench, desk_bench

SALESFORCE_ABROAD, WHMCS_ABROAD = "https://shop.my.salesforce.com", "https://billing.example.com"


class SetUp(NamedTuple):
    """A way to break the bench; the check that fails, what it says of it, and what of the remedy has to be there."""

    broken: Callable[[Bench], Bench | None]
    check: str
    said: str
    remedy: str
    person: str = ""


def fault(kind: str, action: str, system: str = "whmcs", **options: Any) -> Callable[[Bench], None]:
    """A fault of one action for as long as the doctor looks."""
    return lambda bench: bench.break_with(kind, action, system, count=1000, **options)


def refused(message: str, status: int = 403) -> Callable[[Bench], None]:
    """WHMCS keeps us out with these words."""
    return fault("refuse", "*", status=status, message=message)


def closed_port() -> str:
    """An address on this machine where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


def hide(field: str, editable: bool | None = None) -> Callable[[Bench], None]:
    """Field-level security of the supervisor: the field hidden, or shown and not to be changed."""

    def hidden(bench: Bench) -> None:
        granted = bench.sandbox.salesforce.schema.permission_sets["Staff_Console_Supervisor"]
        cast(dict[str, tuple[bool, bool]], granted.fields)[field] = (editable is not None, bool(editable))

    return hidden


def withdraw_object(bench: Bench) -> None:
    granted = bench.sandbox.salesforce.schema.permission_sets["Staff_Console_Supervisor"]
    cast(dict[str, frozenset[str]], granted.objects)["Order_Claim__c"] = frozenset()


def take_roles(bench: Bench) -> None:
    assignments = bench.sandbox.salesforce.tables["PermissionSetAssignment"]
    for key in list(assignments):
        bench.sandbox.salesforce.remove("PermissionSetAssignment", key)


def destroy_database(bench: Bench) -> None:
    asyncio.run(_opened_once(bench))
    for file in bench.folder.glob("portal.db*"):
        file.unlink()
    (bench.folder / "portal.db").write_bytes(b"no database" * 500)


async def _opened_once(bench: Bench) -> None:
    async with open_services(bench.profile, bench.folder):
        pass


def old_version(bench: Bench) -> None:
    bench.sandbox.whmcs.switches.version = "8.0.4"


_SET_UPS: dict[str, SetUp] = {
    "nobody listens at the Salesforce address": SetUp(
        lambda bench: bench.with_salesforce_settings(instance_url=closed_port()),
        "Salesforce network",
        "not reached (connection)",
        "Check the network and the Salesforce address in the profile",
    ),
    "an API version that the org does not offer": SetUp(
        lambda bench: bench.with_salesforce_settings(api_version="99.0"),
        "Salesforce network",
        "does not offer API version 99.0",
        "Set api_version in the profile",
    ),
    "Salesforce is being maintained": SetUp(
        fault("status", "*", "salesforce", status=503),
        "Salesforce network",
        "503",
        "wait for Salesforce",
    ),
    "a proxy's page instead of Salesforce": SetUp(
        fault("html_200", "versions", "salesforce"),
        "Salesforce network",
        "not what was asked for",
        "Check the network and the Salesforce address",
    ),
    "a sign-in that has ended": SetUp(
        fault("invalid_session", "describe:*", "salesforce"),
        "Salesforce accounts",
        "Session expired",
        "Sign in to Salesforce again",
    ),
    "a person without a permission set": SetUp(
        take_roles, "Salesforce sign-in and roles", "none of the Staff Console permission sets", "assign you"
    ),
    "a production profile with the address of a sandbox": SetUp(
        lambda bench: replace(bench, profile=bench.profile.model_copy(update={"environment": "production"})),
        "Salesforce kind of org",
        "is a sandbox",
        "Correct salesforce.instance_url or the environment",
    ),
    "claims that were not deployed": SetUp(
        withdraw_object, "Salesforce claims", "Order_Claim__c is not there", "deploy the console's metadata"
    ),
    "a hidden field": SetUp(
        hide("Order.Provisioning_Status__c"),
        "Salesforce orders",
        "Provisioning_Status__c not there or hidden",
        "check this person's permission set for these fields",
    ),
    "a field that may not be changed": SetUp(
        hide("OrderItem.Whmcs_Service_Ids__c", editable=False),
        "Salesforce order items",
        "Whmcs_Service_Ids__c not to be changed",
        "check this person's permission set for these fields",
    ),
    "an org whose calls are used up": SetUp(
        fault("request_limit", "describe:*", "salesforce"),
        "Salesforce accounts",
        "TotalRequests Limit exceeded",
        "Wait until Salesforce's daily limit of calls resets",
    ),
    "an org without API access": SetUp(
        fault("refuse", "userinfo", "salesforce", status=403, error_code="API_DISABLED_FOR_ORG", message="API off"),
        "Salesforce sign-in and roles",
        "API off",
        "Salesforce administrator",
    ),
    "nobody listens at the WHMCS address": SetUp(
        lambda bench: bench.with_whmcs_settings(url=closed_port()),
        "WHMCS connection and credential",
        "not reached",
        "Check the network and the WHMCS address in the profile",
    ),
    "a WHMCS address that leads on": SetUp(
        fault("redirect", "*"), "WHMCS connection and credential", "redirects", "to where it leads"
    ),
    "an address that WHMCS does not list": SetUp(
        refused("Invalid IP 192.0.2.7"),
        "WHMCS connection and credential",
        "Invalid IP",
        "WHMCS saw us as 192.0.2.7",
    ),
    "a credential that WHMCS does not know": SetUp(
        refused("Invalid or missing credentials"),
        "WHMCS connection and credential",
        "Invalid or missing credentials",
        "Enter them again",
    ),
    "a disabled WHMCS administrator": SetUp(
        refused("Administrator Account Disabled"),
        "WHMCS connection and credential",
        "Disabled",
        "Correct that administrator in WHMCS",
    ),
    "an API role that lacks an action": SetUp(
        fault("access_role", "GetPayMethods"),
        "WHMCS actions",
        "GetPayMethods",
        "Allow GetPayMethods in the API",
    ),
    "an old WHMCS": SetUp(old_version, "WHMCS connection and credential", "8.0.4", "Have WHMCS brought to"),
    "WHMCS is being maintained": SetUp(
        fault("html", "*", status=503), "WHMCS connection and credential", "503", "have the WHMCS server looked at"
    ),
    "a customer number field that is not there": SetUp(
        lambda bench: bench.with_whmcs_settings(customer_number_field_id=999),
        "WHMCS customer number field",
        "no custom field with id 999",
        "Set customer_number_field_id in the profile",
    ),
    "a product that is not there": SetUp(
        lambda bench: bench.with_whmcs_settings(marker_field_ids={999: 1}),
        "WHMCS products",
        "999",
        "Correct marker_field_ids",
    ),
    "a clock that is wrong": SetUp(
        lambda bench: bench.sandbox.clock.advance(3600), "Clock", "seconds from that of WHMCS", "network time"
    ),
    "a Portal database that is none": SetUp(
        destroy_database, "Portal database", "file is not a database", "Check that the Portal database runs"
    ),
}


def examined(bench: Bench, person: str = "") -> list[DoctorCheck]:
    async def work() -> list[DoctorCheck]:
        async with open_services(bench.profile, bench.folder, person, without_portal=True) as desk:
            return await desk.doctor.examine()

    return asyncio.run(work())


@pytest.fixture
def bench() -> Iterator[Bench]:
    with desk_bench() as opened:
        yield opened


def test_there_are_twenty_and_more() -> None:
    assert len(_SET_UPS) >= 20


@pytest.mark.parametrize("set_up", _SET_UPS)
def test_each_broken_set_up_is_named_with_what_to_do(bench: Bench, set_up: str) -> None:
    broken, name, said, remedy, person = _SET_UPS[set_up]
    changed = broken(bench) or bench

    failed = [check for check in examined(changed, person) if not check.ok]

    assert name == failed[0].name.en, failed
    assert said in failed[0].detail.en
    assert remedy in failed[0].fix.en
    assert all(check.fix.en for check in failed)


def test_a_name_that_nobody_knows_is_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: object, **__: object) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    changed = bench.with_whmcs_settings(url=WHMCS_ABROAD).with_salesforce_settings(instance_url=SALESFORCE_ABROAD)
    monkeypatch.setattr(socket, "getaddrinfo", nobody)

    checks = {check.name.en: check for check in examined(changed)}

    assert "Nobody knows the name shop.my.salesforce.com" in checks["Salesforce network"].fix.en
    assert "Nobody knows the name billing.example.com" in checks["WHMCS connection and credential"].fix.en


def test_a_certificate_that_nobody_trusts_is_told(bench: Bench, tmp_path: Path) -> None:
    with untrusted_server(tmp_path) as address:
        changed = bench.with_whmcs_settings(url=address).with_salesforce_settings(instance_url=address)
        checks = {check.name.en: check for check in examined(changed)}

    for name in ("Salesforce network", "Salesforce kind of org", "WHMCS connection and credential"):
        assert "does not trust the certificate of 127.0.0.1" in checks[name].fix.en


def test_a_proxy_that_is_not_there_is_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = closed_port()
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    changed = bench.with_whmcs_settings(url=WHMCS_ABROAD).with_salesforce_settings(instance_url=SALESFORCE_ABROAD)

    checks = {check.name.en: check for check in examined(changed)}

    for name in ("Salesforce network", "WHMCS connection and credential"):
        assert f"the proxy {proxy.removeprefix('http://')} does not" in checks[name].fix.en


def test_a_proxy_that_does_not_let_us_through_is_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    with refusing_proxy() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        changed = bench.with_whmcs_settings(url=WHMCS_ABROAD).with_salesforce_settings(instance_url=SALESFORCE_ABROAD)
        checks = {check.name.en: check for check in examined(changed)}

    for name in ("Salesforce network", "Salesforce kind of org", "WHMCS connection and credential"):
        assert "does not let us through" in checks[name].fix.en


@contextlib.contextmanager
def untrusted_server(folder: Path) -> Iterator[str]:
    """A server on loopback whose certificate only it signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with running(http.server.BaseHTTPRequestHandler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        yield f"https://127.0.0.1:{server.server_port}"


class Refusing(http.server.BaseHTTPRequestHandler):
    """Lets nobody through."""

    def do_CONNECT(self) -> None:
        self.send_error(403, "Forbidden by policy")

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextlib.contextmanager
def refusing_proxy() -> Iterator[str]:
    with running(Refusing) as server:
        yield f"http://127.0.0.1:{server.server_port}"


@contextlib.contextmanager
def running(handler: type[http.server.BaseHTTPRequestHandler]) -> Iterator[http.server.HTTPServer]:
    """A server on loopback in a thread of its own."""
    with http.server.HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
