"""The request that sends events or purchases: each of them once.

Sources: https://www.braze.com/docs/api/objects_filters/event_object and
https://www.braze.com/docs/api/objects_filters/purchase_object (read 2026-11-22). Braze has no way to tell a
repeated event from a second one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import orjson

from roo_dbt.destinations.braze import limits, values
from roo_dbt.destinations.braze.calls import BrazeCall, array_body, not_unicode
from roo_dbt.destinations.braze.codes import CURRENCIES
from roo_dbt.destinations.braze.identity import Identity
from roo_dbt.destinations.braze.outcomes import track_outcomes
from roo_dbt.destinations.braze.properties import Properties
from roo_dbt.destinations.braze.values import Check, InvalidValueError
from roo_dbt.records import Answer, Change, Item, Outcome, Request, refused

if TYPE_CHECKING:
    from roo_dbt.destinations.braze.settings import Braze


def _name(value: Any) -> str:
    name = str(value) if type(value) is int else values.text(value)
    if not name.strip():
        raise InvalidValueError("is blank")
    return name


def _moment(value: Any) -> str:
    moment = values.moment(value)
    return moment if len(moment) > 10 else f"{moment}T00:00:00.000Z"


def _currency(value: Any) -> str:
    if isinstance(value, str) and value.upper() in CURRENCIES:
        return value.upper()
    raise InvalidValueError("must be a currency code of ISO 4217 (USD, EUR)")


def _quantity(value: Any) -> int:
    quantity = values.integer(value)
    if not 1 <= quantity <= limits.QUANTITY.number:
        raise InvalidValueError(f"must be between 1 and {limits.QUANTITY.number}")
    return quantity


@dataclass(frozen=True, slots=True)
class Form:
    """What an object of one of the arrays of `/users/track` has beside its user.

    `checks` by field, in the order in which they are written; `required` must not be null.
    """

    array: Literal["events", "purchases"]
    checks: Mapping[str, Check]
    required: frozenset[str]
    properties: Properties


EVENT: Final = Form(
    "events",
    {"app_id": values.text, "name": _name, "time": _moment},
    frozenset({"name", "time"}),
    Properties(frozenset({"time", "event_name"}), limits.EVENT_PROPERTIES),
)

PURCHASE: Final = Form(
    "purchases",
    {
        "app_id": values.text,
        "product_id": _name,
        "currency": _currency,
        "price": values.number,
        "quantity": _quantity,
        "time": _moment,
    },
    frozenset({"product_id", "currency", "price", "time"}),
    Properties(
        frozenset({"time", "product_id", "quantity", "event_name", "price", "currency"}),
        limits.PURCHASE_PROPERTIES,
    ),
)


class TrackOnce(BrazeCall):
    """`POST /users/track` with events or purchases. What might have arrived is not sent again.

    Args:
        form: which of the two.
        app_id: the app they belong to, where the record does not say.
        update_users_only: a user that Braze does not have is not created for it.
        dated: properties whose column holds dates or times, at any depth.
    """

    name = "track"
    permission = "users.track"
    rate = limits.TRACK_RATE
    repeatable = False

    def __init__(
        self,
        app: Braze,
        identity: Identity,
        form: Form,
        *,
        app_id: str | None = None,
        update_users_only: bool = False,
        dated: Iterable[str] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(app, identity, clock=clock)
        self.batch_size = app.max_objects
        self._form = form
        self._dated = tuple(dated)
        self._start = {"app_id": app_id} if app_id else {}
        self._end = {"_update_existing_only": True} if update_users_only else {}

    def item(self, change: Change) -> Item | Outcome | None:
        """The object of a record. One that changed or left says nothing new."""
        if change.operation != "create":
            return None
        user = self.identity.of(change.new)
        if isinstance(user, Outcome):
            return user
        body: dict[str, Any] = {**user, **self._start}
        wrong = self._fill(body, change.new)
        try:
            properties = self._properties(change.new)
        except InvalidValueError as error:
            wrong.append(str(error))
            properties = {}
        if wrong:
            return refused("invalid_value", "; ".join(wrong))
        if properties:
            body["properties"] = properties
        body |= self._end
        try:
            return Item(change, orjson.dumps(body))
        except orjson.JSONEncodeError:
            return not_unicode(body, self.identity.kind)

    def _properties(self, record: Mapping[str, Any]) -> dict[str, Any]:
        field = ""
        try:
            for field in self._dated:
                values.check_moments(record.get(field))
        except InvalidValueError as error:
            raise InvalidValueError(f"{field}: {error}") from None
        return self._form.properties.of(record)

    def _fill(self, body: dict[str, Any], record: Mapping[str, Any]) -> list[str]:
        """Put the checked values into `body`; returns the rules that are broken."""
        wrong = []
        for field, check in self._form.checks.items():
            value = record.get(field)
            try:
                if value is not None:
                    body[field] = check(value)
                elif field in self._form.required:
                    wrong.append(f"{field}: is null, and Braze takes no {self._form.array} without it")
            except InvalidValueError as error:
                wrong.append(f"{field}: {error}")
        return wrong

    def request(self, items: Sequence[Item]) -> Request:
        """One request with the objects of the items, in their order."""
        return Request("POST", "/users/track", array_body(self._form.array, items))

    def outcomes(self, items: Sequence[Item], answer: Answer) -> Sequence[Outcome | None]:
        """One outcome per item; raises as `track_outcomes`."""
        return track_outcomes(answer, len(items), self.source, array=self._form.array, repeatable=False)
