"""Ask dbt which nodes selections select: `python dbt_ls.py < cases.json`, in the folder of a project.

The cases are lists of arguments of `dbt ls`; the answer is a JSON list of lists of unique ids. One process
for all of them: dbt's start costs seconds. Needs dbt-core 1.11 in the running Python.
"""

from __future__ import annotations

import json
import sys
from typing import Any

QUIET = ["--no-send-anonymous-usage-stats", "-q"]
LISTING = [*QUIET, "ls", "--indirect-selection", "empty", "--output", "json", "--output-keys", "unique_id"]


def answers(cases: list[list[str]]) -> list[list[str]]:
    """What dbt selects in the current folder, sorted."""
    from dbt.cli.main import dbtRunner

    manifest: Any = dbtRunner().invoke([*QUIET, "parse"]).result
    found = []
    for case in cases:
        rows: Any = dbtRunner(manifest=manifest).invoke([*LISTING, *case]).result or []
        found.append(sorted(json.loads(row)["unique_id"] for row in rows))
    return found


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    said = sys.stdout
    sys.stdout = sys.stderr
    json.dump(answers(asked), said)
