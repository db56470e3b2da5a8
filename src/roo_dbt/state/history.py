"""What people ask the state tables: past runs, and records that were not accepted."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from typing import Any

from roo_dbt.records import Counts, Destination, DestinationResult, RunRecord, Unaccepted
from roo_dbt.warehouse import Layout, Session
from roo_dbt.warehouse.dialect import DAY

_COUNTS = "created, updated, deleted, unchanged, skipped, failed, unknown, held"


def start_run(session: Session, layout: Layout, destination: Destination, run_id: str, target: str) -> None:
    """A row of `roo_runs` that says a run began."""
    now = session.dialect.now()
    session.run(
        f"INSERT INTO {layout.runs} (run_id, destination, unique_id, app, object, target, host, pid, "
        f"started_at, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, {now}, 'running')",
        [
            run_id,
            destination.name,
            destination.model.unique_id,
            destination.app,
            destination.object,
            target,
            socket.gethostname(),
            os.getpid(),
        ],
    )


def note_overrides(
    session: Session, layout: Layout, destination: str, run_id: str, overrides: Sequence[str]
) -> None:
    """Write down which flags and settings let a run go on, before it sends anything."""
    if overrides:
        session.run(
            f"UPDATE {layout.runs} SET overrides = ? WHERE destination = ? AND run_id = ?",
            ["; ".join(overrides), destination, run_id],
        )


def finish_run(
    session: Session,
    layout: Layout,
    run_id: str,
    result: DestinationResult,
    *,
    overrides: str | None,
    history_days: int,
) -> None:
    """Complete the row, and forget outcomes and runs older than `history_days`.

    `overrides`: None leaves what was noted before.
    """
    counts, dialect = result.counts, session.dialect
    session.run(
        f"UPDATE {layout.runs} SET finished_at = {dialect.now()}, status = ?, message = ?, model_rows = ?, "
        "created = ?, updated = ?, deleted = ?, unchanged = ?, skipped = ?, failed = ?, unknown = ?, "
        "held = ?, requests = ?, retries = ?, overrides = coalesce(?, overrides) "
        "WHERE run_id = ? AND destination = ?",
        [
            result.status,
            result.message,
            result.rows,
            counts.created,
            counts.updated,
            counts.deleted,
            counts.unchanged,
            counts.skipped,
            counts.failed,
            counts.unknown,
            counts.held,
            result.requests,
            result.retries,
            overrides,
            run_id,
            result.destination,
        ],
    )
    for table, column in ((layout.outcomes, "time"), (layout.runs, "started_at")):
        session.run(
            f"DELETE FROM {table} WHERE destination = ? AND {column} < {dialect.ago(history_days * DAY)}",
            [result.destination],
        )


def runs(
    session: Session, layout: Layout, *, limit: int, destinations: Sequence[str] | None = None
) -> list[RunRecord]:
    """The last runs, newest first; of these destinations alone if they are given."""
    where, parameters = "", list(destinations or ())
    if destinations is not None:
        marks = ", ".join("?" * len(parameters)) or "NULL"
        where = f"WHERE destination IN ({marks}) "
    iso = session.dialect.iso
    rows = session.run(
        f"SELECT destination, run_id, {iso('started_at')}, {iso('finished_at')}, status, message, "
        "model_rows, requests, retries, "
        f"{_COUNTS} FROM {layout.runs} {where}ORDER BY started_at DESC, destination LIMIT {limit}",
        parameters,
    )
    return [_run_record(row) for row in rows]


def _run_record(row: tuple[Any, ...]) -> RunRecord:
    destination, run_id, started, finished, status, message, model_rows, requests, retries, *counts = row
    return RunRecord(
        destination,
        run_id,
        started,
        finished,
        status,
        message,
        model_rows,
        Counts(*(number or 0 for number in counts)),
        requests or 0,
        retries or 0,
    )


def failures(
    session: Session, layout: Layout, *, destination: str | None = None, limit: int | None = None
) -> list[Unaccepted]:
    """Records that are failed, unknown or held, longest waiting first."""
    where = "status <> 'skipped'" + (" AND destination = ?" if destination else "")
    iso = session.dialect.iso
    rows = session.run(
        "SELECT destination, key, operation, status, code, message, attempts, "
        f"{iso('first_at')}, {iso('last_at')}, permanent "
        f"FROM {layout.unaccepted} WHERE {where} ORDER BY destination, first_at, key"
        + (f" LIMIT {limit}" if limit is not None else ""),
        [destination] if destination else [],
    )
    return [Unaccepted(*row) for row in rows]
