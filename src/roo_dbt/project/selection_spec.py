"""A selection as a tree: criteria, and how they are put together.

The grammar is that of dbt-core 1.11.16, dbt/graph/selector_spec.py (read 2026-11-22).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from roo_dbt.errors import UsageProblem

_CRITERION = re.compile(
    r"(?P<relatives>@)?(?:(?P<parents>\d*)\+)?(?:(?P<method>[\w.]+):)?(?P<value>.*?)(?:\+(?P<children>\d*))?"
)


@dataclass(frozen=True, slots=True)
class Reach:
    """How far relatives are taken along, in steps; None: as far as there are any."""

    steps: int | None = None


@dataclass(frozen=True, slots=True)
class Criterion:
    """One method with its value (`tag:crm`), and the relatives that it asks for.

    `text` is how it was written; `arguments` follow the method's name (`config.ARGUMENT.ARGUMENT:`).
    `family` is dbt's `@`: descendants, and the ancestors of all of them.
    """

    text: str
    method: str
    value: str
    arguments: tuple[str, ...] = ()
    family: bool = False
    parents: Reach | None = None
    children: Reach | None = None

    def __post_init__(self) -> None:
        """Refuse what dbt refuses."""
        if self.family and self.children is not None:
            raise UsageProblem(
                f"the selection `{self.text}` has both @ and a + at its end.", hint="Leave one out."
            )


@dataclass(frozen=True, slots=True)
class AnyOf:
    """What at least one of the parts selects."""

    parts: tuple[Spec, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """What every part selects."""

    parts: tuple[Spec, ...]


@dataclass(frozen=True, slots=True)
class Without:
    """What `kept` selects and `left_out` does not."""

    kept: Spec
    left_out: Spec


Spec: TypeAlias = "Criterion | AnyOf | AllOf | Without"


def read_words(text: str) -> list[tuple[str, AllOf]]:
    """A value of `--select`: each word, and the criteria between its commas.

    Raises:
        UsageProblem: a word has an empty part.
    """
    return [
        (word, AllOf(tuple(read_criterion(part, word) for part in word.split(",")))) for word in text.split()
    ]


def read_criterion(text: str, within: str = "") -> Criterion:
    """One criterion as it is typed, such as `2+tag:crm`.

    Args:
        text: the criterion.
        within: the whole that it is a part of, for messages.

    Raises:
        UsageProblem: it is empty, or asks for relatives in two ways that exclude each other.
    """
    match = _CRITERION.fullmatch(text)
    if match is None or not match["value"]:
        raise UsageProblem(
            f"the selection `{within or text}` has an empty part.",
            hint="Example: --select tag:crm,customers+",
        )
    method, *arguments = (match["method"] or default_method(match["value"])).split(".")
    return Criterion(
        text,
        method,
        match["value"],
        tuple(arguments),
        bool(match["relatives"]),
        _reach(match["parents"]),
        _reach(match["children"]),
    )


def default_method(value: str) -> str:
    """The method that is meant when none is named."""
    if "/" in value or "\\" in value:
        return "path"
    return "file" if value.lower().endswith((".sql", ".py", ".csv")) else "fqn"


def _reach(steps: str | None) -> Reach | None:
    if steps is None:
        return None
    return Reach(int(steps) if steps else None)
