"""A person at a browser, played by httpx: opens the sign-in page, presses a button, and is sent back to the desk."""

import html
import re
import socket
from urllib.parse import urlsplit

import httpx

_FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
_BUTTON = re.compile(r'<button name="person" value="([^"]*)"[^>]*>([^<]*)')


class Person:
    """Presses the button of one member of the invented staff; of nobody, and the sign-in is declined."""

    def __init__(self, *names: str | None) -> None:
        """`names` are parts of what stands on the buttons; where there are several, the next one each time."""
        self._names = list(names)
        self.opened: list[str] = []
        self.last_page = ""

    def __call__(self, address: str) -> bool:
        """Go the whole way from the address to the page that the desk answers with."""
        self.opened.append(address)
        with httpx.Client(trust_env=False, timeout=5) as http:
            back = self.press(http, address)
            self.last_page = http.get(back).text
        return True

    def press(self, http: httpx.Client, address: str) -> str:
        """Where the browser is sent to when the button is pressed."""
        page = http.get(address)
        assert page.status_code == 200, page.text
        form = {name: html.unescape(value) for name, value in _FIELD.findall(page.text)}
        buttons = {html.unescape(words): value for value, words in _BUTTON.findall(page.text)}
        name = self._names.pop(0) if len(self._names) > 1 else self._names[0]
        chosen = "" if name is None else next(buttons[words] for words in buttons if name in words)
        parts = urlsplit(address)
        answer = http.post(f"{parts.scheme}://{parts.netloc}{parts.path}", data={**form, "person": chosen})
        assert answer.status_code == 302, answer.text
        return str(answer.headers["location"])


def free_ports() -> tuple[int, int, int]:
    """Three ports of this machine that nobody listens on."""
    sockets = [socket.socket() for _ in range(3)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    first, second, third = (int(one.getsockname()[1]) for one in sockets)
    for one in sockets:
        one.close()
    return first, second, third
