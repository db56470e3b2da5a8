"""What a user entry of an Iterable request does: whom it means, and what it changes.

Sources: https://support.iterable.com/hc/en-us/articles/9216719179796 (project types),
.../29156459027348 (which calls create users) and .../208183076 (types), read 2026-11-22.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from roo_dbt.sandbox.exchange import Refusal, Reply, Request
from roo_dbt.sandbox.faults import fold
from roo_dbt.sandbox.iterable.answers import RowRefused, Unidentified, reply
from roo_dbt.sandbox.iterable.profiles import Profile, Profiles, merged
from roo_dbt.sandbox.iterable.schema import MAX_FIELDS, MAX_STRING, Schema
from roo_dbt.sandbox.settings import Settings

_EMAIL = re.compile(r"[^@\s,;<>()\[\]\"]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}")
_MANAGED = frozenset(
    [
        "emailListIds",
        "userListIds",
        "itblInternal",
        "itblDS",
        "itblUserId",
        "profileUpdatedAt",
        "devices",
        "signupSource",
        "subscribedMessageTypeIds",
        "unsubscribedChannelIds",
        "unsubscribedMessageTypeIds",
        "phoneNumberDetails",
        "receivedSMSDisclaimer",
        "shoppingCartItems",
    ]
)


def is_email(value: str) -> bool:
    """Whether Iterable takes the value for an address."""
    return ".." not in value and not value.startswith(".") and bool(_EMAIL.fullmatch(value))


def is_user_id(value: str) -> bool:
    """Whether Iterable takes the value for a user id: printable ASCII without a blank at the end."""
    return bool(value.strip()) and value.isascii() and value.isprintable() and not value.endswith(" ")


@dataclass(frozen=True, slots=True)
class Mode:
    """How a call treats its rows. `creates`: unknown users are made, as far as the project allows."""

    new_fields: bool = True
    creates: bool = True


@dataclass(frozen=True, slots=True)
class Change:
    """What a row did. `existed`: whether anybody was there (or was made) to change."""

    profiles: tuple[Profile, ...]
    created_fields: tuple[str, ...] = ()
    filtered_fields: tuple[str, ...] = ()

    @property
    def existed(self) -> bool:
        """Whether there was a user to change, after creating one if the call does that."""
        return bool(self.profiles)


@dataclass(frozen=True, slots=True)
class Identity:
    """The identifiers of a row, checked; the email in lower case. `name` and `value` are the lookup."""

    email: str | None
    user_id: str | None
    name: str
    value: str

    def refused(self, group: str, single: Reply) -> RowRefused:
        """The row, refused under its lookup identifier."""
        return RowRefused(group, self.name, self.value, single)


class Rows:
    """Applies rows to the users of a project.

    Args:
        settings: the project's type and policies.
        profiles: its users.
        schema: its fields.
    """

    def __init__(self, settings: Settings, profiles: Profiles, schema: Schema) -> None:
        self.settings = settings
        self.profiles = profiles
        self.schema = schema

    def apply(self, row: Mapping[str, Any], request: Request, mode: Mode) -> Change:
        """Create or update the user that `row` means.

        Raises:
            RowRefused: nothing of the row was written.
            Unidentified: it names nobody.
        """
        identity = self.identity(row)
        self._check_faults(identity, request)
        self._check_forgotten(identity)
        found = self._find(identity)
        values = dict(row.get("dataFields") or {})
        moved = self._identity_change(identity, found, values)
        self._check_faults(identity, request, *moved.values())
        values, created, filtered = self._checked(identity, values, request, mode)
        if not found:
            if not mode.creates:
                return Change(())
            found = [self._create(identity, prefers_user_id=row.get("preferUserId") is True)]
        self.schema.types.update(created)
        stored = self.schema.stored(values)
        nested = row.get("mergeNestedObjects") is True
        for profile in found:
            profile.fields = merged(profile.fields, stored, nested=nested)
            self.profiles.identify(
                profile,
                email=moved.get("email") or identity.email,
                user_id=moved.get("userId") or identity.user_id,
            )
            self.profiles.touch(profile, self.settings.clock())
        return Change(tuple(found), tuple(created), tuple(filtered))

    def existing(self, row: Mapping[str, Any], request: Request) -> list[Profile]:
        """The users that `row` means. Raises as `apply`, and RowRefused `notFound` when there are none."""
        identity = self.identity(row)
        self._check_faults(identity, request)
        self._check_forgotten(identity)
        found = self._find(identity)
        if not found:
            raise identity.refused("notFound", not_found(identity.email, identity.user_id))
        return found

    def identity(self, row: Mapping[str, Any]) -> Identity:
        """The identifiers of the row that this kind of project uses. Raises as `apply`."""
        email, user_id = row.get("email"), row.get("userId")
        if email is None and user_id is None:
            raise Unidentified
        if email is not None and not is_email(email):
            raise RowRefused("invalid", "email", email.lower(), invalid_email(email))
        if user_id is not None and not is_user_id(user_id):
            raise RowRefused("invalid", "userId", user_id, invalid_user_id(user_id))
        email = email.lower() if email is not None else None
        by_user_id = self.settings.iterable_project_type == "user_id"
        if by_user_id and user_id is None:
            single = reply(400, "BadParams", "userId is required in a userID-based project")
            raise RowRefused("invalid", "email", email or "", single)
        if email is not None and not by_user_id:
            return Identity(email, user_id, "email", email)
        return Identity(email, user_id, "userId", user_id or "")

    def _check_faults(self, identity: Identity, request: Request, *more: str) -> None:
        for identifier in (identity.email, identity.user_id, *more):
            if identifier is not None and fold(identifier) in request.refused:
                group = request.refused[fold(identifier)] or "invalidData"
                raise identity.refused(group, reply(400, "BadParams", "The user was refused"))

    def _check_forgotten(self, identity: Identity) -> None:
        if (
            identity.email in self.profiles.forgotten_emails
            or identity.user_id in self.profiles.forgotten_user_ids
        ):
            raise identity.refused("forgotten", reply(409, "ForgottenUserError", "User has been forgotten"))

    def _find(self, identity: Identity) -> list[Profile]:
        kind = self.settings.iterable_project_type
        email, user_id = identity.email, identity.user_id
        if kind == "user_id" or email is None:
            return self.profiles.with_user_id(user_id or "")
        by_email = self.profiles.with_email(email)
        if kind == "email" or user_id is None:
            return by_email
        by_user_id = self.profiles.with_user_id(user_id)
        if by_email and by_email[0].user_id not in (None, user_id):
            raise RowRefused("conflict", "email", email, conflict("email", email))
        if by_email and by_user_id and by_email[0] is not by_user_id[0]:
            raise RowRefused("conflict", "email", email, conflict("email", email))
        return by_user_id or by_email

    def _create(self, identity: Identity, *, prefers_user_id: bool) -> Profile:
        now = self.settings.clock()
        if self.settings.iterable_project_type != "email" or identity.email is not None:
            return self.profiles.create(identity.email, identity.user_id, now)
        user_id = identity.user_id or ""
        if not prefers_user_id:
            unknown = reply(400, "UnknownUserIdError", f"User does not exist. Email:  UserId: {user_id}")
            raise identity.refused("invalid", unknown)
        return self.profiles.create_placeholder(user_id, now)

    def _identity_change(
        self, identity: Identity, found: list[Profile], values: dict[str, Any]
    ) -> dict[str, str]:
        """Take `email` and `userId` out of the data fields and check that the user may have them."""
        moved: dict[str, str] = {}
        email, user_id = values.pop("email", None), values.pop("userId", None)
        if email is not None and not (isinstance(email, str) and is_email(email)):
            raise RowRefused("invalid", "email", str(email).lower(), invalid_email(email))
        if user_id is not None and not (isinstance(user_id, str) and is_user_id(user_id)):
            raise RowRefused("invalid", "userId", str(user_id), invalid_user_id(user_id))
        kind = self.settings.iterable_project_type
        current = {identity.email, *(profile.email for profile in found)}
        if email is not None and email.lower() not in current:
            if kind == "email":
                single = reply(400, "BadParams", "An email is changed through users/updateEmail")
                raise identity.refused("invalidData", single)
            if kind == "hybrid" and _others(self.profiles.with_email(email), found):
                raise RowRefused("conflict", "email", email.lower(), conflict("email", email.lower()))
            moved["email"] = email.lower()
        if user_id is not None and user_id != identity.user_id:
            if kind != "email" and _others(self.profiles.with_user_id(user_id), found):
                raise RowRefused("conflict", "userId", user_id, conflict("userId", user_id))
            moved["userId"] = user_id
        return moved

    def _checked(
        self, identity: Identity, values: dict[str, Any], request: Request, mode: Mode
    ) -> tuple[dict[str, Any], dict[str, str], list[str]]:
        """The values that will be stored, the fields they create, and the fields left out."""
        for name in values.keys() & _MANAGED:
            request.warn(f"{name} is managed by Iterable and should not be written")
        for name in (name for name in values if "." in name):
            request.warn(f"{name} holds a dot, which stands for nesting")
        filtered: list[str] = []
        if not mode.new_fields:
            values, filtered = self.schema.known(values)
            for name in filtered:
                request.warn(f"{name} is no field of the project; it was dropped")
        mismatches, created = self.schema.check(values)
        if mismatches:
            errors = {mismatch.field: mismatch.as_json() for mismatch in mismatches}
            single = reply(
                400,
                "RequestFieldsTypesMismatched",
                "The request does not have the same data types as the project",
                {"validationErrors": errors},
            )
            raise identity.refused("invalidData", single)
        if any(isinstance(value, str) and len(value) > MAX_STRING for value in values.values()):
            raise identity.refused("invalidData", reply(400, "BadParams", "A value is too long"))
        if len(self.schema.types) + len(created) > MAX_FIELDS:
            single = reply(400, "UniqueFieldsLimitExceeded", f"The project has {MAX_FIELDS} fields already")
            raise Refusal(single)
        return values, created, filtered


def invalid_email(email: Any) -> Reply:
    """The answer for an address that is none."""
    return reply(400, "InvalidEmailAddressError", f"Invalid email: {email}")


def invalid_user_id(user_id: Any) -> Reply:
    """The answer for a user id that is none."""
    return reply(400, "InvalidUserIdError", f"Invalid userId: {user_id}")


def not_found(email: str | None, user_id: str | None) -> Reply:
    """The answer for a user that is not there."""
    return reply(400, "BadParams", f"User does not exist. Email: {email or ''} UserId: {user_id or ''}")


def conflict(name: str, value: str) -> Reply:
    """The answer for an identifier that another user has."""
    return reply(409, "Conflict", f"The {name} {value} belongs to another user")


def _others(holders: list[Profile], mine: list[Profile]) -> bool:
    return any(holder not in mine for holder in holders)
