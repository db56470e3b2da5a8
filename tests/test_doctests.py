"""The examples in docstrings say what happens."""

from __future__ import annotations

import doctest
import pkgutil
from importlib import import_module
from pathlib import Path

import pytest

import roo_dbt

PROMPT = ">>> "


def modules_with_examples() -> list[str]:
    """Names of the modules whose source shows a prompt."""
    found = pkgutil.walk_packages(roo_dbt.__path__, "roo_dbt.", onerror=lambda _: None)
    names = [module.name for module in found if not module.name.endswith("__main__")]
    folder = Path(roo_dbt.__path__[0]).parent
    files = {name: folder / Path(*name.split(".")) for name in names}
    sources = {name: (at.with_suffix(".py"), at / "__init__.py") for name, at in files.items()}
    return [
        name for name, places in sources.items() if any(PROMPT in p.read_text() for p in places if p.exists())
    ]


@pytest.mark.parametrize("name", modules_with_examples())
def test_an_example_in_a_docstring_is_true(name: str) -> None:
    failed, tried = doctest.testmod(import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert tried
    assert not failed
