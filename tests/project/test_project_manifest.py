"""Manifests written by dbt 1.11 and dbt 2, and what is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from roo_dbt.errors import ProjectProblem
from roo_dbt.project import Manifest, read_manifest
from roo_dbt.records import Model

DATA = Path(__file__).parents[1] / "data"
ENGINES = ["dbt_1_11", "dbt_2_0"]


def manifest(engine: str, project: Path | None = DATA / "shop") -> Manifest:
    return read_manifest(DATA / engine / "manifest.json", project)


def model(read: Manifest, unique_id: str) -> Model:
    found = read.model(unique_id)
    assert found is not None
    return found


def changed(tmp_path: Path, engine: str, **metadata: Any) -> Path:
    document = json.loads((DATA / engine / "manifest.json").read_text())
    document["metadata"].update(metadata)
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(document))
    return path


@pytest.mark.parametrize("engine", ENGINES)
def test_both_engines_give_the_same_model(engine: str) -> None:
    customers = model(manifest(engine), "model.shop.customers")
    assert customers.relation.quoted == '"shop"."main"."customers"'
    assert (customers.relation.schema, customers.relation.identifier) == ("main", "customers")
    assert (customers.file, customers.path) == ("models/marts/schema.yml", "models/marts/customers.sql")
    assert customers.fqn == ("shop", "marts", "customers")
    assert (customers.package, customers.tags, customers.resource_type) == ("shop", ("crm",), "model")
    assert set(customers.depends_on) == {"model.shop.stg_customers", "model.shop.stg_orders"}
    assert customers.meta["destinations"][0]["mapping"] == {"external_id": "customer_id", "email": "email"}
    assert not customers.top_level_meta


@pytest.mark.parametrize("engine", ENGINES)
def test_only_annotated_columns_have_meta(engine: str) -> None:
    """dbt 2 writes the model's meta into every column that has none."""
    assert model(manifest(engine), "model.shop.customers").column_meta == {"plan": {"braze_customers": True}}
    assert model(manifest(engine), "model.shop.orders").column_meta == {}


@pytest.mark.parametrize("engine", ENGINES)
def test_models_seeds_and_snapshots_are_read_and_nothing_else(engine: str) -> None:
    kinds = {each.resource_type for each in manifest(engine).models}
    assert kinds == {"model", "seed", "snapshot"}
    assert model(manifest(engine), "seed.shop.segments").meta == {"key": "customer_id", "destinations": []}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_model_without_our_block_has_empty_meta(engine: str) -> None:
    staging = model(manifest(engine), "model.shop.stg_customers")
    assert (staging.meta, staging.column_meta) == ({}, {})
    assert staging.file == "models/staging/stg_customers.sql"


@pytest.mark.parametrize("engine", ENGINES)
def test_a_model_that_is_switched_off_is_not_read(engine: str) -> None:
    assert manifest(engine).model("model.shop.switched_off") is None


@pytest.mark.parametrize("project", [DATA / "shop", None])
@pytest.mark.parametrize("engine", ENGINES)
def test_an_older_version_that_inherits_the_block_does_not_declare_it(
    engine: str, project: Path | None
) -> None:
    read = manifest(engine, project)
    assert model(read, "model.shop.plans.v1").meta == {}
    assert model(read, "model.shop.plans.v2").meta == {"key": "plan", "destinations": []}


@pytest.mark.parametrize("project", [DATA / "shop", None])
@pytest.mark.parametrize("engine", ENGINES)
def test_an_older_version_with_its_own_block_declares_it(engine: str, project: Path | None) -> None:
    assert (
        model(manifest(engine, project), "model.shop.tiers.v1").meta["note"] == "kept for the old campaigns"
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_an_ephemeral_model_with_a_block_is_a_problem(engine: str) -> None:
    read = manifest(engine)
    assert read.model("model.shop.scratch") is None
    [problem] = [each for each in read.problems if each.id == "no-table"]
    assert (problem.model, problem.value, problem.severity) == ("scratch", "ephemeral", "error")


@pytest.mark.parametrize("engine", ENGINES)
def test_current_rows_of_snapshots_obey_renamed_columns(engine: str) -> None:
    read = manifest(engine)
    assert model(read, "snapshot.shop.plain_history").current_rows == '"dbt_valid_to" is null'
    condition = model(read, "snapshot.shop.customers_history").current_rows
    assert condition is not None
    assert "valid_until" in condition
    assert "is_gone" in condition
    assert model(read, "model.shop.customers").current_rows is None


@pytest.mark.parametrize("engine", ENGINES)
def test_what_the_manifest_says_of_itself_is_read(engine: str) -> None:
    read = manifest(engine)
    assert (read.project_name, read.adapter_type) == ("shop", "duckdb")
    assert read.dbt_version.startswith(engine.removeprefix("dbt_").replace("_", "."))
    assert read.invocation_id
    assert read.generated_at.startswith("20")


def test_a_block_outside_config_is_read_on_dbt_1_with_a_warning() -> None:
    read = manifest("dbt_1_11")
    legacy = model(read, "model.shop.legacy")
    assert legacy.meta == {"key": "customer_id", "destinations": []}
    assert legacy.column_meta == {"plan": {"braze_customers": True}, "email": {"braze_customers": "email"}}
    assert legacy.top_level_meta
    warnings = {each.path: each for each in read.problems if each.model == "legacy"}
    assert set(warnings) == {"meta.roo", "columns[plan].meta.roo"}
    assert all(each.severity == "warning" and "config:" in each.message for each in warnings.values())
    assert {each.file for each in warnings.values()} == {"models/legacy/schema.yml"}


def test_dbt_1_before_it_copied_column_meta_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    document = json.loads((DATA / "dbt_1_11" / "manifest.json").read_text())
    document["nodes"]["model.shop.legacy"]["columns"]["plan"].pop("config")
    document["nodes"]["model.shop.legacy"]["config"].pop("meta")
    path.write_text(json.dumps(document))
    legacy = model(read_manifest(path), "model.shop.legacy")
    assert legacy.meta == {"key": "customer_id", "destinations": []}
    assert "plan" in legacy.column_meta


@pytest.mark.parametrize(
    ("engine", "expected"),
    [
        (
            "dbt_1_11",
            {
                ("leaky", "config(meta.roo)"),
                ("leaky_yaml", "config.meta.roo.note"),
                ("leaky_yaml", "columns[email].config.meta.roo.braze_customers"),
                ("legacy_leaky", "meta.roo.note"),
            },
        ),
        (
            "dbt_2_0",
            {
                ("leaky", "config(meta.roo)"),
                ("leaky_yaml", "config.meta.roo.note"),
                ("leaky_yaml", "columns[email].config.meta.roo.braze_customers"),
            },
        ),
    ],
)
def test_every_env_var_in_meta_is_found(engine: str, expected: set[tuple[str, str]]) -> None:
    found = [each for each in manifest(engine).problems if each.id == "env-var-in-meta"]
    assert {(each.model, each.path) for each in found} == expected
    assert not any("from-the-environment" in str(each) for each in found)


def test_dbt_2_tells_of_env_vars_without_the_yaml_files() -> None:
    found = [each.model for each in manifest("dbt_2_0", None).problems if each.id == "env-var-in-meta"]
    assert found == ["leaky", "leaky_yaml"]


def test_a_yaml_file_broken_since_the_parse_does_not_stop_us(tmp_path: Path) -> None:
    shutil.copytree(DATA / "shop", tmp_path / "shop")
    (tmp_path / "shop" / "models" / "marts" / "schema.yml").write_text("models: [\n")
    read = read_manifest(DATA / "dbt_1_11" / "manifest.json", tmp_path / "shop")
    assert model(read, "model.shop.customers").meta["key"] == "customer_id"


@pytest.mark.parametrize(
    ("version", "said"),
    [(13, r"v13, written by dbt 9\.9\.9.*Upgrade roo-dbt"), (11, "v11.*Upgrade dbt to 1.8")],
)
def test_another_schema_version_is_refused_by_name(tmp_path: Path, version: int, said: str) -> None:
    schema = f"https://schemas.getdbt.com/dbt/manifest/v{version}.json"
    path = changed(tmp_path, "dbt_1_11", dbt_schema_version=schema, dbt_version="9.9.9")
    with pytest.raises(ProjectProblem, match=said):
        read_manifest(path)


def test_a_missing_manifest_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(ProjectProblem, match=r"no manifest\.json.*`dbt build`.*--target-path"):
        read_manifest(tmp_path / "manifest.json")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"metadata": {', "not valid JSON"),
        ("[]", "no metadata"),
        ('{"metadata": {"dbt_schema_version": "odd"}}', "`odd` is none of dbt's"),
        ("\x00\ud7ff", "not valid JSON"),
    ],
)
def test_a_broken_manifest_is_refused_with_the_file(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(text)
    with pytest.raises(ProjectProblem, match=said) as caught:
        read_manifest(path)
    assert str(path) in str(caught.value)


def test_a_manifest_of_an_unexpected_shape_is_refused(tmp_path: Path) -> None:
    document = json.loads((DATA / "dbt_1_11" / "manifest.json").read_text())
    document["nodes"]["model.shop.customers"]["columns"] = ["email"]
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(document))
    with pytest.raises(ProjectProblem, match=r"not built as its schema says.*dbt parse"):
        read_manifest(path)


def test_paths_written_on_windows_get_slashes(tmp_path: Path) -> None:
    document = json.loads((DATA / "dbt_1_11" / "manifest.json").read_text())
    document["nodes"]["model.shop.customers"]["original_file_path"] = "models\\marts\\customers.sql"
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(document))
    assert model(read_manifest(path), "model.shop.customers").path == "models/marts/customers.sql"


def test_a_model_of_a_package_is_found_in_its_folder(tmp_path: Path) -> None:
    document = json.loads((DATA / "dbt_1_11" / "manifest.json").read_text())
    node = document["nodes"]["model.shop.legacy_leaky"]
    node.update(package_name="crm_package", patch_path="crm_package://models/schema.yml")
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(document))
    folder = tmp_path / "packages" / "crm_package" / "models"
    folder.mkdir(parents=True)
    shutil.copy(DATA / "shop" / "models" / "legacy" / "schema.yml", folder)
    read = read_manifest(path, tmp_path, packages_path="packages")
    assert model(read, "model.shop.legacy_leaky").file == "packages/crm_package/models/schema.yml"
    assert "env-var-in-meta" in {each.id for each in read.problems if each.model == "legacy_leaky"}


@pytest.mark.parametrize("engine", ENGINES)
def test_fixtures_hold_no_path_of_the_machine_they_were_made_on(engine: str) -> None:
    text = (DATA / engine / "manifest.json").read_text()
    assert not any(word in text for word in ("/tmp/", "/home/", "/root/", "/Users/"))  # noqa: S108
