"""The tables in the vendor folder's README say what the code says."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr
from pydantic_core import PydanticUndefined

from roo_dbt.destinations import braze
from roo_dbt.destinations.braze import Braze
from roo_dbt.destinations.braze.fields import STANDARD
from roo_dbt.destinations.braze.limits import LIMITS
from roo_dbt.destinations.braze.users import UserOptions

README = Path(braze.__file__).with_name("README.md")


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def spelt(default: object) -> str:
    """A default as YAML spells it."""
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


TABLES = {
    "settings": settings(Braze, without=("workspace",)),
    "options": settings(UserOptions),
    "fields": table(
        ("field", "type", "what it is"),
        ((f"`{field.name}`", field.type, field.description) for field in STANDARD),
    ),
    "limits": table(
        ("limit", "number", "source", "read"),
        ((limit.name, f"{limit.number:,} {limit.unit}", limit.source, limit.read) for limit in LIMITS),
    ),
}


@pytest.mark.parametrize("name", TABLES)
def test_the_readme_has_the_table_that_the_code_generates(name: str) -> None:
    found = re.search(
        rf"<!-- {name} -->\n(.*?)\n?<!-- end -->", README.read_text(encoding="utf-8"), re.DOTALL
    )
    assert found is not None
    assert found[1] == TABLES[name]
