"""`selectors.yml`: selections with a name, one of which may be the default.

The forms are those of dbt-core 1.11.16, dbt/graph/cli.py (read 2026-11-22): text, `{method, value}`,
`{METHOD: value}`, `union`, `intersection` and `exclude`. `indirect_selection` decides about tests alone,
which are never exported, so it is let pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from roo_dbt.errors import ProjectProblem, UsageProblem, nearest
from roo_dbt.project.rendering import Renderer
from roo_dbt.project.selection_spec import AllOf, AnyOf, Criterion, Reach, Spec, Without, read_criterion
from roo_dbt.project.yaml_files import read_yaml

SELECTORS_FILE = "selectors.yml"


@dataclass(frozen=True, slots=True)
class Selectors:
    """The named selections of a project; `default` is the name of the one that dbt takes by itself."""

    specs: Mapping[str, Spec] = field(default_factory=dict)
    default: str | None = None

    def named(self, name: str) -> Spec:
        """The selection of a name.

        Raises:
            UsageProblem: there is none.
        """
        if name in self.specs:
            return self.specs[name]
        close = nearest(name, self.specs)
        if close:
            hint = f"Did you mean {close}?"
        else:
            hint = (
                f"It has {', '.join(self.specs)}." if self.specs else "There is no such file, or it is empty."
            )
        raise UsageProblem(f"{SELECTORS_FILE} has no selector named {name}.", hint=hint)


def read_selectors(folder: Path, renderer: Renderer) -> Selectors:
    """Read `selectors.yml` in the project's folder; without one there are no selectors.

    Raises:
        ProjectProblem: it is no YAML, or not built as dbt wants it; the message names the selector.
    """
    path = folder / SELECTORS_FILE
    if not path.is_file():
        return Selectors()
    document = renderer.render_all(read_yaml(path), where=str(path))
    entries = document.get("selectors")
    if not isinstance(entries, list):
        raise ProjectProblem("a list `selectors` is expected.", where=str(path))
    specs: dict[str, Spec] = {}
    default = None
    for number, entry in enumerate(entries):
        name = entry.get("name") if isinstance(entry, dict) else None
        if not isinstance(entry, dict) or not isinstance(name, str) or "definition" not in entry:
            raise ProjectProblem(
                "every selector needs a `name` and a `definition`.", where=f"{path} selectors[{number}]"
            )
        try:
            specs[name] = _Reader(specs).spec(entry["definition"])
        except (_Malformed, UsageProblem) as error:
            raise ProjectProblem(str(error), where=f"{path} {name}") from None
        if entry.get("default") is True:
            if default is not None:
                raise ProjectProblem(f"both {default} and {name} are the default.", where=str(path))
            default = name
    return Selectors(specs, default)


class _Malformed(ValueError):
    """A definition that dbt would refuse."""


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one definition; `known` are the selectors above it in the file."""

    known: Mapping[str, Spec]

    def spec(self, definition: Any) -> Spec:
        """A definition of any form."""
        if isinstance(definition, str):
            return read_criterion(definition)
        if not isinstance(definition, dict):
            raise _Malformed("a definition is text or a mapping.")
        for word, combined in (("union", AnyOf), ("intersection", AllOf)):
            if word in definition:
                return self._combined(word, definition[word], combined)
        return self._criterion(definition)

    def _combined(self, word: str, parts: Any, combined: type[AnyOf | AllOf]) -> Spec:
        kept: list[Spec] = []
        left_out: Spec | None = None
        for part in self._list(word, parts):
            # Whatever else stands beside an `exclude` here, dbt does not look at it.
            if isinstance(part, dict) and "exclude" in part:
                if left_out is not None:
                    raise _Malformed(f"`{word}` has more than one `exclude`.")
                left_out = self._excluded(part["exclude"])
            else:
                kept.append(self.spec(part))
        if not kept:
            raise _Malformed(f"`{word}` selects nothing.")
        whole = combined(tuple(kept))
        return whole if left_out is None else Without(whole, left_out)

    def _excluded(self, parts: Any) -> Spec:
        return AnyOf(tuple(self.spec(part) for part in self._list("exclude", parts)))

    def _list(self, word: str, parts: Any) -> list[Any]:
        if not isinstance(parts, list):
            raise _Malformed(f"`{word}` must be a list.")
        return parts

    def _criterion(self, definition: Mapping[str, Any]) -> Spec:
        if len(definition) == 1:
            ((method, value),) = definition.items()
            definition = {"method": method, "value": value}
        if "method" not in definition or "value" not in definition:
            found = ", ".join(map(str, definition))
            raise _Malformed(f"`method` and `value` are expected, not {found or 'nothing'}.")
        method, value = str(definition["method"]), definition["value"]
        if method == "selector":
            if value not in self.known:
                close = nearest(str(value), self.known)
                hint = f" Did you mean {close}?" if close else ""
                raise _Malformed(f"there is no selector {value} above this one.{hint}")
            return self.known[value]
        name, *arguments = method.split(".")
        criterion = Criterion(
            f"{method}:{value}",
            name,
            str(value).lower() if isinstance(value, bool) else str(value),
            tuple(arguments),
            bool(definition.get("childrens_parents")),
            _reach(definition, "parents"),
            _reach(definition, "children"),
        )
        if "exclude" in definition:
            return Without(criterion, self._excluded(definition["exclude"]))
        return criterion


def _reach(definition: Mapping[str, Any], side: str) -> Reach | None:
    if not definition.get(side):
        return None
    steps = definition.get(f"{side}_depth")
    return Reach(int(steps) if steps else None)
