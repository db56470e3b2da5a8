"""Identifiers that are exchanged, rotated, freed and taken, through whole syncs in every type of project."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.destinations.iterable.request_checks import check_body
from tests.run.shop import Shop

from roo_dbt.sandbox.server import Sandbox
from roo_dbt.sandbox.settings import ProjectType

PROJECTS: tuple[tuple[ProjectType, str], ...] = (
    ("email", "email"),
    ("email", "userId"),
    ("user_id", "userId"),
    ("hybrid", "email"),
    ("hybrid", "userId"),
)
LEFT = re.compile(r"the old user (\S+) is left alone")
REFUSED = 6
"""The number of an identifier that only Iterable refuses."""


@dataclass(frozen=True)
class Person:
    """A row of the model; `who` stands for the identifier."""

    who: int
    upper: bool
    name: str | None
    age: int | None
    vip: bool | None
    segments: tuple[str, ...]

    def identifier(self, by: str) -> str:
        """What the model has: an address in any case, or a userId."""
        if by == "userId":
            return f"u{self.who}"
        # The top-level domain is one that Iterable does not know.
        text = f"u{self.who}@x.{'y_z' if self.who == REFUSED else 'org'}"
        return text.upper() if self.upper else text

    def user(self) -> dict[str, Any]:
        """The user that stands for it at Iterable, with the lists it is in."""
        values = {
            name: value for name, value in (("name", self.name), ("age", self.age)) if value is not None
        }
        return {**values, "lists": sorted({*self.segments, *(["VIP"] if self.vip else [])})}


def people(numbers: st.SearchStrategy[int]) -> st.SearchStrategy[Person]:
    """Any row with one of these identifiers."""
    return st.builds(
        Person,
        numbers,
        st.booleans(),
        st.sampled_from(["Ann", "Bo", None]),
        st.sampled_from([1, 2, None]),
        st.sampled_from([True, False, None]),
        st.sampled_from([(), ("s1",), ("s1", "s2"), ("VIP",)]),
    )


def tables(numbers: st.SearchStrategy[int]) -> st.SearchStrategy[dict[int, Person]]:
    """Rows by key, no two with one identifier."""
    drawn = st.dictionaries(st.integers(1, 5), people(numbers), max_size=5)
    return drawn.map(_each_once)


def _each_once(rows: dict[int, Person]) -> dict[int, Person]:
    first = {person.who: key for key, person in reversed(rows.items())}
    return {key: person for key, person in rows.items() if first[person.who] == key}


@dataclass
class Trip:
    """A project of one kind, and what may be there of users whom a move has left behind."""

    shop: Shop
    by: str
    removal: str
    stale: set[str] = field(default_factory=set)

    def declare(self) -> None:
        """The destination, with lists of every form."""
        mode = {"sync_mode": "additive"} if self.removal == "additive" else {"on_removal": self.removal}
        self.shop.roo["apps"]["iterable"]["settle_seconds"] = 0
        self.shop.iterable(
            mapping={self.by: "who", "name": "name", "age": "age"},
            identifier=self.by,
            groups=[{"name": "VIP", "column": "vip"}, {"from": "segments"}],
            delete_limit=1000,
            **mode,
        )

    def build(self, rows: Mapping[int, Person]) -> None:
        """The model."""
        empty = "SELECT 0::BIGINT AS id, '' AS who, '' AS name, 0::INTEGER AS age, true AS vip, ['']::VARCHAR[] AS segments WHERE false"
        selects = [
            f"SELECT {key}, '{p.identifier(self.by)}', {_sql(p.name)}, {_sql(p.age)}, {_sql(p.vip)}, {list(p.segments)}::VARCHAR[]"
            for key, p in rows.items()
        ]
        self.shop.customers(" UNION ALL ".join([empty, *selects]))

    def sync(self, rows: Mapping[int, Person]) -> Any:
        """Build and sync."""
        self.build(rows)
        result = self.shop.sync(yes_delete=frozenset({"iterable_customers"}))
        for entry in self.shop.sandbox.requests:
            if entry.method == "POST" and entry.path != "/api/lists":
                check_body(entry.path, entry.body)
        messages = self.shop.sql("SELECT message FROM main_roo.roo_outcomes WHERE message IS NOT NULL")
        held = {person.identifier(self.by).lower() for person in rows.values()}
        self.stale |= {who for (text,) in messages for who in LEFT.findall(text)} - held
        return result

    def users(self) -> dict[str, dict[str, Any]]:
        """The users of the project, by identifier, with the names of their lists."""
        profiles = self.shop.sandbox.store.iterable.profiles
        found: dict[str, dict[str, Any]] = {}
        for profile in profiles.latest():
            who = str(profile.email if self.by == "email" else profile.user_id)
            assert who not in found
            lists = sorted(each.name for each in profiles.lists.values() if profile.number in each.members)
            found[who] = {**profile.fields, "lists": lists}
        return found

    def check(self, rows: Mapping[int, Person]) -> None:
        """Every row is one user with its values and lists; who is none is in no list."""
        users = self.users()
        for person in rows.values():
            who = person.identifier(self.by).lower()
            user, wanted = users.pop(who), person.user()
            assert user["lists"] == wanted["lists"], who
            if who in self.stale:
                assert user | wanted == user, who
            else:
                assert user == wanted, who
        assert {who: user["lists"] for who, user in users.items() if user["lists"]} == {}
        if self.removal == "delete":
            assert users.keys() <= self.stale
        elif self.removal == "clear":
            assert {who for who, user in users.items() if user.keys() > {"lists"}} <= self.stale


def _sql(value: str | float | bool | None) -> str:
    return "NULL" if value is None else f"'{value}'" if isinstance(value, str) else str(value)


@pytest.fixture(scope="module", params=PROJECTS, ids="-".join)
def project(request: pytest.FixtureRequest) -> Iterator[tuple[Sandbox, str]]:
    """An Iterable project of each type, and the identifier."""
    kind, by = request.param
    with Sandbox(iterable_project_type=kind, enforce_limits=False) as running:
        yield running, by


Project = tuple[Sandbox, str]
REMOVALS = st.sampled_from(["delete", "clear", "additive"])


def trip(folders: pytest.TempPathFactory, project: Project, removal: str) -> Trip:
    """An empty project on both sides."""
    sandbox, by = project
    sandbox.reset()
    found = Trip(Shop(folders.mktemp("shop"), sandbox), by, removal)
    found.declare()
    return found


def exchange(
    folders: pytest.TempPathFactory, project: Project, removal: str, steps: list[dict[int, Person]]
) -> None:
    """Sync table after table; after each, Iterable is as the model, and one more sync sends nothing."""
    to = trip(folders, project, removal)
    for rows in steps:
        result = to.sync(rows)
        assert (result.counts.failed, result.counts.unknown, result.counts.held) == (0, 0, 0)
        to.check(rows)
        again = to.sync(rows)
        assert (again.requests, to.shop.sandbox.requests) == (0, [])


def exchange_with_refusals(
    folders: pytest.TempPathFactory,
    project: Project,
    removal: str,
    steps: list[dict[int, Person]],
    last: dict[int, Person],
) -> None:
    """Sync tables of which Iterable refuses a record; when it refuses none, it is as the model."""
    to = trip(folders, project, removal)
    to.shop.sandbox.clear_faults()
    to.shop.sandbox.fault("item", "iterable", ids=[f"u{REFUSED}"])
    for rows in steps:
        result = to.sync(rows)
        refused = sum(person.who == REFUSED for person in rows.values())
        assert (result.counts.failed + result.counts.held, result.counts.unknown) == (refused, 0)
    to.shop.sandbox.clear_faults()
    assert to.sync(last).status == "success"
    to.check(last)
    again = to.sync(last)
    assert (again.requests, to.shop.sandbox.requests) == (0, [])


ACCEPTABLE, ANY = st.integers(0, REFUSED - 1), st.integers(0, REFUSED)
EASY = settings(deadline=None, suppress_health_check=list(HealthCheck))
EXAMPLES = int(os.environ.get("EXCHANGES", "8"))
"""Of each slow test in each type of project: a few minutes in all. `EXCHANGES=200` looks longer."""
FEW, MANY = settings(EASY, max_examples=3), settings(EASY, max_examples=EXAMPLES)
STEPS = st.lists(tables(ACCEPTABLE), min_size=2, max_size=3)
ROUGH_STEPS = st.lists(tables(ANY), min_size=1, max_size=3)


@FEW
@given(removal=REMOVALS, steps=STEPS)
def test_identifiers_that_change_hands_never_lose_or_mix_a_record(
    tmp_path_factory: pytest.TempPathFactory, project: Project, removal: str, steps: list[dict[int, Person]]
) -> None:
    exchange(tmp_path_factory, project, removal, steps)


@FEW
@given(removal=REMOVALS, steps=ROUGH_STEPS, last=tables(ACCEPTABLE))
def test_nor_do_they_when_some_are_refused(
    tmp_path_factory: pytest.TempPathFactory,
    project: Project,
    removal: str,
    steps: list[dict[int, Person]],
    last: dict[int, Person],
) -> None:
    exchange_with_refusals(tmp_path_factory, project, removal, steps, last)


@pytest.mark.slow
@MANY
@given(removal=REMOVALS, steps=STEPS)
def test_identifiers_that_change_hands_often_never_lose_or_mix_a_record(
    tmp_path_factory: pytest.TempPathFactory, project: Project, removal: str, steps: list[dict[int, Person]]
) -> None:
    exchange(tmp_path_factory, project, removal, steps)


@pytest.mark.slow
@MANY
@given(removal=REMOVALS, steps=ROUGH_STEPS, last=tables(ACCEPTABLE))
def test_nor_do_they_often_when_some_are_refused(
    tmp_path_factory: pytest.TempPathFactory,
    project: Project,
    removal: str,
    steps: list[dict[int, Person]],
    last: dict[int, Person],
) -> None:
    exchange_with_refusals(tmp_path_factory, project, removal, steps, last)
