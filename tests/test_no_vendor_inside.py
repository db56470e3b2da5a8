"""Nothing between the project and the wire knows a vendor: only the vendor folders, and what shows examples."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from roo_dbt.destinations import app_type, app_types

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "roo_dbt"
VENDORS = sorted(
    folder.name for folder in (PACKAGE / "destinations").iterdir() if (folder / "__init__.py").exists()
)
SHOWN = (
    "sandbox/",  # a local copy of two vendors
    "cli/commands/sandbox.py",
    "cli/commands/demo.py",
    "cli/commands/init.py",
    "cli/demonstration.py",
    "scaffold/templates/",
    *(f"destinations/{vendor}/" for vendor in VENDORS),
)
"""Where vendors may be named: their own folders, and what shows them as examples."""
WORD = re.compile("|".join(VENDORS), re.IGNORECASE)
SOURCES = sorted(
    path for path in PACKAGE.rglob("*.py") if not path.relative_to(PACKAGE).as_posix().startswith(SHOWN)
)


def docstrings(tree: ast.Module) -> set[int]:
    """The nodes of docstrings, which may name anybody."""
    found = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            found |= {id(one.value) for one in body if isinstance(one, ast.Expr)}
    return found


def examples(tree: ast.Module) -> set[int]:
    """The command lines that a command's help shows: arguments of its decorator."""
    return {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "make"
        for argument in node.args
        for part in ast.walk(argument)
    }


def registry(tree: ast.Module) -> set[int]:
    """The one table of built-in types."""
    return {
        id(part)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_BUILT_IN"
        for part in ast.walk(node)
    }


def literals(path: Path) -> Iterator[tuple[int, str]]:
    """The texts of a module that are neither documentation, nor examples, nor the table of built-in types."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    spared = docstrings(tree) | examples(tree)
    if path == PACKAGE / "destinations" / "__init__.py":
        spared |= registry(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in spared:
            yield node.lineno, node.value


def imported(path: Path) -> Iterator[str]:
    """The modules that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_all_three_vendors_are_looked_for() -> None:
    assert VENDORS == ["braze", "iterable", "webhook"]
    assert len(SOURCES) > 100


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_module_names_and_imports_no_vendor(path: Path) -> None:
    assert [f"line {line}: {text[:60]}" for line, text in literals(path) if WORD.search(text)] == []
    assert [
        name for name in imported(path) if any(f"destinations.{vendor}" in name for vendor in VENDORS)
    ] == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_vendor_imports_only_what_is_public(vendor: str) -> None:
    public = (
        f"roo_dbt.destinations.{vendor}",
        "roo_dbt.destinations.protocol",
        "roo_dbt.errors",
        "roo_dbt.records",
        "roo_dbt.transport.is_loopback",
    )
    inside = {
        name
        for path in (PACKAGE / "destinations" / vendor).rglob("*.py")
        for name in imported(path)
        if name.startswith("roo_dbt")
    }

    assert sorted(name for name in inside if not name.startswith(public)) == []


def test_the_built_in_vendors_are_published_like_any_other() -> None:
    assert set(VENDORS) <= set(app_types())
    for vendor in VENDORS:
        published = f'{vendor} = "roo_dbt.destinations.{vendor}:{app_type(vendor).__name__}"'
        assert published in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
