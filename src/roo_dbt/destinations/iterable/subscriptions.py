"""Subscriptions: lists, channels and message types of a user, overwritten as the model says.

Source: https://api.iterable.com/api/docs#users_bulkUpdateSubscriptions (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

import orjson
from pydantic import Field as Setting

from roo_dbt.destinations.iterable import limits
from roo_dbt.destinations.iterable.answers import counted
from roo_dbt.destinations.iterable.batch import refused_batch
from roo_dbt.destinations.iterable.calls import UserCall
from roo_dbt.destinations.iterable.fields import EMAIL, USER_ID
from roo_dbt.destinations.iterable.identity import IDENTIFIERS, Identity, is_blank
from roo_dbt.destinations.iterable.outcomes import Reading, bulk_outcomes
from roo_dbt.destinations.iterable.tracking import objection, of_kind, whole_number
from roo_dbt.destinations.iterable.values import family
from roo_dbt.destinations.protocol import App, Call, Field, FieldSystem, Identifier, Object, Options
from roo_dbt.records import (
    Answer,
    Change,
    Column,
    Destination,
    Item,
    Outcome,
    Problem,
    Request,
    SyncMode,
    refused,
)

if TYPE_CHECKING:
    from roo_dbt.destinations.iterable.settings import Iterable

ARRAYS = (
    "emailListIds",
    "unsubscribedChannelIds",
    "unsubscribedMessageTypeIds",
    "subscribedMessageTypeIds",
)
_INTERNAL = Outcome("failed", "unavailable", "Iterable had an internal error with this user")


class SubscriptionOptions(Options):
    """Settings of a destination of Iterable subscriptions."""

    overwrite: bool = Setting(
        False,
        description="Must be true: every array replaces what the user has, also what the user chose in a "
        "preference center since. An empty array clears; null leaves alone.",
    )
    validate_channel_alignment: bool | None = Setting(
        None,
        description="false: also take message types whose channel the user is unsubscribed from. Left out, "
        "Iterable refuses them.",
    )


class Subscriptions(Object):
    """The subscriptions of the users of an Iterable project."""

    name: ClassVar[str] = "subscriptions"
    modes: ClassVar[frozenset[SyncMode]] = frozenset({"additive"})
    known: ClassVar[tuple[Field, ...]] = (
        Field(EMAIL, "string", "The e-mail address of the user."),
        Field(USER_ID, "string", "The userId of the user; numbers are sent as text."),
        Field(ARRAYS[0], "long array", "Ids of the lists the user is on.", consent=True),
        Field(ARRAYS[1], "long array", "Ids of the channels the user wants nothing from.", consent=True),
        Field(ARRAYS[2], "long array", "Ids of the message types the user wants none of.", consent=True),
        Field(
            ARRAYS[3],
            "long array",
            "Ids of the opt-in message types the user wants; Iterable must have enabled them.",
            consent=True,
        ),
    )
    field_system: ClassVar[FieldSystem] = "static"
    options: ClassVar[type[Options]] = SubscriptionOptions

    @classmethod
    def identifiers(cls, app: App) -> tuple[Identifier, ...]:
        """By the type of the project, as for users."""
        return IDENTIFIERS[cast("Iterable", app).project_type]

    def calls(self) -> tuple[Call, ...]:
        """`update_subscriptions`."""
        app = cast("Iterable", self.app)
        options = SubscriptionOptions.model_validate(dict(self.destination.options))
        identity = Identity.of(app.project_type, self.destination.identifier[0], self.destination.sync_mode)
        call = UpdateSubscriptions(identity, app.endpoint, aligned=options.validate_channel_alignment)
        return app.paced(call)

    @classmethod
    def check_mapping(cls, app: App, destination: Destination) -> Sequence[Problem]:  # noqa: ARG003 - alike in all projects
        """Overwriting that nobody agreed to, nothing to overwrite, and a second identifier."""
        model, path = destination.model, destination.path
        place = f"{path}." if path else ""
        problems = []
        if destination.options.get("overwrite") is not True:
            message = (
                "Iterable replaces a user's subscriptions by these arrays, also what the user chose since: "
                "say overwrite: true if that is meant."
            )
            problems.append(
                Problem("overwrite-not-confirmed", message, model.file, model.name, f"{place}overwrite")
            )
        if not any(destination.mapped(name) for name in ARRAYS):
            message = f"there is nothing to send: map one of {', '.join(ARRAYS)}."
            problems.append(Problem("missing-field", message, model.file, model.name, f"{place}mapping"))
        other = {EMAIL: USER_ID, USER_ID: EMAIL}.get("".join(destination.identifier), "")
        if destination.mapped(other) is not None:
            message = f"a user is named by one identifier here, and that is {destination.identifier[0]}."
            problems.append(objection(destination, "identifier-conflict", message, other))
        return problems

    def check_columns(self, columns: Mapping[str, Column]) -> Sequence[Problem]:
        """Columns that are no arrays."""
        return [
            objection(
                self.destination,
                "column-type",
                f"{name} needs an array of ids, the column {columns[name].name} is {columns[name].type}.",
                name,
            )
            for name in ARRAYS
            if name in columns and family(columns[name].type) != "nested"
        ]


class UpdateSubscriptions(UserCall):
    """POST users/bulkUpdateSubscriptions: up to 1,000 users, each with the arrays that changed."""

    name: ClassVar[str] = "update_subscriptions"
    rate = limits.SUBSCRIPTIONS
    batch_size = limits.BULK_OTHERS.number
    max_bytes = limits.BULK_BYTES.number

    def __init__(self, identity: Identity, host: str, *, aligned: bool | None) -> None:
        super().__init__(identity, host)
        self._flags = {} if aligned is None else {"validateChannelAlignment": aligned}

    def item(self, change: Change) -> Item | Outcome | None:
        """The user's part of the body; None when no array is to be overwritten."""
        if change.operation == "delete":
            return Outcome("skipped", "mode", "subscriptions of users who left the model stay as they are")
        if change.departs:
            return None
        text = self.identifier(change)
        if isinstance(text, Outcome):
            return text
        arrays: dict[str, list[int]] = {}
        name = ""
        try:
            for name in self._names(change, text):
                if change.new.get(name) is not None:
                    arrays[name] = _ids(change.new[name])
        except ValueError as fault:
            return refused("invalid_value", f"{name}: {fault}")
        note = _kept(change)
        if not arrays:
            return Outcome("accepted", message=note) if note else None
        return Item(change, orjson.dumps({self._identity.field: text, **arrays, **self._flags}), text)

    def _names(self, change: Change, text: str) -> Sequence[str]:
        """The arrays to write. What the model says as before is the user's own by now: not repeated."""
        is_new = is_blank(change.old.get(self._identity.field)) or self._identity.is_moved(change, text)
        if change.resend or is_new:
            return ARRAYS
        return [name for name in ARRAYS if name in change.changed]

    def request(self, items: Sequence[Item]) -> Request:
        """The users' JSON joined."""
        body = b'{"updateSubscriptionsRequests":[' + b",".join([item.body for item in items]) + b"]}"
        return Request("POST", "/api/users/bulkUpdateSubscriptions", body)

    def outcomes(self, items: Sequence[Item], answer: Answer) -> Sequence[Outcome | None]:
        """By identifier; see `bulk_outcomes`."""
        if answer.status >= 400:
            return refused_batch(items, answer)
        body = counted(answer, self.name)
        # Here the arrays at the top say why; those of a bulkUpdate do not.
        failures = {
            "invalidEmails": body.get("invalidEmails"),
            "invalidUserIds": body.get("invalidUserIds"),
            "notFoundEmails": body.get("validEmailFailures"),
            "notFoundUserIds": body.get("validUserIdFailures"),
        }
        reading = Reading({"notFoundEmails": _INTERNAL, "notFoundUserIds": _INTERNAL}, profile=False)
        counts: dict[str, Any] = {"failCount": body.get("failCount"), "failedUpdates": failures}
        outcomes = bulk_outcomes(items, counts, self._identity, reading)
        return [_noted(item.change, outcome) for item, outcome in zip(items, outcomes, strict=True)]


def _ids(value: Any) -> list[int]:
    """Ids as whole numbers, each once. Raises ValueError for anything else."""
    values = of_kind(value, list, "array")
    try:
        return list(dict.fromkeys(whole_number(each) for each in values))
    except ValueError:
        raise ValueError("the array holds something that is no id (a whole number)") from None


def _kept(change: Change) -> str | None:
    """What to tell when an array became null, which Iterable takes for: leave it as it is."""
    gone = [name for name in ARRAYS if change.old.get(name) is not None and change.new.get(name) is None]
    if not gone:
        return None
    return (
        f"{', '.join(gone)} is null now, which leaves the subscriptions as they are; an empty array clears "
        "them"
    )


def _noted(change: Change, outcome: Outcome | None) -> Outcome | None:
    note = _kept(change) if outcome is not None and outcome.status == "accepted" else None
    return Outcome("accepted", message=note) if note else outcome
