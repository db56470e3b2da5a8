"""What the state tables remember: the life of a record, and snapshots that nobody declares any more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from roo_dbt.records.results import RunRecord, Unaccepted

Standing = Literal["active", "departed", "absent"]
"""Whether a snapshot has a record: accepted and in the model, accepted and gone from it, or not at all."""


@dataclass(frozen=True, slots=True)
class GoneSnapshot:
    """A snapshot whose destination is no longer declared. `updated_at` is ISO 8601, UTC."""

    destination: str
    unique_id: str
    app: str
    object: str
    endpoint: str
    records: int
    updated_at: str


@dataclass(frozen=True, slots=True)
class History:
    """What `status` shows: past runs, the latest first, and snapshots whose destination is gone."""

    runs: tuple[RunRecord, ...]
    gone: tuple[GoneSnapshot, ...] = ()


@dataclass(frozen=True, slots=True)
class Happening:
    """What became of one change of a record in one run. `time` is ISO 8601, UTC."""

    time: str
    run_id: str
    operation: str
    outcome: str
    code: str | None
    message: str | None


@dataclass(frozen=True, slots=True)
class RecordLife:
    """Everything that is known of one record of one destination, the oldest happening first.

    `synced_at` is when the vendor last accepted it. `in_model` is None when the model cannot be looked
    at. `waiting` is the refusal or the unsure answer that it waits with. `interrupted`: a run has not
    ended yet, so that the last happenings may be missing.
    """

    destination: str
    key: str
    standing: Standing
    synced_at: str | None
    in_model: bool | None
    waiting: Unaccepted | None
    interrupted: bool
    happenings: tuple[Happening, ...]
