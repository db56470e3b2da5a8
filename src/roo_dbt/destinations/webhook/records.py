"""Records of a webhook: what is sent for a change, and what an answer to it means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast
from urllib.parse import urlsplit

import orjson

from roo_dbt.destinations.protocol import App, Call, Field, Identifier, Limit, Object, fields_to_send
from roo_dbt.errors import Retriable, Skippable, Splittable
from roo_dbt.records import (
    ACCEPTED,
    NOT_FINITE,
    Answer,
    Change,
    Destination,
    Item,
    Outcome,
    Problem,
    Request,
    SyncMode,
    refused,
)

if TYPE_CHECKING:
    from roo_dbt.destinations.webhook.settings import Webhook

RATE = Limit(
    "requests", 10, "requests per second, unless per_second says", "your own endpoint", "2026-11-22", 1.0
)
PLACEHOLDERS = frozenset({"$operation", "$key", "$fields", "$records"})


class Send(Call):
    """Puts records into the template, and sends them to one of the URLs.

    Args:
        app: the settings.
        url: where to.
        removes: whether it is about records that left, or about all others.
    """

    def __init__(self, app: Webhook, url: str, rate: Limit, *, removes: bool) -> None:
        self.name = "delete" if removes else "send"  # type: ignore[misc] # one class, two calls
        self.rate = rate
        self.batch_size = app.batch_size
        self.repeatable = app.method == "PUT" if app.idempotent is None else app.idempotent
        self._app, self._removes, self._path = app, removes, split(url)[1]
        mark = orjson.dumps("$records")
        self._head, _, self._tail = orjson.dumps(app.body).partition(mark)

    def item(self, change: Change) -> Item | Outcome | None:
        """The record as the template wants it."""
        if change.departs or (change.operation == "delete" and not change.clears) is not self._removes:
            return None
        identity = change.value("id")
        if identity is None or not str(identity).strip():
            return refused("missing_identifier", "id is empty")
        values = {"id": identity}
        if change.clears:
            values |= dict.fromkeys(name for name in change.old if name != "id")
        elif _is_moved(change):
            values |= {name: value for name, value in change.new.items() if value is not None}
        elif not self._removes:
            values |= fields_to_send(change)
        if _strange(values):
            return refused("invalid_value", "a number is too large for JSON, or is none")
        parts = {"$operation": change.operation, "$key": change.key, "$fields": values}
        try:
            return Item(change, orjson.dumps(_filled(self._app.record, parts)), change.key)
        except TypeError:
            return refused("invalid_value", "a text is not valid Unicode")

    def request(self, items: Sequence[Item]) -> Request:
        """The template around the records."""
        records = b",".join([item.body for item in items])
        method = "POST" if self._removes else self._app.method
        return Request(method, self._path, b"%s[%s]%s" % (self._head, records, self._tail))

    def outcomes(self, items: Sequence[Item], answer: Answer) -> Sequence[Outcome | None]:
        """By the status, the `success` rule and the `failures` list."""
        if answer.status == 409 and len(items) == 1:
            raise Skippable("the endpoint names a conflict (409)", code="conflict")
        if answer.status >= 400:
            raise Splittable(f"the endpoint refuses it (HTTP {answer.status})")
        if not (self._app.success or self._app.failures):
            return [_accepted(item.change) for item in items]
        body = _json(answer)
        for path, wanted in self._app.success.items():
            if _at(body, path) != wanted:
                # Nobody knows what of it was carried out, so only what may go twice goes again.
                refusal = Splittable if self.repeatable else Skippable
                raise refusal(f"the answer does not have {path} as `success` wants it")
        listed = _at(body, self._app.failures) if self._app.failures else ()
        failed = {
            str(one.get("key")): str(one.get("message")) for one in listed or () if isinstance(one, dict)
        }
        return [
            refused("rejected", f"the endpoint: {failed[item.match]}")
            if item.match in failed
            else _accepted(item.change)
            for item in items
        ]


class Records(Object):
    """Whatever the endpoint makes of a row; `id` tells records apart."""

    name: ClassVar[str] = "records"
    modes: ClassVar[frozenset[SyncMode]] = frozenset({"sync", "additive"})
    known: ClassVar[tuple[Field, ...]] = (Field("id", "any", "What the endpoint knows the record by."),)

    @classmethod
    def identifiers(cls, app: App) -> tuple[Identifier, ...]:  # noqa: ARG003 - the same for all
        """The field `id`."""
        return (Identifier(("id",)),)

    @classmethod
    def check_mapping(cls, app: App, destination: Destination) -> Sequence[Problem]:
        """Nobody can remove records without an URL for it."""
        removes = destination.sync_mode == "sync" and destination.on_removal == "delete"
        if not removes or cast("Webhook", app).delete_url:
            return ()
        message = "needs the delete_url of the app; set it, or on_removal: clear, or sync_mode: additive."
        return [Problem("sync-mode-unsupported", message, path=f"{destination.path}.sync_mode")]

    def calls(self) -> tuple[Call, ...]:
        """Send, then delete: a record that takes the id of one that left must not be deleted with it."""
        app = cast("Webhook", self.app)
        rate = Limit(RATE.name, app.per_second, "requests per second", RATE.source, RATE.read, 1.0)
        send = Send(app, app.url, rate, removes=False)
        return (send, Send(app, app.delete_url, rate, removes=True)) if app.delete_url else (send,)


def _is_moved(change: Change) -> bool:
    return change.operation == "update" and change.old.get("id") not in (None, change.new.get("id"))


def _accepted(change: Change) -> Outcome:
    if not _is_moved(change):
        return ACCEPTED
    said = f"the id of record {change.key} changed: the new one got the whole record, the former one stays"
    return Outcome("accepted", message=said)


def split(url: str) -> tuple[str, str]:
    """Scheme and host of an URL, and what follows."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}", (parts.path or "/") + (
        f"?{parts.query}" if parts.query else ""
    )


def placeholders(template: object) -> set[str]:
    """The texts of a template that begin with a dollar sign."""
    return {text for text in _texts(template) if text.startswith("$")}


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(part)


def _filled(template: Any, parts: Mapping[str, Any]) -> Any:
    if isinstance(template, str):
        return parts.get(template, template)
    if isinstance(template, dict):
        return {name: _filled(part, parts) for name, part in template.items()}
    return [_filled(part, parts) for part in template] if isinstance(template, list) else template


def _strange(value: object) -> bool:
    return any(text.startswith(NOT_FINITE) for text in _texts(value))


def _json(answer: Answer) -> Any:
    try:
        return orjson.loads(answer.body)
    except ValueError:
        raise Retriable("the answer is no JSON", ambiguous=True) from None


def _at(body: Any, path: str) -> Any:
    for name in path.split("."):
        body = body.get(name) if isinstance(body, dict) else None
    return body
