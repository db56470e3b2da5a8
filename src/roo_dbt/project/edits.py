"""Files of the project that are about to change: all of them, or none."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from roo_dbt.errors import ProjectProblem


@dataclass(frozen=True, slots=True)
class Edit:
    """A file before and after; `before` is None for a new one. `name` is its path within the project."""

    path: Path
    name: str
    before: str | None
    after: str

    def diff(self) -> Iterator[str]:
        """The change as a unified diff, line by line."""
        old = (self.before or "").splitlines()
        yield from difflib.unified_diff(
            old,
            self.after.splitlines(),
            f"a/{self.name}" if self.before is not None else "/dev/null",
            f"b/{self.name}",
            lineterm="",
        )


def read_text(path: Path) -> str:
    """A file's text, its line ends as they are.

    Raises:
        ProjectProblem: it cannot be read.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ProjectProblem(f"the file cannot be read: {error}.", where=str(path)) from error


def write(edits: Sequence[Edit]) -> None:
    """Write every edit, or leave every file as it was.

    Raises:
        ProjectProblem: one of them cannot be written.
    """
    done: list[Edit] = []
    for edit in edits:
        try:
            edit.path.parent.mkdir(parents=True, exist_ok=True)
            edit.path.write_bytes(edit.after.encode("utf-8"))
        except OSError as error:
            for before in done:
                _undo(before)
            raise ProjectProblem(
                f"the file cannot be written ({error.strerror or error}), so nothing was changed.",
                where=str(edit.path),
            ) from error
        done.append(edit)


def _undo(edit: Edit) -> None:
    if edit.before is None:
        edit.path.unlink(missing_ok=True)
    else:
        edit.path.write_bytes(edit.before.encode("utf-8"))
