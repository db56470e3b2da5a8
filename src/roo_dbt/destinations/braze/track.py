"""`POST /users/track` with attributes: what users are created, updated, cleared and grouped with.

Source: https://www.braze.com/docs/api/endpoints/user_data/post_user_track (read 2026-11-22).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson

from roo_dbt.destinations.braze import limits
from roo_dbt.destinations.braze.calls import BrazeCall, array_body, not_unicode
from roo_dbt.destinations.braze.fields import CONSENT
from roo_dbt.destinations.braze.groups import GroupEdits
from roo_dbt.destinations.braze.identity import Identity, User
from roo_dbt.destinations.braze.outcomes import track_outcomes
from roo_dbt.destinations.braze.payload import Attributes
from roo_dbt.destinations.braze.values import InvalidValueError
from roo_dbt.destinations.protocol import fields_to_send
from roo_dbt.records import (
    ACCEPTED,
    GROUP_MARK,
    Answer,
    Change,
    Item,
    Operation,
    Outcome,
    Request,
    is_subscription,
    refused,
)

if TYPE_CHECKING:
    from roo_dbt.destinations.braze.settings import Braze


class Track(BrazeCall):
    """Attributes of users that a record names as before, or for the first time.

    Args:
        attributes: writes the fields.
        groups: writes the groups.
        enrich: existing users only; Braze does not say whom it lacks, so all mapped fields go each time.
        clearable: fields in which a null means to clear.
    """

    name = "track"
    permission = "users.track"
    rate = limits.TRACK_RATE

    def __init__(
        self,
        app: Braze,
        identity: Identity,
        attributes: Attributes,
        groups: GroupEdits,
        *,
        enrich: bool = False,
        clearable: Iterable[str] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(app, identity, clock=clock)
        self.batch_size = app.max_objects
        self._attributes = attributes
        self._groups = groups
        self._grouped = groups.is_any
        self._enrich = enrich
        self._clearable = tuple(name for name in clearable if name not in CONSENT)
        # An alias means existing users only, unless the object says otherwise.
        self._flag = {"_update_existing_only": enrich} if enrich or identity.kind == "user_alias" else {}

    def item(self, change: Change) -> Item | Outcome | None:
        """The attributes object of a change; None when it has nothing to say here."""
        if change.operation == "delete":
            return self._clearing(change) if change.clears else None
        if change.vacated or (change.operation == "update" and self.identity.former(change) is not None):
            return None
        return self._writing(change)

    def request(self, items: Sequence[Item]) -> Request:
        """One request with the attributes objects of the items, in their order."""
        return Request("POST", "/users/track", array_body("attributes", items))

    def outcomes(self, items: Sequence[Item], answer: Answer) -> Sequence[Outcome | None]:
        """One outcome per item; raises as `track_outcomes`."""
        return track_outcomes(answer, len(items), self.source)

    def _writing(self, change: Change) -> Item | Outcome | None:
        user = self.identity.of(change.new)
        if isinstance(user, Outcome):
            return user
        if change.departs:
            return self._finished(change, self._existing(user), {}, needed=False)
        values = self._values(change)
        needed = not self._enrich and (change.operation == "create" or change.whole)
        user.update(self._flag)
        return self._finished(change, user, values, needed=needed)

    def _values(self, change: Change) -> dict[str, Any]:
        """The fields to send, without what names the user."""
        values = fields_to_send(change, consent=CONSENT)
        if self._enrich:
            values = {**_everything(change), **values}
        if _is_started_over(change):
            # What another record had set must not shine through.
            nulls = dict.fromkeys(name for name in self._clearable if change.new.get(name) is None)
            values = {**nulls, **values}
        if not CONSENT.isdisjoint(change.new):
            _settle_consent(change, values)
        for name in self.identity.fields:
            values.pop(name, None)
        return values

    def _clearing(self, change: Change) -> Item | Outcome | None:
        """Nulls for what we had sent, and no groups. A subscription state stays: Braze cannot clear it."""
        user = self.identity.of(change.old)
        if isinstance(user, Outcome):
            return user
        kept = CONSENT | self.identity.fields
        # `changed` has what another record may have set besides.
        had = (*(name for name, value in change.old.items() if value is not None), *change.changed)
        values = dict.fromkeys(name for name in had if name not in kept and not name.startswith(GROUP_MARK))
        return self._finished(change, self._existing(user), values, needed=False)

    def _existing(self, user: User) -> dict[str, Any]:
        """An object that never creates the user it is about."""
        return {**user, "_update_existing_only": True}

    def _finished(
        self, change: Change, body: dict[str, Any], values: dict[str, Any], *, needed: bool
    ) -> Item | Outcome | None:
        """The item; None when there is nothing to say and the bare user is not `needed`."""
        try:
            is_grouped = self._grouped or change.old or change.inherited
            groups = self._groups.of(change, again=self._enrich) if is_grouped else None
            if not (values or groups or needed):
                return None
            self._attributes.write(body, values, new=change.new, old=change.old)
            if groups:
                body |= groups
            return Item(change, orjson.dumps(body))
        except InvalidValueError as error:
            return refused("invalid_value", str(error))
        except orjson.JSONEncodeError:
            return not_unicode(body, self.identity.kind)


class Leave(Track):
    """Takes a user out of its groups whose record names another user now; nothing else of it changes."""

    name = "leave"
    operations = frozenset[Operation]({"update"})

    def item(self, change: Change) -> Item | Outcome | None:
        """The groups that the former user leaves."""
        former = self.identity.former(change)
        if former is None or (change.shared and not change.deserted):
            return None
        groups = self._groups.leaving(change)
        if not groups:
            return None
        body = {**self._existing(former), **groups}
        try:
            return Item(change, orjson.dumps(body))
        except orjson.JSONEncodeError:
            return not_unicode(body, self.identity.kind)


class Move(Track):
    """The whole record for the user that it names now; the former one is left alone.

    It goes last: the new user may be one that another record named until now, and leaves groups for it.
    So may the user of a new record.
    """

    name = "move"
    operations = frozenset[Operation]({"update"})
    after_seconds = limits.SETTLE_SECONDS

    def item(self, change: Change) -> Item | Outcome | None:
        """The attributes object with everything that the record has."""
        if self.identity.former(change) is not None:
            return self._writing(started_over(change))
        return self._writing(change) if change.vacated and change.operation != "delete" else None

    def outcomes(self, items: Sequence[Item], answer: Answer) -> Sequence[Outcome | None]:
        """One outcome per item, which names the record whose former user stays behind."""
        found = super().outcomes(items, answer)
        return [
            replace(ACCEPTED, message=self._left_behind(item.change))
            if outcome == ACCEPTED and _is_started_over(item.change)
            else outcome
            for item, outcome in zip(items, found, strict=True)
        ]

    def _left_behind(self, change: Change) -> str:
        whom = (
            "another record still names the former one, which stays as it is"
            if change.shared and not change.deserted
            else "the former one is left as it is, out of our groups"
        )
        return (
            f"the {self.identity.kind} of record {change.key} changed: the user of the new one got the whole "
            f"record, {whom}{'; ' + _NOT_REPEATED if _has_unsaid_consent(change) else ''}"
        )


_NOT_REPEATED = (
    "its subscriptions were not repeated there "
    "(roo-dbt sync --full-refresh --resend-subscriptions repeats them all)"
)


def _has_unsaid_consent(change: Change) -> bool:
    """Whether the record has a subscription that goes nowhere, because the model's value did not change."""
    if change.resend:
        return False
    said = frozenset(change.changed)
    states = (name for name, value in change.new.items() if value and name not in said)
    return any(map(_is_consent, states))


def _everything(change: Change) -> dict[str, Any]:
    """What the record has, but for subscription states and groups."""
    return {
        name: value
        for name, value in change.new.items()
        if value is not None and name not in CONSENT and not name.startswith(GROUP_MARK)
    }


def _settle_consent(change: Change, values: dict[str, Any]) -> None:
    """Give the states again that are asked for, and leave out those that are as they were, or never were."""
    for name in CONSENT:
        state = change.new.get(name)
        if state is not None and change.resend:
            values.setdefault(name, state)
        elif state == change.old.get(name):
            values.pop(name, None)


def started_over(change: Change) -> Change:
    """The same change for a user that has nothing of the record yet: whole, without old values.

    That user may have been another record's, so nulls clear what it has.
    Subscription states go only if the model's value changed, as always.
    """
    present = tuple(
        name
        for name in change.changed
        if change.new.get(name) is not None
        and not (_is_consent(name) and change.new.get(name) == change.old.get(name))
    )
    return replace(change, old={}, changed=present, whole=True)


def _is_started_over(change: Change) -> bool:
    return change.operation == "update" and not change.old


def _is_consent(name: str) -> bool:
    return name in CONSENT or is_subscription(name)
