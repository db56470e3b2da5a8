"""`plan --format`, `--report` of plan and sync, and the files that they leave."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.cli.conftest import Run
from tests.run.shop import ANN, BO, Shop

SECRET = "ann@example.com"


@pytest.fixture(autouse=True)
def _no_state(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DBT_STATE", "DBT_ENGINE_STATE"):
        monkeypatch.delenv(name, raising=False)


def keep(shop: Shop) -> None:
    """Take the manifest as production's, and change what the branch declares."""
    (shop.folder / "production").mkdir()
    (shop.folder / "production" / "manifest.json").write_bytes(
        (shop.folder / "target" / "manifest.json").read_bytes()
    )
    shop.braze("additive", mapping={"external_id": "id", "email": "email", "town": "city"})
    shop.write()


def test_a_plan_comes_in_four_forms(shop: Shop, run: Run) -> None:
    keep(shop)
    forms = {form: run("plan", "--state", "production", "--format", form) for form in FORMS}
    assert {ran.code for ran in forms.values()} == {0}
    assert forms["text"].out.startswith("braze_customers  customers → braze users\n")
    assert "\nAgainst the manifest in production, written 2026-11-22 00:00:00:\n" in forms["text"].out
    assert forms["markdown"].out.startswith("<!-- roo-dbt plan -->\n### roo-dbt plan: ")
    assert "| `braze_customers` | field added | `town` | `city` |" in forms["markdown"].out
    assert forms["html"].out.startswith("<!DOCTYPE html>")
    assert forms["html"].out.endswith("</html>")
    events = [json.loads(line) for line in forms["json"].out.splitlines()]
    assert [event["event"] for event in events] == ["plan", "comparison"]
    assert events[1]["destinations"][0]["change"] == "changed"


FORMS = ("text", "json", "markdown", "html")


def test_the_older_name_of_the_option_still_works(shop: Shop, run: Run) -> None:
    assert json.loads(run("plan", "--output", "json").out)["event"] == "plan"


def test_a_branch_is_compared_by_dbts_own_variable_too(
    shop: Shop, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(shop)
    monkeypatch.setenv("DBT_STATE", str(shop.folder / "production"))
    assert "This branch changes 1 destination" in run("plan").out


@pytest.mark.parametrize("form", FORMS)
def test_values_are_in_no_form_unless_they_are_asked_for(shop: Shop, run: Run, form: str) -> None:
    assert SECRET not in run("plan", "--format", form).out
    assert SECRET in run("plan", "--format", form, "--show-values").out


def test_a_plan_can_be_written_in_every_form_at_once(shop: Shop, run: Run, tmp_path: Path) -> None:
    files = [tmp_path / "out" / f"plan.{ending}" for ending in ("html", "md", "json")]
    ran = run("plan", *[word for file in files for word in ("--report", str(file))])
    assert ran.code == 0
    assert ran.out.startswith("braze_customers")
    assert [file.read_text()[:9] for file in files] == ["<!DOCTYPE", "<!-- roo-", '{\n  "meta']
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["plan.html", "plan.json", "plan.md"]


def test_a_report_that_stood_open_to_all_is_closed(shop: Shop, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "plan.html"
    file.write_text("old")
    file.chmod(0o644)
    run("plan", "--show-values", "--report", str(file))
    assert SECRET in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_sync_leaves_a_page(shop: Shop, run: Run, tmp_path: Path) -> None:
    ran = run("sync", "--report", str(tmp_path / "sync.html"))
    page = (tmp_path / "sync.html").read_text()
    assert (ran.code, ran.out.startswith("destination")) == (0, True)
    assert "Everything that changed was accepted." in page
    assert "<polyline" in page
    assert SECRET not in page


@pytest.mark.parametrize("command", ["plan", "sync"])
@pytest.mark.parametrize("name", ["report", "report.pdf", "report.html/inside.html", ".", "ro/x.html"])
def test_a_report_that_cannot_be_is_refused_before_anything_else(
    shop: Shop, run: Run, tmp_path: Path, command: str, name: str
) -> None:
    (tmp_path / "report.html").write_text("a file in the way")
    (tmp_path / "ro").write_text("no folder")
    ran = run(command, "--report", str(tmp_path / name))
    assert ran.code == 2
    assert "report" in ran.err
    assert "Traceback" not in ran.err
    assert shop.sandbox.requests == []
    assert not (tmp_path / "target" / "roo_plan.json").exists()


def test_a_folder_under_the_name_of_a_report_is_refused(shop: Shop, run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.html").mkdir()
    ran = run("sync", "--report", str(tmp_path / "x.html"))
    assert (ran.code, shop.sandbox.requests) == (2, [])
    assert "the report cannot be written" in ran.err


def test_a_form_that_there_is_not_names_those_that_there_are(shop: Shop, run: Run) -> None:
    ran = run("plan", "--format", "pdf")
    assert ran.code == 2
    assert "'text', 'json', 'markdown', 'html'" in ran.err
    ran = run("plan", "--report", "plan.pdf")
    assert "End it in .html, .md or .json." in ran.err


@pytest.mark.parametrize(
    ("state", "words"), [("nowhere", "--state nowhere is no folder"), ("future", "the schema is v99")]
)
def test_another_manifest_that_cannot_be_read_ends_the_plan(
    shop: Shop, run: Run, state: str, words: str
) -> None:
    (shop.folder / "future").mkdir()
    schema = "https://schemas.getdbt.com/dbt/manifest/v99.json"
    content = json.dumps({"metadata": {"dbt_schema_version": schema, "dbt_version": "9.0.0"}})
    (shop.folder / "future" / "manifest.json").write_text(content)
    ran = run("plan", "--state", state)
    assert ran.code == 2
    assert words in ran.err


def published(run: Run, option: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(run("schema", option).out)
    jsonschema.Draft202012Validator.check_schema(schema)
    return schema


def test_real_files_follow_the_published_schemas(shop: Shop, run: Run) -> None:
    keep(shop)
    shop.sandbox.fault("item", "/users/track", ids=["2"], message="not wanted")
    shop.customers(f"{ANN}, {BO}, (4, 'no address', 'Nice', 1)")
    target = shop.folder / "target"
    assert run("plan", "--state", "production").code == 0
    assert run("sync").code == 1
    assert run("plan", "--state", "production", "--show-values").code == 0
    plan = json.loads((target / "roo_plan.json").read_text())
    results = json.loads((target / "roo_results.json").read_text())
    jsonschema.validate(plan, published(run, "--plan"))
    jsonschema.validate(results, published(run, "--results"))
    assert {reason["outcome"] for reason in plan["results"][0]["reasons"]} == {"held"}
    assert {reason["code"] for reason in results["results"][0]["reasons"]} == {"rejected", "invalid_value"}
