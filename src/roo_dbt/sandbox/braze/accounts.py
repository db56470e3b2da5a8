"""Deleting, renaming, aliasing and reading Braze users.

Rules: https://www.braze.com/docs/api/endpoints/user_data and .../export/user_data, read 2026-09-02.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roo_dbt.sandbox.braze.identity import alias_problem, identity_problem
from roo_dbt.sandbox.braze.moments import iso
from roo_dbt.sandbox.braze.profiles import Profile
from roo_dbt.sandbox.braze.standard import STANDARD
from roo_dbt.sandbox.braze.workspace import Workspace
from roo_dbt.sandbox.exchange import Refusal, Reply, Request

MAX_USERS = 50
"""Users that one request may hold."""

_DELETE_KINDS = ("external_ids", "user_aliases", "braze_ids", "email_addresses", "phone_numbers")
_PRIORITIES = ("identified", "unidentified", "most_recently_updated")


def refuse(message: str, objects: int = 0) -> Refusal:
    """A 400 with Braze's one-field body."""
    return Refusal(Reply(400, {"message": message}, objects=objects))


def listed(body: Mapping[str, Any], name: str, limit: int = MAX_USERS) -> list[Any]:
    """The array `name` of a body. Raises Refusal when it is missing, empty or too long."""
    values = body.get(name)
    if not isinstance(values, list) or not values:
        raise refuse(f"'{name}' must be a non-empty array")
    if len(values) > limit:
        raise refuse(f"'{name}' must have at most {limit} entries", len(values))
    return values


class Accounts:
    """The endpoints that act on whole users.

    Args:
        workspace: where the users are.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.profiles = workspace.profiles

    def delete(self, request: Request, body: Any) -> Reply:
        """POST /users/delete: one kind of identifier; `deleted` counts what was queued, not found."""
        kinds = [kind for kind in _DELETE_KINDS if body.get(kind)]
        if len(kinds) != 1:
            raise refuse(f"Exactly one of {', '.join(_DELETE_KINDS)} is required")
        targets = listed(body, kinds[0])
        found = [self._deletable(kinds[0], target) for target in targets]
        for target, profile in zip(targets, found, strict=True):
            if profile is None:
                request.warn(f"no such user, though counted as deleted: {target}")
            elif profile.braze_id in self.profiles.by_braze_id:
                self.profiles.delete(profile)
        return Reply(201, {"deleted": len(targets), "message": "success"}, objects=len(targets))

    def _deletable(self, kind: str, target: Any) -> Profile | None:
        if kind == "user_aliases":
            problem = alias_problem(target)
            if problem is not None:
                raise refuse(problem)
            return self.profiles.find({"user_alias": target})
        if kind in ("email_addresses", "phone_numbers"):
            return self._addressed("email" if kind == "email_addresses" else "phone", target)
        if not isinstance(target, str):
            raise refuse(f"'{kind}' must be an array of strings")
        return self.profiles.find({kind.removesuffix("s"): target})

    def _addressed(self, name: str, target: Any) -> Profile | None:
        order = target.get("prioritization") if isinstance(target, dict) else None
        if not isinstance(order, list) or not order or any(rule not in _PRIORITIES for rule in order):
            raise refuse(f"'prioritization' must hold some of {', '.join(_PRIORITIES)}")
        matches = self.profiles.having(name, target.get(name))
        for rule in order:
            if rule == "most_recently_updated":
                matches = [max(matches, key=lambda p: p.updated_at)] if matches else []
            else:
                wanted = rule == "identified"
                matches = [p for p in matches if (p.external_id is not None) == wanted] or matches
        return matches[0] if len(matches) == 1 else None

    def rename(self, _request: Request, body: Any) -> Reply:
        """POST /users/external_ids/rename: the old id becomes deprecated and still finds the user."""
        renames = listed(body, "external_id_renames")
        done: list[str] = []
        errors: list[list[str]] = []
        for index, rename in enumerate(renames):
            problem = self._rename_problem(rename)
            if problem is None:
                new = rename["new_external_id"]
                self.profiles.rename(self.profiles.by_external_id[rename["current_external_id"]], new)
                done.append(new)
            else:
                errors.append([f"index {index}: {problem}"])
        answer = {"message": "success", "external_ids": done, "rename_errors": errors}
        return Reply(201, answer, objects=len(renames))

    def _rename_problem(self, rename: Any) -> str | None:
        names = ("current_external_id", "new_external_id")
        if not isinstance(rename, dict):
            return "must be an object"
        for name in names:
            if identity_problem({"external_id": rename.get(name)}) is not None:
                return f"{name} is not valid"
        profile = self.profiles.by_external_id.get(rename["current_external_id"])
        if profile is None or profile.external_id != rename["current_external_id"]:
            return "current_external_id does not exist"
        if rename["new_external_id"] in self.profiles.by_external_id:
            return "new_external_id is already in use"
        return None

    def remove(self, _request: Request, body: Any) -> Reply:
        """POST /users/external_ids/remove: drops deprecated ids."""
        ids = listed(body, "external_ids")
        removed = [external_id for external_id in ids if self.profiles.remove_former(external_id)]
        errors = [
            [f"index {index}: external_id is not a deprecated id"]
            for index, external_id in enumerate(ids)
            if external_id not in removed
        ]
        answer = {"message": "success", "removed_ids": removed, "removal_errors": errors}
        return Reply(201, answer, objects=len(ids))

    def new_alias(self, request: Request, body: Any) -> Reply:
        """POST /users/alias/new: an unknown external id is passed over in silence."""
        aliases = listed(body, "user_aliases")
        for alias in aliases:
            problem = alias_problem(alias)
            if problem is not None:
                raise refuse(problem, len(aliases))
            label, name = alias["alias_label"], alias["alias_name"]
            external_id = alias.get("external_id")
            if external_id is not None:
                profile = self.profiles.by_external_id.get(external_id)
                if profile is None:
                    request.warn(f"no user to give the alias to: {external_id}")
                else:
                    self.profiles.add_alias(profile, label, name)
            elif (label, name) not in self.profiles.by_alias:
                self.profiles.create({"user_alias": alias}, self.workspace.settings.clock())
        answer = {"aliases_processed": len(aliases), "message": "success"}
        return Reply(201, answer, objects=len(aliases))

    def update_alias(self, _request: Request, body: Any) -> Reply:
        """POST /users/alias/update: an unknown alias is passed over in silence."""
        changes = listed(body, "alias_updates")
        for change in changes:
            if not isinstance(change, dict) or not all(
                isinstance(change.get(n), str) for n in ("alias_label", "old_alias_name", "new_alias_name")
            ):
                raise refuse("alias_label, old_alias_name and new_alias_name are required", len(changes))
            self.profiles.rename_alias(
                change["alias_label"], change["old_alias_name"], change["new_alias_name"]
            )
        answer = {"aliases_updated": len(changes), "message": "success"}
        return Reply(201, answer, objects=len(changes))

    def export(self, _request: Request, body: Any) -> Reply:
        """POST /users/export/ids: what Braze knows of up to 50 users."""
        fields = body.get("fields_to_export")
        if not isinstance(fields, list) or not fields:
            raise refuse("'fields_to_export' is required")
        targets: list[tuple[Any, dict[str, Any]]] = [
            (v, {"external_id": v}) for v in body.get("external_ids") or ()
        ]
        targets += [(alias, {"user_alias": alias}) for alias in body.get("user_aliases") or ()]
        for name, kind in (("braze_id", "braze_id"), ("email_address", "email"), ("phone", "phone")):
            if body.get(name) is not None:
                targets.append((body[name], {kind: body[name]}))
        if not targets or len(targets) > MAX_USERS:
            raise refuse(f"Between 1 and {MAX_USERS} identifiers are required", len(targets))
        found: dict[str, Profile] = {}
        missing = []
        for value, target in targets:
            problem = identity_problem(target)
            profile = None if problem else self.profiles.find(target)
            if profile is None:
                missing.append(value)
            else:
                found[profile.braze_id] = profile
        users = [_exported(profile, frozenset(fields)) for profile in found.values()]
        answer: dict[str, Any] = {"message": "success", "users": users}
        if missing:
            answer["invalid_user_ids"] = missing
        return Reply(200, answer, objects=len(targets))


def _exported(profile: Profile, fields: frozenset[Any]) -> dict[str, Any]:
    standard = {n: v for n, v in profile.attributes.items() if n in STANDARD and n != "current_location"}
    location = profile.attributes.get("current_location")
    aliases = [{"alias_label": label, "alias_name": name} for label, name in profile.aliases.items()]
    everything = {
        **standard,
        "external_id": profile.external_id,
        "braze_id": profile.braze_id,
        "user_aliases": aliases,
        "created_at": iso(profile.created_at),
        "custom_attributes": {n: v for n, v in profile.attributes.items() if n not in STANDARD},
        "custom_events": [{"name": name, "count": n} for name, n in profile.event_counts.items()],
        "last_coordinates": [location["longitude"], location["latitude"]] if location else None,
    }
    # A field that is empty is left out, as Braze does.
    return {n: v for n, v in everything.items() if n in fields and v not in (None, [], {})}
