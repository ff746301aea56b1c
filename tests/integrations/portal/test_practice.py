"""The sandbox's Portal rows over loopback, and the ways in which they may not come."""

import asyncio
import socket

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from console.errors import Unavailable
from console.integrations.portal.practice import PracticePortal
from console.sandbox.clock import Clock
from console.sandbox.loopback import serving
from console.sandbox.server import Sandbox, SandboxOptions
from tests.integrations.portal.portal_bench import PortalBench


def test_the_seeded_users_and_links_fit_into_the_database(portal: PortalBench) -> None:
    sandbox = Sandbox(SandboxOptions(customers=60, orders=120))
    with sandbox.running() as info:
        users, links = asyncio.run(PracticePortal(info.control_url).users_and_links())
    assert len(users) == len(sandbox.world.portal["users"]) > 0
    assert len(links) == len(sandbox.world.portal["links"]) > 0
    portal.run(lambda opened: opened.links.load(users, links, "practice"))
    assert len(portal.run(lambda opened: opened.links.all())) == len(links)


def test_a_sandbox_that_is_not_there_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        nobody = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with pytest.raises(Unavailable):
        asyncio.run(PracticePortal(nobody).users_and_links())


@pytest.mark.parametrize(("status", "body"), [(500, "broken"), (200, "<html></html>"), (200, "{}"), (200, "[]")])
def test_an_answer_of_something_else_is_unavailable(status: int, body: str) -> None:
    async def page(_: Request) -> Response:
        return HTMLResponse(body, status)

    app = Starlette(routes=[Route("/portal", page)])
    with serving([(app, 0)], Clock()) as (port,), pytest.raises(Unavailable):
        asyncio.run(PracticePortal(f"http://127.0.0.1:{port}").users_and_links())
