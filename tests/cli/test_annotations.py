"""`--log-format github`: problems as annotations on the lines of the YAML."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cli.conftest import Run
from tests.run.shop import ANN, Shop

from roo_dbt.cli.annotations import Annotations
from roo_dbt.errors import Problem

COMMAND = re.compile(r"::(error|warning) ([^\n]*?)::([^\n]*)")


@pytest.fixture(autouse=True)
def _workspace(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path.parent))
    monkeypatch.delenv("DBT_STATE", raising=False)


def annotated(text: str) -> list[tuple[str, dict[str, str], str]]:
    """What GitHub reads in a log: severity, properties and message, unescaped."""
    found = []
    for line in text.splitlines():
        match = COMMAND.fullmatch(line)
        if match:
            pairs = (pair.split("=", 1) for pair in match[2].split(","))
            found.append((match[1], {key: unescaped(value) for key, value in pairs}, unescaped(match[3])))
    return found


def unescaped(text: str) -> str:
    for code, character in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(code, character)
    return text


def write_yaml(shop: Shop) -> list[str]:
    """The YAML file that the shop's manifest was made from; its lines."""
    block = {"key": shop.key, "destinations": shop.destinations}
    model = {"name": "customers", "config": {"meta": {"roo": block}}}
    path = shop.folder / "models" / "schema.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump({"models": [model]}, sort_keys=False))
    return path.read_text().splitlines()


def at(shop: Shop, properties: dict[str, str]) -> str:
    """The line that an annotation points at."""
    lines = (shop.folder.parent / properties["file"]).read_text().splitlines()
    return lines[int(properties["line"]) - 1].strip()


@pytest.mark.parametrize("command", ["validate", "plan", "sync", "list"])
def test_a_problem_is_annotated_on_its_line(shop: Shop, run: Run, command: str) -> None:
    shop.braze(sync_mode="snyc", delete_limit="ten")
    shop.write()
    write_yaml(shop)
    ran = run(command, "--log-format", "github")
    assert ran.code == 2
    found = annotated(ran.out + ran.err)
    assert {(severity, at(shop, where), where["title"]) for severity, where, _ in found} == {
        ("error", "delete_limit: ten", "bad-threshold"),
        ("error", "sync_mode: snyc", "bad-value"),
    }
    assert "customers config.meta.roo.destinations[0].sync_mode: must be sync, additive or enrich" in str(
        found
    )
    assert "Did you mean sync?" in str(found)


def test_a_column_that_the_table_lacks_is_annotated(shop: Shop, run: Run) -> None:
    shop.braze(mapping={"external_id": "id", "email": "emial"})
    shop.write()
    write_yaml(shop)
    ran = run("validate", "--log-format", "github")
    ((_, where, message),) = annotated(ran.out)
    assert (at(shop, where), where["title"]) == ("email: emial", "unknown-column")
    assert message.endswith("(got emial) Did you mean email?")
    assert ran.out.splitlines()[-1].startswith("1 error.")


def test_a_destination_that_a_guard_would_block_is_annotated(shop: Shop, run: Run) -> None:
    shop.braze(delete_limit=0)
    shop.sync()
    shop.customers(ANN)
    lines = write_yaml(shop)
    ran = run("plan", "--log-format", "github", "--format", "markdown")
    ((severity, where, message),) = annotated(ran.err)
    assert (severity, at(shop, where)) == ("error", "- name: braze_customers")
    assert message.startswith(
        "customers config.meta.roo.destinations[0]: braze_customers: a sync would be blocked"
    )
    assert ran.out.startswith("<!-- roo-dbt plan -->")
    assert "- name: braze_customers" in [line.strip() for line in lines]
    blocked = annotated(run("sync", "--log-format", "github").err)
    assert [(each[0], at(shop, each[1])) for each in blocked] == [("error", "- name: braze_customers")]


@pytest.mark.parametrize(("allowed", "severity"), [(0, "error"), (1, "warning")])
def test_records_that_were_not_accepted_are_annotated(
    shop: Shop, run: Run, allowed: int, severity: str
) -> None:
    shop.braze(allowed_failures=allowed)
    shop.sandbox.fault("item", "/users/track", ids=["2"], message="not wanted")
    shop.write()
    write_yaml(shop)
    ran = run("sync", "--log-format", "github")
    ((found, where, message),) = annotated(ran.err)
    assert (found, where["title"], at(shop, where)) == (severity, "not-accepted", "- name: braze_customers")
    assert "1 record not accepted: rejected (1): " in message
    assert ran.out.startswith("destination")


def test_an_error_that_is_about_no_line_is_annotated_too(shop: Shop, run: Run) -> None:
    ran = run("plan", "--log-format", "github", "-d", "absent")
    ((severity, where, message),) = annotated(ran.err)
    assert (ran.code, severity, where) == (2, "error", {"title": "roo-dbt"})
    assert "no destination is named absent" in message


def test_a_file_that_is_not_there_is_not_pointed_at(shop: Shop, run: Run) -> None:
    shop.braze(sync_mode="snyc")
    shop.write()
    ((_, where, message),) = annotated(run("validate", "--offline", "--log-format", "github").out)
    assert where == {"title": "bad-value"}
    assert "sync_mode" in message


def test_outside_the_checkout_a_path_begins_where_we_are(
    shop: Shop, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.braze(sync_mode="snyc")
    shop.write()
    write_yaml(shop)
    monkeypatch.delenv("GITHUB_WORKSPACE")
    monkeypatch.chdir(shop.folder)
    ((_, where, _),) = annotated(run("validate", "--offline", "--log-format", "github").out)
    assert where["file"] == "models/schema.yml"
    monkeypatch.chdir("/")
    ((_, where, _),) = annotated(run("validate", "--offline", "--log-format", "github").out)
    assert (shop.folder / "models" / "schema.yml").samefile(Path("/") / where["file"])


@settings(deadline=None)
@given(st.text(max_size=80), st.text(max_size=40), st.text(max_size=20))
def test_whatever_a_problem_says_is_one_line_that_reads_the_same(message: str, id_: str, value: str) -> None:
    line = Annotations(Path("/nowhere")).line(Problem(id_, message, "models/x.yml", "m", "a.b", value))
    assert len(line.split("\n")) == 1
    assert "\r" not in line
    head, text = re.fullmatch(r"::error title=([^:,]*)::(.*)", line, re.DOTALL).groups()  # type: ignore[union-attr]
    assert unescaped(head) == id_
    assert unescaped(text) == f"m a.b: {message}{f' (got {value})' if value else ''}"


def test_other_formats_stay_as_they_are(shop: Shop, run: Run) -> None:
    shop.braze(sync_mode="snyc")
    shop.write()
    ran: Any = run("validate", "--offline")
    assert "::" not in ran.out
    assert ran.out.startswith("error [bad-value]")
