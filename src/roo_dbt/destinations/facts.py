"""What a vendor declares about itself as data: limits, fields, identifiers, choices.

`roo_dbt.destinations.protocol` has all of it, too; import it from there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

GroupKind = Literal["name", "from", "subscription_group_id", "list_id"]
"""The forms of a group in the YAML."""

Normalisation = Literal["exact", "lower"]
"""How the vendor compares a text: byte by byte, or trimmed and without case."""

FieldSystem = Literal["static", "defined", "dynamic"]
"""Which fields may be mapped beside the known ones.

`static`: none. `defined`: those that the workspace has (`App.fields`), because the vendor makes no new
ones by itself. `dynamic`: any; the vendor takes or makes them.
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """A number that a vendor publishes.

    `unit` reads after the number ("requests per 60 s", "objects a request", "bytes").
    `per_seconds` is the window of a rate, None for a size. `source` is the vendor's page, `read` the
    day it was read (ISO date).
    """

    name: str
    number: int
    unit: str
    source: str
    read: str
    per_seconds: float | None = None

    @property
    def per_second(self) -> float:
        """The rate in requests a second. Raises ValueError for a size."""
        if self.per_seconds is None:
            raise ValueError(f"{self.name} is not a rate")
        return self.number / self.per_seconds


@dataclass(frozen=True, slots=True)
class Field:
    """A field that the vendor knows by name.

    `type` is the vendor's word for it. `consent`: a subscription state, sent only when the model's
    value changed. `required` on top of the identifier. `important`: one of the few that most people
    map; a template offers it.
    """

    name: str
    type: str
    description: str
    required: bool = False
    consent: bool = False
    important: bool = False


@dataclass(frozen=True, slots=True)
class Identifier:
    """A set of fields by which the vendor can find a user, exactly one of which is chosen.

    `plain`: beside a better identifier its fields are ordinary ones.
    """

    fields: tuple[str, ...]
    normalisation: Normalisation = "exact"
    plain: bool = False


@dataclass(frozen=True, slots=True)
class KnownField:
    """A field as the workspace has it now.

    `type` is the vendor's word for it, `note` what else it says: that the field is blocked, say.
    """

    name: str
    type: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that a setting may have, as the vendor offers it; `label` is its name for people."""

    value: str
    label: str = ""


def normalised(text: str, how: Normalisation) -> str:
    """A text in the form in which the vendor compares it."""
    return text.strip().lower() if how == "lower" else text


def distinct(texts: Iterable[str] | None, how: Normalisation) -> dict[str, str]:
    """Texts by the form in which the vendor compares them; the one that sorts first stands for its equals."""
    found: dict[str, str] = {}
    for text in sorted(set(texts or ())):
        found.setdefault(normalised(text, how), text)
    return found
