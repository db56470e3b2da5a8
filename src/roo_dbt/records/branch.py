"""What a branch changes in the declarations, against another manifest such as production's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from roo_dbt.errors import Problem

Aspect = Literal[
    "field", "group", "mode", "where", "key", "identifier", "target", "model", "limit", "setting"
]
"""What a difference is about; `target` is the app or the object."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is said differently. A side that says nothing is None.

    `name` is the field, group or setting; values are as in the YAML: columns, constants, conditions.
    """

    aspect: Aspect
    name: str
    old: str | None
    new: str | None

    @property
    def kind(self) -> Literal["added", "dropped", "changed"]:
        """Whether the branch adds it, drops it or says something else."""
        if self.old is None:
            return "added"
        return "dropped" if self.new is None else "changed"


@dataclass(frozen=True, slots=True)
class Resent:
    """What the declaration alone would send, were the other one's records all accepted.

    `fields` says how many records change each field.
    """

    create: int = 0
    update: int = 0
    delete: int = 0
    fields: Mapping[str, int] = field(default_factory=dict)

    @property
    def records(self) -> int:
        """All of them."""
        return self.create + self.update + self.delete


@dataclass(frozen=True, slots=True)
class DestinationDifference:
    """A destination that only one manifest has, or that the two declare differently.

    `resent` is None where it cannot be counted; `notes` say why, and what else is to be known.
    """

    destination: str
    unique_id: str
    change: Literal["added", "removed", "changed"]
    differences: tuple[Difference, ...] = ()
    resent: Resent | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ManifestComparison:
    """This project against another manifest, all destinations of the selection.

    `manifest` is its path as it was given, `generated_at` when dbt wrote it. `unchanged` counts the
    destinations that both declare alike. `problems` are of the other manifest's declarations.
    """

    manifest: str
    generated_at: str
    destinations: tuple[DestinationDifference, ...] = ()
    unchanged: int = 0
    problems: tuple[Problem, ...] = ()
