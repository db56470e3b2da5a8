"""The page of figures says what the file of figures holds."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from tests.benchmarks.page import BOUNDS, FIGURES, IMAGES, PAGE, TITLES, page, plots

ANEW = "make it anew: python -m tests.benchmarks.page"


@pytest.fixture(scope="module")
def figures() -> Any:
    return json.loads(FIGURES.read_text(encoding="utf-8"))


def test_the_page_is_that_of_the_figures(figures: Any) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(figures), ANEW


def test_the_plots_are_those_of_the_figures_and_can_be_drawn(figures: Any) -> None:
    for name, svg in plots(figures).items():
        assert (IMAGES / name).read_text(encoding="utf-8") == svg, ANEW
        assert ET.fromstring(svg).tag.endswith("svg")  # noqa: S314 our own file


def test_every_benchmark_says_what_bounds_it_and_the_figures_are_of_benchmarks(figures: Any) -> None:
    from tests.benchmarks.__main__ import BENCHMARKS

    assert list(TITLES) == list(BOUNDS)
    assert set(TITLES) == set(BENCHMARKS)
    assert figures
    assert set(figures) <= set(TITLES)
