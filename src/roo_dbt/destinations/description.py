"""What `roo-dbt describe` says of a vendor: read from its classes, so that it cannot be out of date."""

from __future__ import annotations

from dataclasses import dataclass

from roo_dbt.destinations.protocol import Field, FieldSystem, GroupKind, Identifier, Limit
from roo_dbt.records import SyncMode


@dataclass(frozen=True, slots=True)
class SettingDescription:
    """A setting of the YAML. `default` and `placeholder`, an example, are empty when there is none."""

    name: str
    type: str
    default: str
    meaning: str
    required: bool = False
    title: str = ""
    placeholder: str = ""
    secret: bool = False


@dataclass(frozen=True, slots=True)
class IdentifierDescription:
    """The alternatives by which users are found, best first, where an app's setting has this value."""

    condition: str
    alternatives: tuple[Identifier, ...]


@dataclass(frozen=True, slots=True)
class ObjectDescription:
    """What a row can become at a vendor, and what can be said about it."""

    name: str
    meaning: str
    modes: tuple[SyncMode, ...]
    groups: tuple[GroupKind, ...]
    identifiers: tuple[IdentifierDescription, ...]
    fields: tuple[Field, ...]
    field_system: FieldSystem
    reserved: tuple[tuple[str, str], ...]
    settings: tuple[SettingDescription, ...]


@dataclass(frozen=True, slots=True)
class AppDescription:
    """A vendor: the settings of its apps, its objects and its limits."""

    type: str
    title: str
    settings: tuple[SettingDescription, ...]
    objects: tuple[ObjectDescription, ...]
    limits: tuple[Limit, ...]
