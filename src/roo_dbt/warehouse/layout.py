"""Names of the state tables, and which column of a snapshot holds which field.

Field names are the vendor's and may hold anything; column names are sanitised, and the `Shape` in
`roo_destinations` maps one to the other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field

STATE_VERSION = 1
"""Version of the state tables. A newer one than this is refused, an older one migrated."""


@dataclass(frozen=True, slots=True)
class KeyColumn:
    """One column of the key: its name in the model, in the snapshot, and its type."""

    source: str
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class FieldColumn:
    """One destination field: its name there, in the snapshot, and its type.

    `dropped`: no longer mapped, kept until the vendor has cleared it in every record.
    `ignores_nulls`: a null in the model is never sent; no column of its own, so no part of equality.
    `consent`: a subscription state.
    """

    field: str
    name: str
    type: str
    dropped: bool = False
    ignores_nulls: bool = dataclass_field(default=False, compare=False)
    consent: bool = dataclass_field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Shape:
    """The columns of a snapshot or of the changes that were made from one.

    `once`: records go once and never again, so that a snapshot needs their keys alone. `clears`: who leaves
    the model stays at the vendor, cleared, and in the snapshot, as departed.
    """

    key: tuple[KeyColumn, ...]
    fields: tuple[FieldColumn, ...]
    once: bool = False
    clears: bool = dataclass_field(default=False, compare=False)

    @property
    def kept(self) -> Shape:
        """What a snapshot keeps of changes of this shape."""
        return Shape(self.key, (), once=True) if self.once else self

    def field(self, name: str) -> FieldColumn | None:
        """The column of a destination field, if it has one."""
        return next((column for column in self.fields if column.field == name), None)

    def to_json(self) -> str:
        """As kept in `roo_destinations`."""
        return json.dumps(
            {
                "key": [[k.source, k.name, k.type] for k in self.key],
                "fields": [
                    [f.field, f.name, f.type, f.dropped, f.ignores_nulls, f.consent] for f in self.fields
                ],
                "once": self.once,
                "clears": self.clears,
            },
            ensure_ascii=False,
        )

    @staticmethod
    def from_json(text: str) -> Shape:
        """The inverse of `to_json`."""
        raw = json.loads(text)
        return Shape(
            tuple(KeyColumn(*row) for row in raw["key"]),
            tuple(FieldColumn(*row) for row in raw["fields"]),
            raw.get("once", False),
            raw.get("clears", False),
        )


def sanitised(names: Iterable[str], *, taken: Sequence[str] = ()) -> list[str]:
    """Column names for arbitrary field names: lower case, `[a-z0-9_]`, unique, never `roo_…`.

    Case is folded because engines fold it; `taken` are names that must not be given again.
    """
    used = set(taken)
    result = []
    for name in names:
        stem = re.sub(r"[^a-z0-9_]", "_", name.lower())[:50] or "_"
        if stem.startswith(("roo_", "key__")) or not re.match(r"[a-z_]", stem):
            stem = f"f_{stem}"
        candidate, number = stem, 2
        while candidate in used:
            candidate, number = f"{stem}__{number}", number + 1
        used.add(candidate)
        result.append(candidate)
    return result


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the state is: quoted, complete table names.

    Args:
        schema: the state schema, quoted and qualified, e.g. `"shop"."main_roo"`.
        mark: what the engine puts around names.
    """

    schema: str
    mark: str = '"'

    def table(self, name: str) -> str:
        """A table of the state schema. Names here are our own and need no escaping."""
        return f"{self.schema}.{self.mark}{name}{self.mark}"

    @property
    def versions(self) -> str:
        """The version of these tables, one row."""
        return self.table("roo_state")

    @property
    def runs(self) -> str:
        """One row per run and destination."""
        return self.table("roo_runs")

    @property
    def outcomes(self) -> str:
        """One row per change and run, kept `history_days`."""
        return self.table("roo_outcomes")

    @property
    def locks(self) -> str:
        """Who exports a destination now."""
        return self.table("roo_locks")

    @property
    def destinations(self) -> str:
        """What each snapshot was made from and for."""
        return self.table("roo_destinations")

    @property
    def unaccepted(self) -> str:
        """Records that no vendor has accepted yet, with the reason."""
        return self.table("roo_unaccepted")

    @property
    def former(self) -> str:
        """Identifiers that records had before and gave up; a vendor may go on finding their users by them."""
        return self.table("roo_former_identifiers")

    @property
    def acknowledged(self) -> str:
        """Outcomes of the run that is under way, as ranges of the sequence."""
        return self.table("roo_acknowledged")

    def snapshot(self, destination: str) -> str:
        """The records as the destination last accepted them."""
        return self.table(f"snapshot__{destination}")

    def changes(self, destination: str) -> str:
        """The frozen work of the run that is under way."""
        return self.table(f"changes__{destination}")
