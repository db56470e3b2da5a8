"""Rows of cells as aligned lines, the same on a terminal and in a file.

`rich.table.Table` pads or folds to the width it believes in; a pipe has none, and a log full of
trailing blanks or cut-off keys helps nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rich.cells import cell_len
from rich.text import Text

from roo_dbt.errors import printable

GAP = "  "


def aligned(rows: Sequence[Sequence[str | Text]], *, right: Collection[int] = ()) -> list[Text]:
    """One line per row, every column as wide as its widest cell.

    Args:
        rows: all of the same length; the first may be a header.
        right: the columns whose cells are pushed to the right, by index.
    """
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(cell_len(cell.plain) for cell in column) for column in zip(*cells, strict=True)]
    return [_line(row, widths, right) for row in cells]


def header(*names: str) -> list[Text]:
    """The names of the columns, dimmed."""
    return [Text(name, style="dim") for name in names]


def _line(row: Sequence[Text], widths: Sequence[int], right: Collection[int]) -> Text:
    line = Text()
    for index, (cell, width) in enumerate(zip(row, widths, strict=True)):
        padding = " " * (width - cell_len(cell.plain))
        line.append(GAP if index else "")
        line.append_text(Text.assemble(padding, cell) if index in right else Text.assemble(cell, padding))
    line.rstrip()
    return line


def _cell(value: str | Text) -> Text:
    text = value.copy() if isinstance(value, Text) else Text(value)
    # A key or a message may hold anything, also a line break or an escape sequence.
    if not text.plain.isprintable():
        text.plain = printable(text.plain)
    return text
