"""Why no connection came about: told from the chain of causes that either HTTP library leaves behind."""

import socket
import ssl
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlsplit

from console.errors import Obstacle

_MOST_CAUSES = 20


def obstacle(error: BaseException) -> Obstacle:
    """What stood in the way: certificate, proxy, name or, as nothing more is known, connection."""
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return Obstacle.CERTIFICATE
    if any(type(cause).__name__ == "ProxyError" for cause in causes):
        return Obstacle.PROXY
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return Obstacle.NAME
    return Obstacle.CONNECTION


def proxy_for(url: str) -> str | None:
    """Host and port of the proxy that requests to `url` go through, from the environment or the system; else None."""
    address = urlsplit(url)
    if not address.hostname or urllib.request.proxy_bypass(address.hostname):
        return None
    proxies = urllib.request.getproxies()
    proxy = urlsplit(proxies.get(address.scheme) or proxies.get("all") or "")
    # A name and password for the proxy may stand before its host.
    return f"{proxy.hostname}:{proxy.port}" if proxy.hostname else None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it, nearest first."""
    waiting, seen = [error], 0
    while waiting and seen < _MOST_CAUSES:
        one = waiting.pop(0)
        seen += 1
        yield one
        within = one.exceptions if isinstance(one, BaseExceptionGroup) else ()
        # urllib3 and requests keep the reason as a value.
        kept = [value for value in (*one.args, getattr(one, "reason", None)) if isinstance(value, BaseException)]
        waiting += [cause for cause in (one.__cause__, one.__context__, *within, *kept) if cause is not None]
