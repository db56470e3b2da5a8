"""The README says what the program does.

The tables between `<!-- generated: … -->` marks are made here, from the code. After a change:
`UPDATE_README=1 python -m pytest tests/test_readme.py`.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest

from roo_dbt.cli.group import COMMANDS
from roo_dbt.config.blocks import DestinationBlock
from roo_dbt.errors import ExitCode
from roo_dbt.records import Threshold
from roo_dbt.warehouse.engines import ENGINES

README = Path(__file__).parents[1] / "README.md"
MARK = r"<!-- generated: {} -->\n(.*?)<!-- end -->"
OPTION = re.compile(r"^--?[a-z]")
MOST_EXCEPTIONS = 6
"""An option that more commands lack is described by those that have it."""


def text() -> str:
    return README.read_text(encoding="utf-8")


def command(name: str) -> click.Command:
    loaded = import_module(f"roo_dbt.cli.commands.{name.replace('-', '_')}").command
    assert isinstance(loaded, click.Command)
    return loaded


def table(*rows: tuple[str, ...]) -> str:
    head, *body = [f"| {' | '.join(escaped(cell) for cell in row)} |" for row in rows]
    return "\n".join([head, "|---" * len(rows[0]) + "|", *body]) + "\n"


def escaped(cell: str) -> str:
    """The text as Markdown shows it: a bar ends a cell, an angle bracket opens a tag."""
    return cell.replace("|", r"\|").replace("<", "&lt;")


def commands_table() -> str:
    return table(
        ("command", "what it does"),
        *((f"`roo-dbt {name}`", command(name).get_short_help_str(limit=200)) for name in COMMANDS),
    )


def options_table() -> str:
    users: dict[tuple[str, str], list[str]] = {}
    for name in COMMANDS:
        for param in command(name).params:
            if not isinstance(param, click.Option):
                continue
            metavar = "" if param.is_flag or not param.metavar else f" {param.metavar}"
            spelt = ", ".join(f"`{spelling}`" for spelling in sorted(param.opts, key=len, reverse=True))
            users.setdefault((f"{spelt}{metavar}", param.help or ""), []).append(name)

    def where(names: list[str]) -> str:
        others = [name for name in COMMANDS if name not in names]
        if len(others) > MOST_EXCEPTIONS:
            return ", ".join(names)
        return f"all but {', '.join(others)}" if others else "all"

    rows = [(spelt, where(names), help_text) for (spelt, help_text), names in users.items()]
    return table(("option", "of", "meaning"), *rows)


def settings_table() -> str:
    rows = []
    for name, described in DestinationBlock.model_fields.items():
        default = described.get_default(call_default_factory=True)
        if isinstance(default, Threshold):
            shown = f"{default.number:g}{'%' if default.is_percentage else ''}"
        else:
            shown = "" if default in (None, [], {}) else str(default).lower()
        rows.append((f"`{name}`", f"`{shown}`" if shown else "", f"{described.description}"))
    return table(("setting", "default", "meaning"), *rows)


def engines_table() -> str:
    """The engines with their drivers, and how far each is tested."""
    rows = [
        (
            engine.title,
            f"`{engine.type}`{f', {engine.profile}' if engine.profile else ''}",
            f"`pip install 'roo-dbt[{engine.extra}]'`" if engine.extra else "nothing more",
            f"{engine.tested}: {engine.how}",
        )
        for engine in ENGINES
    ]
    return table(("engine", "profile `type`", "install", "tested"), *rows)


TABLES: dict[str, Callable[[], str]] = {
    "commands": commands_table,
    "engines": engines_table,
    "options": options_table,
    "settings": settings_table,
}


def typed() -> Iterator[list[str]]:
    """Every `roo-dbt …` that the README shows, as words; settings may speak of commands to come."""
    written = text().partition("### Settings of a destination")[0]
    for shown in re.findall(
        r"(?:^\$ |`|&& (?:\.venv/bin/)?)(roo-dbt [^`\n|&;]*)", written, flags=re.MULTILINE
    ):
        yield shlex.split(shown.partition("  #")[0])


@pytest.mark.parametrize("name", TABLES)
def test_a_generated_table_is_up_to_date(name: str) -> None:
    pattern = re.compile(MARK.format(name), flags=re.DOTALL)
    expected = TABLES[name]()
    if os.environ.get("UPDATE_README"):
        block = f"<!-- generated: {name} -->\n{expected}<!-- end -->"
        README.write_text(pattern.sub(lambda _: block, text()), encoding="utf-8")

    found = pattern.search(text())

    assert found is not None
    assert found[1] == expected


def test_every_command_it_shows_exists_with_its_options() -> None:
    shown = list(typed())

    assert {words[1] for words in shown if not words[1].startswith("-")} == set(COMMANDS)
    for words in shown:
        known = {name for param in command(words[1]).params for name in param.opts} | {"-h", "--help"}
        used = {word.partition("=")[0] for word in words[2:] if OPTION.match(word)}
        assert used <= known, words


def test_its_exit_codes_are_those_of_the_program() -> None:
    section = text().partition("### Exit codes")[2].partition("###")[0]

    codes = [int(code) for code in re.findall(r"^\| (\d) \|", section, flags=re.MULTILINE)]

    assert codes == sorted(ExitCode)


def test_the_first_block_runs_the_demo_and_the_second_the_tests() -> None:
    first, second = re.findall(r"^```sh\n(.*?)^```", text(), flags=re.MULTILINE | re.DOTALL)[:2]
    fences = re.findall(r"^```(\w+)", text(), flags=re.MULTILINE)

    assert fences[:2] == ["sh", "sh"]
    assert [first.count("\n"), second.count("\n")] == [1, 1]
    assert first.endswith("roo-dbt demo\n")
    assert "pytest" in second


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", text())

    assert links
    assert [link for link in links if not (README.parent / link).exists()] == []
    anchors = re.findall(r"\]\(#([^)]+)\)", text())
    headings = [
        re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-")
        for heading in re.findall(r"^#+ (.*)$", text(), flags=re.MULTILINE)
    ]
    assert set(anchors) <= set(headings)
