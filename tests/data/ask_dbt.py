"""Ask dbt again which nodes the selections of `selections.json` select: `python tests/data/ask_dbt.py`.

Needs dbt-core 1.11 in the running Python; works on a copy of `shop/`.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def main() -> None:
    """Replace every `selected` by what `dbt ls` answers now."""
    from dbt.cli.main import dbtRunner

    os.environ |= {"DO_NOT_TRACK": "1", "SHOP_NOTE": "from-the-environment"}
    file = HERE / "selections.json"
    cases = json.loads(file.read_text())
    quiet = ["--no-send-anonymous-usage-stats", "-q"]
    listing = [
        *quiet,
        "ls",
        "--indirect-selection",
        "empty",
        "--output",
        "json",
        "--output-keys",
        "unique_id",
    ]
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(HERE / "shop", folder, dirs_exist_ok=True)
        os.chdir(folder)
        manifest: Any = dbtRunner().invoke([*quiet, "parse"]).result
        for case in cases:
            arguments = [part for name in case["select"] for part in ("--select", name)]
            arguments += [part for name in case["exclude"] for part in ("--exclude", name)]
            rows: Any = dbtRunner(manifest=manifest).invoke([*listing, *arguments]).result or []
            case["selected"] = sorted(json.loads(row)["unique_id"] for row in rows)
    file.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


if __name__ == "__main__":
    main()
