"""Which rows of a dbt snapshot are current, as SQL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def current_rows(config: Mapping[str, Any]) -> str:
    """SQL that keeps the current rows of a dbt snapshot with this `config`.

    `dbt_valid_to` is null or what `dbt_valid_to_current` says (an SQL expression of the project's
    own), and with `hard_deletes: new_record` the row is no tombstone: dbt writes the text 'True'
    into `dbt_is_deleted` (dbt-core 1.11.16,
    global_project/macros/materializations/snapshots/helpers.sql, read 2026-11-22).

    >>> current_rows({"snapshot_meta_column_names": {"dbt_valid_to": "valid_until"}})
    '"valid_until" is null'
    """
    names = config.get("snapshot_meta_column_names") or {}
    valid_to = _quoted(names.get("dbt_valid_to") or "dbt_valid_to")
    condition = f"{valid_to} is null"
    current = config.get("dbt_valid_to_current")
    if current:
        condition = f"({condition} or {valid_to} = {current})"
    if config.get("hard_deletes") == "new_record":
        deleted = _quoted(names.get("dbt_is_deleted") or "dbt_is_deleted")
        condition += f" and ({deleted} is null or {deleted} <> 'True')"
    return condition


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
