"""Whatever identifiers records get, exchange or leave: no record is lost, and none mixed with another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.destinations.iterable.journey import Journey, Rows, journey

from roo_dbt.records import Group
from roo_dbt.sandbox import Sandbox

if TYPE_CHECKING:
    from tests.destinations.iterable.conftest import World

    from roo_dbt.sandbox.settings import ProjectType

MakeWorld = Callable[..., "World"]
PROJECTS: tuple[tuple[ProjectType, str], ...] = (
    ("email", "email"),
    ("email", "userId"),
    ("user_id", "userId"),
    ("hybrid", "email"),
    ("hybrid", "userId"),
)
REFUSED = 8
"""The number of an identifier that this side lets pass and Iterable refuses."""

record = st.fixed_dictionaries(
    {
        "who": st.integers(0, REFUSED),
        "upper": st.booleans(),
        "name": st.sampled_from(["Ann", "Bo", "Cy", None]),
        "age": st.sampled_from([1, 2, None]),
        "@group:VIP": st.sampled_from([True, None]),
        "@groups:segments": st.sampled_from([["s1"], ["s1", "s2"], None]),
    }
)
tables = st.lists(st.dictionaries(st.integers(1, 6), record, max_size=6), min_size=2, max_size=4)
Drawn = dict[int, dict[str, Any]]


@pytest.fixture(scope="module", params=PROJECTS, ids="-".join)
def setting(request: pytest.FixtureRequest, world: MakeWorld) -> Iterator[tuple[World, Sandbox]]:
    project, by = request.param
    groups = [Group("vip", name="VIP"), Group("segments")]
    fields = {by: "VARCHAR", "name": "VARCHAR", "age": "INTEGER"}
    with Sandbox(iterable_project_type=project, enforce_limits=False) as sandbox:
        yield world(project, by, base_url=sandbox.url, groups=groups, fields=fields), sandbox


def rows_of(drawn: Drawn, by: str, *, refusals: bool) -> dict[int, dict[str, Any]]:
    """A table without two records of one identifier, which the diff would not let pass.

    With `refusals` some identifiers are refused by Iterable, and nobody is in a list.
    """
    rows: dict[int, dict[str, Any]] = {}
    taken = set()
    for key, values in drawn.items():
        who = values["who"]
        if who in taken:
            continue
        taken.add(who)
        text = f"u{who}" if by == "userId" else f"u{who}@x.org"
        if who == REFUSED and refusals:
            text = "u8@x.y_z" if by == "email" else "u8"
        if by == "email" and values["upper"]:
            text = text.upper()
        rest = {name: value for name, value in values.items() if name not in ("who", "upper")}
        if refusals:
            rest |= {"@group:VIP": None, "@groups:segments": None}
        rows[key] = {by: text, **rest}
    return rows


def expected(row: dict[str, Any], by: str) -> dict[str, Any]:
    """The user that a record stands for."""
    groups = ["VIP"] if row["@group:VIP"] else []
    fields = {name: row[name] for name in ("name", "age") if row[name] is not None}
    lists = sorted(groups + (row["@groups:segments"] or []))
    return {by: row[by].lower() if by == "email" else row[by], **fields, "lists": lists}


def keep_apart(rows: Rows, trip: Journey, by: str) -> dict[int, dict[str, Any]]:
    """A record that leaves while another gets its identifier would keep its user; let it move instead."""
    claimed = {row[by].lower() for row in rows.values()}
    leaving = {
        key: row for key, row in trip.snapshot.items() if key not in rows and row[by].lower() in claimed
    }
    moved = {key: {**row, by: row[by].lower().replace("u", f"v{key}-", 1)} for key, row in leaving.items()}
    return {**{key: dict(row) for key, row in rows.items()}, **moved}


def check(trip: Journey, rows: Rows, by: str, stale: set[str]) -> None:
    """Every accepted record is one user with just its values; nobody else is in a list.

    `stale`: users who were left behind once, or whom two records claim since one of them is refused. What
    others wrote there may stay.
    """
    holders = [expected(dict(row), by)[by] for row in trip.snapshot.values()]
    stale |= {who for who in holders if holders.count(who) > 1}
    found: dict[str, list[dict[str, Any]]] = {}
    for profile in trip.profiles():
        del profile[{"email": "userId", "userId": "email"}[by]]
        found.setdefault(profile[by], []).append(profile)
    accepted = {key: row for key, row in rows.items() if trip.snapshot.get(key) == row}
    for row in accepted.values():
        wanted = expected(dict(row), by)
        (user,) = found[wanted[by]]
        if wanted[by] in stale:
            assert set(wanted.pop("lists")) <= set(user["lists"])
            assert user | wanted == user
        else:
            assert user == wanted
    strangers = found.keys() - holders
    assert all(not profile["lists"] for who in strangers - stale for profile in found[who])
    stale |= strangers


def travel(setting: tuple[World, Sandbox], steps: list[Drawn], *, refusals: bool) -> None:
    """Sync table after table, each twice, and look at the users after each."""
    world, sandbox = setting
    by = world.destination.identifier[0]
    sandbox.reset()
    stale: set[str] = set()
    with journey(world, sandbox, threads=3) as trip:
        for drawn in steps:
            rows = keep_apart(rows_of(drawn, by, refusals=refusals), trip, by)
            trip.sync(rows)
            refused = {key for key, row in rows.items() if "_" in row[by]}
            failed = {seq for seq, outcome in trip.outcomes.items() if outcome.status != "accepted"}
            assert failed == refused & trip.outcomes.keys()
            check(trip, rows, by, stale)
            dirty = set(trip.dirty)
            trip.sync(rows)
            assert not trip.outcomes.keys() - refused - dirty


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=tables)
def test_no_record_is_lost_or_mixed(setting: tuple[World, Sandbox], steps: list[Drawn]) -> None:
    travel(setting, steps, refusals=False)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=tables)
def test_no_record_is_lost_or_mixed_while_others_are_refused(
    setting: tuple[World, Sandbox], steps: list[Drawn]
) -> None:
    travel(setting, steps, refusals=True)
