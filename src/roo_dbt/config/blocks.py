"""The block `config.meta.roo` of a model, as pydantic models: types, defaults and meanings.

Required settings have a default here, too, and are asked for in `destination.py`: so one mistake does not
hide the others. The descriptions are what `roo-dbt describe` prints.
"""

from __future__ import annotations

import math
import re
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from roo_dbt.records import SyncMode, Threshold

NAME_PATTERN = "[a-z][a-z0-9_]{0,49}"
"""Names of apps and destinations; they become parts of table names in every warehouse."""

NAME_RULE = "must be a lower-case letter and then at most 49 lower-case letters, digits or underscores."

_PERCENTAGE = re.compile(r"(\d{1,3}(?:\.\d{1,6})?)\s*%")
_NUMBER = re.compile(r"\d{1,15}")
_UUID = r"^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$"


def threshold(value: object) -> Threshold:
    """Read `10%`, `5` or `"5"`. Raises PydanticCustomError `bad-threshold` for anything else."""
    if isinstance(value, Threshold):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**15:
        return Threshold(value, is_percentage=False)
    if isinstance(value, str):
        text = value.strip()
        if _NUMBER.fullmatch(text):
            return Threshold(int(text), is_percentage=False)
        match = _PERCENTAGE.fullmatch(text)
        if match and float(match[1]) <= 100:
            return Threshold(float(match[1]), is_percentage=True)
    raise PydanticCustomError(
        "bad-threshold", "must be a whole number of records (5) or a percentage from 0% to 100% (10%)."
    )


def is_name(value: str) -> bool:
    """Whether an app or a destination may have this name."""
    return re.fullmatch(NAME_PATTERN, value) is not None


def check_name(value: str) -> str:
    """Let the name of an app or a destination pass. Raises PydanticCustomError for anything else."""
    if not is_name(value):
        raise PydanticCustomError("bad-name", NAME_RULE)
    return value


def check_constant(value: object) -> object:
    """Let text, a finite number or a boolean pass. Raises PydanticCustomError for anything else."""
    if isinstance(value, float) and not math.isfinite(value):
        raise PydanticCustomError("bad-value", "must be a finite number.")
    if not isinstance(value, (str, int, float)):
        raise PydanticCustomError("wrong-type", "must be text, a number, true or false.")
    return value


ThresholdSetting = Annotated[
    Threshold,
    PlainValidator(threshold),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 0},
                {"type": "string", "pattern": r"^\s*(\d{1,15}|\d{1,3}(\.\d{1,6})?\s*%)\s*$"},
            ]
        }
    ),
]
Nulls = Literal["clear", "ignore"]
Text = Annotated[str, Field(min_length=1)]


def _listed(value: object) -> object:
    """A text alone is a list of one."""
    if isinstance(value, str):
        return [value]
    if value is None or isinstance(value, list):
        return value
    raise PydanticCustomError("wrong-type", "must be a name or a list of names; put a number into quotes.")


Names = Annotated[
    list[Text] | None,
    BeforeValidator(_listed),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "minLength": 1},
                {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1},
            ]
        }
    ),
]


class Block(BaseModel):
    """A mapping in the YAML that refuses names it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)


class MappingLine(Block):
    """What a destination field is filled from: a column, or a constant."""

    column: Text | None = Field(None, description="The model's column.")
    nulls: Nulls | None = Field(
        None,
        description="What a null means: `clear` empties the field, `ignore` leaves it as it was. "
        "Default: the destination's `nulls`.",
    )
    value: Annotated[Any, WithJsonSchema({"type": ["string", "number", "boolean"]})] = Field(
        None, description="A constant, sent with every record instead of a column."
    )
    unordered: bool = Field(
        False, description="true: an array whose order means nothing; it is compared and sent as a set."
    )

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, line: object) -> object:
        """A text alone is the column."""
        if isinstance(line, (dict, MappingLine)):
            return line
        if isinstance(line, str):
            return {"column": line}
        raise PydanticCustomError("wrong-type", "must be a column, {column: …} or {value: …}.")

    @field_validator("value")
    @classmethod
    def _constant(cls, value: object) -> object:
        return check_constant(value)

    @model_validator(mode="after")
    def _column_or_constant(self) -> MappingLine:
        given = self.model_fields_set
        if self.column is None and "value" not in given:
            raise PydanticCustomError("missing-setting", "names neither a column nor a constant (value).")
        if self.column is not None and "value" in given:
            raise PydanticCustomError("conflicting-settings", "has both a column and a constant (value).")
        if "value" in given and self.nulls is not None:
            raise PydanticCustomError("conflicting-settings", "has `nulls`, but a constant is never null.")
        if "value" in given and self.unordered:
            raise PydanticCustomError("conflicting-settings", "has `unordered`, but a constant is no array.")
        return self


class GroupBlock(Block):
    """A set of records that the vendor keeps as a subscription group, an attribute or a list."""

    name: Text | None = Field(None, description="The group's name at the vendor.")
    column: Text | None = Field(None, description="A boolean column: true is a member.")
    subscription_group_id: str | None = Field(
        None, pattern=_UUID, description="A subscription group by its id at the vendor, instead of a name."
    )
    list_id: int | None = Field(
        None, ge=1, description="A static list by its id at the vendor, instead of a name."
    )
    from_: Text | None = Field(
        None, alias="from", description="An array column: every element is the name of a group."
    )

    @field_validator("name")
    @classmethod
    def _name(cls, value: str | None) -> str | None:
        if value is not None and not (value.strip() and value.isprintable()):
            raise PydanticCustomError("bad-value", "must be a name that people can read.")
        return value

    @model_validator(mode="after")
    def _one_form(self) -> GroupBlock:
        if self.from_ is not None:
            if self.model_fields_set != {"from_"}:
                raise PydanticCustomError("conflicting-settings", "`from` stands alone in a group.")
        elif self.column is None:
            raise PydanticCustomError("missing-setting", "needs `column` (a boolean) or `from` (an array).")
        elif self.name is None and self.list_id is None and self.subscription_group_id is None:
            raise PydanticCustomError("missing-setting", "needs the `name` of the group.")
        elif self.list_id is not None and self.subscription_group_id is not None:
            message = "has both a `list_id` and a `subscription_group_id`."
            raise PydanticCustomError("conflicting-settings", message)
        return self


class DestinationBlock(Block):
    """One export of the model: to which object of which app, how, and filled from what."""

    # Settings that only one object knows are checked by that object's own options.
    model_config = ConfigDict(extra="allow", json_schema_extra={"required": ["name", "app", "mapping"]})

    name: str | None = Field(
        None,
        description="Name of the destination, unique in the project.",
        json_schema_extra={"pattern": f"^{NAME_PATTERN}$"},
    )
    app: Text | None = Field(None, description="Name of an app of `vars: roo: apps`.")
    object: Text | None = Field(None, description="What a row becomes there. Default: users.")
    sync_mode: SyncMode | None = Field(
        None,
        description="sync: create, update and remove. additive: never remove. enrich: only update users "
        "that exist. Required for objects that have modes.",
    )
    where: Text | None = Field(None, description="SQL over the model's columns; other rows are left out.")
    mapping: dict[str, MappingLine] = Field(
        default_factory=dict,
        description="Destination field: column, or {column, nulls, unordered}, or {value}.",
    )
    groups: list[GroupBlock] = Field(
        default_factory=list, description="Groups and lists that records belong to."
    )
    delete_limit: ThresholdSetting = Field(
        Threshold(10, is_percentage=True),
        description="Removals in one run above which nothing is sent: a number of records, or a percentage "
        "of the active ones (never fewer than 10).",
    )
    enabled: bool = Field(True, description="false: checked, but never exported.")
    nulls: Nulls = Field(
        "clear", description="What a null means: `clear` empties the field, `ignore` leaves it as it was."
    )
    allowed_failures: ThresholdSetting = Field(
        Threshold(0, is_percentage=False),
        description="Failed records up to which the exit code stays 0: a number, or a percentage of rows.",
    )
    on_removal: Literal["delete", "clear"] = Field(
        "delete",
        description="What mode `sync` does to a record that left: delete the user, or clear its fields.",
    )
    map_other_columns: bool = Field(False, description="Map every other column under its own name.")
    on_failed_model: Literal["block", "warn"] = Field(
        "block", description="Whether a failed dbt node keeps the destination from being exported."
    )
    hold_back_failing_rows: bool = Field(
        False,
        description="Rows that a failed dbt test lists (store_failures) are held back; the rest goes.",
    )
    on_unknown: Literal["hold", "resend"] = Field(
        "hold", description="Whether records without a sure answer wait for `roo-dbt retry`."
    )
    recheck_days: int | None = Field(
        None, ge=1, le=3650, description="Mode enrich: days after which an unchanged record is sent again."
    )
    identifier: Names = Field(
        None, description="The field(s) by which the vendor finds the user, when several could serve."
    )
    first_sync: Literal["send", "baseline"] | None = Field(
        None,
        description="Events and purchases, required: whether the first sync sends what is there, or takes it "
        "as sent already (baseline).",
    )
    verify: bool | None = Field(
        None, description="Mode enrich, where the object offers it: look users up before sending."
    )

    @field_validator("name")
    @classmethod
    def _name(cls, value: str | None) -> str | None:
        return value if value is None else check_name(value)

    @field_validator("where")
    @classmethod
    def _where(cls, value: str | None) -> str | None:
        if value is not None and not value.strip():
            raise PydanticCustomError("bad-value", "must be a condition in SQL, or be left out.")
        return value


class ModelBlock(Block):
    """The block `config.meta.roo` of a model, seed or snapshot."""

    key: Names = Field(None, description="The column or columns that identify a record: never null, unique.")
    destinations: list[DestinationBlock] = Field(
        default_factory=list, description="Where the model is exported to."
    )
