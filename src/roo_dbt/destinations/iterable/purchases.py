"""Purchases: what users bought, one request each.

Source: https://api.iterable.com/api/docs#commerce_trackPurchase (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

import orjson

from roo_dbt.destinations.iterable import limits
from roo_dbt.destinations.iterable.answers import confirm
from roo_dbt.destinations.iterable.batch import refused_batch
from roo_dbt.destinations.iterable.calls import UserCall
from roo_dbt.destinations.iterable.items import amount, purchase_items
from roo_dbt.destinations.iterable.tracking import COMMON, Tracked, TrackWriter
from roo_dbt.destinations.protocol import Call, Field
from roo_dbt.records import ACCEPTED, Answer, Change, Item, Outcome, Request, refused

if TYPE_CHECKING:
    from roo_dbt.destinations.iterable.settings import Iterable


class Purchases(Tracked):
    """The purchases of an Iterable project."""

    name: ClassVar[str] = "purchases"
    known: ClassVar[tuple[Field, ...]] = (
        *COMMON[:2],
        Field("total", "double", "What was paid.", required=True),
        Field(
            "items",
            "array",
            "An array of objects: `id`, `name`, `price`, `quantity`, and if you like `sku`, `description`, "
            "`categories`, `url`, `imageUrl`, `dataFields`.",
            required=True,
        ),
        *COMMON[2:],
    )
    types: ClassVar[Mapping[str, str]] = {
        "total": "number",
        "items": "nested",
        "campaignId": "number",
        "templateId": "number",
    }

    def calls(self) -> tuple[Call, ...]:
        """`track_purchase`."""
        return cast("Iterable", self.app).paced(TrackPurchase(self.app.endpoint, self.writer()))


class TrackPurchase(UserCall):
    """POST commerce/trackPurchase: a purchase whose id is known is updated, so it may go twice.

    Iterable creates a user it does not know, and empties the user's cart.
    """

    name: ClassVar[str] = "track_purchase"
    rate = limits.TRACK_PURCHASE
    max_bytes = limits.BULK_BYTES.number

    def __init__(self, host: str, writer: TrackWriter) -> None:
        super().__init__(writer.identity, host)
        self._writer = writer

    def item(self, change: Change) -> Item | Outcome | None:
        """The purchase as the body."""
        text = self._writer.user(change)
        if isinstance(text, Outcome):
            return text
        purchase = self._writer.body(change, {"total": amount, "items": purchase_items})
        if isinstance(purchase, Outcome):
            return purchase
        user: dict[str, Any] = {self._identity.field: text}
        if self._identity.prefers_user_id:
            user["preferUserId"] = True
        try:
            return Item(change, orjson.dumps({"user": user, **purchase}), text)
        except orjson.JSONEncodeError:
            return refused("invalid_value", "a text is not valid Unicode")

    def request(self, items: Sequence[Item]) -> Request:
        """The one item is the body."""
        return Request("POST", "/api/commerce/trackPurchase", items[0].body)

    def outcomes(self, items: Sequence[Item], answer: Answer) -> Sequence[Outcome | None]:
        """Accepted, or why not."""
        if answer.status >= 400:
            return refused_batch(items, answer, "purchase")
        confirm(answer)
        return [ACCEPTED]
