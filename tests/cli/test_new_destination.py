"""`roo-dbt new-destination` writes a package whose tests pass and whose type is found once it is installed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from roo_dbt.errors import UsageProblem
from roo_dbt.scaffold import new_destination

ROOT = Path(__file__).parents[2]
NOWHERE = "http://127.0.0.1:9"


def python(*arguments: str, cwd: Path, path: str) -> subprocess.CompletedProcess[str]:
    """Python without a way out."""
    env = {**os.environ, "PYTHONPATH": path, "HTTPS_PROXY": NOWHERE, "HTTP_PROXY": NOWHERE}
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package `warm_mail`, as the command writes it."""
    folder = tmp_path_factory.mktemp("authors") / "roo-dbt-warm-mail"
    done = python("-m", "roo_dbt", "new-destination", "warm_mail", cwd=folder.parent, path=str(ROOT / "src"))
    assert done.returncode == 0, done.stderr
    assert [Path(line) for line in done.stdout.splitlines()] == [
        Path("roo-dbt-warm-mail") / name
        for name in (
            "pyproject.toml",
            "README.md",
            "src/roo_dbt_warm_mail/__init__.py",
            "src/roo_dbt_warm_mail/destination.py",
            "tests/test_warm_mail.py",
        )
    ]
    assert "pytest" in done.stderr
    return folder


def test_its_tests_pass(package: Path) -> None:
    done = python("-m", "pytest", "-q", "-W", "error", cwd=package, path=str(ROOT / "src"))

    assert done.returncode == 0, done.stdout
    assert int(re.findall(r"(\d+) passed", done.stdout)[0]) > 40


def test_its_type_is_found_once_it_is_installed(package: Path, tmp_path: Path) -> None:
    published = re.search(
        r'^(\w+) = "(roo_dbt_\w+:\w+)"$', (package / "pyproject.toml").read_text(), re.MULTILINE
    )
    assert published is not None
    info = tmp_path / "roo_dbt_warm_mail-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: roo-dbt-warm_mail\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text(f"[roo_dbt.destinations]\n{published[1]} = {published[2]}\n")
    path = os.pathsep.join([str(ROOT / "src"), str(package / "src"), str(tmp_path)])

    done = python("-m", "roo_dbt", "describe", "warm_mail", cwd=tmp_path, path=path)

    assert done.returncode == 0, done.stderr
    assert "Warm Mail: settings of an app" in done.stdout
    assert "warm_mail:users" in done.stdout


def test_what_is_written_keeps_the_rules_of_the_house(package: Path) -> None:
    rules = ["--isolated", "--line-length", "110", "--select", "E,F,W,D1", "--ignore", "D107"]

    done = python("-m", "ruff", "check", *rules, ".", cwd=package, path="")

    assert done.returncode == 0, done.stdout


def test_the_readme_has_the_reference_that_the_key_needs(package: Path) -> None:
    assert "api_key: ${WarmMail_API_KEY}" not in (package / "README.md").read_text()
    assert "api_key: ${WARM_MAIL_API_KEY}" in (package / "README.md").read_text()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "Warm-Mail",
            "'Warm-Mail' cannot be a type of app: lower-case letters, digits and _, a letter first. Try warm_mail.",
        ),
        ("class", "'class' cannot be a type of app"),
        ("braze", "there is a type braze already. roo-dbt describe braze shows it."),
    ],
)
def test_a_name_that_cannot_be_a_type_is_refused(tmp_path: Path, name: str, sentence: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        new_destination(name, tmp_path / "new")

    assert str(caught.value).startswith(sentence)
    assert not (tmp_path / "new").exists()


def test_nothing_is_written_over(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="there is already something at"):
        new_destination("parcel", tmp_path)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(UsageProblem, match="cannot be written"):
        new_destination("parcel", tmp_path / "file" / "parcel")
