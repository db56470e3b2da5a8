"""The fenced blocks of every page that people read, and the commands in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.docs.pages import DOCS, ROOT

PAGES = (
    ROOT / "README.md",
    ROOT / "dbt_project_example" / "README.md",
    ROOT / "macros" / "README.md",
    *sorted((ROOT / "src").rglob("README.md")),
    *sorted(DOCS.rglob("*.md")),
)
COMMANDS = ("sh", "console", "python", "sql")
"""Languages of what is run."""
DATA = ("yaml", "json", "toml", "")
"""Languages of what is read."""
_FENCE = re.compile(r"^( *)```([^\n]*)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Fence:
    """A block: its page, from the root of the repository; the line of its text; its language."""

    page: str
    line: int
    language: str
    text: str

    @property
    def commands(self) -> tuple[str, ...]:
        """What is typed: a line of a console each, or all of a script."""
        if self.language == "console":
            return tuple(re.findall(r"^\$ (.*)$", self.text, re.MULTILINE))
        return (self.text.rstrip("\n"),) if self.language in COMMANDS else ()


def fences() -> Iterator[Fence]:
    """Every block of every page."""
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        for found in _FENCE.finditer(text):
            indent, information, body = found.groups()
            line = text.count("\n", 0, found.start()) + 2
            lines = [one.removeprefix(indent) for one in body.splitlines(keepends=True)]
            language = information.split(" ")[0]
            yield Fence(path.relative_to(ROOT).as_posix(), line, language, "".join(lines))
