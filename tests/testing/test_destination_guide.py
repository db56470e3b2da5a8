"""The guide for authors is true: its destination is short, passes the kit, and is found when installed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from tests.testing.guide import GUIDE, ROOT, snippets

from roo_dbt import records
from roo_dbt.cli.group import COMMANDS
from roo_dbt.destinations import protocol
from roo_dbt.testing import Replay, Vendor

if sys.version_info >= (3, 11):
    import tomllib
else:
    tomllib = pytest.importorskip("tomli")


def test_the_guides_destination_has_less_than_200_lines() -> None:
    assert len(snippets()["parcel.py"].splitlines()) < 200


def test_the_guides_destination_passes_its_tests_as_they_stand_on_the_page(tmp_path: Path) -> None:
    for name in ("parcel.py", "test_parcel.py"):
        (tmp_path / name).write_text(snippets()[name], encoding="utf-8")
    paths = os.pathsep.join([str(ROOT / "src"), str(tmp_path)])
    nowhere = "http://127.0.0.1:9"
    env = {**os.environ, "PYTHONPATH": paths, "HTTPS_PROXY": nowhere, "HTTP_PROXY": nowhere}

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error"],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    assert int(re.findall(r"(\d+) passed", done.stdout)[0]) > 60


def test_the_guides_recording_is_played_without_the_vendor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "parcel.jsonl").write_text("", encoding="utf-8")
    names: dict[str, object] = {}
    exec(snippets()[""], names)  # noqa: S102 - the page's own code

    class Account:
        def hidden(self) -> tuple[str, ...]:
            return ("k",)

    made = names["vendor"](Account())  # type: ignore[operator]

    assert isinstance(made, Vendor)
    assert isinstance(made, Replay)


def test_what_the_guide_names_exists() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    attributes = re.findall(r"^\| `(\w+)`(?:, `(\w+)`)?(?:, `(\w+)`)? \| .* \|$", text, re.MULTILINE)
    named = {name for row in attributes for name in row if name} - {"App", "Object", "Call"}

    assert named
    assert {name for name in named if not hasattr(protocol.Object, name)} <= {"None"}
    assert {"refused", "postponed", "Outcome"} <= set(records.__all__)


def test_the_other_snippets_of_the_guide_are_read() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    fenced = re.findall(r"^```(toml|yaml|sh)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    by_kind = dict(fenced)

    published = tomllib.loads(by_kind["toml"])["project"]["entry-points"]["roo_dbt.destinations"]
    assert published == {"parcel": "parcel:Parcel"}
    assert yaml.safe_load(by_kind["yaml"])["vars"]["roo"]["apps"]["parcel"]["type"] == "parcel"
    assert by_kind["sh"].split()[1] in COMMANDS
