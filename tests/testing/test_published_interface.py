"""What packages of other people build on keeps its names and signatures; a change here is a release note.

After a wanted one: `UPDATE_INTERFACE=1 python -m pytest tests/testing/test_published_interface.py`.
"""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Iterator
from dataclasses import is_dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

from tests.testing.guide import snippets

from roo_dbt import errors, records, testing
from roo_dbt.destinations import protocol

PINNED = Path(__file__).parents[1] / "data" / "published_interface.txt"
RECORDS = (
    "ACCEPTED",
    "GROUP_MARK",
    "NOT_FINITE",
    "Answer",
    "Change",
    "Column",
    "Destination",
    "Finding",
    "Group",
    "Item",
    "Mapped",
    "Outcome",
    "Problem",
    "Request",
    "SyncMode",
    "postponed",
    "refused",
)
ERRORS = ("AppRefused", "Blocked", "Fatal", "Retriable", "Skippable", "Splittable")
MODULES: tuple[tuple[ModuleType, tuple[str, ...]], ...] = (
    (protocol, tuple(protocol.__all__)),
    (records, RECORDS),
    (errors, ERRORS),
    (testing, tuple(testing.__all__)),
)


def interface() -> str:
    """Every public name with its signature, one line each."""
    lines = []
    for module, names in MODULES:
        for name in sorted(names):
            lines += [f"{module.__name__}.{line}" for line in described(name, getattr(module, name))]
    return "\n".join(lines) + "\n"


def described(name: str, thing: Any) -> Iterator[str]:
    """A name, and for a class what can be said and called of it."""
    if not inspect.isclass(thing):
        is_function = inspect.isfunction(thing)
        yield (
            f"{name}{inspect.signature(thing)}"
            if is_function
            else f"{name} {sorted(map(str, get_args(thing)))}"
        )
        return
    yield f"{name}{list_of_bases(thing)}"
    members: dict[str, str] = {}
    for base in reversed([one for one in thing.__mro__ if one.__module__.startswith("roo_dbt")]):
        for each, annotation in inspect.get_annotations(base).items():
            if not each.startswith("_"):
                members[each] = f": {annotation}{'' if has_default(base, each) else ', required'}"
        for each, member in base.__dict__.items():
            # What a dataclass is made from are its fields.
            is_made = each == "__init__" and is_dataclass(base)
            if is_public(each) and not is_made and (signature := signature_of(member)):
                members[each] = signature
    yield from (f"{name}.{each}{said}" for each, said in members.items())


def list_of_bases(thing: type) -> str:
    """The classes that somebody may catch, or pass, it as."""
    return f"({', '.join(base.__name__ for base in thing.__bases__ if base is not object)})"


def has_default(base: type, name: str) -> bool:
    """Whether it need not be said."""
    fields = getattr(base, "__dataclass_fields__", {}) | getattr(base, "__pydantic_fields__", {})
    if name not in fields:
        return name in base.__dict__
    required = getattr(fields[name], "is_required", None)
    return (
        not required()
        if required
        else "MISSING" not in repr(fields[name].default)
        or ("MISSING" not in repr(fields[name].default_factory))
    )


def is_public(name: str) -> bool:
    """Whether it is for others: constructors are, cases of the kit and pydantic's machinery are not."""
    return name == "__init__" or not name.startswith(("_", "test_", "model_"))


def signature_of(member: Any) -> str:
    """What a method takes and gives; empty for anything else."""
    function = getattr(member, "__func__", getattr(member, "fget", member))
    if not inspect.isfunction(function):
        return ""
    kind = {classmethod: " classmethod", staticmethod: " staticmethod", property: " property"}.get(
        type(member), ""
    )
    abstract = " abstract" if getattr(function, "__isabstractmethod__", False) else ""
    return f"{inspect.signature(function)}{kind}{abstract}"


def test_the_published_interface_is_as_it_was() -> None:
    if os.environ.get("UPDATE_INTERFACE"):
        PINNED.write_text(interface(), encoding="utf-8")

    assert interface().splitlines() == PINNED.read_text(encoding="utf-8").splitlines()


def test_the_guide_needs_no_name_beside_them() -> None:
    known = {f"{module.__name__}.{name}" for module, names in MODULES for name in names}
    used = set()
    for text in snippets().values():
        for module, names in re.findall(r"^from (roo_dbt[\w.]*) import (.*)$", text, re.MULTILINE):
            used |= {f"{module}.{name.split(' as ')[0].strip()}" for name in names.split(",")}

    assert used
    assert sorted(used - known) == []
