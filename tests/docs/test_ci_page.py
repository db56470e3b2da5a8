"""docs/ci.md: the workflow is what GitHub takes, and its commands do what the page says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.docs.checkout import Checkout, checkout
from tests.docs.pages import blocks

from roo_dbt.sandbox.server import Sandbox

SECRETS = {
    "CI_WAREHOUSE_PASSWORD": "not needed by DuckDB",
    "WAREHOUSE_PASSWORD": "not needed by DuckDB",
    "BRAZE_API_KEY": "a-braze-key-nobody-may-see",
    "ITERABLE_API_KEY": "an-iterable-key-nobody-may-see",
}
GITHUBS_OWN = {"Install", "Comment"}
"""Steps that only a runner can do: they install from a registry, or speak to GitHub."""


@pytest.fixture(scope="module")
def workflow() -> dict[str, Any]:
    (text,) = blocks("ci.md", "yaml")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Checkout]:
    with Sandbox(enforce_limits=False) as sandbox:
        yield checkout(tmp_path, sandbox)


def steps(workflow: dict[str, Any], job: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Name, script and environment of the steps that run commands."""
    declared = workflow["jobs"][job]
    for step in declared["steps"]:
        if "run" in step:
            variables = {**declared.get("env", {}), **step.get("env", {})}
            yield step["name"], step["run"], {name: filled(value) for name, value in variables.items()}


def filled(value: str) -> str:
    """A value with its secrets filled in, as GitHub does."""
    return re.sub(r"\$\{\{ secrets\.(\w+) \}\}", lambda match: SECRETS[match[1]], value)


def run_job(repository: Checkout, workflow: dict[str, Any], job: str) -> dict[str, str]:
    """Run the commands of a job; what each step said, by its name."""
    said = {}
    for name, script, variables in steps(workflow, job):
        if name in GITHUBS_OWN:
            continue
        done = repository.run(script, variables)
        said[name] = done.stdout + done.stderr
        assert done.returncode == 0, f"{name}:\n{said[name]}"
        for secret in (SECRETS["BRAZE_API_KEY"], SECRETS["ITERABLE_API_KEY"]):
            assert secret not in said[name]
    return said


def rewrite(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_the_workflow_has_the_form_that_github_takes(workflow: dict[str, Any]) -> None:
    # YAML 1.1 reads the key `on` as true.
    assert set(workflow) == {"name", True, "permissions", "jobs"}
    for job in workflow["jobs"].values():
        assert job["runs-on"] == "ubuntu-latest"
        for step in job["steps"]:
            assert ("run" in step) != ("uses" in step)
            assert "uses" in step or step["name"]
            assert "@" in step.get("uses", "@")
    skipped = {name for job in workflow["jobs"] for name, *_ in steps(workflow, job)} & GITHUBS_OWN
    assert skipped == GITHUBS_OWN


def test_a_pull_requests_job_gets_no_key_of_a_vendor(workflow: dict[str, Any]) -> None:
    keys = {name for _, _, variables in steps(workflow, "plan") for name in variables}
    assert "BRAZE_API_KEY" not in keys
    assert {"BRAZE_API_KEY", "ITERABLE_API_KEY"} <= {
        name for _, _, variables in steps(workflow, "sync") for name in variables
    }


@pytest.mark.xdist_group("dbt")
def test_a_merge_syncs_and_a_pull_request_shows_what_it_would_do(
    repository: Checkout, workflow: dict[str, Any]
) -> None:
    merged = run_job(repository, workflow, "sync")
    assert "Everything that changed was accepted." in merged["Sync"]
    assert "Everything that changed was accepted." in (repository.folder / "sync.html").read_text()
    customers = len(repository.sandbox.braze_users)
    assert customers > 200
    repository.git("checkout", "--quiet", "-b", "branch")
    models = repository.folder / "models"
    rewrite(models / "customers.yml", "home_city: city\n", "home_city: city\n                town: city\n")
    rewrite(models / "subscribers.yml", "sync_mode: sync", "sync_mode: additive")
    repository.sandbox.clear_requests()

    told = run_job(repository, workflow, "plan")

    assert repository.sandbox.requests == []
    assert "2 destinations are valid" in told["Check the declarations"]
    comment = (repository.folder / "plan.md").read_text()
    assert (repository.temporary / "summary.md").read_text() == comment
    assert f"A sync would send {customers} changes" in comment
    assert f"| `braze_customers` | field added | `town` | `city` | {customers} records" in comment
    assert re.search(r"\| `iterable_subscribers` \| sync mode \|.*`sync → additive` \| 0 records \|", comment)
    assert len(comment) < 65_536
    report = repository.folder / "plan.html"
    assert "What this branch changes" in report.read_text()
    assert report.stat().st_mode & 0o777 == 0o600

    # A mistake is annotated on its line; the packages are there already.
    rewrite(models / "customers.yml", "sync_mode: sync", "sync_mode: snyc")
    check = next(script for name, script, _ in steps(workflow, "plan") if name == "Check the declarations")
    done = repository.run(check.replace("dbt deps\n", ""), {"DBT_TARGET": "ci"})
    lines = (models / "customers.yml").read_text().splitlines()
    line = next(number for number, text in enumerate(lines, 1) if "snyc" in text)
    assert done.returncode == 2
    assert f"::error file=models/customers.yml,line={line},title=bad-value::" in done.stdout
