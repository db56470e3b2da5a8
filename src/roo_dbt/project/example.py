"""The example dbt project and the dbt package that it uses, wherever roo-dbt is installed."""

from __future__ import annotations

import shutil
from pathlib import Path

from roo_dbt.errors import ProjectProblem

PROJECT = "dbt_project_example"
MACROS = "macros"
LEFT_BEHIND = ("target", "logs", "dbt_packages", "*.duckdb", "*.duckdb.wal", ".env", ".user.yml")
"""What dbt and people leave in the folder: a copy starts without it."""


def example_project() -> Path:
    """The folder of the example dbt project; `macros`, the dbt package, is beside it.

    In a checkout these are folders of the repository, in an installed wheel they are package data.

    Raises:
        ProjectProblem: neither is there.
    """
    package = Path(__file__).parents[1]
    for place in (package / "example", package.parents[1]):
        if (place / PROJECT / "dbt_project.yml").is_file() and (place / MACROS / "dbt_project.yml").is_file():
            return place / PROJECT
    raise ProjectProblem(
        "The example project did not come with this installation.",
        where=str(package),
        hint="Install roo-dbt again from its repository: pip install '.[demo]'.",
    )


def copy_example(folder: Path) -> Path:
    """Copies the example project and its dbt package into `folder`, ready for `dbt deps`.

    Returns the folder of the copied project. What earlier builds left in the original stays there.

    Raises:
        ProjectProblem: the example is not installed, or `folder` already holds a copy.
    """
    source = example_project()
    for name in (PROJECT, MACROS):
        if (folder / name).exists():
            raise ProjectProblem(
                "There is already something in the way of the example project.",
                where=str(folder / name),
                hint="Remove it, or name another folder.",
            )
        shutil.copytree(source.parent / name, folder / name, ignore=shutil.ignore_patterns(*LEFT_BEHIND))
    return folder / PROJECT
