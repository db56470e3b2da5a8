"""docs/orchestrators.md: the snippets do what the page says."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.docs.checkout import Checkout, checkout
from tests.docs.pages import ROOT, blocks, page

from roo_dbt.errors import ExitCode
from roo_dbt.sandbox.server import Sandbox

ORDINARY = [code for code in ExitCode if code != ExitCode.CHANGES_PLANNED]


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Checkout]:
    """The example project, with its script and its keys."""
    with Sandbox(enforce_limits=False) as sandbox:
        made = checkout(tmp_path, sandbox)
        script = made.folder / "nightly.sh"
        script.write_text(next(block for block in blocks("orchestrators.md", "sh")))
        script.chmod(0o755)
        (made.folder / ".env").write_text("BRAZE_API_KEY=any\nITERABLE_API_KEY=any\nDBT_TARGET=prod\n")
        yield made


def without_dbt(repository: Checkout) -> None:
    """Leave the build out of the script: what it made is there, or is not."""
    script = repository.folder / "nightly.sh"
    script.write_text(script.read_text().replace("\ndbt build\n", "\ntrue\n"))


def nightly(repository: Checkout) -> Any:
    """Run the script from elsewhere, as cron does, without its pauses."""
    return repository.run(f"cd / && {repository.folder}/nightly.sh", {"PAUSES": "0 0 end"})


def busy(sandbox: Sandbox, times: int | None) -> None:
    """The vendor asks for a wait over five minutes, which no sync waits for."""
    sandbox.fault("status", "/users/track", status=429, seconds=900, count=times)


@pytest.mark.xdist_group("dbt")
def test_the_script_builds_syncs_and_tries_again_what_was_stopped_midway(repository: Checkout) -> None:
    assert repository.run("dbt deps").returncode == 0
    busy(repository.sandbox, times=1)
    done = nightly(repository)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(repository.sandbox.braze_users) > 200
    quiet = [line for line in done.stdout.splitlines() if "roo" in line or "accepted" in line.lower()]
    assert len([line for line in quiet if "Stopped" in line]) == 1
    busy(repository.sandbox, times=None)
    with duckdb.connect(str(repository.folder.parent / "shop.duckdb")) as warehouse:
        warehouse.sql("update analytics.customers set city = 'Bergen'")
    without_dbt(repository)
    assert nightly(repository).returncode == ExitCode.STOPPED_MIDWAY


def test_the_script_ends_at_once_where_another_try_is_of_no_use(repository: Checkout) -> None:
    without_dbt(repository)
    assert nightly(repository).returncode == ExitCode.COULD_NOT_START
    (repository.folder / ".env").unlink()
    assert nightly(repository).returncode != 0
    assert repository.sandbox.requests == []


def test_the_page_says_of_exit_codes_what_the_readme_says() -> None:
    table = page("orchestrators.md").partition("<!-- generated: exits -->")[2].partition("<!-- end -->")[0]
    assert [int(code) for code in re.findall(r"^\| (\d) \|", table, re.MULTILINE)] == ORDINARY
    readme = (ROOT / "README.md").read_text(encoding="utf-8").partition("### Exit codes")[2]
    for words in ("nothing was sent", "stopped midway"):
        assert words in table
        assert words in readme
    (again,) = re.findall(r"^\| (\d) \|.*\| try again", table, re.MULTILINE)
    assert int(again) == ExitCode.STOPPED_MIDWAY


@pytest.fixture(scope="module")
def dag() -> ast.Module:
    (text,) = blocks("orchestrators.md", "python")
    compile(text, "dag.py", "exec")
    return ast.parse(text)


def test_airflow_tries_again_for_one_exit_code_only(dag: ast.Module) -> None:
    (function,) = (node for node in dag.body if isinstance(node, ast.FunctionDef))
    names: dict[str, Any] = {}
    exec(compile(ast.Module([function], []), "dag.py", "exec"), names)  # noqa: S102 - the page's own function
    verdicts = {code: names["verdict"](int(code)) for code in ORDINARY}
    assert verdicts == {
        ExitCode.SUCCESS: "success",
        ExitCode.FINISHED_WITH_PROBLEMS: "fail",
        ExitCode.COULD_NOT_START: "fail",
        ExitCode.STOPPED_MIDWAY: "retry",
    }
    # Ended by a signal, which Popen tells as a negative number: nothing to try again.
    assert names["verdict"](-9) == "fail"


def test_the_dag_needs_airflow_and_the_standard_library_alone(dag: ast.Module) -> None:
    imported = {
        (node.module or "").split(".")[0] if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(dag)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert {name for name in imported if name not in sys.stdlib_module_names} == {"airflow"}
    loaded = {node.id for node in ast.walk(dag) if isinstance(node, ast.Name)}
    assert "PythonOperator" not in loaded
    commands = [node.value for node in ast.walk(dag) if isinstance(node, ast.Constant)]
    assert "roo-dbt" in commands
