"""The documentation: it builds strictly, needs no network, and its commands do what it says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from tests.run.shop import ANN, BO, CY, Shop

from roo_dbt.sandbox.server import Sandbox

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
COMMAND = re.compile(r"^ *\$ (roo-dbt .*)$", re.MULTILINE)


def build(docs: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Build the site of these docs as for publishing. Not with -q: what it does not say, it does not count."""
    return subprocess.run(
        [
            *(sys.executable, "-m", "mkdocs", "build", "--strict"),
            *("-f", docs / "site" / "mkdocs.yml", "-d", folder),
        ],
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site; a link that leads nowhere, or a page that nothing leads to, stops it."""
    folder = tmp_path_factory.mktemp("site")
    built = build(DOCS, folder)
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("concepts.md", "[there](nowhere.md)", "nowhere.md"),
        ("concepts.md", "[there](ci.md#nowhere)", "#nowhere"),
        ("lonely.md", "# Lonely", "lonely.md"),
    ],
)
def test_a_mistake_stops_the_build(tmp_path: Path, file: str, text: str, said: str) -> None:
    for name in ("docs", "macros", "dbt_project_example"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("target", "dbt_packages"))
    for path in [ROOT / "README.md", *(ROOT / "src").rglob("README.md")]:
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    with (tmp_path / "docs" / file).open("a") as page:
        page.write(f"\n\n{text}\n")

    built = build(tmp_path / "docs", tmp_path / "site")

    assert built.returncode == 1
    assert said in built.stderr


def test_links_between_files_of_the_repository_lead_to_pages(site: Path) -> None:
    front = (site / "index.html").read_text(encoding="utf-8")
    command_line = (site / "command-line" / "index.html").read_text(encoding="utf-8")

    assert 'href="dbt-package/"' in front
    assert 'href="example/"' in front
    assert 'src="images/plan.png"' in front
    assert 'href="../configuration/#exit-codes"' in command_line
    assert "in the repository)" not in front


def test_every_page_is_there_those_made_from_code_too(site: Path) -> None:
    pages = {str(page.parent.relative_to(site)) for page in site.rglob("index.html")}
    written = {path.stem for path in DOCS.glob("*.md")}
    made = {".", "configuration", "example", "dbt-package"}
    assert pages == written | made | {f"destinations/{name}" for name in ("braze", "iterable", "webhook")}


def test_the_architecture_names_every_part_of_the_package() -> None:
    table = (DOCS / "architecture.md").read_text(encoding="utf-8").partition("| package |")[2]
    rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    named = {name.strip("/") for row in rows for name in re.findall(r"`([^`]+)`", row)}
    package = ROOT / "src" / "roo_dbt"
    parts = {path.name for path in package.iterdir() if path.suffix == ".py" or path.is_dir()}

    assert named == {name for name in parts if not name.startswith("__")}


def test_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        loaded = re.findall(r'<(?:script|img|iframe)[^>]+src="(https?:[^"]+)"', text)
        loaded += re.findall(
            r'<link[^>]+rel="(?:stylesheet|preconnect|icon)"[^>]+href="(https?:[^"]+)"', text
        )
        assert not loaded, page


@pytest.mark.parametrize("page", sorted(DOCS.glob("**/*.md")), ids=lambda page: page.name)
def test_every_command_of_a_page_exists_with_its_options(page: Path) -> None:
    for line in COMMAND.findall(page.read_text(encoding="utf-8")):
        words = line.split()
        command = import_module(f"roo_dbt.cli.commands.{words[1].replace('-', '_')}").command
        offered = {name for param in command.params for name in (*param.opts, *param.secondary_opts)}
        used = {word.partition("=")[0] for word in words[2:] if word.startswith("-")}
        assert used <= offered, line


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Both vendors on loopback."""
    with Sandbox(enforce_limits=False) as running:
        yield running


def test_moving_in_from_grouparoo_sends_nobody_twice(tmp_path: Path, sandbox: Sandbox) -> None:
    shop = Shop(tmp_path, sandbox)
    shop.customers(f"{ANN}, {BO}, {CY}")
    shop.braze()
    shop.write()
    commands = COMMAND.findall((DOCS / "grouparoo.md").read_text(encoding="utf-8"))
    assert commands[1] == "roo-dbt baseline"
    for line in commands:
        ran = subprocess.run(
            [sys.executable, "-m", "roo_dbt", *line.split()[1:], "--profiles-dir", "."],
            cwd=tmp_path,
            env=os.environ | shop.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
    assert [entry.path for entry in sandbox.requests if entry.method != "GET"] == []
