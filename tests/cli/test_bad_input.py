"""What people get wrong, typed in: one sentence, the documented exit code, nothing half done."""

from __future__ import annotations

import json
import re
import stat
import subprocess
import sys
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

    assert ran.code == ExitCode.COULD_NOT_START
    assert "could not be written" in ran.err
    assert "so nothing was done" in ran.err
    assert "Traceback" not in ran.err
    assert not shop.sandbox.requests


@pytest.mark.parametrize("name", ["plan", "sync", "exposures"])
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


@pytest.mark.parametrize("option", ["--select", "--destination"])
def test_an_empty_selection_is_no_wish_to_export_everything(run: Run, shop: Shop, option: str) -> None:
    ran = run("sync", option, "")
    assert ran.code == ExitCode.COULD_NOT_START
    assert "it is empty. Leave the option out to take everything." in ran.err
    assert not shop.sandbox.requests


def test_a_selection_of_nothing_does_not_say_that_nothing_changed(run: Run, shop: Shop) -> None:
    for name in ("sync", "plan"):
        ran = run(name, "-s", "tag:nobody_has_this")
        assert ran.code == ExitCode.SUCCESS
        assert "No destination is selected" in ran.out
        assert "matches no node" in ran.err


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("oops", "no fault of the kind 'oops'"),
        ("status code=500", "no setting 'code'"),
        ("status path", "path has no value"),
        ("status count=none", "'count' of a fault is a number"),
    ],
)
def test_a_fault_that_makes_no_sense_is_one_sentence(run: Run, fault: str, words: str) -> None:
    ran = run("sandbox", "--port", "0", "--fault", fault)
    assert ran.code == ExitCode.COULD_NOT_START
    assert is_one_sentence(ran, words)


def test_a_sandbox_begins_with_the_faults_that_were_asked_for(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[Any] = []
    monkeypatch.setattr("roo_dbt.sandbox.serve", lambda _port, settings, **_: begun.append(settings.faults))
    run("sandbox", "--fault", "status path=/users/track status=503 count=2", "--fault", "item ids=4,007")
    assert begun == [
        (
            {"kind": "status", "path": "/users/track", "status": 503, "count": 2},
            {"kind": "item", "ids": ["4", "007"]},
        )
    ]


def test_a_closed_standard_input_holds_no_selection(
    run: Run, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", None)
    ran = run("list", "--select", "-")
    assert ran.code == ExitCode.COULD_NOT_START
    assert is_one_sentence(ran, "nothing is piped into it")


@pytest.mark.parametrize("name", ["list", "plan", "sync"])
def test_an_output_that_is_full_is_no_bug(shop: Shop, name: str) -> None:
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "roo_dbt", name],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    sent = name == "sync"
    assert ran.returncode == (ExitCode.STOPPED_MIDWAY if sent else ExitCode.COULD_NOT_START)
    assert "the system refused to read or write: No space left on device" in ran.stderr
    assert ("What was sent is recorded" in ran.stderr) is sent


def test_a_line_that_cannot_be_parsed_is_answered_as_it_asks(run: Run, shop: Shop) -> None:
    ran = run("sync", "--log-format", "json", "--bogus")
    assert ran.code == ExitCode.COULD_NOT_START
    said = json.loads(ran.err)
    assert (said["event"], said["exit_code"]) == ("error", 2)
    assert "--bogus" in said["message"]


def test_validate_finds_what_is_wrong_with_the_yaml_and_with_the_table_at_once(run: Run, shop: Shop) -> None:
    shop.braze(sync_mode="sinc", mapping={"external_id": "id", "home_city": "no_such"})
    shop.iterable("sync", mapping={"email": "emial"})
    shop.write()
    ran = run("validate")
    assert ran.code == ExitCode.COULD_NOT_START
    assert "sinc" in ran.out + ran.err
    assert "emial" in ran.out + ran.err


def test_validate_says_that_it_could_not_look_at_the_tables(run: Run, shop: Shop) -> None:
    shop.braze(sync_mode="sinc")
    shop.write()
    shop.file.unlink()
    ran = run("validate")
    assert ran.code == ExitCode.COULD_NOT_START
    assert "sinc" in ran.out + ran.err
    assert "the tables were not looked at" in ran.out + ran.err


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
