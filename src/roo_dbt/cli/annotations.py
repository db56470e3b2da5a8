"""Problems as annotations of GitHub Actions, on the lines of the YAML that they are about.

The form and its escapes are those of GitHub's own toolkit
(https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts, read 2026-11-22):
`::error file=…,line=…,title=…::message`; in the message `%`, CR and LF are written as `%25`, `%0D` and `%0A`,
in a property `:` and `,` as `%3A` and `%2C`, too.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from roo_dbt.records import Destination, PlanReport, Problem, SyncReport


@dataclass(frozen=True, slots=True)
class Annotations:
    """Writes problems as GitHub reads them.

    Args:
        project_dir: the dbt project as the user named it; None: found as every command finds it.
    """

    project_dir: Path | None = None

    def line(self, problem: Problem) -> str:
        """One problem, at its line where that can be found."""
        properties = {**self._place(problem), "title": problem.id}
        said = f"{problem.message}{f' (got {problem.value})' if problem.value else ''}"
        near = f" Did you mean {problem.nearest}?" if problem.nearest else ""
        where = " ".join(part for part in (problem.model, problem.path) if part)
        return _command(problem.severity, properties, f"{f'{where}: ' if where else ''}{said}{near}")

    def sentence(self, message: str) -> str:
        """An error that is about no line of any file."""
        return _command("error", {"title": "roo-dbt"}, message)

    def _place(self, problem: Problem) -> dict[str, str]:
        from roo_dbt.errors import RooError
        from roo_dbt.project.locations import find_project
        from roo_dbt.project.yaml_lines import line_of

        if not problem.file:
            return {}
        try:
            project = find_project(self.project_dir, Path.cwd())
        except RooError:
            return {}
        path = project / problem.file
        if not path.is_file():
            return {}
        line = line_of(path, problem.model, problem.path)
        found = {"file": _from_workspace(path)}
        return {**found, "line": str(line)} if line else found


def blocked_plans(report: PlanReport) -> Iterator[Problem]:
    """The guards that would stop a sync, at their destinations."""
    for plan in report.plans:
        for reason in plan.blocked_by:
            yield _at(plan.destination, report.declared, "blocked", f"a sync would be blocked: {reason}")


def troubled_results(report: SyncReport) -> Iterator[Problem]:
    """The destinations of which something was not sent or not accepted."""
    for result in report.results:
        counts = result.counts
        missing = counts.failed + counts.unknown + counts.held
        if result.status in ("error", "blocked"):
            yield _at(result.destination, report.declared, result.status, result.message or result.status)
        elif missing:
            number = f"{missing:,} record{'' if missing == 1 else 's'} not accepted"
            reasons = "; ".join(f"{each.code} ({each.records:,}): {each.message}" for each in result.reasons)
            said = f"{number}: {reasons}" if reasons else number
            yield _at(result.destination, report.declared, "not-accepted", said, allowed=result.tolerated)


def _at(
    name: str, declared: tuple[Destination, ...], id_: str, message: str, *, allowed: bool = False
) -> Problem:
    from roo_dbt.records import Problem

    found = next((one for one in declared if one.name == name), None)
    text = message if message.startswith(f"{name}: ") else f"{name}: {message}"
    return Problem(
        id=id_,
        message=text,
        file=found.model.file if found else "",
        model=found.model.name if found else "",
        path=found.path if found else "",
        severity="warning" if allowed else "error",
    )


def _from_workspace(path: Path) -> str:
    """The path as GitHub knows it: from the root of the checkout, else from where we are."""
    for root in (os.environ.get("GITHUB_WORKSPACE"), str(Path.cwd())):
        if root and path.resolve().is_relative_to(Path(root).resolve()):
            return path.resolve().relative_to(Path(root).resolve()).as_posix()
    return path.as_posix()


def _command(name: str, properties: dict[str, str], message: str) -> str:
    settings = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {settings}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
