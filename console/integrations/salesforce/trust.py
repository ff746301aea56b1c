"""Which certificates are believed: those of the operating system, as companies manage them."""

import ssl
from urllib.parse import urlsplit

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def is_here(url: str) -> bool:
    """Whether an address is on this machine."""
    try:
        return urlsplit(url).hostname in LOOPBACK
    except ValueError:
        return False


def trust(url: str) -> ssl.SSLContext | bool:
    """What httpx verifies a server with; nothing to verify on loopback without TLS."""
    if is_here(url):
        return True
    import truststore  # noqa: PLC0415 - the practice systems do not need it

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
