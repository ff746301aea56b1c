"""Certificates are the operating system's; on this machine there is nothing to verify."""

import ssl

import pytest

from console.integrations.salesforce.trust import is_here, trust


@pytest.mark.parametrize("url", ["http://127.0.0.1:80", "http://localhost", "https://[::1]:8443/a"])
def test_this_machine_needs_no_certificate(url: str) -> None:
    assert is_here(url)
    assert trust(url) is True


@pytest.mark.parametrize("url", ["https://shop.my.salesforce.com", "https://localhost.example.com", "https://["])
def test_elsewhere_the_systems_certificates_count(url: str) -> None:
    assert not is_here(url)
    assert isinstance(trust(url), ssl.SSLContext)
