"""The sandbox's switchboard on a port of its own: faults, settings, clock, calls made, both systems' books.

No part of either system: only tests, demonstrations and people at a terminal use it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from console.sandbox.clock import Clock
from console.sandbox.faults import Fault, FaultBoard, System
from console.sandbox.salesforce_oauth import SignIns
from console.sandbox.whmcs_call import WhmcsServer
from console.sandbox.whmcs_tables import Row, find

Tables: TypeAlias = dict[str, Any]

_FAULTS: TypeAdapter[list[Fault]] = TypeAdapter(list[Fault])


class _Settings(BaseModel):
    """What POST /settings takes; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    latency_ms: dict[System, int] = Field(default_factory=dict)
    whmcs: dict[str, Any] = Field(default_factory=dict)
    oauth: dict[str, Any] = Field(default_factory=dict)
    salesforce: dict[str, Any] = Field(default_factory=dict)


class _ClockStep(BaseModel):
    """How far to move, and to which moment."""

    model_config = ConfigDict(extra="forbid")

    advance_s: float = Field(default=0, ge=0)
    now: AwareDatetime | None = None


class _RowChange(BaseModel):
    """New values for columns of one row of WHMCS, e.g. how a product's module behaves."""

    model_config = ConfigDict(extra="forbid")

    table: str
    id: int
    values: dict[str, Any]


@dataclass(frozen=True)
class Switchboard:
    """What the control application reaches. `salesforce_tables` gives Salesforce's records by object."""

    board: FaultBoard
    clock: Clock
    whmcs: WhmcsServer
    salesforce_tables: Callable[[], Tables]
    portal: Mapping[str, Any]
    sign_ins: SignIns

    async def get_faults(self, _request: Request) -> Response:
        """The faults that are set, and how many calls each has seen."""
        return JSONResponse([armed.as_json() for armed in self.board.armed])

    async def add_faults(self, request: Request) -> Response:
        """Set one fault or a list of them; answers their numbers."""
        sent = await request.json()
        faults = _FAULTS.validate_python(sent if isinstance(sent, list) else [sent])
        return JSONResponse([self.board.add(fault) for fault in faults], 201)

    async def remove_faults(self, request: Request) -> Response:
        """Take one fault away by its number, or all."""
        self.board.remove(request.path_params.get("number"))
        return Response(status_code=204)

    async def get_settings(self, _request: Request) -> Response:
        """Latency of both systems, the switches of WHMCS, those of Salesforce and those of signing in to it."""
        switches = {"whmcs": self.whmcs.switches, "oauth": self.sign_ins.switches, "salesforce": self.sign_ins.org}
        told = {name: one.model_dump(mode="json") for name, one in switches.items()}
        return JSONResponse({"latency_ms": self.board.latency_ms, **told})

    async def change_settings(self, request: Request) -> Response:
        """Change what is named and leave the rest."""
        settings = _Settings.model_validate(await request.json())
        changed = {**self.whmcs.switches.model_dump(), **settings.whmcs}
        signing_in = {**self.sign_ins.switches.model_dump(), **settings.oauth}
        whmcs = type(self.whmcs.switches).model_validate(changed)
        oauth = type(self.sign_ins.switches).model_validate(signing_in)
        self.sign_ins.org.change(settings.salesforce)
        self.sign_ins.switches = oauth
        self.whmcs.switches = whmcs
        for system, delay in settings.latency_ms.items():
            self.board.latency_ms[system] = delay
        return await self.get_settings(request)

    async def get_clock(self, _request: Request) -> Response:
        """The sandbox's time."""
        return JSONResponse({"now": self.clock.now().isoformat()})

    async def advance_clock(self, request: Request) -> Response:
        """Move the sandbox's time forward; ValueError for a moment that is past."""
        step = _ClockStep.model_validate(await request.json())
        self.clock.advance(step.advance_s)
        if step.now:
            self.clock.advance_to(step.now)
        return await self.get_clock(request)

    async def end_sign_ins(self, request: Request) -> Response:
        """End every sign-in to Salesforce, or with `?only=access` just the access tokens. Fixed tokens go on."""
        if request.query_params.get("only") == "access":
            self.sign_ins.expire_access_tokens()
        else:
            self.sign_ins.end_all()
        return Response(status_code=204)

    async def get_calls(self, _request: Request) -> Response:
        """How often each action was called, by system."""
        return JSONResponse(self.board.calls_made())

    async def reset_calls(self, _request: Request) -> Response:
        """Count from nothing again."""
        self.board.calls.clear()
        return Response(status_code=204)

    async def get_held(self, _request: Request) -> Response:
        """System and action of each call that was ever held by a `hold` or `commit_then_hold`, in order."""
        return JSONResponse(self.board.held)

    async def get_books(self, request: Request) -> Response:
        """The tables of one system or of both; `table` picks one. KeyError for a name that does not exist."""
        system, table = (request.query_params.get(name) for name in ("system", "table"))
        readers = {"salesforce": self._salesforce_books, "whmcs": self.whmcs.books.as_json}
        chosen = readers if system is None else {system: readers[system]}
        return JSONResponse({name: read(table) for name, read in chosen.items()})

    def _salesforce_books(self, table: str | None) -> Tables:
        tables = self.salesforce_tables()
        return tables if table is None else {table: tables[table]}

    async def change_row(self, request: Request) -> Response:
        """Change columns of one row of WHMCS."""
        change = _RowChange.model_validate(await request.json())
        row: Row | None = find(self.whmcs.books.table(change.table), change.id)
        if row is None:
            raise KeyError(change.id)
        for name, value in change.values.items():
            if not hasattr(row, name):
                raise KeyError(name)
            setattr(row, name, value)
        self.whmcs.books.changed(change.table)
        return Response(status_code=204)

    async def get_portal(self, _request: Request) -> Response:
        """The Portal's seed rows: users and links."""
        return JSONResponse(dict(self.portal))


def control_app(switchboard: Switchboard) -> Starlette:
    """The application; what cannot be understood is 400 with a reason, what does not exist 404."""
    routes = [
        Route("/faults", switchboard.get_faults, methods=["GET"]),
        Route("/faults", switchboard.add_faults, methods=["POST"]),
        Route("/faults", switchboard.remove_faults, methods=["DELETE"]),
        Route("/faults/{number:int}", switchboard.remove_faults, methods=["DELETE"]),
        Route("/settings", switchboard.get_settings, methods=["GET"]),
        Route("/settings", switchboard.change_settings, methods=["POST"]),
        Route("/clock", switchboard.get_clock, methods=["GET"]),
        Route("/clock", switchboard.advance_clock, methods=["POST"]),
        Route("/sign_ins", switchboard.end_sign_ins, methods=["DELETE"]),
        Route("/calls", switchboard.get_calls, methods=["GET"]),
        Route("/reset_calls", switchboard.reset_calls, methods=["POST"]),
        Route("/held", switchboard.get_held, methods=["GET"]),
        Route("/books", switchboard.get_books, methods=["GET"]),
        Route("/books", switchboard.change_row, methods=["PATCH"]),
        Route("/portal", switchboard.get_portal, methods=["GET"]),
    ]
    # A ValueError is what is wrong in a body: in its JSON, in a value of it, or a moment that is past.
    handlers = {ValueError: _not_understood, KeyError: _not_found}
    return Starlette(routes=routes, exception_handlers=handlers)


async def _not_understood(_request: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, 400)


async def _not_found(_request: Request, error: Exception) -> Response:
    return JSONResponse({"error": f"there is no {error}"}, 404)
