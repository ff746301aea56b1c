"""Links such as `staff-console://order/10482`: they open a place, here or in the running desk, and never act."""

import hashlib
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_LONGEST = 500
_WAIT_MS = 300
_PLACES = frozenset({"order", "customer", "call"})


class Link(NamedTuple):
    """What a link opens: `order`, `customer` or `call`, and the number or id that it names."""

    place: str
    named: str


def read_link(url: str) -> Link | None:
    """The link of a `staff-console://` address, None for anything that is not one. Source: product.md, "Conduct"."""
    if len(url) > _LONGEST:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    place = parts.netloc.casefold()
    if parts.scheme != "staff-console" or place not in _PLACES:
        return None
    numbers = parse_qs(parts.query).get("number", [""])
    named = numbers[0] if place == "call" else unquote(parts.path.strip("/"))
    return Link(place, named.strip()) if named.strip() and named.isprintable() else None


def pass_on(url: str, folder: Path) -> bool:
    """Give a link to the desk that is running on this data folder; tells whether there is one."""
    socket = QLocalSocket()
    socket.connectToServer(_name(folder))
    if not socket.waitForConnected(_WAIT_MS):
        return False
    socket.write(url.encode())
    sent = socket.waitForBytesWritten(_WAIT_MS)
    socket.disconnectFromServer()
    return sent


class LinkServer(QObject):
    """Takes links from later starts. `asked` comes with an address that may be anything: it is read like any other."""

    asked = Signal(str)

    def __init__(self, folder: Path, parent: QObject) -> None:
        """Listens for this user alone; where another desk of the folder listens already, that one goes on doing so."""
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._connected)
        # Asked first: Qt would take the name away from whoever listens on it.
        if not _is_alive(folder) and not self._server.listen(_name(folder)):
            # What a desk left that was killed.
            QLocalServer.removeServer(_name(folder))
            self._server.listen(_name(folder))

    def close(self) -> None:
        """Take no more links."""
        self._server.close()

    def _connected(self) -> None:
        while socket := self._server.nextPendingConnection():
            socket.readyRead.connect(lambda taken=socket: self._read(taken))
            socket.disconnected.connect(socket.deleteLater)

    def _read(self, socket: QLocalSocket) -> None:
        self.asked.emit(bytes(socket.read(_LONGEST).data()).decode(errors="replace"))


def _is_alive(folder: Path) -> bool:
    socket = QLocalSocket()
    socket.connectToServer(_name(folder))
    return socket.waitForConnected(_WAIT_MS)


def _name(folder: Path) -> str:
    return f"staff-console-{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]}"
