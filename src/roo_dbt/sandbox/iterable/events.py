"""Iterable's events and purchases.

Sources: https://api.iterable.com/api/docs and https://support.iterable.com/hc/en-us/articles/206430615,
read 2026-11-22.
"""

from __future__ import annotations

import re
import uuid
from typing import Any

from roo_dbt.sandbox.exchange import Refusal, Reply, Request
from roo_dbt.sandbox.iterable.answers import (
    USER,
    RowRefused,
    Tally,
    Unidentified,
    check_envelope,
    refuse,
    reply,
    success,
)
from roo_dbt.sandbox.iterable.rows import Mode, Rows

MAX_KEPT = 10_000
"""Events and purchases that the sandbox keeps of each."""

_ID = re.compile(r"[A-Za-z0-9-]{1,512}")
_MILLISECONDS = 10**11
_EVENT = {
    "eventName": "string",
    "email": "string",
    "userId": "string",
    "id": "string",
    "createdAt": "number",
    "dataFields": "object",
    "campaignId": "number",
    "templateId": "number",
    "createNewFields": "boolean",
}
_PURCHASE = {
    "user": "object",
    "items": "array",
    "total": "number",
    "id": "string",
    "createdAt": "number",
    "campaignId": "number",
    "templateId": "number",
    "dataFields": "object",
}


class Events:
    """Tracking what users did. An event whose `id` is known replaces the earlier one.

    Args:
        rows: the users.
    """

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.events: dict[str, dict[str, Any]] = {}
        self.purchases: dict[str, dict[str, Any]] = {}

    def track(self, request: Request, body: Any) -> Reply:
        """POST /api/events/track."""
        check_envelope(request, body, _EVENT, required=("eventName",))
        try:
            number = self._track(body, request)
        except RowRefused as row:
            raise Refusal(row.single) from row
        except Unidentified as nobody:
            raise refuse(400, "BadParams", "Either email or userId is required") from nobody
        return success(f"Event with id: {number} tracked.", {"id": number})

    def track_bulk(self, request: Request, body: Any) -> Reply:
        """POST /api/events/trackBulk: 200 however many events fail."""
        check_envelope(request, body, {"events": "array"}, required=("events",))
        for index, event in enumerate(body["events"]):
            check_envelope(request, event, _EVENT, required=("eventName",), at=f"obj.events[{index}]")
        tally = Tally()
        for event in body["events"]:
            with tally.row():
                self._track(event, request)
        answer = {**tally.as_json(), "disallowedEventNames": []}
        return Reply(200, answer, objects=len(body["events"]))

    def purchase(self, request: Request, body: Any) -> Reply:
        """POST /api/commerce/trackPurchase: creates the user if need be and empties the cart."""
        check_envelope(request, body, _PURCHASE, required=("user", "items", "total"))
        user = check_envelope(request, body["user"], {**USER, "createNewFields": "boolean"}, at="obj.user")
        item = {"id": "string", "name": "string", "price": "number", "quantity": "number"}
        more = {"sku": "string", "categories": "array", "url": "string", "imageUrl": "string"}
        known = {**item, **more, "description": "string", "dataFields": "object"}
        for index, entry in enumerate(body["items"]):
            check_envelope(request, entry, known, required=tuple(item), at=f"obj.items[{index}]")
        try:
            change = self.rows.apply(user, request, Mode(new_fields=self.rows.settings.iterable_new_fields))
        except RowRefused as row:
            raise Refusal(row.single) from row
        except Unidentified as nobody:
            raise refuse(400, "BadParams", "Either email or userId is required") from nobody
        for profile in change.profiles:
            profile.fields.pop("shoppingCartItems", None)
        number = _number(body, request)
        _keep(self.purchases, number, body)
        return success(f"Purchase with id: {number} tracked.", {"id": number})

    def _track(self, event: dict[str, Any], request: Request) -> str:
        identity = self.rows.identity(event)
        # An event never creates its user.
        self.rows.existing(event, request)
        number = event.get("id")
        if number is not None and not _ID.fullmatch(number):
            message = "The id takes letters, digits and hyphens, at most 512"
            raise identity.refused("invalidData", reply(400, "BadParams", message))
        number = _number(event, request)
        _keep(self.events, number, event)
        return number


def _number(values: dict[str, Any], request: Request) -> str:
    created_at = values.get("createdAt")
    if created_at is not None and created_at > _MILLISECONDS:
        request.warn("createdAt takes seconds; this looks like milliseconds")
    return values.get("id") or uuid.uuid4().hex


def _keep(kept: dict[str, dict[str, Any]], number: str, values: dict[str, Any]) -> None:
    kept.pop(number, None)
    kept[number] = values
    if len(kept) > MAX_KEPT:
        del kept[next(iter(kept))]
