"""Events: what users did, sent in bulk, each once.

Source: https://api.iterable.com/api/docs#events_trackBulk (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import orjson
from pydantic import Field as Setting

from roo_dbt.destinations.iterable import limits
from roo_dbt.destinations.iterable.answers import counted
from roo_dbt.destinations.iterable.batch import refused_batch
from roo_dbt.destinations.iterable.calls import UserCall
from roo_dbt.destinations.iterable.identity import Identity, is_blank
from roo_dbt.destinations.iterable.outcomes import accepted_events, named_failures
from roo_dbt.destinations.iterable.tracking import COMMON, DATA, Tracked, TrackWriter
from roo_dbt.destinations.protocol import Call, Field, Options
from roo_dbt.records import Answer, Change, Item, Outcome, Request, refused

EVENT_NAME = "eventName"
_DISALLOWED = refused(
    "rejected",
    f"the project does not allow events of this {EVENT_NAME}: allow it in Iterable, under Settings > Custom "
    "Events",
)
_NO_USER = Outcome(
    "failed",
    "absent",
    "Iterable has no such user, and events create none: the event is due again when the user is there",
)
_UNNAMED = refused("rejected", "Iterable refused this event and does not say why")


class EventOptions(Options):
    """Settings of a destination of Iterable events."""

    create_new_fields: bool | None = Setting(
        None,
        description="Whether event fields that the project does not have are created (true) or dropped "
        "(false). Left out, the project's own setting decides.",
    )


class Events(Tracked):
    """The custom events of an Iterable project."""

    name: ClassVar[str] = "events"
    known: ClassVar[tuple[Field, ...]] = (
        *COMMON[:2],
        Field(
            EVENT_NAME, "string", "What happened; data of events of one name keep their types.", required=True
        ),
        *COMMON[2:],
    )
    options: ClassVar[type[Options]] = EventOptions
    types: ClassVar[Mapping[str, str]] = {
        EVENT_NAME: "text",
        "campaignId": "number",
        "templateId": "number",
    }

    def calls(self) -> tuple[Call, ...]:
        """`track_bulk`."""
        options = EventOptions.model_validate(dict(self.destination.options))
        return (TrackBulk(self.app.endpoint, self.writer(), create_new_fields=options.create_new_fields),)


class TrackBulk(UserCall):
    """POST events/trackBulk: up to 1,000 events. What has a known id is updated, so it may go twice."""

    name: ClassVar[str] = "track_bulk"
    rate = limits.TRACK_BULK
    batch_size = limits.BULK_OTHERS.number
    max_bytes = limits.BULK_BYTES.number

    def __init__(self, host: str, writer: TrackWriter, *, create_new_fields: bool | None) -> None:
        super().__init__(writer.identity, host)
        self._writer = writer
        self._flags = {} if create_new_fields is None else {"createNewFields": create_new_fields}

    def item(self, change: Change) -> Item | Outcome | None:
        """The event's part of the body."""
        text = self._writer.user(change)
        if isinstance(text, Outcome):
            return text
        event = self._writer.body(change, {EVENT_NAME: _event_name})
        if isinstance(event, Outcome):
            return event
        event |= {self._identity.field: text, **self._flags}
        try:
            return Item(change, orjson.dumps(event), text)
        except orjson.JSONEncodeError:
            return refused("invalid_value", "a text is not valid Unicode")

    def request(self, items: Sequence[Item]) -> Request:
        """The events' JSON joined."""
        body = b'{"events":[' + b",".join([item.body for item in items]) + b"]}"
        return Request("POST", "/api/events/trackBulk", body)

    def outcomes(self, items: Sequence[Item], answer: Answer) -> Sequence[Outcome | None]:
        """By user and by name of event; see `event_outcomes`."""
        if answer.status >= 400:
            return refused_batch(items, answer, "event")
        return event_outcomes(items, counted(answer, self.name), self._identity)


def event_outcomes(
    items: Sequence[Item], body: Mapping[str, Any], identity: Identity
) -> Sequence[Outcome | None]:
    """One outcome per event, in their order.

    A user who is refused is refused with all of its events, a name with all events of that name. None where
    the answer counts more refused events than that: these are to be asked for alone.
    """
    users: dict[str, Outcome] = {}
    for key, field, outcome, values in named_failures(body):
        if field == identity.field:
            meant = _NO_USER if key.startswith("notFound") else outcome
            for value in values:
                users.setdefault(identity.fold(value), meant)
    names = body.get("disallowedEventNames")
    disallowed = {str(name) for name in names} if isinstance(names, list) else set()
    outcomes = accepted_events(items, body, f"{DATA}.")
    certain = 0
    for row, item in enumerate(items):
        if (found := users.get(item.match)) is not None:
            outcomes[row] = found
        elif str(item.change.new.get(EVENT_NAME)) in disallowed:
            outcomes[row] = _DISALLOWED
        else:
            continue
        certain += 1
    failed = body.get("failCount")
    if isinstance(failed, int) and failed > certain:
        alone = _UNNAMED if len(items) == 1 else None
        outcomes = [outcome if outcome and outcome.status != "accepted" else alone for outcome in outcomes]
    return outcomes


def _event_name(value: Any) -> str:
    if not isinstance(value, str) or is_blank(value):
        raise ValueError("the name is null, blank or no text")
    return value
