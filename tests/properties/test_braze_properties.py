"""Whole syncs of random users of Braze: identifiers that change hands, groups, and events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.run.shop import Shop

from roo_dbt.destinations.braze.rename import TellApart
from roo_dbt.destinations.braze.track import Move
from roo_dbt.sandbox.server import Sandbox

FEW = settings(deadline=None, max_examples=6, suppress_health_check=list(HealthCheck))
GROUPS = [{"name": "VIP", "column": "vip"}, {"from": "segments"}]
YES = frozenset({"braze_customers"})


@dataclass(frozen=True)
class Row:
    """A record: whom it names, and the groups that it is in."""

    user: str
    vip: bool
    segments: tuple[str, ...]

    def sql(self, key: int) -> str:
        """The row as SQL; `city` tells whose data a user has."""
        names = ", ".join(f"'{name}'" for name in self.segments)
        return f"SELECT {key} AS id, '{self.user}' AS email, 'city {key}' AS city, {self.vip} AS vip, [{names}]::VARCHAR[] AS segments"

    @property
    def groups(self) -> set[str]:
        """The entries that its user should have."""
        return {*self.segments, *(["VIP"] if self.vip else [])}


ROWS = st.builds(
    Row,
    st.sampled_from(["a", "b", "c", "d", "e"]),
    st.booleans(),
    st.sampled_from([(), ("North",), ("North", "Sea")]),
)
MODELS = st.dictionaries(st.integers(1, 4), ROWS, max_size=4)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Both vendors, for all examples of this file."""
    with Sandbox(enforce_limits=False) as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def hasty() -> Iterator[None]:
    """No rest between calls: this Braze has settled when it answers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Move, "after_seconds", 0.0)
        patch.setattr(TellApart, "after_seconds", 0.0)
        yield


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> pytest.TempPathFactory:
    """A place for every example's project."""
    return tmp_path_factory


def build(shop: Shop, model: dict[int, Row]) -> None:
    """The table of a model; an empty one keeps its columns."""
    nobody = f"SELECT * FROM ({Row('', False, ()).sql(0)}) WHERE false"
    shop.customers(" UNION ALL ".join([nobody, *(row.sql(key) for key, row in model.items())]))


def found(sandbox: Sandbox, name: str, identifier: str) -> dict[str, Any] | None:
    """The user that Braze finds by an identifier, a former one included."""
    profiles = sandbox.store.braze.workspace.profiles
    profile = profiles.find({identifier: name})
    return None if profile is None else dict(profile.attributes)


@pytest.mark.parametrize("identifier", ["external_id", "email"])
@pytest.mark.parametrize("mode", ["sync", "additive"])
@FEW
@given(history=st.lists(MODELS, min_size=2, max_size=4))
def test_every_accepted_record_has_a_user_with_its_own_data_and_groups(
    folders: pytest.TempPathFactory,
    sandbox: Sandbox,
    identifier: str,
    mode: str,
    history: list[dict[int, Row]],
) -> None:
    sandbox.reset()
    shop = Shop(folders.mktemp("shop"), sandbox)
    shop.braze(mode, mapping={identifier: "email", "home_city": "city"}, groups=GROUPS)
    domain = "" if identifier == "external_id" else "@x.org"
    for model in history:
        addressed = {key: Row(f"{row.user}{domain}", row.vip, row.segments) for key, row in model.items()}
        build(shop, addressed)
        plan = shop.plan(yes_delete=YES)
        result = shop.sync(yes_delete=YES)
        counts = result.counts
        done = counts.created + counts.updated + counts.deleted + counts.skipped + counts.failed
        assert plan.counts.create + plan.counts.update + plan.counts.delete + plan.counts.skip == done
        refused = {failure.key for failure in result.failures}
        for key, row in addressed.items():
            user = found(sandbox, row.user, identifier)
            if str(key) in refused:
                continue
            assert user is not None
            assert user["home_city"] == f"city {key}"
            assert set(user.get("groups", [])) == row.groups
    assert shop.sync(yes_delete=YES).requests == 0


@FEW
@given(
    st.lists(
        st.tuples(st.integers(0, 12), st.integers(0, 5), st.sampled_from(["", "drop_after", "status"])),
        min_size=1,
        max_size=3,
    )
)
def test_no_event_arrives_twice_whatever_is_lost(
    folders: pytest.TempPathFactory, sandbox: Sandbox, steps: list[tuple[int, int, str]]
) -> None:
    """Rows come, leave and change their minds; answers are lost; each key arrives once at most."""
    sandbox.reset()
    shop = Shop(folders.mktemp("shop"), sandbox)
    mapping = {"external_id": "user", "name": "kind", "time": "at", "properties.n": "id"}
    shop.braze(sync_mode=None, object="events", first_sync="send", mapping=mapping)
    unsure: set[int] = set()
    for count, skipped, fault in steps:
        shop.customers(
            "SELECT i AS id, 'u' || i % 3 AS user, 'Login' AS kind, "
            f"TIMESTAMP '2026-01-01' + INTERVAL ({20 - 1} - i) HOUR AS at FROM range({skipped}, {skipped + count}) r(i)"
        )
        sandbox.clear_faults()
        if fault:
            extra = {"status": 504} if fault == "status" else {}
            sandbox.fault(fault, "/users/track", count=1, **extra)
        result = shop.sync()
        unsure |= {int(failure.key) for failure in result.failures if failure.code == "ambiguous"}
        numbers = [event["properties"]["n"] for event in sandbox.braze_events]
        assert len(numbers) == len(set(numbers))
        assert set(range(skipped, skipped + count)) - unsure <= set(numbers)
