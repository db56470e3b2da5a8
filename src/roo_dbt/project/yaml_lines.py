"""On which line of a YAML file the thing stands that a path such as `config.meta.roo.key` names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from pathlib import Path

_SECTIONS = ("models", "seeds", "snapshots", "sources", "exposures")
_MOST_BYTES = 5_000_000


def line_of(path: Path, model: str = "", yaml_path: str = "") -> int | None:
    """The line, from 1; of the nearest thing around it where the path leads on into nothing.

    Args:
        path: the file; one that is no YAML has no lines for us.
        model: the model, seed or snapshot within whose entry the path begins; empty: the document.
        yaml_path: keys with dots between, `[0]` for items of a list, `["a b"]` for keys that are no words.

    Returns:
        None when nothing of it can be found.
    """
    if path.suffix.lower() not in (".yml", ".yaml"):
        return None
    try:
        if path.stat().st_size > _MOST_BYTES:
            return None
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError):
        return None
    if root is None:
        return None
    if not model:
        return _line(root, yaml_path, None)
    entry = _entry(root, model)
    if entry is None:
        return None
    here = _named(entry)
    found = _line(entry, yaml_path, here)
    # dbt 1 takes a top-level `meta:` for a part of `config:`, and so do the paths.
    return found if found != here else _line(entry, yaml_path.removeprefix("config."), here)


def _entry(root: yaml.Node, model: str) -> yaml.MappingNode | None:
    """What the file says about a model."""
    for key, section in _pairs(root):
        if key.value in _SECTIONS and isinstance(section, yaml.SequenceNode):
            for entry in section.value:
                if isinstance(entry, yaml.MappingNode) and _name(entry) == model:
                    return entry
    return None


def _line(node: yaml.Node, rest: str, line: int | None) -> int | None:
    """Go down as far as the path leads; `line` is that of what was found so far."""
    rest = rest.removeprefix(".")
    if not rest:
        return line
    if isinstance(node, yaml.SequenceNode):
        return _item(node, rest, line)
    best: tuple[int, yaml.Node, yaml.Node] | None = None
    for key, value in _pairs(node):
        length = _prefix(str(key.value), rest)
        if length and (best is None or length > best[0]):
            best = (length, key, value)
    if best is None:
        return line
    length, key, value = best
    return _line(value, rest[length:], key.start_mark.line + 1)


def _item(node: yaml.SequenceNode, rest: str, line: int | None) -> int | None:
    """An item of a list: by its number, or by its name, as columns have one."""
    numbered = re.match(r"\[(\d+)\]", rest)
    if numbered and int(numbered[1]) < len(node.value):
        item = node.value[int(numbered[1])]
        return _line(item, rest[numbered.end() :], item.start_mark.line + 1)
    for item in node.value:
        name = _name(item)
        length = _prefix(name, rest) if name else 0
        if length:
            return _line(item, rest[length:], _named(item) or item.start_mark.line + 1)
    return line


def _prefix(key: str, rest: str) -> int:
    """How much of a path a key takes; 0 when it does not begin with it. A key may have dots itself."""
    for spelt in (key, f"[{key}]", f"[{json.dumps(key, ensure_ascii=False)}]"):
        if rest.startswith(spelt) and (len(rest) == len(spelt) or rest[len(spelt)] in ".["):
            return len(spelt)
    return 0


def _pairs(node: yaml.Node, depth: int = 0) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    """Keys and values of a mapping, those that it merges in (`<<`) included."""
    if not isinstance(node, yaml.MappingNode):
        return
    for key, value in node.value:
        if key.value == "<<" and depth < 5:
            merged = value.value if isinstance(value, yaml.SequenceNode) else [value]
            for each in merged:
                yield from _pairs(each, depth + 1)
        else:
            yield key, value


def _name(node: yaml.Node) -> str:
    """The `name` of an entry, or the `v` of a version."""
    return next((str(v.value) for k, v in _pairs(node) if k.value in ("name", "v")), "")


def _named(node: yaml.Node) -> int | None:
    return next((k.start_mark.line + 1 for k, _ in _pairs(node) if k.value in ("name", "v")), None)
