"""What a command was asked to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """The options that commands share; None means dbt's default or environment variable.

    `yes_delete` names the destinations whose guard is overridden. `threads` is None for the
    project's setting. `state_dir` is a folder with another manifest.json, relative to the project's.
    """

    project_dir: Path | None = None
    profiles_dir: Path | None = None
    profile: str | None = None
    target: str | None = None
    target_path: Path | None = None
    vars: str | None = None
    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()
    threads: int | None = None
    full_refresh: bool = False
    limit: int | None = None
    fail_fast: bool = False
    yes_delete: frozenset[str] = field(default_factory=frozenset)
    same_workspace: bool = False
    resend_subscriptions: bool = False
    state_schema: str | None = None
    state_database: str | None = None
    state_dir: Path | None = None
