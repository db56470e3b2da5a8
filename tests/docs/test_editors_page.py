"""docs/editors.md: the settings lead to a schema that knows the examples."""

from __future__ import annotations

import json
import shlex
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from tests.docs.pages import ROOT, blocks

from roo_dbt.cli import main


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """What the commands of the page write, by file."""
    found = {}
    for line in "".join(blocks("editors.md", "sh")).splitlines():
        command, _, file = line.partition("#")[0].partition(">")
        assert main(shlex.split(command)[1:]) == 0
        found[file.strip()] = json.loads(capsys.readouterr().out)
    return found


def test_the_commands_write_the_files_that_the_settings_name(printed: dict[str, Any]) -> None:
    (settings,) = blocks("editors.md", "json")
    (schema, globs), *others = json.loads(settings)["yaml.schemas"].items()
    assert others == []
    assert Path(schema).name in printed
    models = [path.relative_to(ROOT / "dbt_project_example").as_posix() for path in MODELS]
    # `**/` may be nothing, which fnmatch does not know.
    patterns = [form for glob in globs for form in (glob, glob.replace("**/", ""))]
    assert models
    assert [name for name in models if not any(fnmatch(name, pattern) for pattern in patterns)] == []


MODELS = sorted((ROOT / "dbt_project_example" / "models").rglob("*.yml"))


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.name)
def test_the_schema_accepts_the_example_project(printed: dict[str, Any], path: Path) -> None:
    jsonschema.validate(yaml.safe_load(path.read_text(encoding="utf-8")), printed["roo.schema.json"])


def test_the_block_with_the_comment_is_one_that_the_schema_accepts(printed: dict[str, Any]) -> None:
    (block,) = blocks("editors.md", "yaml")
    comment = block.splitlines()[0]
    assert comment == "# yaml-language-server: $schema=../roo.schema.json"
    document = yaml.safe_load(block)
    jsonschema.validate(document, printed["roo.schema.json"])
    document["models"][0]["config"]["meta"]["roo"]["destinations"][0]["sync_mod"] = "additive"
    with pytest.raises(jsonschema.ValidationError, match="sync_mod"):
        jsonschema.validate(document, printed["roo.schema.json"])
    jsonschema.validate(
        yaml.safe_load(block)["models"][0]["config"]["meta"]["roo"], printed["roo-block.schema.json"]
    )
