"""The folder of a new destination, written from templates: a package whose tests pass."""

from __future__ import annotations

import keyword
import re
from importlib import resources
from pathlib import Path
from string import Template

from roo_dbt import __version__
from roo_dbt.destinations import app_types
from roo_dbt.errors import UsageProblem

_NAME = re.compile(r"[a-z][a-z0-9_]{0,49}")
_FILES = {
    "pyproject.toml": "pyproject.toml",
    "README.md": "README.md",
    "package.py": "src/roo_dbt_{name}/__init__.py",
    "destination.py": "src/roo_dbt_{name}/destination.py",
    "tests.py": "tests/test_{name}.py",
}
"""Templates, and where they go."""


def new_destination(name: str, folder: Path) -> list[Path]:
    """Write the package of a destination type into `folder`, which must not exist.

    Returns the files, in the order in which one reads them.

    Raises:
        UsageProblem: the name cannot be a type, or something is in the way.
    """
    _check(name)
    if folder.exists():
        raise UsageProblem(f"there is already something at {folder}.", hint="Name another with --folder.")
    title = name.replace("_", " ").title()
    words = {"name": name, "Name": title.replace(" ", ""), "NAME": name.upper(), "title": title}
    words["version"] = __version__
    templates = resources.files("roo_dbt.scaffold").joinpath("templates")
    written = []
    for template, place in _FILES.items():
        path = folder / place.format(name=name)
        text = Template(templates.joinpath(f"{template}.template").read_text("utf-8"))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.substitute(words), encoding="utf-8")
        except OSError as problem:
            raise UsageProblem(f"{path} cannot be written ({problem.strerror}).") from None
        written.append(path)
    return written


def _check(name: str) -> None:
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        hint = (
            f"Try {suggestion}."
            if (suggestion := re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_"))
            else ""
        )
        raise UsageProblem(
            f"{name!r} cannot be a type of app: lower-case letters, digits and _, a letter first.", hint=hint
        )
    if name in app_types():
        raise UsageProblem(f"there is a type {name} already.", hint=f"roo-dbt describe {name} shows it.")
