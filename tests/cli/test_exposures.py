"""`roo-dbt exposures`: the file, its staleness, and what dbt makes of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
import yaml
from tests.run.shop import Shop

from roo_dbt.destinations.braze.settings import dashboard_for
from roo_dbt.project.example import copy_example
from roo_dbt.report.exposed import ExposedApp, exposures_yaml

Run = Callable[..., Any]
Dbt = Callable[..., CompletedProcess[str]]


def written(shop: Shop) -> list[dict[str, Any]]:
    text = (shop.folder / "models" / "roo_exposures.yml").read_text(encoding="utf-8")
    exposures: list[dict[str, Any]] = yaml.safe_load(text)["exposures"]
    return exposures


def test_each_app_that_gets_something_is_one_exposure(run: Run, shop: Shop) -> None:
    shop.iterable("additive", enabled=False)
    shop.roo |= {"owner": "Marketing data <data@example.com>"}
    shop.roo["apps"]["braze"]["rest_endpoint"] = "https://rest.fra-02.braze.eu"
    shop.roo["targets"] = ["prod"]
    shop.write()

    ran = run("exposures")

    assert ran.code == 0
    assert ran.out == "Wrote models/roo_exposures.yml: dbt parse reads it, dbt docs generate shows it.\n"
    assert written(shop) == [
        {
            "name": "braze",
            "label": "Braze",
            "type": "application",
            "description": "Braze gets, by roo-dbt:\n- `braze_customers`: customers → users, mode sync\n",
            "url": "https://dashboard-02.braze.eu",
            "owner": {"name": "Marketing data", "email": "data@example.com"},
            "depends_on": ["ref('customers')"],
        }
    ]


def test_a_value_from_the_environment_never_gets_into_the_file(run: Run, shop: Shop) -> None:
    shop.roo["apps"]["braze"]["rest_endpoint"] = "${NOWHERE:-https://rest.iad-01.braze.com}"
    shop.roo["targets"] = ["prod"]
    shop.write()

    run("exposures")

    assert written(shop)[0]["url"] == "https://www.braze.com"
    assert written(shop)[0]["owner"] == {"name": "shop"}


def test_the_check_says_with_its_exit_code_whether_the_file_is_up_to_date(run: Run, shop: Shop) -> None:
    missing = run("exposures", "--check")
    run("exposures")
    fresh = run("exposures", "--check")
    again = run("exposures")
    shop.braze("additive")
    shop.write()
    stale = run("exposures", "--check")

    assert (missing.code, fresh.code, again.code, stale.code) == (1, 0, 0, 1)
    assert fresh.out == again.out == "models/roo_exposures.yml is up to date.\n"
    assert "+      - `braze_customers`: customers → users, mode additive\n" in stale.out
    assert "is not up to date: type roo-dbt exposures." in stale.out
    assert "mode sync" in written(shop)[0]["description"]


def test_the_file_can_be_another_one_or_be_printed(run: Run, shop: Shop) -> None:
    printed = run("exposures", "--file", "-")
    run("exposures", "--file", "models/docs/vendors.yml")

    assert (shop.folder / "models" / "docs" / "vendors.yml").read_text(encoding="utf-8") == printed.out
    assert not (shop.folder / "models" / "roo_exposures.yml").exists()


def test_the_file_lies_where_the_projects_models_are(run: Run, shop: Shop) -> None:
    project = shop.folder / "dbt_project.yml"
    project.write_text(json.dumps({**json.loads(project.read_text()), "model-paths": ["transform", "more"]}))

    assert "transform/roo_exposures.yml" in run("exposures").out


def test_an_exposure_of_the_same_name_is_named_before_dbt_stumbles_over_it(run: Run, shop: Shop) -> None:
    path = shop.folder / "target" / "manifest.json"
    manifest = json.loads(path.read_text())
    mine = {"unique_id": "exposure.shop.braze", "name": "braze", "resource_type": "exposure"}
    mine |= {"package_name": "shop", "original_file_path": "models/mine.yml"}
    manifest["exposures"] = {"exposure.shop.braze": mine}
    path.write_text(json.dumps(manifest))

    taken = run("exposures")
    mine["original_file_path"] = "models/roo_exposures.yml"
    path.write_text(json.dumps(manifest))
    own = run("exposures")

    assert (taken.code, own.code) == (2, 0)
    assert "the project has an exposure named braze already" in taken.err
    assert "at: models/mine.yml" in taken.err


def test_declarations_with_errors_are_not_exposed(run: Run, shop: Shop) -> None:
    shop.braze("sometimes")
    shop.write()

    ran = run("exposures")

    assert ran.code == 2
    assert "sync_mode" in ran.err


def test_versions_and_packages_are_named_in_the_reference(shop: Shop) -> None:
    from dataclasses import replace

    from roo_dbt.project import ProjectOptions, load_project
    from roo_dbt.records import Destination

    project = load_project(ProjectOptions(project_dir=shop.folder), needs_profile=False)
    (model,) = project.manifest.models
    models = [
        replace(model, unique_id="a", package="other", name="plans"),
        replace(model, unique_id="b", name="tiers"),
    ]
    destinations = [Destination(m.name, m, "crm", "events", ("id",), (), ()) for m in models]

    text = exposures_yaml(
        [ExposedApp("crm", "Braze", "", destinations)], "crm@example.com", "shop", {"a": "2", "b": "beta"}
    )

    (exposure,) = yaml.safe_load(text)["exposures"]
    assert exposure["depends_on"] == ["ref('other', 'plans', v=2)", "ref('tiers', v='beta')"]
    assert exposure["label"] == "Braze (crm)"
    assert exposure["owner"] == {"email": "crm@example.com"}
    assert "url" not in exposure


@pytest.mark.parametrize(
    ("endpoint", "page"),
    [
        ("https://rest.iad-03.braze.com", "https://dashboard-03.braze.com"),
        ("https://rest.fra-01.braze.eu/", "https://dashboard-01.braze.eu"),
        ("https://rest.us-10.braze.com", "https://dashboard.us-10.braze.com"),
        ("http://127.0.0.1:8911", "https://www.braze.com"),
        ("", "https://www.braze.com"),
    ],
)
def test_the_dashboard_is_the_one_beside_the_rest_endpoint(endpoint: str, page: str) -> None:
    assert dashboard_for(endpoint) == page


def test_dbt_reads_the_file_and_draws_the_apps_at_the_end_of_the_graph(
    run: Run, tmp_path: Path, dbt: Dbt, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = copy_example(tmp_path)
    for arguments in (["deps"], ["parse"]):
        assert dbt(project, *arguments).returncode == 0
    monkeypatch.chdir(project)

    assert run("exposures").code == 0
    listed = dbt(
        project, "-q", "ls", "--select", "+exposure:iterable", "--resource-type", "model", "exposure"
    )

    assert listed.returncode == 0, listed.stdout
    assert listed.stdout.split() == [
        "exposure:shop.iterable",
        *("shop.customers", "shop.staging.stg_customers", "shop.staging.stg_orders", "shop.subscribers"),
    ]
    manifest = json.loads((project / "target" / "manifest.json").read_text(encoding="utf-8"))
    exposure = manifest["exposures"]["exposure.shop.braze"]
    assert (exposure["type"], exposure["owner"]["name"]) == ("application", "shop")
    assert exposure["depends_on"]["nodes"] == ["model.shop.customers"]
    assert run("exposures", "--check").code == 0
    assert run("validate", "--offline").code == 0
