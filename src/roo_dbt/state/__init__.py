"""The state tables: who exports now, what was confirmed, and the snapshots it is folded into."""

from roo_dbt.state.acknowledge import acknowledge, mark_sending, note_traces
from roo_dbt.state.commit import commit, preview, recover
from roo_dbt.state.history import failures, finish_run, note_overrides, runs, start_run
from roo_dbt.state.identifiers import former_identifiers
from roo_dbt.state.lock import heartbeat, lock, unlock
from roo_dbt.state.refusals import forget_settled
from roo_dbt.state.snapshots import Known, Preview, known, register_changes, strangers, workspace_of
from roo_dbt.state.tables import create_tables, tables_exist

__all__ = [
    "Known",
    "Preview",
    "acknowledge",
    "commit",
    "create_tables",
    "failures",
    "finish_run",
    "forget_settled",
    "former_identifiers",
    "heartbeat",
    "known",
    "lock",
    "mark_sending",
    "note_overrides",
    "note_traces",
    "preview",
    "recover",
    "register_changes",
    "runs",
    "start_run",
    "strangers",
    "tables_exist",
    "unlock",
    "workspace_of",
]
