"""The page and the control endpoints of a sandbox, below `/_sandbox`.

==========================  ====================================================================
GET /_sandbox/state         users, lists, events and counts of both vendors; `?limit=` of each
GET /_sandbox/requests      the latest requests; `?since=`, `?limit=`, `?characters=` of a body
GET /_sandbox/stats         requests and objects per path, answers per status, connections
GET /_sandbox/faults        the faults in force and the kinds there are
POST /_sandbox/faults       one fault more, as the fields of `Fault`
DELETE /_sandbox/faults     all faults, or `/_sandbox/faults/3` alone
GET, POST /_sandbox/settings  read or change `latency` and `enforce_limits`
POST /_sandbox/reset        forget everything but the settings
==========================  ====================================================================
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import resources
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from roo_dbt.errors import UsageProblem
from roo_dbt.sandbox.faults import KINDS
from roo_dbt.sandbox.store import Store

_PAGE_HEADERS = {
    # The page needs nothing from anywhere else, and says so.
    "content-security-policy": "default-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'",
    "cache-control": "no-store",
}


def control_panel(store: Store) -> Starlette:
    """The application behind `/` and `/_sandbox`."""
    panel = Panel(store)
    routes = [
        Route("/", panel.page),
        Route("/favicon.ico", panel.icon),
        Route("/_sandbox/state", panel.state),
        Route("/_sandbox/requests", panel.requests),
        Route("/_sandbox/requests/{number:int}", panel.request),
        Route("/_sandbox/stats", panel.stats),
        Route("/_sandbox/faults", panel.faults),
        Route("/_sandbox/faults", panel.set_fault, methods=["POST"]),
        Route("/_sandbox/faults", panel.clear_faults, methods=["DELETE"]),
        Route("/_sandbox/faults/{number:int}", panel.clear_faults, methods=["DELETE"]),
        Route("/_sandbox/settings", panel.settings),
        Route("/_sandbox/settings", panel.set_settings, methods=["POST"]),
        Route("/_sandbox/reset", panel.reset, methods=["POST"]),
    ]
    return Starlette(routes=routes)


class Panel:
    """The handlers of the control endpoints.

    Args:
        store: what they show and change.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self._page = resources.files("roo_dbt.sandbox").joinpath("page.html").read_text("utf-8")

    async def page(self, _: Request) -> Response:
        """The page."""
        return HTMLResponse(self._page, headers=_PAGE_HEADERS)

    async def icon(self, _: Request) -> Response:
        """No icon, but no error in the browser's console either."""
        return Response(status_code=204)

    async def state(self, request: Request) -> Response:
        """What both vendors hold; 304 when nothing happened since `?version=`."""
        if request.query_params.get("version") == str(self.store.version):
            return Response(status_code=304)
        limit = _number(request, "limit", None)
        with self.store.lock:
            return _json(self.store.state(limit))

    async def requests(self, request: Request) -> Response:
        """The latest requests."""
        since = _number(request, "since", 0) or 0
        limit = _number(request, "limit", 100) or 100
        characters = _number(request, "characters", 2_000) or 2_000
        with self.store.lock:
            found = self.store.latest(since=since, limit=limit, characters=characters)
            return _json({"total": self.store.log.total, "requests": found})

    async def request(self, request: Request) -> Response:
        """One request of the log with its whole bodies."""
        number = request.path_params["number"]
        with self.store.lock:
            for entry in self.store.log:
                if entry.number == number:
                    return _json(entry.summary(len(entry.raw) + len(entry.answer)))
        return _json({"message": f"The log no longer has request {number}."}, 404)

    async def stats(self, _: Request) -> Response:
        """The totals since the last reset."""
        with self.store.lock:
            return _json(self.store.log.stats())

    async def faults(self, _: Request) -> Response:
        """The faults in force and the kinds there are."""
        with self.store.lock:
            faults = [fault.as_json() for fault in self.store.faults]
        kinds = [{"name": kind.name, "description": kind.description} for kind in KINDS.values()]
        return _json({"faults": faults, "kinds": kinds})

    async def set_fault(self, request: Request) -> Response:
        """One fault more; 400 with a sentence when it makes no sense."""
        return await _changed(request, self._locked_fault, 201)

    def _locked_fault(self, values: dict[str, Any]) -> dict[str, Any]:
        with self.store.lock:
            self.store.version += 1
            return self.store.faults.set(values).as_json()

    async def clear_faults(self, request: Request) -> Response:
        """Takes back one fault or all."""
        with self.store.lock:
            self.store.faults.clear(request.path_params.get("number"))
            self.store.version += 1
        return _json({"message": "done"})

    async def settings(self, _: Request) -> Response:
        """The settings that can be changed, and those that say who the vendors are."""
        return _json(self.store.adjust({}))

    async def set_settings(self, request: Request) -> Response:
        """Changes latency or the enforcement of limits."""
        return await _changed(request, self.store.adjust, 200)

    async def reset(self, _: Request) -> Response:
        """Forgets everything but the settings."""
        self.store.reset()
        return _json({"message": "done"})


async def _changed(request: Request, change: Callable[[dict[str, Any]], Any], status: int) -> Response:
    try:
        values = orjson.loads(await request.body())
        return _json(change(dict(values)), status)
    except (ValueError, TypeError):
        return _json({"message": "The body must be a JSON object with values of the right types."}, 400)
    except UsageProblem as problem:
        return _json({"message": str(problem)}, 400)


def _number(request: Request, name: str, default: int | None) -> int | None:
    value = request.query_params.get(name, "")
    return int(value) if value.isdecimal() else default


def _json(content: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")
