"""Changes of files, as a terminal shows them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.text import Text

    from roo_dbt.project.edits import Edit

STYLES = {"+": "green", "-": "red", "@": "cyan"}


def diff_lines(edits: Sequence[Edit]) -> Iterator[Text]:
    """The unified diffs, the names of the files in bold."""
    from rich.text import Text

    for edit in edits:
        for number, line in enumerate(edit.diff()):
            yield Text(line, style="bold" if number < 2 else STYLES.get(line[:1], ""))
