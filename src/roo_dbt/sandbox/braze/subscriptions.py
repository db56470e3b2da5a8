"""Braze's subscription groups.

Rules: https://www.braze.com/docs/api/endpoints/subscription_groups, read 2026-09-02.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roo_dbt.sandbox.braze.accounts import MAX_USERS, refuse
from roo_dbt.sandbox.braze.profiles import Profile
from roo_dbt.sandbox.braze.standard import is_uuid
from roo_dbt.sandbox.braze.workspace import Workspace
from roo_dbt.sandbox.exchange import Reply, Request

_STATES = ("subscribed", "unsubscribed")


class Subscriptions:
    """The endpoints that set and read subscription states.

    Args:
        workspace: where the users are.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def set_one(self, request: Request, body: Any) -> Reply:
        """POST /subscription/status/set: one group, at most 50 users."""
        values = {
            "external_ids": body.get("external_id"),
            "emails": body.get("email"),
            "phones": body.get("phone"),
        }
        if values["emails"] and values["phones"]:
            raise refuse("'email' and 'phone' may not be used together")
        count = self._set(request, {**body, **values})
        return Reply(201, {"message": "success"}, objects=count)

    def set_many(self, request: Request, body: Any) -> Reply:
        """POST /v2/subscription/status/set: several groups, at most 50 users."""
        groups = body.get("subscription_groups")
        if not isinstance(groups, list) or not groups:
            raise refuse("'subscription_groups' must be a non-empty array")
        if any(isinstance(g, dict) and g.get("emails") for g in groups) and any(
            isinstance(g, dict) and g.get("phones") for g in groups
        ):
            raise refuse("'emails' and 'phones' may not be used together")
        if sum(len(_users(group)) for group in groups) > MAX_USERS:
            raise refuse(f"At most {MAX_USERS} users are allowed")
        count = sum(self._set(request, group) for group in groups)
        return Reply(201, {"message": "success"}, objects=count)

    def status(self, request: Request, _: Any) -> Reply:
        """GET /subscription/status/get: the state in one group."""
        group = request.query.get("subscription_group_id")
        external_id = request.query.get("external_id")
        if group is None or external_id is None:
            raise refuse("'subscription_group_id' and 'external_id' are required")
        profile = self.workspace.profiles.by_external_id.get(external_id)
        state = profile.subscription_groups.get(group, "unknown") if profile else "unknown"
        return Reply(200, {"status": {external_id: state.capitalize()}, "message": "success"}, objects=1)

    def user(self, request: Request, _: Any) -> Reply:
        """GET /subscription/user/status: every group with a history."""
        external_id = request.query.get("external_id", "")
        profile = self.workspace.profiles.by_external_id.get(external_id)
        if profile is None:
            return Reply(200, {"users": [], "message": "success"}, objects=1)
        groups = [
            {"id": group, "name": group, "status": state.capitalize()}
            for group, state in profile.subscription_groups.items()
        ]
        user = {"external_id": external_id, "email": profile.attributes.get("email")}
        answer = {"users": [{**user, "subscription_groups": groups}], "message": "success"}
        return Reply(200, answer, objects=1)

    def _set(self, request: Request, group: Any) -> int:
        users = _users(group)
        if not users or len(users) > MAX_USERS:
            raise refuse(f"Between 1 and {MAX_USERS} users are required", len(users))
        number, state = group.get("subscription_group_id"), group.get("subscription_state")
        if not is_uuid(number) or state not in _STATES:
            raise refuse("'subscription_group_id' or 'subscription_state' is not valid", len(users))
        for name, value in users:
            if name == "phone" and not str(value).startswith("+"):
                raise refuse("'phones' must be E.164", len(users))
        for name, value in users:
            profiles = self._profiles(name, value)
            for profile in profiles:
                self.workspace.set_group(profile, number, state)
            if not profiles and name == "external_id":
                request.warn(f"no such user, so no state was set: {value}")
            elif not profiles:
                # Braze keeps the state of an address until a profile has it.
                waiting = self.workspace.address_states.setdefault((name, str(value).lower()), {})
                waiting[number] = state
        return len(users)

    def _profiles(self, name: str, value: Any) -> list[Profile]:
        if name != "external_id":
            return self.workspace.profiles.having(name, value)
        profile = self.workspace.profiles.by_external_id.get(value)
        return [profile] if profile else []


def _users(group: Any) -> list[tuple[str, Any]]:
    if not isinstance(group, Mapping):
        raise refuse("'subscription_groups' must hold objects")
    users = []
    for name, field in (("external_id", "external_ids"), ("email", "emails"), ("phone", "phones")):
        values = group.get(field) or []
        users += [(name, value) for value in (values if isinstance(values, list) else [values])]
    return users
