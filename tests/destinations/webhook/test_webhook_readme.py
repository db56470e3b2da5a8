"""The webhook's README: tables from the code, YAML that is accepted, and the body that it shows.

After a change: `UPDATE_README=1 python -m pytest tests/destinations/webhook/test_webhook_readme.py`.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from roo_dbt.config import connect
from roo_dbt.config.describing import describe_settings
from roo_dbt.destinations import webhook
from roo_dbt.destinations.webhook import Webhook
from roo_dbt.destinations.webhook.records import Records
from roo_dbt.records import AppDeclaration, Change, Destination, Item, Mapped, Model, Relation

README = Path(webhook.__file__).with_name("README.md")
MODEL = Model("m", "m", "model", Relation(None, "main", "m", "m"), "m.yml", {}, {})


def settings() -> str:
    """The settings as a Markdown table."""
    lines = ["| setting | type | default | meaning |", "| --- | --- | --- | --- |"]
    for one in describe_settings(Webhook):
        if one.name == "workspace":
            continue
        default = "required" if one.required else f"`{one.default}`" if one.default else "none"
        cells = (f"`{one.name}`", one.type, default, one.meaning)
        lines.append(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |")
    return "\n".join(lines)


def limits() -> str:
    """The limits as a Markdown table."""
    lines = ["| limit | number | source | read |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {one.name} | {one.number} {one.unit} | {one.source} | {one.read} |" for one in Webhook.limits
    ]
    return "\n".join(lines)


TABLES = {"settings": settings, "limits": limits}


@pytest.mark.parametrize("name", TABLES)
def test_the_readme_has_the_table_that_the_code_generates(name: str) -> None:
    text, table = README.read_text(encoding="utf-8"), TABLES[name]()
    found = re.search(rf"<!-- {name} -->\n(.*?)\n?<!-- end -->", text, re.DOTALL)
    assert found is not None
    if os.environ.get("UPDATE_README"):
        changed = f"{text[: found.start()]}<!-- {name} -->\n{table}\n<!-- end -->{text[found.end() :]}"
        README.write_text(changed, encoding="utf-8")
    else:
        assert found[1] == table


def shown(kind: str) -> list[Any]:
    """The fenced blocks of a kind, read."""
    text = README.read_text(encoding="utf-8")
    return [
        yaml.safe_load(one) for one in re.findall(rf"^```{kind}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    ]


def test_the_yaml_of_the_readme_sends_the_body_of_the_readme() -> None:
    app_yaml, (destination_yaml,) = shown("yaml")
    options = dict(app_yaml["vars"]["roo"]["apps"]["crm"])
    app = connect(AppDeclaration("crm", options.pop("type"), options), {"HOOK_TOKEN": "t0ken-t0ken"})
    mapping = tuple(Mapped(name, column) for name, column in destination_yaml["mapping"].items())
    destination = Destination("crm_customers", MODEL, "crm", "records", ("customer_id",), mapping, ("id",))
    change = Change(
        1, "update", "42", {"id": 42, "email": "a@x.org"}, {"id": 42, "email": "ann@example.com"}, ("email",)
    )
    call = Records(app, destination).calls()[0]
    item = call.item(change)
    assert isinstance(item, Item)

    (body,) = shown("json")

    assert json.loads(call.request([item]).body or b"") == body
    assert app.headers()["Authorization"] == "Bearer t0ken-t0ken"
