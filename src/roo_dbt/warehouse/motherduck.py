"""MotherDuck: DuckDB whose database is elsewhere, and open to others while we have it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

import duckdb

from roo_dbt.errors import WarehouseUnavailable
from roo_dbt.warehouse.duckdb import DuckDB, first_line

_AT_START = ("motherduck_token", "motherduck_attach_mode", "motherduck_saas_mode")
"""Options that MotherDuck takes before it connects, never with SET afterwards.

dbt-duckdb 1.11, plugins/motherduck.py (read 2026-11-22), which accepts each without `motherduck_`, too.
"""

_REASONS = (
    (
        re.compile(r"token|authent|unauthori[sz]ed|login", re.IGNORECASE),
        "Set MOTHERDUCK_TOKEN, or motherduck_token in the target's settings, to a read/write token.",
    ),
    (
        re.compile(r"extension", re.IGNORECASE),
        "The extension motherduck must be there, and made for this DuckDB: INSTALL motherduck in its shell.",
    ),
)


class MotherDuck(DuckDB):
    """A database of MotherDuck, as dbt-duckdb's profile names it: `path: md:NAME`.

    The token is `motherduck_token` of the target, of its `settings`, `config_options` or MotherDuck plugin,
    or of the path; without one the extension takes MOTHERDUCK_TOKEN from the environment.
    https://motherduck.com/docs/key-tasks/authenticating-and-connecting-to-motherduck (read 2026-11-22)

    Args:
        credentials: the profile's target.
        connect: for tests.
    """

    is_shared = True
    acknowledge_seconds = 15

    def __init__(
        self,
        credentials: Mapping[str, Any],
        *,
        connect: Callable[..., duckdb.DuckDBPyConnection] = duckdb.connect,
    ) -> None:
        # Not read-only: that is an option of files. A plan writes temporary tables all the same.
        super().__init__(credentials)
        self._attaches = False
        self._call = connect
        self._shown, _, self._query = self.path.partition("?")

    def _catalogue(self) -> str:
        """What MotherDuck calls its first database unless the path says another name."""
        return self.path.split(":", 1)[1].split("?")[0].removeprefix("//") or "my_db"

    def _look(self) -> None:
        """There is no file to look for."""

    def _let_go(self) -> None:
        """Stay connected: nobody waits for us, and to connect takes a second."""

    def _engine_of(self, config: dict[str, Any]) -> duckdb.DuckDBPyConnection:
        return self._call(self._shown, config=config)

    def _options(self) -> dict[str, Any]:
        plugins = self._credentials.get("plugins") or ()
        configured = [plugin.get("config") for plugin in plugins if plugin.get("module") == "motherduck"]
        found: dict[str, Any] = {}
        for given in (*configured, self._credentials.get("settings"), dict(parse_qsl(self._query))):
            found |= {_full_name(name): value for name, value in (given or {}).items() if _full_name(name)}
        if self._credentials.get("motherduck_token"):
            found["motherduck_token"] = self._credentials["motherduck_token"]
        return {"custom_user_agent": "roo-dbt", **super()._options(), **found}

    def _settings(self) -> dict[str, str]:
        return {name: value for name, value in super()._settings().items() if not _full_name(name)}

    def _unavailable(self, error: duckdb.Error) -> WarehouseUnavailable:
        said = first_line(error)
        hint = next((hint for pattern, hint in _REASONS if pattern.search(said)), "")
        # The path and the options hold the token, and either may be repeated in an error.
        for secret in (self._options().get("motherduck_token"), os.environ.get("MOTHERDUCK_TOKEN")):
            said = said.replace(str(secret), "…") if secret else said
        said = re.sub(r"((?:motherduck_)?token=)[^&\s'\"]+", r"\1…", said, flags=re.IGNORECASE)
        return WarehouseUnavailable(f"cannot open {self._shown}: {said}", hint=hint)


def _full_name(name: str) -> str:
    """The option of `_AT_START` that a spelling means, or nothing."""
    spelt = str(name).lower()
    return next((full for full in _AT_START if spelt in (full, full.removeprefix("motherduck_"))), "")
