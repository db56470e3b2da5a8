"""A suggested block as YAML: what a person pastes, with comments that say why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import yaml

STEP = "  "


class MappingLine(Protocol):
    """One line of a mapping, as `config` suggests it."""

    @property
    def field(self) -> str:
        """The destination's field."""

    @property
    def note(self) -> str:
        """What is said beside it."""

    @property
    def source(self) -> Any:
        """A column, or a mapping with a constant."""


@dataclass(frozen=True, slots=True)
class Block:
    """What is written about one destination.

    `settings` are its lines before the mapping: name, value, comment. `offered` become comments.
    """

    key: tuple[str, ...]
    key_note: str
    settings: Sequence[tuple[str, Any, str]]
    mapping: Sequence[MappingLine]
    offered: Sequence[MappingLine]
    missing: Sequence[str] = ()


def model_yaml(section: str, name: str, block: Block) -> list[str]:
    """The block under its model: `models:` and all."""
    return [
        f"{section}:",
        f"{STEP}- name: {scalar(name)}",
        *indented(["config:", *indented(["meta:", *indented(roo_yaml(block))])], 2),
    ]


def roo_yaml(block: Block) -> list[str]:
    """`roo:` with the key and the destination."""
    note = f" # {block.key_note}" if block.key_note else ""
    return [
        "roo:",
        *indented(
            [
                f"key: {scalar(_one_or_list(block.key))}{note}",
                "destinations:",
                *indented(destination_yaml(block)),
            ]
        ),
    ]


def destination_yaml(block: Block) -> list[str]:
    """The destination as an item of the list `destinations`."""
    lines = [f"{name}: {scalar(value)}{f' # {note}' if note else ''}" for name, value, note in block.settings]
    lines += ["mapping:", *indented(_mapping(block))]
    return [f"- {lines[0]}", *indented(lines[1:])]


def _mapping(block: Block) -> Iterator[str]:
    for line in block.mapping:
        yield _commented(f"{scalar(line.field)}: {scalar(line.source)}", line.note)
    for missing in block.missing:
        yield f"# TO DO {missing}"
    if block.offered:
        yield "# More that could go; take away the # of what shall:"
    for line in block.offered:
        yield _commented(f"# {scalar(line.field)}: {scalar(line.source)}", line.note)


def indented(lines: Iterable[str], steps: int = 1) -> list[str]:
    """The lines, further to the right."""
    return [f"{STEP * steps}{line}" for line in lines]


def scalar(value: Any) -> str:
    """A value on one line of YAML, in quotes where it needs them.

    >>> scalar("yes")
    "'yes'"
    """
    written: str = yaml.safe_dump(
        value, default_flow_style=True, width=float("inf"), allow_unicode=True, sort_keys=False
    )
    return written.strip().removesuffix("...").strip()


def _commented(line: str, note: str) -> str:
    return f"{line} # {note}" if note else line


def _one_or_list(names: Sequence[str]) -> str | list[str]:
    return names[0] if len(names) == 1 else list(names)
