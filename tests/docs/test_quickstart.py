"""The README's five minutes, typed into a project of one's own; what is printed is what the page says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import yaml
from tests.docs.checkout import Checkout
from tests.docs.fences import Fence, fences
from tests.e2e.transcript import PROGRESS

from roo_dbt.sandbox.server import Sandbox

ROWS = 429
CUSTOMERS = f"""
select
    n as customer_id, 'c' || n || '@example.com' as email, 'Customer ' || n as first_name,
    n * 1.5 as lifetime_value, n > {ROWS} as is_test_account
from range(1, {ROWS + 6}) as numbers (n)
"""


def of_the_readme(language: str) -> list[Fence]:
    """Its blocks of a language."""
    return [fence for fence in fences() if (fence.page, fence.language) == ("README.md", language)]


def crm(folder: Path, sandbox: Sandbox) -> Checkout:
    """A project that holds what the first two steps say."""
    place = Checkout(folder / "crm", folder, sandbox)
    (place.folder / "models").mkdir(parents=True)
    vars_, model = (yaml.safe_load(fence.text) for fence in of_the_readme("yaml"))
    project = {"name": "crm", "version": "1.0.0", "profile": "crm", "models": {"+materialized": "table"}}
    outputs = {"dev": {"type": "duckdb", "path": "crm.duckdb"}}
    for name, content in {
        "dbt_project.yml": project | vars_,
        "profiles.yml": {"crm": {"target": "dev", "outputs": outputs}},
        "models/customers.yml": model,
    }.items():
        (place.folder / name).write_text(json.dumps(content))
    (place.folder / "models" / "customers.sql").write_text(CUSTOMERS)
    return place


def comparable(text: str) -> list[str]:
    """The lines, without the seconds that something took and the widths that these have in tables."""
    lines = re.sub(r"\d+(\.\d+)? s\b", "SOON", text).strip().splitlines()
    return [re.sub(r"\s+", " ", line).strip() for line in lines if not PROGRESS.match(line)]


def test_five_minutes_from_a_project_to_a_first_sync(tmp_path: Path) -> None:
    checking, planning, sending = of_the_readme("console")
    with Sandbox(enforce_limits=False) as sandbox:
        place = crm(tmp_path, sandbox)
        declared = place.folder / "models" / "customers.yml"
        written = declared.read_text()
        # The mistake that the page shows: a field and a column, one letter short each.
        declared.write_text(written.replace('"first_name": "first_name"', '"first_nme": "first_nam"'))
        build, validate = checking.commands

        assert place.run(build).returncode == 0
        refused = place.run(validate)
        assert refused.returncode == 2
        assert comparable(f"$ {validate}\n{refused.stdout}{refused.stderr}") == comparable(
            checking.text.partition("\n")[2]
        )

        declared.write_text(written)
        assert place.run(build).returncode == 0
        for fence in (planning, sending):
            done = place.run("; ".join(fence.commands))
            shown = "\n".join(line for line in fence.text.splitlines() if not line.startswith("$ "))
            assert done.returncode == 0, done.stderr
            assert comparable(done.stdout + done.stderr) == comparable(shown)
        assert len(sandbox.braze_users) == ROWS
