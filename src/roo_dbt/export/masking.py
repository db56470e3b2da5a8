"""A vendor's message without the values of its record: it goes to terminals, files and tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from roo_dbt.records import MASK, Change

SHORTEST = 3
"""Characters of a value that is looked for; a shorter one says nothing of anybody."""


def without_values(message: str, change: Change) -> str:
    """The message with `***` for every value of the record, old or new; its key stays.

    Iterable repeats addresses ("Invalid email: …"), and other vendors whole rows.
    """
    values = {text for row in (change.new, change.old) for text in _texts(row)}
    found = sorted((text for text in values if text != change.key and text in message), key=len, reverse=True)
    for text in found:
        message = re.sub(rf"(?<!\w){re.escape(text)}(?!\w)", MASK, message)
    return message


def _texts(value: Any) -> Iterator[str]:
    """Every text and number within a value, as a message would show it."""
    if isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
    elif value is not None and not isinstance(value, bool):
        text = str(value)
        if len(text) >= SHORTEST:
            yield text
