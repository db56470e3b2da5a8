"""The files of the guide for authors, as they stand on its page, and the contract run without pytest."""

from __future__ import annotations

import inspect
import re
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import cast

import pytest

from roo_dbt.testing import DestinationContract
from roo_dbt.testing.bench import open_bench

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "destinations.md"


@cache
def snippets() -> dict[str, str]:
    """The Python of the page by file name; parts of one file joined, parts without a name under ""."""
    files: dict[str, list[str]] = {}
    fenced = re.compile(r"^```python ?(\S*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
    for name, text in fenced.findall(GUIDE.read_text(encoding="utf-8")):
        files.setdefault(name, []).append(text)
    return {name: "\n\n".join(parts) for name, parts in files.items()}


def parcel_contract(old: str = "", new: str = "") -> type[DestinationContract]:
    """The tests of the page, for its destination with one text replaced by another."""
    text = snippets()["parcel.py"]
    assert old in text, f"the page has no {old!r} any more"
    module = _module("parcel", text.replace(old, new) if old else text)
    tests = snippets()["test_parcel.py"].replace("from parcel import Parcel\n", "")
    contract = _module("test_parcel", tests, Parcel=module.__dict__["Parcel"]).__dict__["TestParcelUsers"]
    assert issubclass(contract, DestinationContract)
    return cast("type[DestinationContract]", contract)


def _module(name: str, text: str, **names: object) -> ModuleType:
    # Where pydantic looks up what annotations name.
    module = sys.modules[f"guide_{name}"] = ModuleType(f"guide_{name}")
    module.__dict__.update(names)
    exec(compile(text, f"{name}.py", "exec"), module.__dict__)  # noqa: S102 - the page's own code
    return module


def run_case(contract: type[DestinationContract], case: str) -> None:
    """Run one case as pytest would. Raises what it raises."""
    instance = contract()
    method = getattr(instance, case)
    with open_bench(instance) as bench, pytest.MonkeyPatch.context() as monkeypatch:
        offered = {"bench": bench, "monkeypatch": monkeypatch}
        method(**{name: offered[name] for name in inspect.signature(method).parameters})
