"""Users whom several destinations of one app share, through whole syncs of some or all of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.run.shop import Shop

from roo_dbt.sandbox.server import Sandbox

FEW = settings(deadline=None, max_examples=12, suppress_health_check=list(HealthCheck))
NAMES = ("a", "b", "c")
USERS = st.fixed_dictionaries({name: st.sampled_from([None, False, True]) for name in NAMES})
"""Where a user is: in no row of a destination, in one, or in one that also says that it is in the group."""
MODELS = st.dictionaries(st.integers(1, 4), USERS, max_size=4)
DAYS = st.lists(st.tuples(MODELS, st.sets(st.sampled_from(NAMES), min_size=1)), min_size=2, max_size=5)
MODES = st.fixed_dictionaries({name: st.sampled_from(["sync", "clear", "additive"]) for name in NAMES})

Model = dict[int, dict[str, bool | None]]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Both vendors, for all examples of this file."""
    with Sandbox(enforce_limits=False) as running:
        yield running


def declare(shop: Shop, modes: dict[str, str]) -> None:
    """Three destinations for users, each with a field and a group of its own."""
    shop.destinations = []
    for name, mode in modes.items():
        shop.braze(
            "additive" if mode == "additive" else "sync",
            name=name,
            where=f"{name} IS NOT NULL",
            mapping={"external_id": "id", f"field_{name}": "city"},
            groups=[{"name": name.upper(), "column": name}],
            on_removal="clear" if mode == "clear" else None,
        )


def build(shop: Shop, model: Model) -> None:
    """The table that all of them read."""
    columns = "0 AS id, 'x' AS city, NULL::BOOLEAN AS a, NULL::BOOLEAN AS b, NULL::BOOLEAN AS c"
    rows = [f"SELECT * FROM (SELECT {columns}) WHERE false"]
    for key, user in model.items():
        places = ", ".join("NULL" if user[name] is None else str(user[name]) for name in NAMES)
        rows.append(f"SELECT {key}, 'x', {places}")
    shop.customers(" UNION ALL ".join(rows))


def here(model: Model, name: str) -> set[str]:
    """The users whom a destination's rows name."""
    return {str(key) for key, user in model.items() if user[name] is not None}


@FEW
@given(days=DAYS, modes=MODES)
def test_nobody_is_deleted_whom_a_model_has_and_everybody_is_in_the_groups_of_its_rows(
    tmp_path_factory: pytest.TempPathFactory,
    sandbox: Sandbox,
    days: list[tuple[Model, set[str]]],
    modes: dict[str, str],
) -> None:
    sandbox.reset()
    shop = Shop(tmp_path_factory.mktemp("shop"), sandbox)
    declare(shop, modes)
    owned: dict[str, set[str]] = {name: set() for name in NAMES}
    last = days[-1][0]
    for model, chosen in [*days, *[(last, set(NAMES))] * 3]:
        build(shop, model)
        before = set(sandbox.braze_users)
        report = shop.report(destinations=tuple(sorted(chosen)), yes_delete=frozenset(NAMES))
        assert report.exit_code == 0
        named = {user for name in NAMES for user in here(model, name)}
        assert before & named <= set(sandbox.braze_users)
        assert not named & deleted(sandbox)
        for name in chosen:
            owned[name] |= here(model, name)
    assert [result.requests for result in report.results] == [0, 0, 0]
    for key, user in last.items():
        if any(user[name] is not None for name in NAMES):
            groups = {name.upper() for name in NAMES if user[name]}
            assert set(sandbox.braze_users[str(key)].get("groups", [])) == groups
    left = set(sandbox.braze_users) - {user for name in NAMES for user in here(last, name)}
    assert not left & {user for name in NAMES if modes[name] == "sync" for user in owned[name]}
    assert all(not sandbox.braze_users[user].get("groups") for user in left)


def deleted(sandbox: Sandbox) -> set[str]:
    """The users whom the requests of the last sync delete."""
    requests = [request.body for request in sandbox.requests if request.path == "/users/delete"]
    return {user for body in requests for user in body["external_ids"]}
