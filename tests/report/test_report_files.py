"""`roo_results.json`, `roo_plan.json` and their schemas."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest

from roo_dbt.errors import ProjectProblem, Stopped
from roo_dbt.records import Code, DestinationPlan, DestinationResult, PlanReport, ResultStatus, SyncReport
from roo_dbt.report import PLAN_FILE, RESULTS_FILE, plan_document, results_document, write_plan, write_results

Report = Callable[..., SyncReport]


def schema(name: str) -> dict[str, Any]:
    text = (resources.files("roo_dbt.report") / "schemas" / name).read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def check(document: Any, name: str) -> None:
    described = schema(name)
    jsonschema.Draft202012Validator.check_schema(described)
    jsonschema.validate(json.loads(json.dumps(document)), described)


def test_the_results_follow_their_schema(
    result: Callable[..., DestinationResult], partial: DestinationResult, sync_report: Report
) -> None:
    unread = result(status="skipped", rows=None, message="disabled")

    check(results_document(sync_report(result(), partial, unread)), "roo_results.schema.json")


def test_the_plan_follows_its_schema(
    planned: Callable[..., DestinationPlan], plan_report: Callable[..., PlanReport]
) -> None:
    report = plan_report(planned(), planned(status="blocked", blocked_by=("x",), data_points=None, rows=None))

    check(plan_document(report), "roo_plan.schema.json")


@pytest.mark.parametrize("name", ["roo_results.schema.json", "roo_plan.schema.json"])
def test_a_schema_requires_every_property_it_describes(name: str) -> None:
    described = schema(name)

    for part in (described, *described["$defs"].values()):
        if "required" in part:
            assert sorted(part["required"]) == sorted(part["properties"])


def test_a_document_has_no_property_that_its_schema_does_not_describe(
    partial: DestinationResult,
    sync_report: Report,
    planned: Callable[..., DestinationPlan],
    plan_report: Callable[..., PlanReport],
) -> None:
    documents = {
        "roo_results.schema.json": results_document(sync_report(partial)),
        "roo_plan.schema.json": plan_document(plan_report(planned())),
    }

    for name, document in documents.items():
        parts = schema(name)["$defs"]
        assert document["metadata"].keys() == parts["metadata"]["properties"].keys()
        assert document["results"][0].keys() == parts["result"]["properties"].keys()
        assert document["results"][0]["counts"].keys() == parts["counts"]["properties"].keys()


def test_the_schema_knows_every_code_and_status() -> None:
    parts = schema("roo_results.schema.json")["$defs"]

    assert set(parts["failure"]["properties"]["code"]["enum"]) == set(get_args(Code))
    assert set(parts["result"]["properties"]["status"]["enum"]) == set(get_args(ResultStatus))


def test_the_results_file_replaces_the_old_one_and_leaves_nothing_beside_it(
    tmp_path: Path, partial: DestinationResult, sync_report: Report
) -> None:
    path = tmp_path / "target" / RESULTS_FILE
    report = sync_report(partial)

    write_results(sync_report(), path)
    write_results(report, path)

    assert json.loads(path.read_text(encoding="utf-8")) == results_document(report)
    assert list(path.parent.iterdir()) == [path]


def test_a_plan_is_readable_by_its_owner_alone(
    tmp_path: Path, planned: Callable[..., DestinationPlan], plan_report: Callable[..., PlanReport]
) -> None:
    path = tmp_path / PLAN_FILE
    path.write_text("{}")
    path.chmod(0o644)

    write_plan(plan_report(planned()), path)

    assert path.stat().st_mode & 0o777 == 0o600


def test_the_results_file_follows_the_umask(tmp_path: Path, sync_report: Report) -> None:
    umask = os.umask(0)
    os.umask(umask)

    write_results(sync_report(), tmp_path / RESULTS_FILE)

    assert (tmp_path / RESULTS_FILE).stat().st_mode & 0o777 == 0o666 & ~umask


def test_a_folder_that_cannot_be_made_is_one_clear_sentence(
    tmp_path: Path, sync_report: Report, plan_report: Callable[..., PlanReport]
) -> None:
    (tmp_path / "target").write_text("a file in the way")

    with pytest.raises(Stopped, match="could not be written"):
        write_results(sync_report(), tmp_path / "target" / RESULTS_FILE)
    with pytest.raises(ProjectProblem, match="could not be written"):
        write_plan(plan_report(), tmp_path / "target" / PLAN_FILE)
