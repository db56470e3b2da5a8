"""Braze as its public documentation describes it: addresses, keys, sizes, rates, and what to call.

Sources: https://www.braze.com/docs/api/basics, .../api/errors and .../api/api_limits, read 2026-09-02.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from roo_dbt.sandbox.braze.accounts import Accounts
from roo_dbt.sandbox.braze.subscriptions import Subscriptions
from roo_dbt.sandbox.braze.track import Track
from roo_dbt.sandbox.braze.workspace import Workspace
from roo_dbt.sandbox.exchange import Refusal, Reply, Request, last
from roo_dbt.sandbox.rates import RATES, Allowance, Meters, Window
from roo_dbt.sandbox.settings import Settings

MAX_BYTES = 4_000_000
"""Bytes of a body; more is a 413."""

PAGE_SIZE = 50
"""Custom attributes on one page."""

_MESSAGES = {
    401: "Invalid API key",
    403: "Access Denied",
    404: "Invalid URL",
    413: "Request body is too large",
    415: "Content-Type must be application/json",
    429: "Rate limit exceeded",
    500: "Internal server error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}

Endpoint = Callable[[Request, Any], Reply]


class Braze:
    """The vendor: settings in, replies out.

    Args:
        settings: how it behaves.
    """

    name = "braze"

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.workspace = Workspace(settings)
        self.meters = Meters(Window, settings.rates, enforce=settings.enforce_limits)
        self._routes = self._make_routes()

    def _make_routes(self) -> Mapping[tuple[str, str], tuple[str, Endpoint]]:
        accounts, groups = Accounts(self.workspace), Subscriptions(self.workspace)
        return {
            ("POST", "/users/track"): ("braze.track", Track(self.workspace)),
            ("POST", "/users/delete"): ("braze.users", accounts.delete),
            ("POST", "/users/alias/new"): ("braze.users", accounts.new_alias),
            ("POST", "/users/alias/update"): ("braze.users", accounts.update_alias),
            ("POST", "/users/external_ids/rename"): ("braze.rename", accounts.rename),
            ("POST", "/users/external_ids/remove"): ("braze.remove", accounts.remove),
            ("POST", "/users/export/ids"): ("braze.export", accounts.export),
            ("POST", "/subscription/status/set"): ("braze.subscription", groups.set_one),
            ("POST", "/v2/subscription/status/set"): ("braze.subscription", groups.set_many),
            ("GET", "/subscription/status/get"): ("braze.pool", groups.status),
            ("GET", "/subscription/user/status"): ("braze.pool", groups.user),
            ("GET", "/custom_attributes"): ("braze.discovery", self._custom_attributes),
            ("GET", "/events/list"): ("braze.discovery", self._event_names),
            ("GET", "/campaigns/list"): ("braze.pool", self._campaigns),
        }

    def handle(self, request: Request) -> Reply:
        """Answer a request as Braze does: address, key, rate, form, size, then the endpoint."""
        route = self._routes.get((request.method, request.path))
        if route is None:
            return self.error(404)
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        status = self.settings.judge_key(key.strip() if scheme.lower() == "bearer" else None)
        if status != 200:
            # Braze has been seen to echo the key, so clients must not repeat the message as it is.
            return self.error(status, message=f"Invalid API key: {key}" if status == 401 and key else None)
        name, endpoint = route
        now = self.settings.clock()
        allowance = self.meters.take(name, now)
        if not allowance.allowed:
            return self._refused(allowance, now)
        reply = self._answer(request, endpoint)
        reply.headers.update(self._headers(allowance, now))
        return reply

    def error(self, status: int, *, message: str | None = None, seconds: float = 1.0) -> Reply:
        """Braze's answer for an HTTP status; for a 429 with the headers of this kind of contract."""
        if status == 429:
            limit = RATES["braze.track"].number
            return self._refused(Allowance(False, limit, 0, seconds), self.settings.clock(), message)
        return Reply(status, {"message": message or _MESSAGES.get(status, "error")})

    def state(self, limit: int | None) -> dict[str, Any]:
        """The workspace for the page and the state endpoint, at most `limit` users."""
        space = self.workspace
        return {
            "users": [profile.as_json() for profile in space.profiles.latest(limit)],
            "user_count": len(space.profiles),
            "custom_attributes": space.attribute_kinds,
            "events": last(space.events, limit),
            "purchases": last(space.purchases, limit),
            "event_names": space.event_names,
        }

    def _answer(self, request: Request, endpoint: Endpoint) -> Reply:
        body: Any = None
        if request.method == "POST":
            if request.content_type != "application/json":
                return self.error(415)
            if len(request.body) > MAX_BYTES:
                return self.error(413)
            try:
                body = request.json()
            except ValueError:
                return Reply(400, {"error": "Invalid JSON"})
            if not isinstance(body, dict):
                return Reply(400, {"error": "The body must be a JSON object"})
        try:
            return endpoint(request, body)
        except Refusal as refusal:
            return refusal.reply

    def _headers(self, allowance: Allowance, now: float) -> dict[str, str]:
        wait = math.ceil(allowance.wait)
        reset = wait if self.settings.contract == "mau" else math.ceil(now + allowance.wait)
        return {
            "X-RateLimit-Limit": str(allowance.limit),
            "X-RateLimit-Remaining": str(allowance.remaining),
            "X-RateLimit-Reset": str(reset),
        }

    def _refused(self, allowance: Allowance, now: float, message: str | None = None) -> Reply:
        headers = self._headers(allowance, now)
        if self.settings.contract == "mau":
            headers = {"X-RateLimit-Retry-After": str(max(math.ceil(allowance.wait), 1))}
        return Reply(429, {"message": message or _MESSAGES[429]}, headers)

    def _custom_attributes(self, request: Request, _: Any) -> Reply:
        names = sorted(self.workspace.attribute_kinds.items())
        start = int(request.query.get("cursor") or 0)
        forced = self.settings.braze_forced_types
        page: list[dict[str, Any]] = [
            {
                "name": name,
                "data_type": kind if name in forced else f"{kind} (Automatically Detected)",
                "array_length": 500 if kind == "Array" else None,
                "status": "Blocklisted" if name in self.settings.braze_blocklist else "Active",
                "description": None,
                "tag_names": [],
            }
            for name, kind in names[start : start + PAGE_SIZE]
        ]
        headers = {}
        if start + PAGE_SIZE < len(names):
            host = request.headers.get("host", "127.0.0.1")
            headers["Link"] = f'<http://{host}/custom_attributes?cursor={start + PAGE_SIZE}>; rel="next"'
        return Reply(200, {"message": "success", "attributes": page}, headers)

    def _event_names(self, request: Request, _: Any) -> Reply:
        start = int(request.query.get("page") or 0) * 250
        names = list(self.workspace.event_names)[start : start + 250]
        return Reply(200, {"message": "success", "events": names})

    def _campaigns(self, _request: Request, _: Any) -> Reply:
        return Reply(200, {"message": "success", "campaigns": []})
