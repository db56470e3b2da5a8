"""The tables in the vendor folder's README say what the code says."""

from __future__ import annotations

import re
from collections.abc import Iterable as Rows
from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr
from pydantic_core import PydanticUndefined

from roo_dbt.destinations import iterable
from roo_dbt.destinations.iterable import Iterable
from roo_dbt.destinations.iterable.events import EventOptions, Events
from roo_dbt.destinations.iterable.fields import KNOWN, RESERVED
from roo_dbt.destinations.iterable.limits import LIMITS
from roo_dbt.destinations.iterable.purchases import Purchases
from roo_dbt.destinations.iterable.subscriptions import SubscriptionOptions, Subscriptions
from roo_dbt.destinations.iterable.users import UserOptions
from roo_dbt.destinations.protocol import Field

README = Path(iterable.__file__).with_name("README.md")


def table(head: tuple[str, ...], rows: Rows[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def settings(model: type[BaseModel], *, without: tuple[str, ...] = ()) -> str:
    """The settings of a pydantic model."""
    rows = []
    for name, field in model.model_fields.items():
        if name in without:
            continue
        default = "required" if field.default is PydanticUndefined else f"`{field.default}`"
        if field.default is None:
            default = "none"
        secret = " Secret: a `${…}` reference." if field.annotation is SecretStr else ""
        rows.append((f"`{name}`", default, f"{field.description}{secret}"))
    return table(("setting", "default", "meaning"), rows)


def known_fields(fields: Rows[Field]) -> str:
    """Fields that Iterable knows by name."""
    return table(
        ("field", "type", "what it is"),
        (
            (f"`{field.name}`", field.type, f"{'Required. ' if field.required else ''}{field.description}")
            for field in fields
        ),
    )


def _listed(names: Rows[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


TABLES = {
    "settings": settings(Iterable, without=("workspace",)),
    "options": settings(UserOptions),
    "event options": settings(EventOptions),
    "subscription options": settings(SubscriptionOptions),
    "fields": known_fields(KNOWN),
    "event fields": known_fields(Events.known),
    "purchase fields": known_fields(Purchases.known),
    "subscription fields": known_fields(Subscriptions.known),
    "objects": table(
        ("object", "modes", "groups"),
        (
            (
                f"`{name}`",
                _listed(kind.modes) or "none: each record goes once",
                _listed(kind.groups) or "none",
            )
            for name, kind in Iterable.objects.items()
        ),
    ),
    "reserved": table(("field", "why"), ((f"`{name}`", reason) for name, reason in RESERVED.items())),
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


def test_every_limit_has_a_source_and_a_day() -> None:
    for limit in LIMITS:
        assert limit.source.startswith("https://")
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", limit.read)
        assert limit.number > 0
