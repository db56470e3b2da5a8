"""YAML as dbt reads it: a mapping, or a sentence that names the file and the line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from roo_dbt.errors import ProjectProblem

if TYPE_CHECKING:
    from pathlib import Path

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping that a YAML file holds; an empty file is an empty mapping.

    Raises:
        ProjectProblem: the file cannot be read, is no YAML, or holds something else than a mapping.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ProjectProblem(f"the file cannot be read: {error}.", where=str(path)) from error
    return parse_yaml(text, where=str(path))


def parse_yaml(text: str, *, where: str) -> dict[str, Any]:
    """The mapping that a YAML text holds.

    Raises:
        ProjectProblem: as `read_yaml`; `where` gets the line.
    """
    try:
        document = yaml.load(text, Loader=_LOADER)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark is not None else ""
        reason = getattr(error, "problem", None) or "it cannot be parsed"
        hint = 'Jinja must be quoted in YAML: "{{ … }}".' if "unhashable" in reason else ""
        raise ProjectProblem(
            f"this is not valid YAML: {reason}.", where=f"{where}{line}", hint=hint
        ) from error
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise ProjectProblem(f"a mapping is expected, not a {type(document).__name__}.", where=where)
    return document
