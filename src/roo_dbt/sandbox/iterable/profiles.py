"""The user profiles and static lists of the sandbox's Iterable project."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from roo_dbt.sandbox.settings import ProjectType


@dataclass(slots=True, eq=False)
class Profile:
    """One user. `fields` are its data fields without identifiers; times are seconds since 1970."""

    number: int
    email: str | None
    user_id: str | None
    updated_at: float
    fields: dict[str, Any] = field(default_factory=dict)
    subscriptions: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class UserList:
    """A list; only the kinds `Standard` and `Suppression` can be written to."""

    number: int
    name: str
    created_at: float
    kind: str = "Standard"
    description: str = ""
    members: dict[int, Profile] = field(default_factory=dict)

    @property
    def is_static(self) -> bool:
        """Whether users can be put into it."""
        return self.kind in ("Standard", "Suppression")

    def as_json(self) -> dict[str, Any]:
        """The list as GET /api/lists shows it."""
        return {
            "id": self.number,
            "name": self.name,
            "createdAt": int(self.created_at * 1000),
            "listType": self.kind,
            "description": self.description,
        }


class Profiles:
    """All users of a project, the most recently updated one last.

    Args:
        project_type: what is unique. In `email` projects several users may share a user id.
    """

    def __init__(self, project_type: ProjectType) -> None:
        self.project_type = project_type
        self.lists: dict[int, UserList] = {}
        self.forgotten_emails: set[str] = set()
        self.forgotten_user_ids: set[str] = set()
        self._all: dict[int, Profile] = {}
        self._by_email: dict[str, dict[int, Profile]] = {}
        self._by_user_id: dict[str, dict[int, Profile]] = {}
        self._numbered = 0
        self._lists_numbered = 1000

    def __len__(self) -> int:
        return len(self._all)

    def latest(self, limit: int | None = None) -> Iterable[Profile]:
        """The users, the most recently updated first."""
        for count, profile in enumerate(reversed(self._all.values())):
            if limit is not None and count >= limit:
                return
            yield profile

    def with_email(self, email: str) -> list[Profile]:
        """The users with this address; one at most, except in `user_id` projects."""
        return list(self._by_email.get(email.lower(), {}).values())

    def with_user_id(self, user_id: str) -> list[Profile]:
        """The users with this id; one at most, except in `email` projects."""
        return list(self._by_user_id.get(user_id, {}).values())

    def create(self, email: str | None, user_id: str | None, now: float) -> Profile:
        """A new user."""
        self._numbered += 1
        profile = Profile(self._numbered, None, None, now)
        self._all[profile.number] = profile
        self.identify(profile, email=email, user_id=user_id)
        return profile

    def create_placeholder(self, user_id: str, now: float) -> Profile:
        """A new user of an `email` project who has no address yet."""
        address = f"{uuid.uuid5(uuid.NAMESPACE_OID, user_id).hex}@placeholder.email"
        return self.create(address, user_id, now)

    def identify(self, profile: Profile, *, email: str | None = None, user_id: str | None = None) -> None:
        """Give the user another email or user id; None leaves it."""
        if email is not None:
            _move(self._by_email, profile, profile.email, email.lower())
            profile.email = email.lower()
        if user_id is not None:
            _move(self._by_user_id, profile, profile.user_id, user_id)
            profile.user_id = user_id

    def touch(self, profile: Profile, now: float) -> None:
        """Make the user the most recently updated one."""
        profile.updated_at = now
        self._all[profile.number] = self._all.pop(profile.number)

    def delete(self, profile: Profile) -> None:
        """Remove the user, also from every list."""
        del self._all[profile.number]
        _move(self._by_email, profile, profile.email, None)
        _move(self._by_user_id, profile, profile.user_id, None)
        for users in self.lists.values():
            users.members.pop(profile.number, None)

    def forget(self, profile: Profile) -> None:
        """Remove the user and refuse its identifiers from now on."""
        if profile.email:
            self.forgotten_emails.add(profile.email)
        if profile.user_id:
            self.forgotten_user_ids.add(profile.user_id)
        self.delete(profile)

    def create_list(
        self, name: str, now: float, *, description: str = "", kind: str = "Standard"
    ) -> UserList:
        """A new list; names need not be unique."""
        self._lists_numbered += 1
        made = UserList(self._lists_numbered, name, now, kind, description)
        self.lists[made.number] = made
        return made

    def key(self, profile: Profile) -> str:
        """What identifies the user in this kind of project, for people to read."""
        if self.project_type == "email":
            return profile.email or ""
        return profile.user_id or profile.email or ""

    def read(self, profile: Profile) -> dict[str, Any]:
        """The user as the read endpoints answer it."""
        identifiers = {"email": profile.email, "userId": profile.user_id}
        known = {name: value for name, value in identifiers.items() if value is not None}
        lists = [users.number for users in self.lists.values() if profile.number in users.members]
        place = "emailListIds" if self.project_type == "email" else "userListIds"
        membership = {place: lists} if lists else {}
        data = {**profile.fields, **profile.subscriptions, **membership, **known}
        return {**known, "dataFields": data}

    def values(self, profile: Profile) -> dict[str, Any]:
        """The user's data fields, with the identifier that is not its key."""
        other = profile.user_id if self.project_type == "email" else profile.email
        name = "userId" if self.project_type == "email" else "email"
        extra = {name: other} if other is not None and other != self.key(profile) else {}
        return {**extra, **profile.fields}


def hashed(value: str) -> str:
    """The form in which Iterable lists forgotten identifiers."""
    return hashlib.sha256(value.strip().lower().encode()).hexdigest()


def _move(
    index: dict[str, dict[int, Profile]], profile: Profile, former: str | None, now: str | None
) -> None:
    if former is not None and former in index:
        index[former].pop(profile.number, None)
        if not index[former]:
            del index[former]
    if now is not None:
        index.setdefault(now, {})[profile.number] = profile


def merged(base: Mapping[str, Any], new: Mapping[str, Any], *, nested: bool) -> dict[str, Any]:
    """`base` with the values of `new`; null removes a field.

    `nested` merges objects key by key (`mergeNestedObjects`); otherwise a new object replaces the old.
    """
    result = dict(base)
    for name, value in new.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict):
            inner = result.get(name)
            result[name] = merged(inner if nested and isinstance(inner, dict) else {}, value, nested=True)
        else:
            result[name] = value
    return result
