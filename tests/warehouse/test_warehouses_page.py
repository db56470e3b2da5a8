"""What docs/warehouses.md says of the engines and of Postgres' types is what the code does.

After a change: `UPDATE_README=1 python -m pytest tests/warehouse/test_warehouses_page.py`.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
import yaml
from tests.test_readme import MARK, engines_table

from roo_dbt.config.apps import read_settings
from roo_dbt.config.problems import Place
from roo_dbt.run.arriving import cost
from roo_dbt.warehouse.copying import ROWS, Size
from roo_dbt.warehouse.dialects.postgres import PostgresDialect
from roo_dbt.warehouse.engines import ENGINES
from roo_dbt.warehouse.state_file import MEMORY

PAGE = Path(__file__).parents[2] / "docs" / "warehouses.md"
SHORT = {
    "varchar(n)": "character varying(20)",
    "char(n)": "character(5)",
    "numeric(p,s)": "numeric(10,2)",
    "numeric(p,0)": "numeric(10,0)",
    "timestamp": "timestamp without time zone",
    "timestamptz": "timestamp(3) with time zone",
    "time": "time without time zone",
    "timetz": "time with time zone",
}


def rows() -> list[tuple[str, str, bool]]:
    """Every type of the table, what it is kept as, and whether it can be sent."""
    table = PAGE.read_text(encoding="utf-8").partition("| type | kept as | sent as |")[2]
    found = []
    for line in table.splitlines()[2:]:
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if len(cells) < 3:
            break
        kept = re.match(r"`([^`]+)`", cells[1])
        found += [
            (name, kept[1] if kept else "", not cells[2].startswith("refused"))
            for name in re.findall(r"`([^`]+)`", cells[0])
        ]
    return found


@pytest.mark.parametrize(("name", "kept", "sent"), rows())
def test_the_page_tells_what_becomes_of_a_type(name: str, kept: str, sent: bool) -> None:
    type_, dialect = SHORT.get(name, name), PostgresDialect()
    assert dialect.sendable(type_) is sent
    assert dialect.sendable(f"{type_}[]") is sent
    if sent:
        assert dialect.stored(type_) == (kept or type_)


def test_every_type_that_can_be_sent_is_on_the_page() -> None:
    from roo_dbt.warehouse.dialects import postgres

    told = {re.sub(r"\([\d,]+\)", "", SHORT.get(name, name)) for name, _, sent in rows() if sent}
    assert told == postgres._SENDABLE - {"bpchar"}


def section(title: str) -> str:
    """The text under a heading."""
    return PAGE.read_text(encoding="utf-8").partition(f"## {title}\n")[2].partition("\n## ")[0]


def test_the_page_tells_how_the_state_is_kept_elsewhere() -> None:
    text = section("The state in a local file")
    (block,) = re.findall(r"```yaml\n(.*?)```", text, flags=re.DOTALL)
    settings, problems = read_settings(
        yaml.safe_load(block)["vars"]["roo"], Place("dbt_project.yml", path="vars.roo"), {}
    )
    assert (settings.state_path, problems) == ("roo_state.duckdb", [])
    assert cost("customers", Size(100_000, 6, 12_345_678), has_where=False) in text
    assert f"The rows are read {ROWS:,} at a time. The comparison holds {MEMORY.replace('GB', ' GB')}" in text


def test_the_table_of_engines_is_that_of_the_code() -> None:
    text = PAGE.read_text(encoding="utf-8")
    pattern = re.compile(MARK.format("engines"), flags=re.DOTALL)
    if os.environ.get("UPDATE_README"):
        block = f"<!-- generated: engines -->\n{engines_table()}<!-- end -->"
        PAGE.write_text(pattern.sub(lambda _: block, text), encoding="utf-8")
        text = PAGE.read_text(encoding="utf-8")
    found = pattern.search(text)
    assert found is not None
    assert found[1] == engines_table()


@pytest.mark.parametrize("name", [engine.type for engine in ENGINES])
def test_every_engine_has_a_row_of_the_profiles_keys_or_a_section(name: str) -> None:
    profile = PAGE.read_text(encoding="utf-8").partition("## The profile")[2]
    assert f"{name}-setup" in profile
