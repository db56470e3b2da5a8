"""POST /users/track: attributes, events and purchases, judged object by object.

Rules and texts: https://www.braze.com/docs/api/endpoints/user_data/post_user_track, read 2026-09-02.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from roo_dbt.sandbox.braze import standard
from roo_dbt.sandbox.braze.identity import identifiers, identity_problem
from roo_dbt.sandbox.braze.moments import iso, moment
from roo_dbt.sandbox.braze.profiles import Profile
from roo_dbt.sandbox.braze.workspace import MAX_EVENTS, Workspace
from roo_dbt.sandbox.exchange import Refusal, Reply, Request
from roo_dbt.sandbox.faults import fold

MAX_OBJECTS = 75
"""Objects that one request may hold, the three arrays together."""

MAX_EVENT_BYTES = 102_400
MAX_PURCHASE_BYTES = 50_000
ARRAYS = ("attributes", "events", "purchases")

NO_VALID_DATA = "Valid data must be provided in the 'attributes', 'events', or 'purchases' fields."
TOO_MANY = "Max Input Length Exceeded"
BLACKLISTED = "provided external_id is blacklisted and disallowed"

_CURRENCY = re.compile(r"[A-Za-z]{3}")
_RESERVED = {
    "events": frozenset(("time", "event_name")),
    "purchases": frozenset(("time", "product_id", "quantity", "event_name", "price", "currency")),
}


class Track:
    """The endpoint over one workspace.

    Args:
        workspace: what the objects change.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._apply: Mapping[str, Callable[..., str | None]] = {
            "attributes": self._attributes,
            "events": self._event,
            "purchases": self._purchase,
        }

    def __call__(self, request: Request, body: Any) -> Reply:
        """Apply every valid object and report the others by array and index."""
        arrays = {name: body[name] for name in ARRAYS if isinstance(body.get(name), list)}
        total = sum(map(len, arrays.values()))
        if total > MAX_OBJECTS:
            raise Refusal(Reply(400, {"message": TOO_MANY}, objects=total))
        if total == 0:
            raise Refusal(Reply(400, {"message": NO_VALID_DATA}))
        errors: list[dict[str, Any]] = []
        answer: dict[str, Any] = {"message": "success"}
        for name, targets in arrays.items():
            before = len(errors)
            for index, target in enumerate(targets):
                problem = self._judge(name, target, request)
                if problem is not None:
                    errors.append({"type": problem, "input_array": name, "index": index})
            answer[f"{name}_processed"] = len(targets) - (len(errors) - before)
        if len(errors) == total:
            return Reply(400, {"message": NO_VALID_DATA, "errors": errors}, objects=total)
        if errors:
            answer["errors"] = errors
        return Reply(201, answer, objects=total)

    def _judge(self, array: str, target: Any, request: Request) -> str | None:
        if not isinstance(target, dict):
            return "Each entry must be an object"
        if request.refused:
            for identifier in identifiers(target):
                if fold(identifier) in request.refused:
                    return request.refused[fold(identifier)] or BLACKLISTED
        return self._apply[array](target, request)

    def _attributes(self, target: dict[str, Any], request: Request) -> str | None:
        if target.get("push_token_import") is True:
            return self._import_tokens(target, request)
        problem = identity_problem(target) or standard.refusal(target)
        if problem is not None:
            return problem
        profile = self._profile(target, update_only=_update_only(target), request=request)
        if profile is not None:
            self.workspace.apply(profile, target, request.warn)
        return None

    def _import_tokens(self, target: dict[str, Any], request: Request) -> str | None:
        if target.get("external_id") is not None or target.get("braze_id") is not None:
            return "BAD_PUSH_TOKEN_IMPORT"
        if not target.get("push_tokens"):
            return "BAD_PUSH_TOKEN_VALUE"
        problem = standard.refusal(target)
        if problem is None:
            now = self.workspace.settings.clock()
            self.workspace.apply(self.workspace.profiles.create({}, now), target, request.warn)
        return problem

    def _event(self, target: dict[str, Any], request: Request) -> str | None:
        problem = identity_problem(target) or _event_problem(target)
        if problem is not None:
            return problem
        self._record(target, request, self.workspace.events, target["name"])
        return None

    def _purchase(self, target: dict[str, Any], request: Request) -> str | None:
        problem = identity_problem(target) or _purchase_problem(target)
        if problem is not None:
            return problem
        self._record(target, request, self.workspace.purchases, target["product_id"])
        return None

    def _record(
        self, target: dict[str, Any], request: Request, kept: list[dict[str, Any]], name: str
    ) -> None:
        update_only = target.get("user_alias") is not None or target.get("_update_existing_only") is True
        profile = self._profile(target, update_only=update_only, request=request)
        if profile is None:
            return
        now = self.workspace.settings.clock()
        sent_at = moment(target["time"])
        future = sent_at is not None and sent_at.timestamp() > now
        kept.append({**target, "time": iso(now)} if future else target)
        del kept[:-MAX_EVENTS]
        self.workspace.count_event(profile, name)

    def _profile(self, target: dict[str, Any], *, update_only: bool, request: Request) -> Profile | None:
        profiles, now = self.workspace.profiles, self.workspace.settings.clock()
        profile = profiles.find(target)
        if profile is not None:
            profiles.touch(profile, now)
            return profile
        if update_only or target.get("braze_id") is not None:
            request.warn(f"no such user, so nothing was written: {', '.join(identifiers(target))}")
            return None
        profile = profiles.create(target, now)
        if target.get("external_id") is None and target.get("user_alias") is None:
            # A profile made by address has nothing else to be found by, for events as well.
            name = "email" if target.get("email") is not None else "phone"
            profiles.set_address(profile, name, target[name])
        return profile


def _update_only(target: Mapping[str, Any]) -> bool:
    choice = target.get("_update_existing_only")
    if target.get("user_alias") is not None:
        return choice is not False
    return choice is True


def _event_problem(target: Mapping[str, Any]) -> str | None:
    name = target.get("name")
    if not isinstance(name, str) or not name.strip() or len(name) > 255:
        return "'name' is not valid"
    if moment(target.get("time")) is None:
        return "'time' is not valid"
    return _properties_problem(target, "events", MAX_EVENT_BYTES)


def _purchase_problem(target: Mapping[str, Any]) -> str | None:
    checks: dict[str, Callable[[Any], Any]] = {
        "product_id": lambda v: isinstance(v, str) and 0 < len(v) <= 255,
        "currency": lambda v: isinstance(v, str) and _CURRENCY.fullmatch(v),
        "price": lambda v: isinstance(v, int | float) and not isinstance(v, bool),
        "time": lambda v: moment(v) is not None,
        "quantity": lambda v: v is None or (type(v) is int and 1 <= v <= 100),
    }
    for name, good in checks.items():
        if not good(target.get(name)):
            return f"'{name}' is not valid"
    return _properties_problem(target, "purchases", MAX_PURCHASE_BYTES)


def _properties_problem(target: Mapping[str, Any], array: str, limit: int) -> str | None:
    properties = target.get("properties")
    if properties is None:
        return None
    invalid = "Invalid 'properties' field"
    if not isinstance(properties, dict) or not _RESERVED[array].isdisjoint(properties):
        return invalid
    if any(len(name) > 255 or name.startswith("$") for name in properties):
        return invalid
    if any(isinstance(value, str) and len(value) > 255 for value in properties.values()):
        return invalid
    return invalid if len(orjson.dumps(properties)) > limit else None
