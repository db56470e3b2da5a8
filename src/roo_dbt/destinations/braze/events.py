"""The objects `events` and `purchases`: a row becomes something that a user did, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, cast

import orjson
from pydantic import Field as Setting

from roo_dbt.destinations.braze import fields
from roo_dbt.destinations.braze.column_types import holds_moments, misfit
from roo_dbt.destinations.braze.declaration import mapping_problem, occurrence_problems
from roo_dbt.destinations.braze.identity import Identity
from roo_dbt.destinations.braze.occurrences import EVENT, PURCHASE, Form, TrackOnce
from roo_dbt.destinations.braze.properties import ROOT
from roo_dbt.destinations.protocol import App, Call, Field, FieldSystem, Identifier, Object, Options
from roo_dbt.records import Change, Column, Destination, Item, Problem

if TYPE_CHECKING:
    from roo_dbt.destinations.braze.settings import Braze

_USER = (
    *fields.IDENTIFYING,
    Field("email", "e-mail", "finds the user if no id and no alias is mapped"),
    Field("phone", "text", "finds the user if no id, no alias and no e-mail is mapped"),
)
_APP_ID = Field("app_id", "text", "the app it happened in, if not the one of the settings")


class OccurrenceOptions(Options):
    """Settings of a destination block that Braze events and purchases know."""

    app_id: str | None = Setting(
        None, min_length=1, description="The app they belong to. Default: the app_id of the app's settings."
    )
    update_users_only: bool = Setting(
        False, description="true: a user that Braze does not have is not created, and nothing is recorded."
    )
    max_data_points: int | None = Setting(
        None, ge=0, description="A run that would cost more data points than this is blocked."
    )


class Occurrences(Object):
    """What events and purchases share."""

    field_system: ClassVar[FieldSystem] = "static"
    order: ClassVar[str | None] = "time"
    unique_identifier: ClassVar[bool] = False
    reserved: ClassVar[Mapping[str, str]] = {
        "_update_existing_only": "the option `update_users_only` sets it",
        "user_alias": fields.RESERVED["user_alias"],
    }
    options: ClassVar[type[Options]] = OccurrenceOptions
    form: ClassVar[Form]

    @classmethod
    def identifiers(cls, app: App) -> tuple[Identifier, ...]:  # noqa: ARG003
        """By an id, an alias, an e-mail or a phone number."""
        return fields.IDENTIFIERS

    @cached_property
    def settings(self) -> OccurrenceOptions:
        """The options of the destination."""
        return OccurrenceOptions.model_validate(dict(self.destination.options))

    @cached_property
    def _call(self) -> TrackOnce:
        app = cast("Braze", self.app)
        return TrackOnce(
            app,
            Identity(self.destination.identifier),
            self.form,
            app_id=self.settings.app_id or app.app_id,
            update_users_only=self.settings.update_users_only,
            dated=(
                field
                for field, column in self.columns.items()
                if field.partition(".")[0] == ROOT and holds_moments(column.type)
            ),
        )

    def calls(self) -> tuple[Call, ...]:
        """Track alone."""
        return (self._call,)

    @classmethod
    def check_mapping(cls, app: App, destination: Destination) -> Sequence[Problem]:  # noqa: ARG003
        """Identifiers that exclude each other, and names that Braze does not take."""
        return list(occurrence_problems(destination, cls.form))

    def check_columns(self, columns: Mapping[str, Column]) -> Sequence[Problem]:
        """Columns whose SQL type cannot fill their field."""
        types = {field.name: field.type for field in self.known}
        problems = []
        for field, column in columns.items():
            objection = misfit(field, column.type, types)
            if objection:
                text = f"{column.name} is {column.type}: {objection}"
                problems.append(mapping_problem(self.destination, "column-type", field, text))
        return problems

    def data_points(self, fields: Mapping[str, int]) -> int | None:
        """One for each; the units of a purchase are known to `points` alone."""
        return max(fields.values(), default=0)

    def points(self, change: Change) -> int:
        """One, or the quantity of a purchase; 0 for a record that is not sent."""
        item = self._call.item(change)
        return int(orjson.loads(item.body).get("quantity", 1)) if isinstance(item, Item) else 0

    @property
    def spending_limit(self) -> int | None:
        """The destination's `max_data_points`, else the app's."""
        own = self.settings.max_data_points
        return cast("Braze", self.app).max_data_points if own is None else own


class Events(Occurrences):
    """Custom events."""

    name: ClassVar[str] = "events"
    form: ClassVar[Form] = EVENT
    known: ClassVar[tuple[Field, ...]] = (
        *_USER,
        Field("name", "text", "the name of the event, at most 255 characters", required=True),
        Field("time", "time", "when it happened; a time to come becomes now in Braze", required=True),
        _APP_ID,
        Field("properties", "object", "one column with all properties, or `properties.NAME` for each"),
    )


class Purchases(Occurrences):
    """Purchases. New customers of Braze send `ecommerce.*` events instead."""

    name: ClassVar[str] = "purchases"
    form: ClassVar[Form] = PURCHASE
    known: ClassVar[tuple[Field, ...]] = (
        *_USER,
        Field("product_id", "text", "the product or its category, at most 255 characters", required=True),
        Field("currency", "code", "ISO 4217, `USD`", required=True),
        Field("price", "number", "of one unit, in the base unit of the currency", required=True),
        Field("quantity", "number", "a whole number from 1 to 100; 1 if it is null or not mapped"),
        Field("time", "time", "when it happened; a time to come becomes now in Braze", required=True),
        _APP_ID,
        Field("properties", "object", "one column with all properties, or `properties.NAME` for each"),
    )
