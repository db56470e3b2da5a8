"""Make the manifests of this folder again: `python tests/data/regenerate.py DBT OUT [LEAVE_OUT ...]`.

Builds a copy of `shop/` with the dbt executable DBT (parses it, where that dbt cannot build) and
writes what it left behind to the folder OUT, without what roo-dbt does not read. LEAVE_OUT are
folders of `shop/` to leave out: dbt 2 refuses `models/legacy`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
KEPT = frozenset(
    {
        *("access", "alias", "attached_node", "columns", "config", "database", "depends_on", "fqn", "group"),
        *("latest_version", "meta", "name", "original_file_path", "package_name", "patch_path", "raw_code"),
        *("relation_name", "resource_type", "schema", "source_name", "tags", "test_metadata", "unique_id"),
        *("unrendered_config", "version"),
    }
)
METADATA = (
    "dbt_schema_version",
    "dbt_version",
    "generated_at",
    "invocation_id",
    "project_name",
    "adapter_type",
)
COLLECTIONS = ("nodes", "sources", "exposures", "metrics", "unit_tests", "disabled")


def trimmed(node: dict[str, Any]) -> dict[str, Any]:
    """The node without what roo-dbt does not read."""
    kept = {name: value for name, value in node.items() if name in KEPT}
    if isinstance(kept.get("depends_on"), dict):
        kept["depends_on"] = {"nodes": kept["depends_on"].get("nodes", [])}
    return kept


def manifest(path: Path) -> dict[str, Any]:
    """The manifest, trimmed; macros and docs are left out."""
    whole = json.loads(path.read_text())
    small: dict[str, Any] = {"metadata": {name: whole["metadata"].get(name) for name in METADATA}}
    for name in COLLECTIONS:
        nodes = whole.get(name) or {}
        small[name] = {
            key: [trimmed(each) for each in node] if isinstance(node, list) else trimmed(node)
            for key, node in nodes.items()
        }
    return small | {name: whole[name] for name in ("parent_map", "child_map")}


def run_results(path: Path) -> dict[str, Any]:
    """The run results, trimmed; of the arguments only those that name no folder."""
    whole = json.loads(path.read_text())
    results = [
        {name: result.get(name) for name in ("unique_id", "status", "message", "failures", "relation_name")}
        for result in whole["results"]
    ]
    args = {name: whole["args"].get(name) for name in ("which", "target", "select", "exclude")}
    args = {name: value for name, value in args.items() if value is not None}
    metadata = {name: value for name, value in whole["metadata"].items() if name in METADATA}
    return {"metadata": metadata, "results": results, "args": args}


def main(dbt: str, out: Path, leave_out: list[str]) -> None:
    """Run dbt on a copy of the project and keep what it wrote."""
    environment = os.environ | {"DO_NOT_TRACK": "1", "SHOP_NOTE": "from-the-environment"}
    out.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "shop"
        shutil.copytree(HERE / "shop", project)
        for name in leave_out:
            shutil.rmtree(project / name)
        version = subprocess.run([dbt, "--version"], capture_output=True, text=True, check=True).stdout
        command = "parse" if "2.0.0" in version else "build"
        # The build fails on purpose: one model and one test do.
        subprocess.run(
            [dbt, command, "--no-send-anonymous-usage-stats"], cwd=project, env=environment, check=False
        )
        target = project / "target"
        small = manifest(target / "manifest.json")
        (out / "manifest.json").write_text(json.dumps(small, indent=1, sort_keys=True) + "\n")
        if (target / "run_results.json").exists():
            results = run_results(target / "run_results.json")
            (out / "run_results.json").write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
