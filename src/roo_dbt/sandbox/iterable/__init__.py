"""Iterable as its public documentation describes it: addresses, keys, sizes, rates, and what to call.

Sources: https://api.iterable.com/api/docs and https://support.iterable.com/hc/en-us/articles/360043464871,
read 2026-11-22.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from roo_dbt.sandbox.exchange import Refusal, Reply, Request, last
from roo_dbt.sandbox.iterable.answers import reply
from roo_dbt.sandbox.iterable.events import Events
from roo_dbt.sandbox.iterable.lists import Lists
from roo_dbt.sandbox.iterable.profiles import Profiles
from roo_dbt.sandbox.iterable.rows import Rows
from roo_dbt.sandbox.iterable.schema import Schema
from roo_dbt.sandbox.iterable.users import Users
from roo_dbt.sandbox.rates import RATES, Allowance, Bucket, Meters
from roo_dbt.sandbox.settings import Settings

MAX_BYTES = 4_000_000
"""Bytes of a body; more is a 413."""

PREFIX = "/api/"

_ERRORS = {
    400: ("BadParams", "Bad request"),
    401: ("BadApiKey", "Invalid API key"),
    403: ("Forbidden", "The API key may not use this endpoint"),
    404: ("NotFound", "Not found"),
    409: ("Conflict", "Conflict"),
    413: ("BatchTooLarge", "Request entity too large"),
    429: ("RateLimitExceeded", "Rate limit exceeded"),
    500: ("GenericError", "Internal server error"),
}
_NOT_FOUND = "<!DOCTYPE html><html><head><title>Action Not Found</title></head><body>{}</body></html>\n"

Endpoint = Callable[[Request, Any], Reply]
Route = tuple[str | None, Endpoint]


class Iterable:
    """The vendor: settings in, replies out.

    Args:
        settings: how it behaves.
    """

    name = "iterable"

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.profiles = Profiles(settings.iterable_project_type)
        self.schema = Schema()
        self.meters = Meters(Bucket, settings.rates, enforce=settings.enforce_limits)
        rows = Rows(settings, self.profiles, self.schema)
        self._users, self._lists, self.events = Users(rows), Lists(rows), Events(rows)
        self._routes = self._make_routes()

    def _make_routes(self) -> Mapping[tuple[str, str], Route]:
        users, lists = self._users, self._lists
        return {
            ("POST", "users/update"): ("iterable.update", users.update),
            ("POST", "users/bulkUpdate"): ("iterable.bulkUpdate", users.bulk_update),
            ("POST", "users/updateEmail"): (None, users.update_email),
            ("POST", "users/updateSubscriptions"): (None, users.update_subscriptions),
            ("POST", "users/bulkUpdateSubscriptions"): (None, users.bulk_update_subscriptions),
            ("POST", "users/forget"): ("iterable.forget", users.forget),
            ("POST", "users/unforget"): ("iterable.forget", users.unforget),
            ("GET", "users/forgotten"): ("iterable.getFields", users.forgotten),
            ("GET", "users/forgottenUserIds"): ("iterable.getFields", users.forgotten_user_ids),
            ("GET", "users/getFields"): ("iterable.getFields", users.fields),
            ("GET", "users/getByEmail"): ("iterable.get", users.by_email),
            ("GET", "users/byUserId"): ("iterable.getByUserId", users.by_user_id),
            ("GET", "users/byUserId/*"): ("iterable.getByUserId", users.by_user_id),
            ("GET", "users/*"): ("iterable.get", users.by_email),
            ("DELETE", "users/byUserId/*"): ("iterable.deleteByUserId", users.delete_by_user_id),
            ("DELETE", "users/*"): ("iterable.delete", users.delete_by_email),
            ("GET", "lists"): ("iterable.lists", lists.all),
            ("POST", "lists"): (None, lists.create),
            ("POST", "lists/subscribe"): (None, lists.subscribe),
            ("POST", "lists/unsubscribe"): (None, lists.unsubscribe),
            ("GET", "lists/getUsers"): ("iterable.listUsers", lists.users),
            ("GET", "lists/*/size"): ("iterable.listSize", lists.size),
            ("DELETE", "lists/*"): (None, lists.delete),
            ("POST", "events/track"): ("iterable.track", self.events.track),
            ("POST", "events/trackBulk"): ("iterable.trackBulk", self.events.track_bulk),
            ("POST", "commerce/trackPurchase"): (None, self.events.purchase),
            ("GET", "channels"): ("iterable.channels", _nothing("channels")),
            ("GET", "messageTypes"): ("iterable.channels", _nothing("messageTypes")),
        }

    def handle(self, request: Request) -> Reply:
        """Answer a request as Iterable does: address, key, rate, size, form, then the endpoint."""
        route = self._route(request)
        if route is None:
            return Reply(404, _NOT_FOUND.format("Action Not Found"), content_type="text/html; charset=utf-8")
        key = request.headers.get("api-key") or request.headers.get("api_key")
        status = self.settings.judge_key(key)
        if status != 200:
            params = {"ip": "127.0.0.1", "endpoint": request.path}
            return reply(status, *_ERRORS[status], params if status == 401 else None)
        rate, endpoint = route
        if rate is not None:
            allowance = self.meters.take(rate, self.settings.clock())
            if not allowance.allowed:
                return _refused(allowance)
        try:
            return endpoint(request, self._body(request))
        except Refusal as refusal:
            return refusal.reply

    def error(self, status: int, *, message: str | None = None, seconds: float = 1.0) -> Reply:
        """Iterable's answer for an HTTP status; for a 429 with the seconds to wait in its params."""
        if status == 429:
            return _refused(Allowance(False, RATES["iterable.bulkUpdate"].number, 0, seconds), message)
        code, usual = _ERRORS.get(status, _ERRORS[500])
        return reply(status, code, message or usual)

    def state(self, limit: int | None) -> dict[str, Any]:
        """The project for the page and the state endpoint, at most `limit` users."""
        users = [
            {**self.profiles.read(profile), "updated_at": profile.updated_at}
            for profile in self.profiles.latest(limit)
        ]
        lists = [
            {**entry.as_json(), "size": len(entry.members)}
            for entry in reversed(self.profiles.lists.values())
        ]
        events = list(self.events.events.values())
        purchases = list(self.events.purchases.values())
        return {
            "project_type": self.settings.iterable_project_type,
            "users": users,
            "user_count": len(self.profiles),
            "lists": lists,
            "fields": dict(self.schema.types),
            "events": last(events, limit),
            "purchases": last(purchases, limit),
        }

    def _route(self, request: Request) -> Route | None:
        path = request.path.removeprefix(PREFIX)
        exact = self._routes.get((request.method, path))
        if exact is not None:
            return exact
        parts = path.split("/")
        for place in (-1, -2):
            if len(parts) >= 1 - place and parts[place]:
                general = [*parts]
                general[place] = "*"
                found = self._routes.get((request.method, "/".join(general)))
                if found is not None:
                    return found
        return None

    def _body(self, request: Request) -> Any:
        if request.method != "POST":
            return None
        if len(request.body) > MAX_BYTES:
            raise Refusal(self.error(413))
        try:
            return request.json()
        except ValueError as error:
            raise Refusal(reply(400, "BadJsonBody", "Invalid JSON body")) from error


def _refused(allowance: Allowance, message: str | None = None) -> Reply:
    code, usual = _ERRORS[429]
    params = {
        "rateLimitLimit": allowance.limit,
        "rateLimitRemaining": 0,
        "rateLimitReset": max(math.ceil(allowance.wait), 1),
    }
    return reply(429, code, message or usual, params)


def _nothing(name: str) -> Endpoint:
    return lambda _request, _body: Reply(200, {name: []})
