"""Our blocks put into YAML that people wrote, every other character of it left as it is.

Lines are inserted where PyYAML says the mappings begin; nothing is written anew. What comes out is read
again and must be what was there plus the block, or the text is not touched.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from roo_dbt.errors import ProjectProblem
from roo_dbt.project.project_file import KEY
from roo_dbt.project.yaml_files import parse_yaml

STEP = "  "


def with_vars(text: str, block: Sequence[str], *, where: str) -> str:
    """The text of `dbt_project.yml` with `vars: roo:`.

    Args:
        text: the file.
        block: the lines of `roo:`, not indented.
        where: the file, for messages.

    Raises:
        ProjectProblem: it has such a block, or is written in a way that has no place for one.
    """
    root = _mapping(_composed(text, where), where, "")
    place = _descend(root, ("vars", KEY), where)
    return _checked(text, place, block, ("vars",), where)


def with_meta(text: str, section: str, name: str, block: Sequence[str], *, where: str) -> str:
    """The text of a YAML file with `config: meta: roo:` at the entry of a model.

    Args:
        text: the file, which describes the model.
        section: `models`, `seeds` or `snapshots`.
        name: the model.
        block: the lines of `roo:`, not indented.
        where: the file, for messages.

    Raises:
        ProjectProblem: as `with_vars`; also when the entry has a `meta:` outside of `config:`.
    """
    entry, number = _entry(_mapping(_composed(text, where), where, ""), section, name, where)
    if any(key.value == "meta" for key, _ in entry.value):
        raise ProjectProblem(
            f"{name} has a `meta:` of its own, and dbt takes no second one below `config:`.",
            where=where,
            hint="Move it there first: `config: {meta: …}`.",
        )
    place = _descend(entry, ("config", "meta", KEY), where)
    return _checked(text, place, block, (section, number, "config", "meta"), where)


def new_file(entry: Sequence[str]) -> str:
    """A YAML file for a model that none describes; `entry` are the lines from `models:` on."""
    return "\n".join(["version: 2", "", *entry]) + "\n"


@dataclass(frozen=True, slots=True)
class _Place:
    """Before which line (counted from 0) something goes, how far right, and the keys it still needs."""

    line: int | None
    indent: int
    keys: tuple[str, ...]


def _composed(text: str, where: str) -> yaml.Node | None:
    parse_yaml(text, where=where)
    return yaml.compose(text, Loader=yaml.SafeLoader)


def _mapping(node: yaml.Node | None, where: str, name: str) -> yaml.MappingNode:
    if not isinstance(node, yaml.MappingNode) or node.flow_style:
        what = f"`{name}`" if name else "the file"
        raise ProjectProblem(
            f"{what} is not written as one setting a line, so nothing can be put into it.",
            where=where,
            hint="Paste the block by hand; roo-dbt generate prints one for a model.",
        )
    return node


def _entry(root: yaml.MappingNode, section: str, name: str, where: str) -> tuple[yaml.MappingNode, int]:
    entries = next((value for key, value in root.value if key.value == section), None)
    for number, node in enumerate(entries.value if isinstance(entries, yaml.SequenceNode) else ()):
        pairs = node.value if isinstance(node, yaml.MappingNode) else ()
        if any(key.value == "name" and value.value == name for key, value in pairs):
            return _mapping(node, where, name), number
    raise ProjectProblem(f"there is no {name} below `{section}`.", where=where, hint="Run dbt parse.")


def _descend(node: yaml.MappingNode, keys: tuple[str, ...], where: str) -> _Place:
    """Where the last of the keys goes; those on the way that are missing go with it."""
    place = _Place(_after_name(node), node.start_mark.column, keys)
    for number, key in enumerate(keys):
        found = next(((name, value) for name, value in node.value if name.value == key), None)
        if found is None:
            return place
        if number == len(keys) - 1:
            raise ProjectProblem(f"there is a `{'.'.join(keys)}` already.", where=where)
        name, value = found
        rest = keys[number + 1 :]
        line = name.end_mark.line + 1
        if isinstance(value, yaml.ScalarNode) and value.value == "":
            return _Place(line, name.start_mark.column + len(STEP), rest)
        node = _mapping(value, where, key)
        place = _Place(line, node.start_mark.column, rest)
    return place


def _after_name(node: yaml.MappingNode) -> int | None:
    """The line after an entry's `name`; None, the end of the text, for what has none, the document itself."""
    if node.start_mark.column == 0:
        return None
    line: int = next(value.end_mark.line for key, value in node.value if key.value == "name")
    return line + 1


def _checked(text: str, place: _Place, block: Sequence[str], path: tuple[str | int, ...], where: str) -> str:
    """The text with the block in its place, if that means what it should."""
    after = _inserted(text, place, block)
    wanted = copy.deepcopy(parse_yaml(text, where=where))
    _set(wanted, path, parse_yaml("\n".join(block), where=where))
    try:
        found: Any = parse_yaml(after, where=where)
    except ProjectProblem:
        found = None
    if found != wanted:
        raise ProjectProblem(
            "the block cannot be put into this file without changing something else.",
            where=where,
            hint="Paste it by hand; roo-dbt generate prints one for a model.",
        )
    return after


def _inserted(text: str, place: _Place, block: Sequence[str]) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    new = [f"{STEP * depth}{key}:" for depth, key in enumerate(place.keys[:-1])]
    new += [f"{STEP * (len(place.keys) - 1)}{line}" for line in block]
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith(("\n", "\r")):
        lines[-1] += newline
    written = [f"{' ' * place.indent}{line}{newline}" for line in new]
    if place.line is None:
        blank = [newline] if lines and lines[-1].strip() else []
        return "".join([*lines, *blank, *written])
    return "".join([*lines[: place.line], *written, *lines[place.line :]])


def _set(document: dict[str, Any], path: tuple[str | int, ...], block: Mapping[str, Any]) -> None:
    """Merge the block into the mapping at a path, made where there is none."""
    here: Any = document
    for part in path:
        if isinstance(here, dict) and here.get(part) is None:
            here[part] = {}
        here = here[part]
    here.update(block)
