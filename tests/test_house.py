"""The rules of the house, measured: sizes, docstrings, exceptions, top level, guides, stray paths."""

from __future__ import annotations

import ast
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from subprocess import run

import click
import pytest
import yaml

from roo_dbt.cli.group import program

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
TOP_LEVEL = {
    ".ci",
    ".gitignore",
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "dbt_project_example",
    "macros",
    "pyproject.toml",
    "src",
    "tests",
}
GUIDES = (
    ROOT / "README.md",
    ROOT / "dbt_project_example" / "README.md",
    ROOT / "macros" / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
)

Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def length(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def checked_in() -> list[str]:
    """The files that are, or would be, checked in."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listing = [
        git,
        "-c",
        f"safe.directory={ROOT}",
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "-z",
    ]
    found = run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return [name for name in found if name and (ROOT / name).is_file()]


def test_no_file_is_over_400_lines() -> None:
    assert {name_of(path): length(path) for path in SOURCES + TESTS if length(path) > 400} == {}


def test_the_median_source_file_has_at_most_150_lines() -> None:
    assert median(length(path) for path in SOURCES) <= 150


def test_no_function_is_over_60_lines() -> None:
    long = {
        f"{name_of(path)}:{node.name}": size
        for path in SOURCES + TESTS
        for node in ast.walk(tree(path))
        if isinstance(node, Function) and (size := (node.end_lineno or node.lineno) - node.lineno + 1) > 60
    }

    assert long == {}


def public_definitions(node: ast.Module | ast.ClassDef, prefix: str) -> Iterator[tuple[str, str | None]]:
    """Public names with their docstrings; what is inside a function is nobody's interface."""
    for child in node.body:
        if isinstance(child, Function | ast.ClassDef) and not child.name.startswith("_"):
            yield f"{prefix}.{child.name}", ast.get_docstring(child)
            if isinstance(child, ast.ClassDef):
                yield from public_definitions(child, f"{prefix}.{child.name}")


def test_every_public_name_has_a_docstring() -> None:
    missing = []
    for path in SOURCES:
        module = tree(path)
        named = [(name_of(path), ast.get_docstring(module)), *public_definitions(module, name_of(path))]
        missing += [name for name, docstring in named if not docstring and module.body]

    assert missing == []


def swallows_anything(handler: ast.ExceptHandler) -> bool:
    """Whether it catches every exception, other than to tidy up and raise it again."""
    kinds: list[ast.expr | None] = (
        [*handler.type.elts] if isinstance(handler.type, ast.Tuple) else [handler.type]
    )
    broad = any(kind is None or getattr(kind, "id", "") in ("Exception", "BaseException") for kind in kinds)
    last = handler.body[-1]
    return broad and not (isinstance(last, ast.Raise) and last.exc is None)


def test_one_except_swallows_anything_and_that_in_the_cli() -> None:
    places = [
        name_of(path)
        for path in SOURCES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler) and swallows_anything(node)
    ]

    assert len(places) <= 1
    assert all(place.startswith("src/roo_dbt/cli/") for place in places)


def test_only_the_cli_prints_and_exits() -> None:
    spoken = [
        f"{name_of(path)}:{node.lineno}"
        for path in SOURCES
        if "cli" not in path.parts
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("print", "click.echo", "echo", "sys.exit")
    ]

    assert [place for place in spoken if not place.startswith("src/roo_dbt/__main__.py")] == []


def test_the_top_level_holds_what_it_should() -> None:
    assert {name.split("/")[0] for name in checked_in()} - {"docs"} == TOP_LEVEL


def test_no_file_names_a_machine_a_package_index_or_a_second_author() -> None:
    places = r"(?<![\w.:/$}-])/(work|tmp|root|home|Users)/\w"
    indexes = r"py" r"pi\.org|pythonhosted\.org|(extra-)?index-url|find-links"
    others = r"co-" r"authored|DESIGN\.md"
    pattern = re.compile(f"{places}|(?i:{indexes}|{others})")
    found = []
    for name in checked_in():
        try:
            text = (ROOT / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        lines = text.splitlines() if name != name_of(Path(__file__)) else []
        found += [
            f"{name}:{number}: {line[:80]}" for number, line in enumerate(lines, 1) if pattern.search(line)
        ]

    assert found == []


def code_blocks(guide: Path) -> list[str]:
    return re.findall(r"^```[^\n]*\n(.*?)^```", guide.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_the_readme_begins_with_one_line_for_the_demo_and_one_for_the_tests() -> None:
    demo, tests = (block.strip() for block in code_blocks(ROOT / "README.md")[:2])

    assert "\n" not in demo
    assert "\n" not in tests
    assert "roo-dbt demo" in demo
    assert ".[dev]" in tests
    assert "pytest -n auto" in tests


def commands_shown(guide: Path) -> list[list[str]]:
    """The roo-dbt command lines of a guide's code blocks, split into words."""
    text = "\n".join(code_blocks(guide)).replace("\\\n", " ")
    lines = re.findall(r"(?:^|&& |; |/|\$ )roo-dbt ([^\n]*)", text, re.MULTILINE)
    return [shlex.split(re.split(r" && | & | \| |; | > ", line)[0], comments=True) for line in lines]


@pytest.mark.parametrize("guide", GUIDES, ids=name_of)
def test_the_commands_and_options_that_a_guide_shows_exist(guide: Path) -> None:
    with click.Context(program) as context:
        for name, *words in commands_shown(guide):
            command = program if name.startswith("-") else program.get_command(context, name)
            assert command is not None, f"no command {name}"
            options = {option for each in command.params for option in (*each.opts, *each.secondary_opts)}
            shown = {word.split("=")[0] for word in (name, *words) if word.startswith("-")}
            assert shown <= options | {"--help", "-h"}


@pytest.mark.parametrize("guide", GUIDES, ids=name_of)
def test_the_files_that_a_guide_links_to_exist(guide: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", guide.read_text(encoding="utf-8"))

    assert [to for to in targets if "://" not in to and not (guide.parent / to).exists()] == []


@pytest.mark.parametrize("guide", GUIDES, ids=name_of)
def test_the_yaml_that_a_guide_shows_is_yaml(guide: Path) -> None:
    fenced = re.findall(r"^```ya?ml\n(.*?)^```", guide.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)

    assert all(isinstance(yaml.safe_load(block), dict | list) for block in fenced)
