"""`roo-dbt demo`, the real thing: dbt, DuckDB, HTTP."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path


def test_the_demo_ends_well_without_a_network() -> None:
    nowhere = "http://127.0.0.1:9"
    env = {
        **os.environ,
        "HTTP_PROXY": nowhere,
        "HTTPS_PROXY": nowhere,
        "ALL_PROXY": nowhere,
        "DBT_TARGET": "absent",
    }

    ran = subprocess.run(
        [sys.executable, "-m", "roo_dbt", "demo"], env=env, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    typed = [line for line in ran.stdout.splitlines() if line.startswith("$ ")]
    assert typed == [
        "$ dbt deps",
        "$ dbt build",
        "$ roo-dbt sync",
        "$ roo-dbt sync",
        "$ dbt build --vars 'day: 2'",
        "$ roo-dbt plan",
        "$ roo-dbt sync",
    ]
    assert ran.stdout.count("✓") == 4
    assert "✗" not in ran.stdout
    assert "✓ The vendors got 0 requests." in ran.stdout


def test_a_kept_demo_leaves_the_project_and_ends_at_ctrl_c(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "roo_dbt", "demo", "--directory", str(tmp_path / "shop"), "--keep"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None

    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("Ctrl-C"):
            break
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)

    assert process.returncode == 0, "".join(lines)
    assert (tmp_path / "shop" / "dbt_project_example" / "target" / "roo_results.json").is_file()
