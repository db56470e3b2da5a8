"""What the shell offers after a Tab, asked the way bash, zsh and fish ask."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.run.shop import Shop

SELECTORS = "selectors: [{name: nightly, definition: 'tag:crm'}, {name: hourly, definition: customers}]"


def offered(folder: Path, typed: str, incomplete: str = "", *, shell: str = "bash") -> list[str]:
    """The completions of `incomplete` after the words typed, without their kind."""
    words = ["roo-dbt", *typed.split(), incomplete]
    env = {name: value for name, value in os.environ.items() if not name.startswith("DBT_")}
    env |= {"_ROO_DBT_COMPLETE": f"{shell}_complete", "COMP_WORDS": " ".join(words)}
    env |= {"COMP_CWORD": incomplete if shell == "fish" else str(len(words) - 1)}
    ran = subprocess.run(
        [sys.executable, "-c", "from roo_dbt.cli import main; main()"],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stderr == ""
    if shell == "zsh":
        return ran.stdout.splitlines()[1::3]
    return [line.partition(",")[2].partition("\t")[0] for line in ran.stdout.splitlines() if line]


@pytest.fixture
def folder(shop: Shop) -> Path:
    shop.iterable("additive")
    shop.write()
    (shop.folder / "selectors.yml").write_text(SELECTORS)
    return shop.folder


@pytest.mark.parametrize(
    ("typed", "incomplete", "expected"),
    [
        ("", "va", ["validate"]),
        ("sync", "--full", ["--full-refresh"]),
        ("sync -d", "", ["braze_customers", "iterable_customers"]),
        ("sync -d braze_customers", "it", ["iterable_customers"]),
        ("sync --destination", "braze", ["braze_customers"]),
        ("sync --yes-delete", "i", ["iterable_customers"]),
        ("sync -s", "cust", ["customers"]),
        ("sync -s customers", "sel", ["selector:nightly", "selector:hourly"]),
        ("list --selector", "n", ["nightly"]),
        ("sync --selector nightly --limit 3 -d", "b", ["braze_customers"]),
        ("generate", "braze:u", ["braze:users"]),
        ("generate braze", "c", ["customers"]),
        ("init iterable", "", ["customers"]),
        ("describe", "iterable:e", ["iterable:events"]),
        ("fields", "", ["braze", "iterable"]),
        ("why", "br", ["braze_customers"]),
        ("list --output", "", ["text", "json"]),
    ],
)
def test_names_are_completed(folder: Path, typed: str, incomplete: str, expected: list[str]) -> None:
    assert offered(folder, typed, incomplete) == expected


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_is_served(folder: Path, shell: str) -> None:
    assert offered(folder, "sync -d", "braze", shell=shell) == ["braze_customers"]


def test_without_a_project_nothing_is_offered_and_nothing_breaks(tmp_path: Path) -> None:
    assert offered(tmp_path, "sync -d") == []
    (tmp_path / "dbt_project.yml").write_text("name: [")
    assert offered(tmp_path, "sync -s", "c") == []


def test_the_project_may_be_elsewhere(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")

    assert offered(elsewhere, f"sync --project-dir {folder} -d", "b") == ["braze_customers"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_that_switches_it_on_is_one_its_shell_accepts(shell: str, tmp_path: Path) -> None:
    script = subprocess.run(
        [sys.executable, "-c", "from roo_dbt.cli import main; main()"],
        env={**os.environ, "_ROO_DBT_COMPLETE": f"{shell}_source"},
        capture_output=True,
        text=True,
        check=False,
    ).stdout

    assert "_ROO_DBT_COMPLETE" in script
    program = shutil.which(shell)
    if program is not None:
        file = tmp_path / "script"
        file.write_text(script)
        subprocess.run([program, "-n", str(file)], check=True)


@pytest.mark.parametrize(
    ("line", "words", "breaks", "expected"),
    [
        ("roo-dbt sync -s tag:cr", "roo-dbt sync -s tag : cr", " :=", "crm"),
        ("roo-dbt sync -s tag:cr", "roo-dbt sync -s tag:cr", " =", "tag:crm"),
        ("roo-dbt describe iterable:", "roo-dbt describe iterable :", " :=", "users"),
        ("roo-dbt sync -s cust", "roo-dbt sync -s cust", " :=", "customers"),
        ("roo-dbt sync -d ", "roo-dbt sync -d ''", " :=", "braze_customers"),
    ],
)
def test_bash_completes_what_follows_a_colon(
    folder: Path, line: str, words: str, breaks: str, expected: str
) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no bash here")
    manifest = folder / "target" / "manifest.json"
    document = json.loads(manifest.read_text())
    for node in document["nodes"].values():
        node["tags"] = ["crm"]
    manifest.write_text(json.dumps(document))
    script = f"""
        eval "$(_ROO_DBT_COMPLETE=bash_source roo-dbt)"
        COMP_LINE='{line}' COMP_POINT={len(line)} COMP_WORDS=({words}) COMP_WORDBREAKS='{breaks}'
        COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 ))
        _roo_dbt_completion roo-dbt
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    ran = subprocess.run(
        [bash, "-c", script], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    assert ran.stderr == ""
    assert expected in ran.stdout.splitlines()


def test_the_documented_line_switches_it_on_in_bash() -> None:
    bash = shutil.which("bash")
    guide = Path(__file__).parents[2] / "docs" / "command-line.md"
    (line,) = (one for one in guide.read_text(encoding="utf-8").splitlines() if "bash_source" in one)
    if bash is None:
        pytest.skip("no bash here")
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}

    ran = subprocess.run(
        [bash, "-c", f"{line}\ncomplete -p roo-dbt"], env=env, capture_output=True, text=True, check=True
    )

    assert "_roo_dbt_completion" in ran.stdout
