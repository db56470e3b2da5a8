"""`roo-dbt init`: two blocks get into the YAML, and nothing else of it changes."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.cli.test_generate import describe
from tests.run.shop import Shop

Run = Callable[..., Any]

PROJECT = """\
# The shop of the whole family.
name: shop
version: "1.0"   # never changed
profile: shop

vars:
  # how many days back
  days:   7
models: {shop: {+materialized: table}}
"""
SCHEMA = """\
version: 2

models:
  - name: other
  - description: >
      One row per customer:
      all of them.
    name: customers # the important one
    columns:
      - {name: id, data_tests: [unique, not_null]}
"""


@pytest.fixture
def fresh(shop: Shop) -> Shop:
    """A project that knows nothing of roo-dbt, with YAML as people write it."""
    shop.destinations = []
    describe(shop, meta={})
    (shop.folder / "dbt_project.yml").write_text(PROJECT)
    (shop.folder / "models").mkdir()
    (shop.folder / "models" / "schema.yml").write_text(SCHEMA)
    return shop


def added(before: str, after: str) -> str:
    """What was put in, in one piece; everything else is as it was."""
    start = next(i for i, (a, b) in enumerate(zip(before + "\0", after, strict=False)) if a != b)
    end = len(after) - (len(before) - start)
    assert before == after[:start] + after[end:]
    return after[start:end]


def files(shop: Shop) -> tuple[str, str]:
    return (shop.folder / "dbt_project.yml").read_text(), (shop.folder / "models" / "schema.yml").read_text()


def test_both_blocks_are_inserted_and_every_other_character_stays(run: Run, fresh: Shop) -> None:
    ran = run("init", "braze", "customers", "--yes")

    project, schema = files(fresh)
    assert ran.code == 0
    assert added(PROJECT, project).strip().startswith("roo:")
    assert "external_id: id" in added(SCHEMA, schema)
    roo = yaml.safe_load(project)["vars"]["roo"]
    assert roo == {
        "apps": {
            "braze": {
                "type": "braze",
                "rest_endpoint": "${BRAZE_REST_ENDPOINT:-http://127.0.0.1:8911}",
                "api_key": "${BRAZE_API_KEY}",
            }
        },
        "targets": ["dev"],
    }


def test_what_it_wrote_is_valid_and_can_be_planned(run: Run, fresh: Shop) -> None:
    run("init", "braze", "customers", "--yes")
    (_, entry) = yaml.safe_load(files(fresh)[1])["models"]
    project = files(fresh)[0]
    describe(fresh, meta=entry["config"]["meta"])
    (fresh.folder / "dbt_project.yml").write_text(project)

    assert run("validate").code == 0
    assert "3 to create" in run("plan").out


def test_it_shows_the_diff_and_says_what_to_type_next(
    run: Run, fresh: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BRAZE_API_KEY", raising=False)

    out = run("init", "braze", "customers", "--yes").out

    assert "--- a/dbt_project.yml\n+++ b/dbt_project.yml\n" in out
    assert "+  roo:\n" in out
    assert "\x1b[" not in out
    assert "Wrote dbt_project.yml and models/schema.yml.\nNext: type dbt parse, roo-dbt validate and" in out
    assert "set BRAZE_API_KEY." in out


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 1), ("", 2)])
def test_it_asks_before_it_writes(
    run: Run, fresh: Shop, monkeypatch: pytest.MonkeyPatch, answer: str, code: int
) -> None:
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO(answer))

    ran = run("init", "braze", "customers")

    assert ran.code == code
    assert "Write dbt_project.yml and models/schema.yml?" in ran.err
    assert (files(fresh) == (PROJECT, SCHEMA)) == (code != 0)


def test_the_app_alone_needs_no_manifest(run: Run, fresh: Shop) -> None:
    (fresh.folder / "target" / "manifest.json").unlink()

    ran = run("init", "iterable", "--yes")

    assert ran.code == 0
    assert "roo-dbt generate iterable MODEL" in ran.out
    app = yaml.safe_load(files(fresh)[0])["vars"]["roo"]["apps"]["iterable"]
    assert app["api_key"] == "${ITERABLE_API_KEY}"
    assert files(fresh)[1] == SCHEMA


def test_a_second_time_is_refused(run: Run, fresh: Shop) -> None:
    run("init", "braze", "customers", "--yes")
    before = files(fresh)

    ran = run("init", "braze", "customers", "--yes")

    assert ran.code == 2
    assert "already, with braze" in ran.err
    assert "roo-dbt generate TYPE MODEL" in ran.err
    assert files(fresh) == before


def test_a_model_that_declares_already_is_refused(run: Run, shop: Shop) -> None:
    (shop.folder / "dbt_project.yml").write_text(PROJECT)

    ran = run("init", "braze", "customers", "--yes")

    assert ran.code == 2
    assert "customers declares destinations already, in models/schema.yml" in ran.err


def test_a_model_without_yaml_gets_a_file_beside_it(run: Run, fresh: Shop) -> None:
    describe(fresh, meta={}, patch_path=None)
    (fresh.folder / "dbt_project.yml").write_text(PROJECT)

    ran = run("init", "braze", "customers", "--yes")

    assert ran.code == 0
    assert "--- /dev/null\n+++ b/models/customers.yml" in ran.out
    written = yaml.safe_load((fresh.folder / "models" / "customers.yml").read_text())
    assert written["models"][0]["config"]["meta"]["roo"]["key"] == "id"


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ("models:\n  - name: customers\n    config:\n      meta:\n        owner: me\n", "owner"),
        ("models:\n- name: customers\n  config:\n    tags: [a]\n", "tags"),
        ("models:\n  - name: customers\n    config:\n", ""),
        ("models:\n    -   name: customers\n        config:\n            meta:\n", ""),
        ("models:\r\n  - name: customers\r\n    description: x\r\n", ""),
        ("models:\n  - name: customers", ""),
        (
            "models:\n  - name: 'customers'\n    config: # here\n      # and here\n      meta: # too\n\n        a: 1\n",
            "a",
        ),
    ],
)
def test_the_block_finds_its_place_in_any_form_of_the_entry(
    run: Run, fresh: Shop, schema: str, path: str
) -> None:
    (fresh.folder / "models" / "schema.yml").write_bytes(schema.encode())

    ran = run("init", "braze", "customers", "--yes")

    after = (fresh.folder / "models" / "schema.yml").read_bytes().decode()
    assert ran.code == 0, ran.err
    block = added(schema, after)
    assert ("\r\n" in block) == ("\r\n" in schema)
    config = yaml.safe_load(after)["models"][0]["config"]
    assert config["meta"]["roo"]["destinations"][0]["name"] == "braze_customers"
    assert not path or path in config or path in config["meta"]


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ("models: [{name: customers}]\n", "not written as one setting a line"),
        (
            "models:\n  - name: customers\n    config: {tags: [a]}\n",
            "`config` is not written as one setting a line",
        ),
        ("models:\n  - name: customers\n    meta: {a: 1}\n", "Move it there first"),
        (
            "models:\n  - name: customers\n    config:\n      meta:\n        roo: {}\n",
            "there is a `config.meta.roo` already",
        ),
        ("models:\n  - name: orders\n", "there is no customers below `models`"),
        ("models: [", "not valid YAML"),
    ],
)
def test_yaml_without_a_place_for_the_block_is_left_alone(
    run: Run, fresh: Shop, schema: str, said: str
) -> None:
    (fresh.folder / "models" / "schema.yml").write_text(schema)

    ran = run("init", "braze", "customers", "--yes")

    assert ran.code == 2
    assert said in ran.err
    assert files(fresh) == (PROJECT, schema)


@pytest.mark.parametrize(
    "project",
    [
        "name: shop\nprofile: shop\n",
        "name: shop\nprofile: shop",
        "name: shop\nprofile: shop\nvars:\n",
        "name: shop\nprofile: shop\nvars:\n    shop:\n        a: 1\n# the end\n",
        "---\nname: shop\nprofile: shop\n\nvars:\n\n  a: 1\n",
    ],
)
def test_the_vars_find_their_place_in_any_project_file(run: Run, fresh: Shop, project: str) -> None:
    (fresh.folder / "dbt_project.yml").write_text(project)

    ran = run("init", "braze", "--yes")

    assert ran.code == 0, ran.err
    after = files(fresh)[0]
    assert list(yaml.safe_load(after)["vars"]["roo"]["apps"]) == ["braze"]
    kept = iter(after.splitlines())
    assert all(line in kept for line in project.splitlines())


def test_a_file_that_cannot_be_written_leaves_the_other_as_it_was(
    run: Run, fresh: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Path.write_bytes

    def refuse(path: Path, data: Any) -> int:
        if path.name == "schema.yml":
            raise PermissionError(13, "Permission denied")
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", refuse)

    ran = run("init", "braze", "customers", "--yes")

    assert ran.code == 2
    assert "schema.yml" in ran.err
    assert "so nothing was changed" in ran.err
    assert files(fresh) == (PROJECT, SCHEMA)


def test_a_read_only_project_is_one_sentence(run_bound: Run, fresh: Shop) -> None:
    (fresh.folder / "dbt_project.yml").chmod(stat.S_IREAD)

    ran = run_bound("init", "braze", "--yes")

    assert ran.code == 2
    assert "cannot be written" in ran.err


def test_without_a_vendor_a_pipe_is_told_what_to_type(
    run: Run, fresh: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO(""))

    ran = run("init")

    assert ran.code == 2
    assert "Type roo-dbt init braze MODEL." in ran.err


def test_what_was_done_can_be_json(run: Run, fresh: Shop) -> None:
    import json

    assert json.loads(run("init", "braze", "customers", "--yes", "--log-format", "json").out) == {
        "event": "started",
        "files": ["dbt_project.yml", "models/schema.yml"],
        "app": "braze",
        "unset": ["BRAZE_API_KEY"],
    }
    done = json.loads(run("exposures", "--log-format", "json").out)
    assert done == {
        "event": "exposures",
        "file": "models/roo_exposures.yml",
        "was_up_to_date": False,
        "written": True,
    }
