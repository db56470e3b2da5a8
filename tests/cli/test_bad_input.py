"""What people get wrong, typed in: one sentence, the documented exit code, nothing half done."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.run.shop import Shop

from roo_dbt.cli.group import COMMANDS
from roo_dbt.errors import ExitCode

README = Path(__file__).parents[2] / "README.md"
Run = Callable[..., Any]

ARGUMENTS: dict[str, tuple[str, ...]] = {
    "fields": ("braze",),
    "generate": ("braze", "customers"),
    "init": ("braze", "customers"),
    "why": ("braze_customers", "1"),
    "forget": ("gone",),
}
"""What a command cannot do without."""

WITHOUT_PROJECT = {"describe", "schema", "sandbox", "demo", "new-destination"}
WITHOUT_SELECTION = WITHOUT_PROJECT | {"fields", "generate", "init", "why", "forget", "exposures"}
READING = sorted(set(COMMANDS) - WITHOUT_PROJECT)
SELECTING = sorted(set(COMMANDS) - WITHOUT_SELECTION)


def is_one_sentence(ran: Any, *words: str) -> bool:
    """An error as a person reads it: what happened and what to do, nothing on stdout."""
    said = ran.err
    is_plain = said.startswith("Error: ") and "Traceback" not in said and "\x1b[" not in said
    return is_plain and ran.out == "" and len(said.splitlines()) <= 3 and all(word in said for word in words)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_wrong_option_gets_the_nearest_one(run: Run, name: str) -> None:
    ran = run(name, "--debg")

    assert ran.code == ExitCode.COULD_NOT_START
    assert "No such option" in ran.err
    assert "--debug" in ran.err
    assert ran.out == ""


@pytest.mark.parametrize("typed", ["snyc", "plann", "expose", "describ", "genrate"])
def test_a_wrong_command_gets_the_nearest_one(run: Run, typed: str) -> None:
    ran = run(typed)

    assert ran.code == ExitCode.COULD_NOT_START
    assert re.search(r"No such command '\w+'. Did you mean '\w+'\?", ran.err)


@pytest.mark.parametrize("name", READING)
def test_a_folder_that_is_no_project_is_said_by_every_command(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)

    ran = run(name, *ARGUMENTS.get(name, ()))

    assert ran.code == ExitCode.COULD_NOT_START
    assert is_one_sentence(ran, "this is not a dbt project", "--project-dir PATH")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", READING)
def test_a_manifest_of_the_future_is_said_by_every_command(run: Run, shop: Shop, name: str) -> None:
    path = shop.folder / "target" / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["metadata"]["dbt_schema_version"] = "https://schemas.getdbt.com/dbt/manifest/v13.json"
    manifest["metadata"]["dbt_version"] = "3.0.1"
    path.write_text(json.dumps(manifest))
    if name == "init":
        (shop.folder / "dbt_project.yml").write_text("name: shop\nprofile: shop\n")

    ran = run(name, *ARGUMENTS.get(name, ()))

    assert ran.code == ExitCode.COULD_NOT_START
    assert is_one_sentence(ran, "the schema is v13, written by dbt 3.0.1", "Upgrade roo-dbt.")


@pytest.mark.parametrize("name", SELECTING)
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("-s", "tga:crm"), ("no selection method `tga:`", "Did you mean `tag:`?")),
        (("-s", "customers,,orders"), ("empty part",)),
        (("-s", "@customers+"), ("Leave one out",)),
        (("--selector", "nightly"), ("no selector named nightly",)),
        (("-d", "braze_custmers"), ("Did you mean braze_customers?",)),
    ],
)
def test_a_wrong_selection_is_said_by_every_command_that_selects(
    run: Run, shop: Shop, name: str, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    ran = run(name, *arguments)

    assert ran.code == ExitCode.COULD_NOT_START
    assert is_one_sentence(ran, *words)
    assert shop.sandbox.requests == []


@pytest.mark.parametrize(
    ("text", "said"),
    [("{", "not valid JSON"), ("[]", "no file of dbt's"), ('{"metadata": {}}', "none of dbt's")],
)
def test_a_manifest_that_is_none_is_one_sentence(run: Run, shop: Shop, text: str, said: str) -> None:
    (shop.folder / "target" / "manifest.json").write_text(text)

    ran = run("plan")

    assert ran.code == ExitCode.COULD_NOT_START
    assert is_one_sentence(ran, said)


@pytest.mark.parametrize("name", ["plan", "sync"])
def test_something_in_the_way_of_our_file_is_one_sentence(run: Run, shop: Shop, name: str) -> None:
    file = {"plan": "roo_plan.json", "sync": "roo_results.json"}[name]
    (shop.folder / "target" / file).mkdir()

    ran = run(name)

    # The sync was done by then, and is remembered in the warehouse.
    assert ran.code == {"plan": ExitCode.COULD_NOT_START, "sync": ExitCode.STOPPED_MIDWAY}[name]
    assert "could not be written" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("name", ["plan", "exposures"])
def test_a_read_only_folder_is_one_sentence(run_bound: Run, shop: Shop, name: str) -> None:
    folders = [shop.folder, shop.folder / "target"]
    for folder in folders:
        folder.chmod(stat.S_IREAD | stat.S_IEXEC)
    try:
        ran = run_bound(name)
    finally:
        for folder in folders:
            folder.chmod(stat.S_IRWXU)

    assert ran.code == ExitCode.COULD_NOT_START
    assert is_one_sentence(ran, "written")


def test_a_folder_that_nobody_may_write_to_is_one_sentence(
    run: Run, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For root, whom no permission stops: the kernel's own files take nothing from anybody."""
    if not Path("/proc/self").is_dir():
        pytest.skip("no /proc here")
    (shop.folder / "dbt_project.yml").write_text(
        json.dumps(
            {**json.loads((shop.folder / "dbt_project.yml").read_text()), "model-paths": ["/proc/self"]}
        )
    )

    ran = run("exposures")

    assert ran.code == ExitCode.COULD_NOT_START
    assert is_one_sentence(ran, "the file cannot be written", "nothing was changed")


def refused_record(shop: Shop) -> None:
    shop.customers("(1, 'ann@example.com', 'Oslo', 1), (2, 'no address', 'Oslo', 2)")


def unset_variable(shop: Shop) -> None:
    shop.roo["apps"]["braze"]["api_key"] = "${NOBODY_SETS_THIS}"
    shop.write()


def long_wait(shop: Shop) -> None:
    shop.sandbox.fault("status", "/users/track", status=429, seconds=7_200)


WAYS: dict[int, tuple[Callable[[Shop], None] | None, tuple[str, ...]]] = {
    0: (None, ("sync",)),
    1: (refused_record, ("sync",)),
    2: (unset_variable, ("sync",)),
    3: (long_wait, ("sync",)),
    4: (None, ("plan", "--detailed-exitcode")),
}
"""One way to end with each code."""


@pytest.mark.parametrize("code", WAYS)
def test_each_documented_exit_code_is_had(run: Run, shop: Shop, code: int) -> None:
    prepare, arguments = WAYS[code]
    if prepare:
        prepare(shop)

    assert run(*arguments).code == code


def test_the_documented_exit_codes_are_those() -> None:
    section = README.read_text(encoding="utf-8").partition("### Exit codes")[2].partition("###")[0]
    documented = {int(code) for code in re.findall(r"^\| (\d) \|", section, flags=re.MULTILINE)}

    assert documented == set(WAYS)
