"""The registry of vendors."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.published import published

from roo_dbt.destinations import app_type, app_types
from roo_dbt.destinations.braze import Braze
from roo_dbt.destinations.iterable import Iterable
from roo_dbt.errors import ConfigurationProblem

ENTRY_POINTS = """parcel = roo_parcel_for_tests:Parcel
absent = roo_parcel_for_tests:Nothing
crashing = roo_crashing_for_tests:Parcel
wrong = roo_parcel_for_tests:NoApp
braze = roo_parcel_for_tests:Parcel
"""

MODULE = """
from roo_dbt.destinations.protocol import App

class Parcel(App):
    type = "parcel"
    title = "Parcel"

class NoApp:
    pass
"""


@pytest.fixture(scope="module", autouse=True)
def installed_plugin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A distribution `roo-parcel` that publishes good and bad vendors."""
    site = tmp_path_factory.mktemp("parcel")
    (site / "roo_parcel_for_tests.py").write_text(MODULE)
    (site / "roo_crashing_for_tests.py").write_text("raise RuntimeError('no licence')\n")
    with published(site, "roo-parcel", ENTRY_POINTS, "2.0"):
        yield


def refused(name: str) -> str:
    """What is said of a type that cannot be had."""
    with pytest.raises(ConfigurationProblem) as caught:
        app_type(name)
    return str(caught.value)


def test_the_built_in_types_are_found() -> None:
    assert app_type("braze") is Braze
    assert app_type("iterable") is Iterable


def test_a_type_of_another_package_is_found() -> None:
    assert {"braze", "iterable", "parcel"} <= set(app_types())
    assert app_type("parcel").title == "Parcel"


def test_another_package_cannot_replace_a_built_in_type() -> None:
    assert app_types()["braze"].value == "roo_dbt.destinations.braze:Braze"


def test_an_unknown_type_is_refused_with_the_nearest() -> None:
    text = refused("iterabel")

    assert "[unknown-app-type]" in text
    assert "Did you mean iterable?" in text


@pytest.mark.parametrize(
    ("name", "reason"),
    [("absent", "AttributeError"), ("crashing", "RuntimeError: no licence"), ("wrong", "is no App class")],
)
def test_a_broken_plugin_is_named_with_its_package(name: str, reason: str) -> None:
    text = refused(name)

    assert "[broken-plugin]" in text
    assert f"type {name} of the package roo-parcel" in text
    assert reason in text


def test_listing_the_types_imports_no_vendor() -> None:
    program = (
        "import sys; from roo_dbt.destinations import app_types; app_types();"
        "print([name for name in sys.modules if name.startswith(('roo_dbt.destinations.', 'pydantic'))])"
    )
    source = Path(__file__).parents[2] / "src"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=source
    )

    assert done.stdout.strip() == "[]"
