"""The requests of the `users` object: track attributes, delete users."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import orjson

from roo_dbt.destinations.braze import limits
from roo_dbt.destinations.braze.fields import CONSENT, EXTERNAL_ID
from roo_dbt.destinations.braze.outcomes import Source, delete_outcomes, judge, track_outcomes
from roo_dbt.destinations.braze.payload import Attributes, external_id
from roo_dbt.destinations.braze.values import InvalidValueError
from roo_dbt.destinations.protocol import Call, fields_to_send
from roo_dbt.records import Answer, Change, Item, Outcome, Request, refused

if TYPE_CHECKING:
    from roo_dbt.destinations.braze.settings import Braze

_RENAMED = refused(
    "rejected",
    "external_id changed, and renaming a Braze user is not supported yet; nothing was sent. "
    "Rename the user in Braze, or give the record its former external_id",
)


class UsersCall(Call):
    """What both calls share: whose answers they read.

    Args:
        clock: UTC epoch seconds.
    """

    permission: ClassVar[str]
    max_bytes = limits.BODY_BUDGET

    def __init__(self, app: Braze, *, clock: Callable[[], float] = time.time) -> None:
        self.source = Source(app.endpoint, self.permission, app.secrets())
        self._clock = clock

    def judge(self, answer: Answer) -> None:
        """What the status says, in Braze's words; raises as `outcomes.judge`."""
        judge(answer, self.source, now=self._clock())


class Track(UsersCall):
    """`POST /users/track` with attributes: creates, updates and clears.

    Args:
        enrich: existing users only; Braze does not say whom it lacks, so all mapped fields go each time.
    """

    name = "track"
    permission = "users.track"
    rate = limits.TRACK_RATE

    def __init__(
        self,
        app: Braze,
        attributes: Attributes,
        *,
        enrich: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(app, clock=clock)
        self.batch_size = app.max_objects
        self._attributes = attributes
        self._enrich = enrich

    def item(self, change: Change) -> Item | Outcome | None:
        """The attributes object of a change; None when it has nothing to say."""
        if change.operation == "delete":
            return self._clearing(change) if change.clears else None
        user = external_id(change.new.get(EXTERNAL_ID))
        if isinstance(user, Outcome):
            return user
        former = change.old.get(EXTERNAL_ID)
        if former is not None and former != user and external_id(former) != user:
            return _RENAMED
        values = fields_to_send(change, consent=CONSENT)
        if self._enrich:
            for name, value in change.new.items():
                if value is not None and name not in CONSENT:
                    values.setdefault(name, value)
        values.pop(EXTERNAL_ID, None)
        if not values and (self._enrich or (change.operation == "update" and not change.whole)):
            return None
        body: dict[str, Any] = {EXTERNAL_ID: user}
        if self._enrich:
            body["_update_existing_only"] = True
        return self._finished(change, body, values)

    def _clearing(self, change: Change) -> Item | Outcome | None:
        """Nulls for what we had sent. A subscription state stays: Braze cannot clear it."""
        user = external_id(change.old.get(EXTERNAL_ID))
        if isinstance(user, Outcome):
            return user
        kept = CONSENT | {EXTERNAL_ID}
        values = {name: None for name, value in change.old.items() if value is not None and name not in kept}
        # A removal must never create the user it is about.
        body: dict[str, Any] = {EXTERNAL_ID: user, "_update_existing_only": True}
        return self._finished(change, body, values) if values else None

    def _finished(self, change: Change, body: dict[str, Any], values: dict[str, Any]) -> Item | Outcome:
        try:
            self._attributes.write(body, values, new=change.new, old=change.old)
            written = orjson.dumps(body)
        except InvalidValueError as error:
            return refused("invalid_value", str(error))
        except orjson.JSONEncodeError:
            return refused("invalid_value", f"{_not_unicode(body)}: holds text that is not valid Unicode")
        return Item(change, written)

    def request(self, items: Sequence[Item]) -> Request:
        """One request with the attributes objects of the items, in their order."""
        body = b'{"attributes":[' + b",".join([item.body for item in items]) + b"]}"
        return Request("POST", "/users/track", body)

    def outcomes(self, items: Sequence[Item], answer: Answer) -> Sequence[Outcome | None]:
        """One outcome per item; raises as `track_outcomes`."""
        return track_outcomes(answer, len(items), self.source)


class Delete(UsersCall):
    """`POST /users/delete`: removes whole users, by external_id, for good."""

    name = "delete"
    permission = "users.delete"
    rate = limits.USER_LIFE_RATE
    batch_size = limits.DELETE_USERS.number

    def item(self, change: Change) -> Item | Outcome | None:
        """The external_id of a record that left."""
        if change.operation != "delete" or change.clears:
            return None
        user = external_id(change.old.get(EXTERNAL_ID))
        if isinstance(user, Outcome):
            return user
        try:
            return Item(change, orjson.dumps(user))
        except orjson.JSONEncodeError:
            return refused("invalid_value", f"{EXTERNAL_ID}: holds text that is not valid Unicode")

    def request(self, items: Sequence[Item]) -> Request:
        """One request with the ids of the items, in their order."""
        body = b'{"external_ids":[' + b",".join([item.body for item in items]) + b"]}"
        return Request("POST", "/users/delete", body)

    def outcomes(self, items: Sequence[Item], answer: Answer) -> Sequence[Outcome | None]:
        """One outcome per item; raises as `delete_outcomes`."""
        return delete_outcomes(answer, len(items), self.source)


def _not_unicode(body: dict[str, Any]) -> str:
    """The first field whose value cannot be written as UTF-8."""
    return next((name for name, value in body.items() if not _is_writable(value)), EXTERNAL_ID)


def _is_writable(value: Any) -> bool:
    try:
        orjson.dumps(value)
    except orjson.JSONEncodeError:
        return False
    return True
