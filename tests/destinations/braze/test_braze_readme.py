"""The tables in the vendor folder's README say what the code says.

After a change: `UPDATE_README=1 python -m pytest tests/destinations/braze/test_braze_readme.py`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr
from pydantic_core import PydanticUndefined

from roo_dbt.config.blocks import DestinationBlock
from roo_dbt.destinations import braze
from roo_dbt.destinations.braze import Braze
from roo_dbt.destinations.braze.events import Events, OccurrenceOptions, Purchases
from roo_dbt.destinations.braze.fields import STANDARD
from roo_dbt.destinations.braze.limits import LIMITS
from roo_dbt.destinations.braze.permissions import DELETE, EXPORT, RENAME, TRACK
from roo_dbt.destinations.braze.users import UserOptions
from roo_dbt.destinations.protocol import Field

README = Path(braze.__file__).with_name("README.md")


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def spelt(default: object) -> str:
    """A default as YAML spells it."""
    if isinstance(default, tuple):
        return f"[{', '.join(default)}]"
    return str(default).lower() if isinstance(default, bool) else str(default)


def settings(model: type[BaseModel], *, without: tuple[str, ...] = ()) -> str:
    """The settings of a pydantic model."""
    rows = []
    for name, field in model.model_fields.items():
        if name in without:
            continue
        default = "required" if field.default is PydanticUndefined else f"`{spelt(field.default)}`"
        if field.default is None:
            default = "none"
        secret = " Secret: a `${…}` reference." if field.annotation is SecretStr else ""
        rows.append((f"`{name}`", default, f"{field.description}{secret}"))
    return table(("setting", "default", "meaning"), rows)


def known(fields: Iterable[Field]) -> str:
    """The fields of an object."""
    rows = (
        (f"`{field.name}`", field.type, f"{field.description}{'; required' if field.required else ''}")
        for field in fields
    )
    return table(("field", "type", "what it is"), rows)


TABLES = {
    "settings": settings(Braze, without=("workspace",)),
    "options": settings(UserOptions),
    "event-options": settings(OccurrenceOptions),
    "fields": known(STANDARD),
    "event-fields": known(Events.known),
    "purchase-fields": known(Purchases.known),
    "limits": table(
        ("limit", "number", "source", "read"),
        ((limit.name, f"{limit.number:,} {limit.unit}", limit.source, limit.read) for limit in LIMITS),
    ),
}


@pytest.mark.parametrize("name", TABLES)
def test_the_readme_has_the_table_that_the_code_generates(name: str) -> None:
    text = README.read_text(encoding="utf-8")
    pattern = re.compile(rf"<!-- {name} -->\n(.*?)\n?<!-- end -->", re.DOTALL)
    found = pattern.search(text)
    assert found is not None
    if os.environ.get("UPDATE_README"):
        README.write_text(
            text[: found.start()] + f"<!-- {name} -->\n{TABLES[name]}\n<!-- end -->" + text[found.end() :],
            encoding="utf-8",
        )
    else:
        assert found[1] == TABLES[name]


def test_every_permission_that_is_tried_is_in_the_readme() -> None:
    text = README.read_text(encoding="utf-8")
    assert all(f"`{probe.permission}`" in text for probe in (TRACK, DELETE, RENAME, EXPORT))


def test_the_settings_that_stand_for_those_of_amplitude_exist() -> None:
    text = README.read_text(encoding="utf-8")
    rows = re.findall(
        r"^\|.*\|$", text.partition("## Coming from Amplitude")[2].partition("##")[0], re.MULTILINE
    )
    named = {name for row in rows[2:] for name in re.findall(r"`(\w+)(?::[^`]*)?`", row.split("|")[2])}
    ours = {*DestinationBlock.model_fields, *UserOptions.model_fields, *OccurrenceOptions.model_fields}
    assert named <= ours | {field.name for field in STANDARD}
    assert {"identifier", "object", "sync_mode", "update_users_only", "mapping", "enabled"} <= named
