"""A dbt project that uses the package in macros/, as somebody's own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Dbt
from tests.run.engines import Engine, Rows

from roo_dbt.project.example import example_project
from roo_dbt.sandbox.server import Sandbox

MACROS = example_project().parent / "macros"
ENGINES = ("duckdb", "postgres")
ON_DUCKDB = pytest.mark.parametrize("lab", ENGINES[:1], indirect=True)
"""Marks a test that needs no warehouse: dbt says the same on all of them."""


@dataclass(frozen=True)
class Lab:
    """A folder with a project and its warehouse.

    Attributes:
        project: the folder of dbt_project.yml; the package is in `macros` beside it.
        engine: the warehouse; models are in the schema `main`.
        sandbox: where both apps point.
        dbt: runs dbt in a folder.
    """

    project: Path
    engine: Engine
    sandbox: Sandbox
    dbt: Dbt

    @staticmethod
    def made(folder: Path, engine: Engine, sandbox: Sandbox, dbt: Dbt) -> Lab:
        """The project without models, and with the package."""
        shutil.copytree(MACROS, folder / "macros")
        lab = Lab(folder / "project", engine, sandbox, dbt)
        (lab.project / "models").mkdir(parents=True)
        target = {"threads": 2, "schema": "main", **engine.profile()}
        lab.write("dbt_project.yml", lab.settings())
        lab.write("packages.yml", {"packages": [{"local": "../macros"}]})
        lab.write("profiles.yml", {"shop": {"target": "dev", "outputs": {"dev": target}}})
        lab.ran("deps")
        return lab

    def settings(self, **roo: Any) -> dict[str, Any]:
        """dbt_project.yml, with more settings under `vars: roo:`."""
        url = self.sandbox.url
        iterable = {
            "type": "iterable",
            "base_url": url,
            "project_type": "email",
            "api_key": "${ITERABLE_KEY}",
        }
        apps = {
            "braze": {"type": "braze", "rest_endpoint": url, "api_key": "${BRAZE_KEY}"},
            "iterable": iterable,
        }
        return {
            "name": "shop",
            "version": "1.0.0",
            "profile": "shop",
            "data_tests": {"shop": {"+store_failures": True}},
            "vars": {"roo": {"apps": apps, **roo}},
        }

    def write(self, path: str, content: object) -> None:
        """A file of the project; what is no text, as the JSON that is YAML."""
        text = content if isinstance(content, str) else json.dumps(content)
        (self.project / path).write_text(text, encoding="utf-8")

    def ran(self, *arguments: str, returncode: int = 0) -> str:
        """What dbt says of a command that ends with this return code."""
        done = self.dbt(self.project, *arguments)
        assert done.returncode == returncode, done.stdout + done.stderr
        return done.stdout

    def misused(self, test: object) -> str:
        """What dbt says when it cannot compile a test of a column `text_value`, which stays for once."""
        declared = {"name": "misused", "columns": [{"name": "text_value", "data_tests": [test]}]}
        self.write("models/misused.yml", {"models": [declared]})
        self.write("models/misused.sql", "select 1 as text_value")
        said = self.ran("parse", returncode=2)
        for name in ("misused.yml", "misused.sql"):
            (self.project / "models" / name).unlink()
        return said

    def synced(self, returncode: int = 0) -> str:
        """`roo-dbt sync`, and what it says."""
        done = subprocess.run(
            [sys.executable, "-m", "roo_dbt", "sync"],
            cwd=self.project,
            env={**os.environ, "BRAZE_KEY": "any", "ITERABLE_KEY": "any"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == returncode, done.stdout + done.stderr
        return done.stdout

    def rows(self, query: str) -> Rows:
        """Rows of the warehouse."""
        return self.engine.sql(query)


def literal(text: str | None) -> str:
    """A text as SQL writes it."""
    return "cast(null as varchar)" if text is None else "'" + text.replace("'", "''") + "'"


def values(rows: list[tuple[str | None, ...]], columns: str) -> str:
    """A model of texts."""
    listed = ",\n".join(f"({', '.join(literal(value) for value in row)})" for row in rows)
    return f"select * from (values {listed}) as listed ({columns})"
