"""JSON files that dbt leaves in its target folder, and the version of their schema."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from roo_dbt.errors import ProjectProblem

_SCHEMA = re.compile(r"/v(\d+)\.json$")


def read_artifact(path: Path, *, oldest: int, newest: int, again: str) -> dict[str, Any]:
    """Read an artifact whose schema version lies between `oldest` and `newest`.

    Args:
        path: the file, which exists.
        oldest: the first schema version that can be read.
        newest: the last one.
        again: the command that writes the file again.

    Raises:
        ProjectProblem: the file is unreadable, broken or of another version.
    """
    where = str(path)
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise ProjectProblem(f"the file cannot be read: {error}.", where=where) from error
    except ValueError as error:
        raise ProjectProblem("the file is not valid JSON.", where=where, hint=f"Run `{again}`.") from error
    metadata = document.get("metadata") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(metadata, dict):
        raise ProjectProblem(
            "this is no file of dbt's: it has no metadata.", where=where, hint=f"Run `{again}`."
        )
    schema = str(metadata.get("dbt_schema_version"))
    found = _SCHEMA.search(schema)
    if found is None:
        raise ProjectProblem(
            f"the schema version `{schema}` is none of dbt's.", where=where, hint=f"Run `{again}`."
        )
    version, writer = int(found[1]), metadata.get("dbt_version") or "an unknown version"
    if version < oldest:
        raise ProjectProblem(
            f"the schema is v{version}, written by dbt {writer}; roo-dbt reads v{oldest} and later.",
            where=where,
            hint=f"Upgrade dbt to 1.8 or later and run `{again}`.",
        )
    if version > newest:
        raise ProjectProblem(
            f"the schema is v{version}, written by dbt {writer}; this roo-dbt knows it up to v{newest}.",
            where=where,
            hint="Upgrade roo-dbt.",
        )
    return document
