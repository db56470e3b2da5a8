"""Where the commands of a page are typed: a copy of the example project, prepared as the page assumes."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import yaml
from tests.docs.checkout import Checkout
from tests.docs.fences import Fence, fences

from roo_dbt.project.example import copy_example
from roo_dbt.sandbox.server import Sandbox

KEYS = {"BRAZE_API_KEY": "any", "ITERABLE_API_KEY": "any"}
ANSWERS = "y\n" * 4
"""What somebody types who is asked."""
PORT = "8911"
"""Where the sandbox of the pages is."""


def stage(folder: Path, sandbox: Sandbox) -> Checkout:
    """The example project with its packages, before its first build."""
    made = Checkout(copy_example(folder), folder, sandbox)
    typed(made, "dbt deps")
    return made


def typed(place: Checkout, script: str, variables: Mapping[str, str] | None = None) -> str:
    """What a script says, which must end well. What it leaves running in the background is ended."""
    said = place.temporary / "said.txt"
    with said.open("w") as file:
        process = subprocess.Popen(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script],
            cwd=place.folder,
            env={**place.environment, **KEYS, **(variables or {})},
            stdin=subprocess.PIPE,
            stdout=file,
            stderr=file,
            text=True,
            start_new_session=True,
        )
        process.communicate(ANSWERS)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
    text = said.read_text()
    assert process.returncode == 0, f"{script}\n{text}"
    return text


def play(place: Checkout, fence: Fence) -> None:
    """Type the commands of a fence, one after the other; a sandbox of theirs gets a port that is free."""
    for command in fence.commands:
        prepare = PREPARATIONS.get((fence.page, command.partition("\n")[0]))
        if prepare:
            prepare(place)
        if PORT not in command:
            typed(place, command)
            continue
        port = free_port()
        address = f"http://127.0.0.1:{port}"
        endpoints = {"BRAZE_REST_ENDPOINT": address, "ITERABLE_BASE_URL": address}
        typed(place, command.replace(PORT, str(port)), endpoints)


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def a_project_of_its_own(place: Checkout) -> None:
    """A project that roo-dbt has not seen yet."""
    settings = place.folder / "dbt_project.yml"
    document = yaml.safe_load(settings.read_text())
    del document["vars"]["roo"]
    settings.write_text(yaml.safe_dump(document, sort_keys=False))
    for name in ("customers", "subscribers"):
        file = place.folder / "models" / f"{name}.yml"
        model = yaml.safe_load(file.read_text())["models"][0]
        for column in model["columns"]:
            column.pop("config", None)
        columns = {"models": [{"name": name, "columns": model["columns"]}]}
        file.write_text(yaml.safe_dump(columns, sort_keys=False))
    typed(place, "dbt build")


def a_model_of_orders(place: Checkout) -> None:
    """The model that the page speaks of."""
    (place.folder / "models" / "orders.sql").write_text("select * from {{ ref('stg_orders') }}")
    typed(place, "dbt build --select orders")


def a_team_that_selects(place: Checkout) -> None:
    """A tag and a group, a selector, and the artifacts of the last run."""
    customers = {"+tags": ["crm"], "+group": "crm"}
    settings = place.folder / "dbt_project.yml"
    document = yaml.safe_load(settings.read_text())
    document["models"]["shop"]["customers"] = customers
    settings.write_text(yaml.safe_dump(document, sort_keys=False))
    group = {"name": "crm", "owner": {"name": "CRM"}}
    (place.folder / "models" / "groups.yml").write_text(yaml.safe_dump({"groups": [group]}))
    selector = {"name": "nightly", "definition": "tag:crm"}
    (place.folder / "selectors.yml").write_text(yaml.safe_dump({"selectors": [selector]}))
    typed(place, "dbt build")
    shutil.copytree(place.folder / "target", place.folder.parent / "last_run")


def models_of_the_page(place: Checkout) -> None:
    """The SQL of the page as models."""
    sql = [fence for fence in fences() if (fence.page, fence.language) == ("macros/README.md", "sql")]
    for number, fence in enumerate(sql):
        (place.folder / "models" / f"of_the_page_{number}.sql").write_text(fence.text)


PREPARATIONS: Mapping[tuple[str, str], Callable[[Checkout], None]] = {
    ("docs/command-line.md", "roo-dbt init braze customers"): a_project_of_its_own,
    ("docs/command-line.md", "roo-dbt generate iterable:events orders"): a_model_of_orders,
    (
        "docs/command-line.md",
        "roo-dbt sync -s tag:crm+ --exclude config.materialized:view",
    ): a_team_that_selects,
    ("macros/README.md", "dbt build --exclude source:roo_state+"): models_of_the_page,
}
"""What a page assumes before a command, by the page and the command's first line."""
