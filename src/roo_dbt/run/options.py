"""What a command was asked to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from roo_dbt.errors import UsageProblem


@dataclass(frozen=True, slots=True)
class Options:
    """The options that commands share; None means dbt's default or environment variable.

    `yes_delete` names the destinations whose guard is overridden. `threads` is None for the
    project's setting. `selector` is a name of `selectors.yml`, `state_dir` the folder of another
    run's artifacts, relative to the project's, and `piped` the lines of standard input, for `--select -`.
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
    selector: str | None = None
    state_dir: Path | None = None
    piped: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        """Refuse numbers that mean nothing.

        Raises:
            UsageProblem: `threads` or `limit` is below 1.
        """
        for name in ("threads", "limit"):
            number = getattr(self, name)
            if number is not None and number < 1:
                raise UsageProblem(f"{name} must be 1 or more.", hint="Leave it out for the default.")

    @property
    def is_selection(self) -> bool:
        """Whether a part of the project is asked for."""
        named = self.select or self.exclude or self.destinations
        return bool(named) or self.selector is not None or self.piped is not None
